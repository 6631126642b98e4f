// structuredClone.

const { DOMException } = globalThis;
const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

function refuse(value) {
  return new DOMException(`${String(value)} could not be cloned.`, "DataCloneError");
}

function copyError(error, seen) {
  const copy = Object.create((ERRORS[error.name] ?? Error).prototype);
  seen.set(error, copy);
  for (const name of ["message", "stack", "cause"]) {
    if (!Object.hasOwn(error, name)) continue;
    Object.defineProperty(copy, name, { value: clone(error[name], seen), writable: true, configurable: true });
  }
  return copy;
}

function copyView(view, seen) {
  const buffer = clone(view.buffer, seen);
  return new view.constructor(buffer, view.byteOffset, view instanceof DataView ? view.byteLength : view.length);
}

function clone(value, seen) {
  if (typeof value === "symbol" || typeof value === "function") throw refuse(value);
  if (typeof value !== "object" || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  const keep = (copy) => (seen.set(value, copy), copy);
  if (value instanceof Date) return keep(new Date(value.getTime()));
  if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
  if (value instanceof ArrayBuffer) return keep(value.slice(0));
  if (ArrayBuffer.isView(value)) return keep(copyView(value, seen));
  if (value instanceof Error) return copyError(value, seen);
  if (value instanceof Boolean || value instanceof Number || value instanceof String || value instanceof BigInt) {
    return keep(Object(value.valueOf()));
  }
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) throw refuse(value);
  if (value instanceof Map) {
    const copy = keep(new Map());
    for (const [key, item] of [...value]) copy.set(clone(key, seen), clone(item, seen));
    return copy;
  }
  if (value instanceof Set) {
    const copy = keep(new Set());
    for (const item of [...value]) copy.add(clone(item, seen));
    return copy;
  }
  const copy = keep(Array.isArray(value) ? new Array(value.length) : {});
  for (const key of Object.keys(value)) copy[key] = clone(value[key], seen);
  return copy;
}

export function structuredClone(value, options) {
  if (options?.transfer?.length > 0) throw new DOMException("Transfer lists are not supported", "DataCloneError");
  return clone(value, new Map());
}
