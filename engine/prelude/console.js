// The plugin's log: `ctx.log` and `console` both end as the host call `log`.

import { start } from "emdash:host";
import { Error, String, isArray, join, push, stringify } from "./primordials.js";

/** An Error as data, causes included; anything else as it is. */
function plain(value, depth = 0) {
  if (!(value instanceof Error)) return value;
  const { name, message, stack, code, cause } = value;
  const data = { name, message, stack };
  if (code !== undefined) data.code = code;
  if (cause !== undefined && depth < 3) data.cause = plain(cause, depth + 1);
  return data;
}

/** `data` as JSON would carry it, and as text where JSON cannot. */
function loggable(data) {
  try {
    return stringify(data, (_, value) => plain(value)) === undefined ? String(data) : shallow(data);
  } catch {
    return String(data);
  }
}

function shallow(data) {
  if (data instanceof Error) return plain(data);
  if (typeof data !== "object" || data === null) return data;
  const copy = isArray(data) ? [] : {};
  for (const key in data) copy[key] = plain(data[key]);
  return copy;
}

function describe(value) {
  if (typeof value === "string") return value;
  if (value instanceof Error) return value.stack ? `${value.name}: ${value.message}\n${value.stack}` : `${value}`;
  try {
    return stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

function write(level, message, data) {
  try {
    const text = typeof message === "string" ? message : describe(message);
    start("log", data === undefined ? [level, text] : [level, text, loggable(data)]);
  } catch {
    // Logging never fails the plugin.
  }
}

/** An error nobody can catch, to the log. */
export function report(what, error) {
  write("error", what, error);
}

export const log = {
  debug: (message, data) => write("debug", message, data),
  info: (message, data) => write("info", message, data),
  warn: (message, data) => write("warn", message, data),
  error: (message, data) => write("error", message, data),
};

const print =
  (level) =>
  (...values) => {
    const words = [];
    for (let i = 0; i < values.length; i++) push(words, describe(values[i]));
    write(level, join(words, " "));
  };

const nothing = () => {};

export const console = {
  debug: print("debug"),
  trace: print("debug"),
  log: print("info"),
  info: print("info"),
  dir: print("info"),
  table: print("info"),
  warn: print("warn"),
  error: print("error"),
  assert: (condition, ...values) => condition || print("error")("Assertion failed:", ...values),
  group: print("info"),
  groupCollapsed: print("info"),
  groupEnd: nothing,
  time: nothing,
  timeLog: nothing,
  timeEnd: nothing,
  count: nothing,
  countReset: nothing,
  clear: nothing,
};
