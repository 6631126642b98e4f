// Intl.NumberFormat.

import { Object, RangeError, String, TypeError, defineProperty, includes, stringify, toLowerCase, toUpperCase, uncurry } from "./primordials.js";
import { MATCHERS, coercedOptions, currencyDigits, digitOption, formatParts, formatText, hold, keywordOption } from "./intl_host.js";
import { localeList, open, option, pick, service, slot } from "./intl_host.js";

const { Number } = globalThis;
const test = uncurry(RegExp.prototype.test);
const valueOf = (value) => (typeof value === "object" || typeof value === "function" ? toPrimitive(value) : value);
const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/;
const CURRENCY = /^[a-zA-Z]{3}$/;

export const ROUNDING_MODES = ["ceil", "floor", "expand", "trunc", "halfCeil", "halfFloor", "halfExpand", "halfTrunc", "halfEven"];
const INCREMENTS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 2500, 5000];
const UNIT_DISPLAYS = ["short", "narrow", "long"];

/** Reads digit options into `resolved` (`SetNumberFormatDigitOptions`). */
export function readDigits(resolved, options, leastFallback, mostFallback, notation) {
  resolved.minimumIntegerDigits = digitOption(options.minimumIntegerDigits, "minimumIntegerDigits", 1, 21, 1);
  const { minimumFractionDigits: leastFraction, maximumFractionDigits: mostFraction } = options;
  const { minimumSignificantDigits: leastSignificant, maximumSignificantDigits: mostSignificant } = options;
  const increment = digitOption(options.roundingIncrement, "roundingIncrement", 1, 5000, 1);
  if (!includes(INCREMENTS, increment)) throw new RangeError("roundingIncrement value is out of range.");
  resolved.roundingIncrement = increment;
  resolved.roundingMode = option(options, "roundingMode", ROUNDING_MODES, "halfExpand");
  const priority = option(options, "roundingPriority", ["auto", "morePrecision", "lessPrecision"], "auto");
  resolved.trailingZeroDisplay = option(options, "trailingZeroDisplay", ["auto", "stripIfInteger"], "auto");
  const most = increment === 1 ? mostFallback : leastFallback;
  const hasSignificant = leastSignificant !== undefined || mostSignificant !== undefined;
  const hasFraction = leastFraction !== undefined || mostFraction !== undefined;
  const wantsSignificant = priority !== "auto" || hasSignificant;
  const wantsFraction = priority !== "auto" || !(hasSignificant || (!hasFraction && notation === "compact"));
  resolved.roundingPriority = priority;
  if (wantsSignificant) {
    const least = digitOption(leastSignificant, "minimumSignificantDigits", 1, 21, 1);
    resolved.minimumSignificantDigits = least;
    resolved.maximumSignificantDigits = digitOption(mostSignificant, "maximumSignificantDigits", least, 21, 21);
  }
  if (wantsFraction) {
    let least = digitOption(leastFraction, "minimumFractionDigits", 0, 100, undefined);
    let greatest = digitOption(mostFraction, "maximumFractionDigits", 0, 100, undefined);
    if (least === undefined) least = greatest === undefined || leastFallback < greatest ? leastFallback : greatest;
    else if (greatest === undefined) greatest = most > least ? most : least;
    else if (least > greatest) throw new RangeError("maximumFractionDigits value is out of range.");
    resolved.minimumFractionDigits = least;
    resolved.maximumFractionDigits = greatest ?? (most > least ? most : least);
  }
  if (!wantsSignificant && !wantsFraction) {
    resolved.minimumFractionDigits = resolved.maximumFractionDigits = 0;
    resolved.minimumSignificantDigits = 1;
    resolved.maximumSignificantDigits = 2;
    resolved.roundingPriority = "morePrecision";
  }
  if (increment !== 1 && (resolved.minimumSignificantDigits || resolved.maximumFractionDigits !== resolved.minimumFractionDigits)) {
    const problem = "roundingIncrement needs equal numbers of fraction digits and no significant digits";
    throw resolved.minimumSignificantDigits ? new TypeError(problem) : new RangeError(problem);
  }
}

