// structuredClone (HTML, safe passing of structured data).

import { Blob, File, blobBytes } from "./blob.js";
import { CryptoKey } from "./keys.js";
import { uncurry } from "./primordials.js";

const { AggregateError, DOMException, WeakRef } = globalThis;
const ERRORS = { __proto__: null, Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

// Reading an internal slot tells what an object really is, whatever its prototype says.
const getter = (prototype, name) => uncurry(Object.getOwnPropertyDescriptor(prototype, name).get);
const isReally = (probe) => (value) => {
  try {
    probe(value);
    return true;
  } catch {
    return false;
  }
};
const isDate = isReally(uncurry(Date.prototype.getTime));
const isMap = isReally(getter(Map.prototype, "size"));
const isSet = isReally(getter(Set.prototype, "size"));
const isBuffer = isReally(getter(ArrayBuffer.prototype, "byteLength"));
const isRegExp = isReally(getter(RegExp.prototype, "source"));
const sourceOf = getter(RegExp.prototype, "source");
const flagsOf = getter(RegExp.prototype, "flags");
const timeOf = uncurry(Date.prototype.getTime);
const transferBuffer = uncurry(ArrayBuffer.prototype.transfer);
const isDetached = getter(ArrayBuffer.prototype, "detached");
const { hasOwn } = Object;

function refuse(value) {
  let name;
  try {
    name = typeof value === "symbol" || typeof value === "function" ? String(value) : Object.prototype.toString.call(value);
  } catch {
    name = "The value";
  }
  return new DOMException(`${name} could not be cloned.`, "DataCloneError");
}

function copyError(error, memory) {
  const name = error.name === undefined ? "Error" : String(error.name);
  const copy = Object.create((ERRORS[name] ?? Error).prototype);
  memory.set(error, copy);
  const data = (key) => {
    const found = Object.getOwnPropertyDescriptor(error, key);
    return found && "value" in found ? found : undefined;
  };
  const put = (key, value) => Object.defineProperty(copy, key, { value, writable: true, configurable: true });
  const message = data("message");
  if (message) put("message", String(message.value));
  const stack = data("stack");
  if (typeof stack?.value === "string") put("stack", stack.value);
  if (data("cause")) put("cause", clone(error.cause, memory));
  return copy;
}

function copyBuffer(buffer) {
  if (isDetached(buffer)) throw refuse(buffer);
  if (!buffer.resizable) return buffer.slice(0);
  const copy = new ArrayBuffer(buffer.byteLength, { maxByteLength: buffer.maxByteLength });
  new Uint8Array(copy).set(new Uint8Array(buffer));
  return copy;
}

const VIEWS = [
  DataView, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array,
  BigUint64Array, Float32Array, Float64Array, ...(globalThis.Float16Array ? [globalThis.Float16Array] : []),
];
const tagOf = getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag);

function copyView(view, memory) {
  const buffer = clone(view.buffer, memory);
  const type = VIEWS.find(({ name }) => name === (tagOf(view) ?? "DataView"));
  return new type(buffer, view.byteOffset, type === DataView ? view.byteLength : view.length);
}

/** Objects of the platform: a few can be copied, the others cannot. */
function copyPlatform(value) {
  if (value instanceof File) return new File([value], value.name, { type: value.type, lastModified: value.lastModified });
  if (value instanceof Blob) return new Blob([blobBytes(value)], { type: value.type });
  if (value instanceof CryptoKey) return value;
  if (value instanceof DOMException) return new DOMException(value.message, value.name);
  return undefined;
}

/** Classes whose instances have an inside that a copy would lack. */
const UNCLONEABLE = [Promise, WeakMap, WeakSet, WeakRef, FinalizationRegistry];

/** Classes of the prelude's own; `main.js` names them. */
let platform = [];
export const setPlatform = (classes) => (platform = classes);

function copyBuiltIn(value, memory) {
  if (isDate(value)) return new Date(timeOf(value));
  if (isRegExp(value) && value !== RegExp.prototype) return new RegExp(sourceOf(value), flagsOf(value));
  if (value instanceof Boolean || value instanceof Number || value instanceof String || value instanceof BigInt) {
    return Object(value.valueOf());
  }
  if (value instanceof Symbol) throw refuse(value);
  if (isBuffer(value)) return copyBuffer(value);
  if (ArrayBuffer.isView(value)) return copyView(value, memory);
  const copied = copyPlatform(value);
  if (copied) return copied;
  if (UNCLONEABLE.some((type) => value instanceof type) || platform.some((type) => value instanceof type)) throw refuse(value);
  if (isReallyIterator(value)) throw refuse(value);
  return undefined;
}

const ITERATOR_TAGS = ["Generator", "AsyncGenerator", "Map Iterator", "Set Iterator", "Array Iterator", "String Iterator"];
const isReallyIterator = (value) => ITERATOR_TAGS.includes(value[Symbol.toStringTag]);

/** A plain record or array, which most values are, needs no further questions. */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return Array.isArray(value);
  return prototype === null || (prototype === Object.prototype && value[Symbol.toStringTag] === undefined);
}

function copyProperties(value, copy, memory) {
  for (const key of Object.keys(value)) {
    if (!hasOwn(value, key)) continue;
    Object.defineProperty(copy, key, { value: clone(value[key], memory), writable: true, enumerable: true, configurable: true });
  }
  return copy;
}

function clone(value, memory) {
  if (typeof value === "symbol" || typeof value === "function") throw refuse(value);
  if (typeof value !== "object" || value === null) return value;
  if (memory.has(value)) return memory.get(value);
  const keep = (copy) => (memory.set(value, copy), copy);
  if (!isPlain(value)) {
    const copy = copyBuiltIn(value, memory);
    if (copy !== undefined) return keep(copy);
    if (value instanceof Error || value instanceof AggregateError) return copyError(value, memory);
    if (isMap(value)) {
      const map = keep(new Map());
      for (const [key, item] of [...Map.prototype.entries.call(value)]) map.set(clone(key, memory), clone(item, memory));
      return map;
    }
    if (isSet(value)) {
      const set = keep(new Set());
      for (const item of [...Set.prototype.values.call(value)]) set.add(clone(item, memory));
      return set;
    }
  }
  const copy = keep(Array.isArray(value) ? new Array(value.length) : {});
  return copyProperties(value, copy, memory);
}

export function structuredClone(value, options) {
  if (arguments.length === 0) throw new TypeError("structuredClone needs a value");
  const transfer = [...(options?.transfer ?? [])];
  const memory = new Map();
  for (const item of transfer) {
    if (typeof item !== "object" || item === null || !isBuffer(item) || memory.has(item)) throw refuse(item);
    if (isDetached(item)) throw refuse(item);
    // Moved only once everything else was copied; until then the copy stands for it.
    memory.set(item, copyBuffer(item));
  }
  const result = clone(value, memory);
  for (const item of transfer) transferBuffer(item);
  return result;
}
