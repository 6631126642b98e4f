// `performance`: milliseconds since the instance began, as coarse as the host's clock, and the marks set on the way.

import { now } from "emdash:host";

const { DOMException } = globalThis;
/** Entries kept; libraries that mark in a loop must not fill the memory. */
const MOST_ENTRIES = 1000;

let origin = 0;
let entries = [];

/** Called at the first call into an instance: an image knows no time. */
export function restartClock() {
  origin = now();
}

const elapsed = () => now() - origin;

function add(entryType, name, startTime, duration, detail) {
  const entry = { name, entryType, startTime, duration, detail: detail ?? null };
  const shown = { ...entry, toJSON: () => entry };
  entries.push(shown);
  if (entries.length > MOST_ENTRIES) entries.shift();
  return shown;
}

/** A point in time: a number, or the last mark of that name. */
function moment(point, fallback) {
  if (point === undefined) return fallback;
  if (typeof point === "number") return point;
  const mark = entries.findLast(({ entryType, name }) => entryType === "mark" && name === String(point));
  if (!mark) throw new DOMException(`There is no mark called "${point}"`, "SyntaxError");
  return mark.startTime;
}

const clear = (kind, name) => {
  entries = entries.filter((entry) => entry.entryType !== kind || (name !== undefined && entry.name !== String(name)));
};

export const performance = {
  now: elapsed,
  get timeOrigin() {
    return origin;
  },
  mark: (name, options = {}) => add("mark", String(name), options?.startTime ?? elapsed(), 0, options?.detail),
  measure: (name, from, to) => {
    const options = typeof from === "object" && from !== null ? from : { start: from, end: to };
    let end = moment(options.end, elapsed());
    const start = options.start === undefined && options.duration !== undefined ? end - options.duration : moment(options.start, 0);
    if (options.end === undefined && options.duration !== undefined) end = start + options.duration;
    return add("measure", String(name), start, end - start, options.detail);
  },
  clearMarks: (name) => clear("mark", name),
  clearMeasures: (name) => clear("measure", name),
  getEntries: () => [...entries],
  getEntriesByName: (name, kind) => entries.filter((entry) => entry.name === name && (kind === undefined || entry.entryType === kind)),
  getEntriesByType: (kind) => entries.filter(({ entryType }) => entryType === kind),
  toJSON: () => ({ timeOrigin: origin }),
};
