// `performance`: milliseconds since the instance began, as coarse as the host's clock.

import { now } from "emdash:host";

let origin = 0;

/** Called at the first call into an instance: an image knows no time. */
export function restartClock() {
  origin = now();
}

export const performance = {
  now: () => now() - origin,
  get timeOrigin() {
    return origin;
  },
};
