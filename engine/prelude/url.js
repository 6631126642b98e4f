// URL and URLSearchParams. The host parses (WHATWG, the `url` crate): the same parser that judges hosts.

import { parseForm, parseUrl, serializeForm, setUrlPart } from "./operations.js";
import { stringify } from "./primordials.js";

/** Lets a URL hear of changes to its parameters. */
let follow;
/** Replaces the pairs without telling the URL they came from. */
let refill;

function pairsFrom(init) {
  if (init === undefined || init === null) return [];
  if (typeof init !== "object" && typeof init !== "function") {
    const text = String(init);
    return parseForm((text.startsWith("?") ? text.slice(1) : text).toWellFormed());
  }
  if (typeof init[Symbol.iterator] === "function") {
    return Array.from(init, (pair) => {
      const [name, value, ...rest] = pair;
      if (value === undefined || rest.length > 0) throw new TypeError("Each query pair must be a [name, value] tuple");
      return [String(name), String(value)];
    });
  }
  return Object.entries(init).map(([name, value]) => [name, String(value)]);
}

export class URLSearchParams {
  #pairs;
  #changed = null;

  static {
    follow = (params, changed) => (params.#changed = changed);
    refill = (params, query) => (params.#pairs = pairsFrom(query));
  }

  constructor(init = "") {
    this.#pairs = pairsFrom(init);
  }

  #update(pairs) {
    this.#pairs = pairs;
    if (this.#changed) this.#changed(this.toString());
  }

  get size() {
    return this.#pairs.length;
  }

  append(name, value) {
    this.#update([...this.#pairs, [String(name), String(value)]]);
  }

  delete(name, value) {
    const keep = ([n, v]) => n !== String(name) || (value !== undefined && v !== String(value));
    this.#update(this.#pairs.filter(keep));
  }

  get(name) {
    return this.#pairs.find(([n]) => n === String(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#pairs.filter(([n]) => n === String(name)).map(([, value]) => value);
  }

  has(name, value) {
    return this.#pairs.some(([n, v]) => n === String(name) && (value === undefined || v === String(value)));
  }

  set(name, value) {
    const first = this.#pairs.findIndex(([n]) => n === String(name));
    const pair = [String(name), String(value)];
    if (first < 0) return this.#update([...this.#pairs, pair]);
    const rest = this.#pairs.filter(([n], index) => index === first || n !== pair[0]);
    rest[first] = pair;
    this.#update(rest);
  }

  sort() {
    this.#update([...this.#pairs].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }

  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries() {
    for (let i = 0; i < this.#pairs.length; i++) yield [...this.#pairs[i]];
  }

  *keys() {
    for (const [name] of this.entries()) yield name;
  }

  *values() {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  toString() {
    return this.#pairs.length === 0 ? "" : serializeForm(stringify(this.#pairs));
  }

  get [Symbol.toStringTag]() {
    return "URLSearchParams";
  }
}

export class URL {
  #parts;
  #params = null;

  constructor(url, base) {
    const text = String(url).toWellFormed();
    this.#parts = parseUrl(text, base === undefined ? "" : String(base).toWellFormed(), base !== undefined);
  }

  static canParse(url, base) {
    return URL.parse(url, base) !== null;
  }

  static parse(url, base) {
    try {
      return new URL(url, base);
    } catch {
      return null;
    }
  }

  #set(part, value) {
    this.#parts = setUrlPart(this.#parts.href, part, String(value).toWellFormed());
    if (this.#params && (part === "href" || part === "search")) refill(this.#params, this.#parts.search);
  }

  get searchParams() {
    if (!this.#params) {
      this.#params = new URLSearchParams(this.#parts.search);
      follow(this.#params, (query) => (this.#parts = setUrlPart(this.#parts.href, "search", query)));
    }
    return this.#params;
  }

  get origin() {
    return this.#parts.origin;
  }

  toString() {
    return this.#parts.href;
  }

  toJSON() {
    return this.#parts.href;
  }

  get [Symbol.toStringTag]() {
    return "URL";
  }

  static {
    const parts = ["href", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash"];
    for (const part of parts) {
      Object.defineProperty(this.prototype, part, {
        get() {
          return this.#parts[part];
        },
        set(value) {
          this.#set(part, value);
        },
        enumerable: true,
        configurable: true,
      });
    }
  }
}
