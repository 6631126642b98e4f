// The plugin's log: `ctx.log` and `console` both end as the host call `log`.

import { now, start } from "emdash:host";
import { Error, String, isArray, join, keys, mapDelete, mapGet, mapSet, push, stringify } from "./primordials.js";

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

// ---- console (the Console Standard; what it prints are lines of the log) ----

/** Indentation of the open groups, at most this deep. */
const DEEPEST_GROUP = 16;
let depth = 0;
const counters = new Map();
const clocks = new Map();

const FORMATS = {
  __proto__: null,
  s: (value) => (typeof value === "string" ? value : describe(value)),
  d: (value) => `${typeof value === "symbol" ? NaN : Math.trunc(Number(value))}`,
  i: (value) => `${typeof value === "symbol" ? NaN : Math.trunc(Number(value))}`,
  f: (value) => `${typeof value === "symbol" ? NaN : Number(value)}`,
  o: describe,
  O: describe,
  c: () => "",
};

/** The first value's `%s` and its like filled with those that follow, and the rest behind it. */
function format(values) {
  const words = [];
  let next = 0;
  if (typeof values[0] === "string" && values.length > 1) {
    const template = values[0];
    let text = "";
    next = 1;
    for (let i = 0; i < template.length; i++) {
      const kind = template[i] === "%" ? template[i + 1] : undefined;
      if (kind === "%") {
        text += "%";
        i++;
      } else if (kind !== undefined && FORMATS[kind] && next < values.length) {
        text += FORMATS[kind](values[next++]);
        i++;
      } else text += template[i];
    }
    push(words, text);
  }
  for (let i = next; i < values.length; i++) push(words, describe(values[i]));
  return join(words, " ");
}

function print(level, values) {
  try {
    write(level, "  ".repeat(depth) + format(values));
  } catch {
    // Printing never fails the plugin.
  }
}

const printer =
  (level) =>
  (...values) =>
    print(level, values);

/** Rows as lines of columns; what is no table is printed as it is. */
function table(data, columns) {
  if (typeof data !== "object" || data === null) return print("info", [data]);
  const rows = keys(data);
  const names = [];
  for (const row of rows) {
    const cells = typeof data[row] === "object" && data[row] !== null ? keys(data[row]) : [];
    for (const name of cells) if (!names.includes(name) && (!columns || columns.includes(name))) push(names, name);
  }
  print("info", [join(["(index)", ...names], " | ")]);
  for (const row of rows) {
    const cells = data[row];
    const isRecord = typeof cells === "object" && cells !== null;
    const line = names.map((name) => (isRecord && name in cells ? describe(cells[name]) : ""));
    print("info", [join([row, ...line, ...(isRecord ? [] : [describe(cells)])], " | ")]);
  }
}

const open = (...values) => {
  if (values.length > 0) print("info", values);
  if (depth < DEEPEST_GROUP) depth++;
};

const labelled = (label) => (label === undefined ? "default" : String(label));

function showTime(label, values) {
  const name = labelled(label);
  const began = mapGet(clocks, name);
  if (began === undefined) return print("warn", [`Timer "${name}" does not exist`]);
  print("info", [`${name}: ${now() - began} ms`, ...values]);
}

export const console = {
  debug: printer("debug"),
  trace: printer("debug"),
  log: printer("info"),
  info: printer("info"),
  dir: (value) => print("info", [value]),
  dirxml: printer("info"),
  table,
  warn: printer("warn"),
  error: printer("error"),
  assert: (condition, ...values) => {
    if (condition) return;
    if (typeof values[0] === "string") values[0] = `Assertion failed: ${values[0]}`;
    else values.unshift("Assertion failed");
    print("error", values);
  },
  group: open,
  groupCollapsed: open,
  groupEnd: () => {
    if (depth > 0) depth--;
  },
  time: (label) => {
    const name = labelled(label);
    if (mapGet(clocks, name) !== undefined) return print("warn", [`Timer "${name}" already exists`]);
    mapSet(clocks, name, now());
  },
  timeLog: (label, ...values) => showTime(label, values),
  timeEnd: (label) => {
    showTime(label, []);
    mapDelete(clocks, labelled(label));
  },
  count: (label) => {
    const name = labelled(label);
    const count = (mapGet(counters, name) ?? 0) + 1;
    mapSet(counters, name, count);
    print("info", [`${name}: ${count}`]);
  },
  countReset: (label) => {
    const name = labelled(label);
    if (mapGet(counters, name) === undefined) return print("warn", [`Count for "${name}" does not exist`]);
    mapSet(counters, name, 0);
  },
  clear: () => {
    depth = 0;
  },
};
