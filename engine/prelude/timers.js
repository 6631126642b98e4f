// Timers. The host keeps the time; waiting costs no CPU budget.

import { cancelTimer, timer } from "emdash:host";
import { report } from "./console.js";
import { TypeError, apply, mapDelete, mapGet, mapHas, mapSet } from "./primordials.js";

/** The script's timer ids and the host's operations behind them, which are reused. */
const running = new Map();
let last = 0;

function arm(id, callback, delay, rest, repeat) {
  const milliseconds = delay > 0 ? +delay : 0;
  const run = () => {
    mapDelete(running, id);
    if (repeat) arm(id, callback, delay, rest, true);
    try {
      apply(callback, undefined, rest);
    } catch (error) {
      report("Uncaught error in a timer", error);
    }
  };
  mapSet(running, id, timer(run, milliseconds));
}

function add(callback, delay, rest, repeat) {
  if (typeof callback !== "function") throw new TypeError("The callback of a timer must be a function");
  const id = ++last;
  arm(id, callback, delay, rest, repeat);
  return id;
}

export function setTimeout(callback, delay = 0, ...rest) {
  return add(callback, delay, rest, false);
}

export function setInterval(callback, delay = 0, ...rest) {
  return add(callback, delay, rest, true);
}

export function clearTimeout(id) {
  if (!mapHas(running, id)) return;
  cancelTimer(mapGet(running, id));
  mapDelete(running, id);
}
