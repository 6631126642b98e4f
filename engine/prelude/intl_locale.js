// Intl.Locale.

import { String, TypeError, stringify, uncurry } from "./primordials.js";
import { booleanOption, canonicalTag, coercedOptions, define, describeTag, editTag, hold, isObject, keywordOption } from "./intl_host.js";
import { option, recognizeLocales, slot, transformTag, wellFormed } from "./intl_host.js";

const test = uncurry(RegExp.prototype.test);
const { RangeError } = globalThis;
const Slot = slot("Intl.Locale");
const SUBTAGS = { language: /^([a-z]{2,3}|[a-z]{5,8})$/i, script: /^[a-z]{4}$/i, region: /^([a-z]{2}|[0-9]{3})$/i };

recognizeLocales((value) => (Slot.has(value) ? Slot.get(value, "toString").tag : undefined));

const stateOf = (tag) => ({ tag, ...describeTag(tag) });
const fromTag = (tag) => hold(Slot, Locale, Locale, stateOf(tag));

function subtag(edits, options, name) {
  const value = option(options, name);
  if (value === undefined) return;
  if (!test(SUBTAGS[name], value)) throw new RangeError(`Incorrect locale information provided: ${name} ${value}`);
  edits[name] = value;
}

export function Locale(tag, options = undefined) {
  if (new.target === undefined) throw new TypeError("Constructor Intl.Locale requires 'new'");
  if (typeof tag !== "string" && !isObject(tag)) throw new TypeError("First argument to Intl.Locale constructor can't be empty or missing");
  const own = Slot.has(tag) ? Slot.get(tag, "toString").tag : canonicalTag(wellFormed(tag));
  const given = coercedOptions(options);
  const edits = {};
  subtag(edits, given, "language");
  subtag(edits, given, "script");
  subtag(edits, given, "region");
  edits.ca = keywordOption(given, "calendar");
  edits.co = keywordOption(given, "collation");
  edits.hc = option(given, "hourCycle", ["h11", "h12", "h23", "h24"]);
  edits.kf = option(given, "caseFirst", ["upper", "lower", "false"]);
  const numeric = booleanOption(given, "numeric", undefined);
  if (numeric !== undefined) edits.kn = String(numeric);
  edits.nu = keywordOption(given, "numberingSystem");
  return hold(Slot, new.target, Locale, stateOf(editTag(own, stringify(edits))));
}
Object.defineProperty(Locale, "length", { value: 1 });

define(Locale.prototype, {
  maximize() {
    return fromTag(transformTag(Slot.get(this, "maximize").tag, "maximize"));
  },

  minimize() {
    return fromTag(transformTag(Slot.get(this, "minimize").tag, "minimize"));
  },

  toString() {
    return Slot.get(this, "toString").tag;
  },
});

const PROPERTIES = [
  "baseName", "calendar", "caseFirst", "collation", "hourCycle", "language", "numberingSystem", "numeric", "region", "script",
];
for (const name of PROPERTIES) {
  const getter = Object.getOwnPropertyDescriptor({ get [name]() { return Slot.get(this, name)[name] ?? undefined; } }, name).get;
  Object.defineProperty(Locale.prototype, name, { get: getter, enumerable: false, configurable: true });
}
Object.defineProperty(Locale.prototype, Symbol.toStringTag, { value: "Intl.Locale", configurable: true });
Object.defineProperty(Locale, "prototype", { writable: false });
