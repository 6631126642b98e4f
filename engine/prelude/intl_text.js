// Intl.Collator, Intl.PluralRules, Intl.RelativeTimeFormat, Intl.ListFormat, Intl.DisplayNames.

import { RangeError, String, TypeError, defineProperty, push, stringify } from "./primordials.js";
import { MATCHERS, booleanOption, coercedOptions, formatParts, formatText, hold, keywordOption, localeList } from "./intl_host.js";
import { open, option, optionsObject, pick, service, slot, wellFormed } from "./intl_host.js";
import { decimalOf, readDigits } from "./intl_number.js";

const { Number, Symbol } = globalThis;
const { isFinite } = Number;
const { iterator } = Symbol;

function needsNew(target, name) {
  if (target === undefined) throw new TypeError(`Constructor Intl.${name} requires 'new'`);
}

// ---- Collator ----

const CollatorSlot = slot("Intl.Collator");

export function Collator(locales = undefined, options = undefined) {
  const requested = localeList(locales);
  const given = coercedOptions(options);
  const usage = option(given, "usage", ["sort", "search"], "sort");
  option(given, "localeMatcher", MATCHERS, "best fit");
  const resolved = { usage, collation: keywordOption(given, "collation"), numeric: booleanOption(given, "numeric", undefined) };
  resolved.caseFirst = option(given, "caseFirst", ["upper", "lower", "false"]);
  resolved.sensitivity = option(given, "sensitivity", ["base", "accent", "case", "variant"], "variant");
  resolved.ignorePunctuation = booleanOption(given, "ignorePunctuation", false);
  const state = open("collator", requested, resolved);
  state.locale = state.name;
  state.collation ??= "default";
  state.caseFirst ??= "false";
  return hold(CollatorSlot, new.target ?? Collator, Collator, state);
}

const COLLATOR_REPORTED = ["locale", "usage", "sensitivity", "ignorePunctuation", "collation", "numeric", "caseFirst"];

export const compareWith = (collator, left, right) =>
  +formatText(CollatorSlot.get(collator, "compare").key, wellFormed(left), wellFormed(right));

service(Collator, "Collator", {
  get compare() {
    const state = CollatorSlot.get(this, "compare");
    if (!state.bound) {
      state.bound = (left, right) => +formatText(state.key, wellFormed(left), wellFormed(right));
      defineProperty(state.bound, "name", { value: "" });
    }
    return state.bound;
  },

  resolvedOptions() {
    return pick(CollatorSlot.get(this, "resolvedOptions"), COLLATOR_REPORTED);
  },
});

// ---- PluralRules ----

const PluralSlot = slot("Intl.PluralRules");
const PLURAL_REPORTED = [
  "locale", "type", "minimumIntegerDigits", "minimumFractionDigits", "maximumFractionDigits", "minimumSignificantDigits",
  "maximumSignificantDigits", "pluralCategories", "roundingIncrement", "roundingMode", "roundingPriority", "trailingZeroDisplay",
];

export function PluralRules(locales = undefined, options = undefined) {
  needsNew(new.target, "PluralRules");
  const requested = localeList(locales);
  const given = coercedOptions(options);
  option(given, "localeMatcher", MATCHERS, "best fit");
  const resolved = { type: option(given, "type", ["cardinal", "ordinal"], "cardinal") };
  readDigits(resolved, given, 0, 3, "standard");
  const state = open("plural", requested, resolved);
  state.pluralCategories = state.pattern;
  return hold(PluralSlot, new.target, PluralRules, state);
}

service(PluralRules, "PluralRules", {
  select(value) {
    return formatText(PluralSlot.get(this, "select").key, decimalOf(+value));
  },

  selectRange(start, end) {
    const { key } = PluralSlot.get(this, "selectRange");
    if (start === undefined || end === undefined) throw new TypeError("start and end are required");
    const range = [+start, +end];
    if (range[0] !== range[0] || range[1] !== range[1]) throw new RangeError("Invalid number value");
    return formatText(key, decimalOf(range[0]), decimalOf(range[1]));
  },

  resolvedOptions() {
    const shown = pick(PluralSlot.get(this, "resolvedOptions"), PLURAL_REPORTED);
    shown.pluralCategories = [...shown.pluralCategories];
    return shown;
  },
});

// ---- RelativeTimeFormat ----

const RelativeSlot = slot("Intl.RelativeTimeFormat");
const UNITS = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];