function readStyle(resolved, options) {
  resolved.style = option(options, "style", ["decimal", "percent", "currency", "unit"], "decimal");
  const currency = option(options, "currency");
  if (currency !== undefined && !test(CURRENCY, currency)) throw new RangeError(`Invalid currency code : ${currency}`);
  const isCurrency = resolved.style === "currency";
  if (isCurrency && currency === undefined) throw new TypeError("Currency code is required with currency style.");
  const display = option(options, "currencyDisplay", ["code", "symbol", "narrowSymbol", "name"], "symbol");
  const sign = option(options, "currencySign", ["standard", "accounting"], "standard");
  const unit = option(options, "unit");
  if (unit !== undefined && !test(/^[a-z]+(-[a-z]+)*$/, unit)) throw new RangeError(`Invalid unit argument for Intl.NumberFormat() '${unit}'`);
  const isUnit = resolved.style === "unit";
  if (isUnit && unit === undefined) throw new TypeError("Required option \"unit\" must not be undefined");
  const unitDisplay = option(options, "unitDisplay", UNIT_DISPLAYS, "short");
  if (isCurrency) {
    resolved.currency = toUpperCase(currency);
    resolved.currencyDisplay = display;
    resolved.currencySign = sign;
  }
  if (isUnit) {
    resolved.unit = unit;
    resolved.unitDisplay = unitDisplay;
  }
}

function readGrouping(options, notation) {
  const fallback = notation === "compact" ? "min2" : "auto";
  const value = options.useGrouping;
  if (value === undefined) return fallback;
  if (value === true) return "always";
  if (!value) return false;
  const text = String(value);
  if (text === "true" || text === "false") return fallback;
  if (!includes(["min2", "auto", "always"], text)) throw new RangeError(`Value ${text} out of range for Intl.NumberFormat options property useGrouping`);
  return text;
}

const REPORTED = [
  "locale", "numberingSystem", "style", "currency", "currencyDisplay", "currencySign", "unit", "unitDisplay",
  "minimumIntegerDigits", "minimumFractionDigits", "maximumFractionDigits", "minimumSignificantDigits",
  "maximumSignificantDigits", "useGrouping", "notation", "compactDisplay", "signDisplay", "roundingIncrement",
  "roundingMode", "roundingPriority", "trailingZeroDisplay",
];

const Slot = slot("Intl.NumberFormat");

export function NumberFormat(locales = undefined, options = undefined) {
  const requested = localeList(locales);
  const given = coercedOptions(options);
  option(given, "localeMatcher", MATCHERS, "best fit");
  const resolved = { numberingSystem: keywordOption(given, "numberingSystem") };
  readStyle(resolved, given);
  resolved.notation = option(given, "notation", ["standard", "scientific", "engineering", "compact"], "standard");
  const digits = resolved.style === "currency" && resolved.notation === "standard" ? currencyDigits(resolved.currency) : 0;
  readDigits(resolved, given, digits, resolved.style === "currency" ? digits : resolved.style === "percent" ? 0 : 3, resolved.notation);
  const compact = option(given, "compactDisplay", ["short", "long"], "short");
  if (resolved.notation === "compact") resolved.compactDisplay = compact;
  resolved.useGrouping = readGrouping(given, resolved.notation);
  resolved.signDisplay = option(given, "signDisplay", ["auto", "never", "always", "exceptZero", "negative"], "auto");
  const state = open("number", requested, resolved);
  state.locale = state.name;
  return hold(Slot, new.target ?? NumberFormat, NumberFormat, state);
}

function toPrimitive(value) {
  return value === null ? null : Object(value)[Symbol.toPrimitive] === undefined ? ordinary(value) : +value;
}

function ordinary(value) {
  const primitive = value.valueOf();
  return typeof primitive === "bigint" ? primitive : +value;
}

/** The exact decimal value of whatever stands for a number. */
export function decimalOf(value) {
  const primitive = valueOf(value);
  if (typeof primitive === "bigint") return String(primitive);
  if (typeof primitive === "string" && test(DECIMAL, primitive)) return primitive.trim();
  const number = Number(primitive);
  return Object.is(number, -0) ? "-0" : String(number);
}

service(NumberFormat, "NumberFormat", {
  get format() {
    const state = Slot.get(this, "format");
    if (!state.bound) {
      state.bound = (value) => formatText(state.key, decimalOf(value));
      defineProperty(state.bound, "name", { value: "" });
    }
    return state.bound;
  },

  formatToParts(value) {
    return formatParts(Slot.get(this, "formatToParts").key, decimalOf(value));
  },

  formatRange(start, end) {
    return formatText(Slot.get(this, "formatRange").key, ...ends(start, end));
  },

  formatRangeToParts(start, end) {
    return formatParts(Slot.get(this, "formatRangeToParts").key, ...ends(start, end));
  },

  resolvedOptions() {
    return pick(Slot.get(this, "resolvedOptions"), REPORTED);
  },
});

function ends(start, end) {
  if (start === undefined || end === undefined) throw new TypeError("start and end are required");
  const range = [decimalOf(start), decimalOf(end)];
  if (range[0] === "NaN" || range[1] === "NaN") throw new RangeError("Invalid number value");
  return range;
}

/** One number with options of its own, as `toLocaleString` formats. */
export function formatNumber(value, locales, options) {
  return formatText(Slot.get(new NumberFormat(locales, options), "format").key, decimalOf(value));
}
