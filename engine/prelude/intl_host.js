// What every `Intl` service needs: the host's computations (the `intl` crate), options as ECMA-402 reads them,
// lists of locales, and slots, which are private fields on objects of any class.

import { computeJson, computeText } from "emdash:host";
import { siteLocale } from "./ctx.js";
import { Object, RangeError, String, TypeError, create, defineProperty, getPrototypeOf } from "./primordials.js";
import { includes, isArray, ownKeys, push, stringify, toWellFormed, uncurry } from "./primordials.js";

const { getOwnPropertyDescriptor } = Reflect;
const { isNaN } = Number;
const { floor } = Math;
const { toStringTag } = Symbol;

// The operations of the `intl` crate follow the others of `intrinsics.rs`.
const FIRST = 100;

/** A refused computation is a RangeError here. */
function ranged(compute, operation, a, b, c) {
  try {
    return compute(FIRST + operation, a, b, c);
  } catch (error) {
    if (getPrototypeOf(error) !== TypeError.prototype) throw error;
    throw new RangeError(error.message);
  }
}

const text = (operation) => (a, b, c) => ranged(computeText, operation, a, b, c);
const json = (operation) => (a, b, c) => ranged(computeJson, operation, a, b, c);

export const canonicalTag = text(1);
const supportedTags = json(2);
const resolve = json(3);
export const formatText = text(4);
export const formatParts = json(5);
export const transformTag = text(6);
export const supportedValues = json(7);
export const currencyDigits = json(8);
export const segment = json(9);
export const changeCase = text(10);
export const describeTag = json(11);
export const editTag = text(12);

/** Options in force, locale and `key` of a formatter. */
export function open(service, requested, options) {
  return resolve(stringify({ ...options, service, requested, default: siteLocale() ?? "en-US" }));
}

// ---- Objects ----

export const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

/** What the host is given: text without lone surrogates. */
export const wellFormed = (value) => toWellFormed(String(value));

/** Private state for objects that `hold` makes, and its owner's name for error messages. */
export function slot(owner) {
  function Given(object) {
    return object;
  }
  return class Slot extends Given {
    #state;

    constructor(object, state) {
      super(object);
      this.#state = state;
    }

    static has(object) {
      return isObject(object) && #state in object;
    }

    static get(object, method) {
      if (!Slot.has(object)) throw new TypeError(`Method ${owner}.prototype.${method} called on incompatible receiver`);
      return object.#state;
    }
  };
}

/** A fresh object for a constructor that was called with `new`. */
export function hold(Slot, target, fallback, state) {
  const { prototype } = target;
  return new Slot(create(isObject(prototype) ? prototype : fallback.prototype), state);
}

/** Copies methods and accessors without showing them to enumeration. */
export function define(target, members) {
  const names = ownKeys(members);
  for (let i = 0; i < names.length; i++) {
    const descriptor = getOwnPropertyDescriptor(members, names[i]);
    descriptor.enumerable = false;
    defineProperty(target, names[i], descriptor);
  }
}

/** Finishes a service's constructor. */
export function service(constructor, name, methods) {
  define(constructor, {
    supportedLocalesOf(locales, options = undefined) {
      const requested = localeList(locales);
      if (options !== undefined) option(Object(options), "localeMatcher", MATCHERS, "best fit");
      return supportedTags(stringify(requested));
    },
  });
  defineProperty(constructor.supportedLocalesOf, "length", { value: 1 });
  define(constructor.prototype, methods);
  defineProperty(constructor.prototype, toStringTag, { value: `Intl.${name}`, configurable: true });
  defineProperty(constructor, "prototype", { writable: false });
}

/** The properties of `source` named here, the undefined ones left out. */
export function pick(source, names) {
  const picked = {};
  for (let i = 0; i < names.length; i++) {
    const value = source[names[i]];
    if (value !== undefined && value !== null) picked[names[i]] = value;
  }
  return picked;
}

// ---- Options ----

export const MATCHERS = ["lookup", "best fit"];

export function optionsObject(options) {
  if (options === undefined) return create(null);
  if (isObject(options)) return options;
  throw new TypeError("Incorrect options information provided");
}

export function coercedOptions(options) {
  if (options === null) throw new TypeError("Cannot convert null to an object");
  return options === undefined ? create(null) : Object(options);
}

/** A string option, one of `values` where they are given. */
export function option(options, name, values, fallback) {
  const value = options[name];
  if (value === undefined) return fallback;
  const given = String(value);
  if (values && !includes(values, given)) throw new RangeError(`Value ${given} out of range for Intl options property ${name}`);
  return given;
}

export function booleanOption(options, name, fallback) {
  const value = options[name];
  return value === undefined ? fallback : !!value;
}

export function digitOption(value, name, minimum, maximum, fallback) {
  if (value === undefined) return fallback;
  const number = +value;
  if (isNaN(number) || number < minimum || number > maximum) throw new RangeError(`${name} value is out of range.`);
  return floor(number);
}

const test = uncurry(RegExp.prototype.test);
const KEYWORD = /^[a-zA-Z0-9]{3,8}(-[a-zA-Z0-9]{3,8})*$/;

/** An option that is the value of a Unicode keyword, such as a calendar. */
export function keywordOption(options, name) {
  const value = option(options, name);
  if (value !== undefined && !test(KEYWORD, value)) throw new RangeError(`Invalid ${name} : ${value}`);
  return value;
}

// ---- Locales ----

/** Set by the module of `Intl.Locale`: the tag of a Locale, else undefined. */
let tagOf = () => undefined;
export const recognizeLocales = (recognize) => (tagOf = recognize);

export function localeList(locales) {
  if (locales === undefined) return [];
  const list = [];
  const add = (value) => {
    if (typeof value !== "string" && !isObject(value)) throw new TypeError("Incorrect locale information provided");
    const tag = tagOf(value) ?? canonicalTag(wellFormed(value));
    if (!includes(list, tag)) push(list, tag);
  };
  if (typeof locales === "string" || tagOf(locales) !== undefined) {
    add(locales);
    return list;
  }
  if (locales === null) throw new TypeError("Incorrect locale information provided");
  const given = Object(locales);
  const length = isArray(given) ? given.length : floor(+given.length || 0);
  for (let i = 0; i < length; i++) {
    if (i in given) add(given[i]);
  }
  return list;
}
