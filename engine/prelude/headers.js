// Headers (Fetch). There are no guards: the host decides which headers leave.

import { TypeError, String, toLowerCase } from "./primordials.js";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_BYTES = /[^\0-\xff]/;

function headerName(name) {
  const text = String(name);
  if (!TOKEN.test(text)) throw new TypeError(`Invalid header name: ${text}`);
  return toLowerCase(text);
}

function headerValue(value) {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (/[\0\r\n]/.test(text) || NOT_BYTES.test(text)) throw new TypeError(`Invalid header value: ${text}`);
  return text;
}

export class Headers {
  #pairs = [];

  constructor(init) {
    if (init === undefined) return;
    if (init === null || (typeof init !== "object" && typeof init !== "function")) {
      throw new TypeError("Headers are made from an object or from pairs");
    }
    const iterates = init[Symbol.iterator] !== undefined && init[Symbol.iterator] !== null;
    const pairs = iterates ? init : Reflect.ownKeys(init).filter((key) => Object.prototype.propertyIsEnumerable.call(init, key)).map((key) => [key, init[key]]);
    for (const pair of pairs) {
      const [name, value, ...rest] = pair;
      if (rest.length > 0 || [...pair].length !== 2) throw new TypeError("Each header pair must be a [name, value] tuple");
      this.append(name, value);
    }
  }

  append(name, value) {
    this.#pairs.push([headerName(name), headerValue(value)]);
  }

  set(name, value) {
    const pair = [headerName(name), headerValue(value)];
    const first = this.#pairs.findIndex(([n]) => n === pair[0]);
    this.#pairs = this.#pairs.filter(([n], index) => n !== pair[0] || index === first);
    if (first < 0) this.#pairs.push(pair);
    else this.#pairs[first] = pair;
  }

  delete(name) {
    const wanted = headerName(name);
    this.#pairs = this.#pairs.filter(([n]) => n !== wanted);
  }

  get(name) {
    const wanted = headerName(name);
    const values = this.#pairs.filter(([n]) => n === wanted).map(([, value]) => value);
    return values.length > 0 ? values.join(", ") : null;
  }

  getSetCookie() {
    return this.#pairs.filter(([name]) => name === "set-cookie").map(([, value]) => value);
  }

  has(name) {
    return this.get(name) !== null;
  }

  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries() {
    const names = [...new Set(this.#pairs.map(([name]) => name))].sort();
    for (const name of names) {
      if (name !== "set-cookie") yield [name, this.get(name)];
      else for (const value of this.getSetCookie()) yield [name, value];
    }
  }

  *keys() {
    for (const [name] of this.entries()) yield name;
  }

  *values() {
    for (const [, value] of this.entries()) yield value;
  }

  get [Symbol.toStringTag]() {
    return "Headers";
  }
}
Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries, writable: true, enumerable: false, configurable: true,
});
