// What the prelude uses after plugin code has run, taken before it: a plugin that replaces `JSON.stringify` or
// `Promise.prototype.then` must not change how its own results reach the host.

// Constructors, under their own names.
const { ArrayBuffer, Error, InternalError, Map, Object, Promise, Proxy, RangeError, String, TypeError, Uint8Array } =
  globalThis;
export { Error, InternalError, Map, Object, Promise, Proxy, RangeError, String, TypeError, Uint8Array };

const { apply, defineProperty, ownKeys } = Reflect;

/** The method as a function that takes `this` first. */
export const uncurry = (method) => (self, ...rest) => apply(method, self, rest);

export const { stringify } = JSON;
export const { isArray } = Array;
export const { create, getPrototypeOf, hasOwn, keys } = Object;
export { apply, defineProperty, ownKeys };

export const push = uncurry(Array.prototype.push);
export const join = uncurry(Array.prototype.join);
export const includes = uncurry(Array.prototype.includes);
export const toLowerCase = uncurry(String.prototype.toLowerCase);
export const toUpperCase = uncurry(String.prototype.toUpperCase);
export const startsWith = uncurry(String.prototype.startsWith);
export const toWellFormed = uncurry(String.prototype.toWellFormed);
export const trim = uncurry(String.prototype.trim);
export const mapGet = uncurry(Map.prototype.get);
export const mapSet = uncurry(Map.prototype.set);
export const mapDelete = uncurry(Map.prototype.delete);
export const mapHas = uncurry(Map.prototype.has);

const { isFinite } = Number;
export { isFinite };

/** The own property's value; `undefined` for inherited names and for values that have no properties. */
export function own(value, name) {
  const has = (typeof value === "object" && value !== null) || typeof value === "function";
  return has && hasOwn(value, name) ? value[name] : undefined;
}

/** Adds a property that enumeration does not show. */
export function hide(target, name, value) {
  defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}

/** The bytes of an ArrayBuffer or a view, its window respected; `undefined` for anything else. */
export function bytesOf(source) {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return undefined;
}
