// `Intl`, and the methods of the language that depend on a locale.

import { defineProperty, getPrototypeOf, includes, toLowerCase, toUpperCase, uncurry } from "./primordials.js";
import { DateTimeFormat, formatDate } from "./intl_date.js";
import { changeCase, define, describeTag, localeList, supportedValues, wellFormed } from "./intl_host.js";
import { Locale } from "./intl_locale.js";
import { NumberFormat, formatNumber } from "./intl_number.js";
import { Segmenter } from "./intl_segmenter.js";
import { Collator, DisplayNames, ListFormat, PluralRules, RelativeTimeFormat, compareWith } from "./intl_text.js";
import { siteLocale } from "./ctx.js";

const { BigInt, Date, Number, String, Symbol, TypeError } = globalThis;
const numberValue = uncurry(Number.prototype.valueOf);
const bigintValue = uncurry(BigInt.prototype.valueOf);

export const Intl = {};
define(Intl, {
  Collator,
  DateTimeFormat,
  DisplayNames,
  ListFormat,
  Locale,
  NumberFormat,
  PluralRules,
  RelativeTimeFormat,
  Segmenter,

  getCanonicalLocales(locales) {
    return localeList(locales);
  },

  supportedValuesOf(key) {
    return supportedValues(String(key));
  },
});
defineProperty(Intl, Symbol.toStringTag, { value: "Intl", configurable: true });

define(Number.prototype, {
  toLocaleString(locales = undefined, options = undefined) {
    return formatNumber(numberValue(this), locales, options);
  },
});

define(BigInt.prototype, {
  toLocaleString(locales = undefined, options = undefined) {
    return formatNumber(bigintValue(this), locales, options);
  },
});

define(Date.prototype, {
  toLocaleString(locales = undefined, options = undefined) {
    return formatDate(this, locales, options, "any", "all");
  },

  toLocaleDateString(locales = undefined, options = undefined) {
    return formatDate(this, locales, options, "date", "date");
  },

  toLocaleTimeString(locales = undefined, options = undefined) {
    return formatDate(this, locales, options, "time", "time");
  },
});

/** The elements' own words, the arguments handed on. */
function joinLocally(list, locales, options) {
  let text = "";
  for (let i = 0; i < list.length; i++) {
    if (i > 0) text += ",";
    const element = list[i];
    if (element !== undefined && element !== null) text += String(element.toLocaleString(locales, options));
  }
  return text;
}

const arrays = {
  toLocaleString(locales = undefined, options = undefined) {
    return joinLocally(this, locales, options);
  },
};
define(Array.prototype, arrays);
define(getPrototypeOf(Uint8Array.prototype), arrays);

function thisText(value, method) {
  if (value === undefined || value === null) throw new TypeError(`String.prototype.${method} called on null or undefined`);
  return String(value);
}

/** Collators by the language asked for; comparing is often done a thousand times in a row. */
let collator;
let collatorFor;

/** Languages whose letters change case in ways of their own. */
const OWN_CASE = ["az", "el", "lt", "tr"];

/** The language asked for if it has rules of its own. */
function ownCase(locales) {
  const tag = localeList(locales)[0] ?? siteLocale() ?? "en-US";
  return includes(OWN_CASE, describeTag(tag).language) ? tag : undefined;
}

define(String.prototype, {
  localeCompare(that, locales = undefined, options = undefined) {
    const text = thisText(this, "localeCompare");
    const other = String(that);
    if (options !== undefined || typeof locales === "object") return compareWith(new Collator(locales, options), text, other);
    const wanted = locales ?? siteLocale();
    if (collator === undefined || collatorFor !== wanted) {
      collator = new Collator(locales);
      collatorFor = wanted;
    }
    return compareWith(collator, text, other);
  },

  toLocaleLowerCase(locales = undefined) {
    const text = thisText(this, "toLocaleLowerCase");
    const tag = ownCase(locales);
    return tag === undefined ? toLowerCase(text) : changeCase(tag, wellFormed(text), "lower");
  },

  toLocaleUpperCase(locales = undefined) {
    const text = thisText(this, "toLocaleUpperCase");
    const tag = ownCase(locales);
    return tag === undefined ? toUpperCase(text) : changeCase(tag, wellFormed(text), "upper");
  },
});
