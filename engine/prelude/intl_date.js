// Intl.DateTimeFormat.

import { now } from "emdash:host";
import { Object, RangeError, String, TypeError, create, defineProperty, uncurry } from "./primordials.js";
import { MATCHERS, booleanOption, coercedOptions, digitOption, formatParts, formatText, hold, keywordOption } from "./intl_host.js";
import { localeList, open, option, pick, service, slot } from "./intl_host.js";

const { Date, Number } = globalThis;
const getTime = uncurry(Date.prototype.getTime);

const NUMERIC = ["2-digit", "numeric"];
const TEXT = ["narrow", "short", "long"];
const STYLES = ["full", "long", "medium", "short"];
const FIELDS = [
  ["weekday", TEXT],
  ["era", TEXT],
  ["year", NUMERIC],
  ["month", ["2-digit", "numeric", "narrow", "short", "long"]],
  ["day", NUMERIC],
  ["dayPeriod", TEXT],
  ["hour", NUMERIC],
  ["minute", NUMERIC],
  ["second", NUMERIC],
  ["fractionalSecondDigits", null],
  ["timeZoneName", ["short", "long", "shortOffset", "longOffset", "shortGeneric", "longGeneric"]],
];
const DATE_FIELDS = ["weekday", "year", "month", "day"];
const TIME_FIELDS = ["dayPeriod", "hour", "minute", "second", "fractionalSecondDigits"];
const REPORTED = [
  "locale", "calendar", "numberingSystem", "timeZone", "hourCycle", "hour12", "weekday", "era", "year", "month", "day",
  "dayPeriod", "hour", "minute", "second", "fractionalSecondDigits", "timeZoneName", "dateStyle", "timeStyle",
];

const Slot = slot("Intl.DateTimeFormat");
const some = (resolved, names) => {
  for (let i = 0; i < names.length; i++) if (resolved[names[i]] !== undefined) return true;
  return false;
};

function readFields(resolved, options) {
  for (let i = 0; i < FIELDS.length; i++) {
    const [name, values] = FIELDS[i];
    resolved[name] = values ? option(options, name, values) : digitOption(options[name], name, 1, 3, undefined);
  }
}

/** Fills in what is shown when nothing was asked for. */
function complete(resolved, required, defaults) {
  if (resolved.dateStyle !== undefined || resolved.timeStyle !== undefined) {
    if (required === "date" && resolved.timeStyle !== undefined) throw new TypeError("Invalid option : timeStyle");
    if (required === "time" && resolved.dateStyle !== undefined) throw new TypeError("Invalid option : dateStyle");
    for (let i = 0; i < FIELDS.length; i++) {
      const name = FIELDS[i][0];
      if (resolved[name] !== undefined) throw new TypeError(`Can't set option ${name} when ${resolved.dateStyle === undefined ? "timeStyle" : "dateStyle"} is used`);
    }
    return;
  }
  const asked = (required !== "time" && some(resolved, DATE_FIELDS)) || (required !== "date" && some(resolved, TIME_FIELDS));
  if (asked) return;
  if (defaults !== "time") resolved.year = resolved.month = resolved.day = "numeric";
  if (defaults !== "date") resolved.hour = resolved.minute = resolved.second = "numeric";
}

function resolvedState(locales, options, required, defaults) {
  const requested = localeList(locales);
  const given = coercedOptions(options);
  option(given, "localeMatcher", MATCHERS, "best fit");
  const resolved = { calendar: keywordOption(given, "calendar"), numberingSystem: keywordOption(given, "numberingSystem") };
  resolved.hour12 = booleanOption(given, "hour12", undefined);
  resolved.hourCycle = option(given, "hourCycle", ["h11", "h12", "h23", "h24"]);
  if (resolved.hour12 !== undefined) resolved.hourCycle = undefined;
  const zone = given.timeZone;
  resolved.timeZone = zone === undefined ? "UTC" : String(zone);
  readFields(resolved, given);
  option(given, "formatMatcher", ["basic", "best fit"], "best fit");
  resolved.dateStyle = option(given, "dateStyle", STYLES);
  resolved.timeStyle = option(given, "timeStyle", STYLES);
  complete(resolved, required, defaults);
  return open("date", requested, resolved);
}

export function DateTimeFormat(locales = undefined, options = undefined) {
  return hold(Slot, new.target ?? DateTimeFormat, DateTimeFormat, resolvedState(locales, options, "any", "date"));
}

/** Milliseconds since 1970, as text. */
function instant(value) {
  const time = value === undefined ? now() : Number(value);
  if (!(time >= -8.64e15 && time <= 8.64e15)) throw new RangeError("Invalid time value");
  return String(time < 0 ? -Math.floor(-time) : Math.floor(time));
}

function ends(start, end) {
  if (start === undefined || end === undefined) throw new TypeError("startDate or endDate cannot be undefined");
  return [instant(start), instant(end)];
}

service(DateTimeFormat, "DateTimeFormat", {
  get format() {
    const state = Slot.get(this, "format");
    if (!state.bound) {
      state.bound = (date) => formatText(state.key, instant(date));
      defineProperty(state.bound, "name", { value: "" });
    }
    return state.bound;
  },

  formatToParts(date) {
    return formatParts(Slot.get(this, "formatToParts").key, instant(date));
  },

  formatRange(start, end) {
    return formatText(Slot.get(this, "formatRange").key, ...ends(start, end));
  },

  formatRangeToParts(start, end) {
    return formatParts(Slot.get(this, "formatRangeToParts").key, ...ends(start, end));
  },

  resolvedOptions() {
    const state = Slot.get(this, "resolvedOptions");
    const { fields, timeZone, hourCycle } = state.pattern;
    const { name, calendar, numberingSystem, dateStyle, timeStyle } = state;
    const shown = { locale: name, calendar, numberingSystem, timeZone, dateStyle, timeStyle };
    if (hourCycle !== null) {
      shown.hourCycle = hourCycle;
      shown.hour12 = hourCycle === "h11" || hourCycle === "h12";
    }
    const styled = dateStyle !== null && dateStyle !== undefined || timeStyle !== null && timeStyle !== undefined;
    return pick(styled ? shown : { ...shown, ...fields }, REPORTED);
  },
});

/** One date with options of its own, as `toLocaleString` and its kin format. */
export function formatDate(date, locales, options, required, defaults) {
  const time = getTime(date);
  if (time !== time) return "Invalid Date";
  return formatText(resolvedState(locales, options, required, defaults).key, String(time));
}