export function RelativeTimeFormat(locales = undefined, options = undefined) {
  needsNew(new.target, "RelativeTimeFormat");
  const requested = localeList(locales);
  const given = coercedOptions(options);
  option(given, "localeMatcher", MATCHERS, "best fit");
  const resolved = { numberingSystem: keywordOption(given, "numberingSystem") };
  resolved.style = option(given, "style", ["long", "short", "narrow"], "long");
  resolved.numeric = option(given, "numeric", ["always", "auto"], "always");
  const state = open("relative", requested, resolved);
  state.locale = state.name;
  return hold(RelativeSlot, new.target, RelativeTimeFormat, state);
}

/** Value and singular unit as the host takes them. */
function distance(value, unit) {
  const number = Number(value);
  const text = String(unit);
  let singular;
  for (let i = 0; i < UNITS.length; i++) if (text === UNITS[i] || text === `${UNITS[i]}s`) singular = UNITS[i];
  if (singular === undefined) throw new RangeError(`Invalid unit argument for format() '${text}'`);
  if (!isFinite(number)) throw new RangeError("The value must be a finite number");
  return [decimalOf(number), singular];
}

service(RelativeTimeFormat, "RelativeTimeFormat", {
  format(value, unit) {
    return formatText(RelativeSlot.get(this, "format").key, ...distance(value, unit));
  },

  formatToParts(value, unit) {
    const { key } = RelativeSlot.get(this, "formatToParts");
    const [number, singular] = distance(value, unit);
    const parts = formatParts(key, number, singular);
    for (let i = 0; i < parts.length; i++) if (parts[i].type !== "literal") parts[i].unit = singular;
    return parts;
  },

  resolvedOptions() {
    return pick(RelativeSlot.get(this, "resolvedOptions"), ["locale", "style", "numeric", "numberingSystem"]);
  },
});

// ---- ListFormat ----

const ListSlot = slot("Intl.ListFormat");

export function ListFormat(locales = undefined, options = undefined) {
  needsNew(new.target, "ListFormat");
  const requested = localeList(locales);
  const given = optionsObject(options);
  option(given, "localeMatcher", MATCHERS, "best fit");
  const resolved = { type: option(given, "type", ["conjunction", "disjunction", "unit"], "conjunction") };
  resolved.style = option(given, "style", ["long", "short", "narrow"], "long");
  return hold(ListSlot, new.target, ListFormat, open("list", requested, resolved));
}

function texts(list) {
  const items = [];
  if (list === undefined) return "[]";
  for (const item of { [iterator]: () => list[iterator]() }) {
    if (typeof item !== "string") throw new TypeError("Iterable yielded something that is not a string");
    push(items, wellFormed(item));
  }
  return stringify(items);
}

service(ListFormat, "ListFormat", {
  format(list) {
    return formatText(ListSlot.get(this, "format").key, texts(list));
  },

  formatToParts(list) {
    return formatParts(ListSlot.get(this, "formatToParts").key, texts(list));
  },

  resolvedOptions() {
    return pick(ListSlot.get(this, "resolvedOptions"), ["locale", "type", "style"]);
  },
});

// ---- DisplayNames ----

const NamesSlot = slot("Intl.DisplayNames");
const NAMED = ["language", "region", "script", "currency", "calendar", "dateTimeField"];

export function DisplayNames(locales, options) {
  needsNew(new.target, "DisplayNames");
  const requested = localeList(locales);
  if (options === undefined) throw new TypeError("Incorrect options information provided");
  const given = optionsObject(options);
  option(given, "localeMatcher", MATCHERS, "best fit");
  const resolved = { style: option(given, "style", ["narrow", "short", "long"], "long") };
  resolved.type = option(given, "type", NAMED);
  if (resolved.type === undefined) throw new TypeError("Required option \"type\" must not be undefined");
  resolved.fallback = option(given, "fallback", ["code", "none"], "code");
  const display = option(given, "languageDisplay", ["dialect", "standard"], "dialect");
  if (resolved.type === "language") resolved.languageDisplay = display;
  return hold(NamesSlot, new.target, DisplayNames, open("names", requested, resolved));
}

service(DisplayNames, "DisplayNames", {
  of(code) {
    const state = NamesSlot.get(this, "of");
    const text = wellFormed(code);
    const name = formatText(state.key, text);
    if (name !== "") return name;
    return state.fallback === "code" ? text : undefined;
  },

  resolvedOptions() {
    return pick(NamesSlot.get(this, "resolvedOptions"), ["locale", "style", "type", "fallback", "languageDisplay"]);
  },
});
