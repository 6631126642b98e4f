// Headers, Blob, File, FormData, Request and Response. Bodies are whole, never streamed.

import { decodeText, encodeText } from "./encoding.js";
import { parseForm } from "./operations.js";
import { Error, Promise, String, TypeError, Uint8Array, bytesOf, toLowerCase } from "./primordials.js";
import { URL, URLSearchParams } from "./url.js";
import { randomUUID } from "./crypto.js";

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export class Headers {
  #pairs = [];

  constructor(init) {
    if (init === undefined || init === null) return;
    const pairs = typeof init[Symbol.iterator] === "function" ? init : Object.entries(init);
    for (const pair of pairs) {
      const [name, value, ...rest] = pair;
      if (rest.length > 0) throw new TypeError("Each header pair must be a [name, value] tuple");
      this.append(name, value);
    }
  }

  static #name(name) {
    const text = String(name);
    if (!TOKEN.test(text)) throw new TypeError(`Invalid header name: ${text}`);
    return toLowerCase(text);
  }

  static #value(value) {
    const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
    if (/[\0\r\n]/.test(text)) throw new TypeError(`Invalid header value: ${text}`);
    return text;
  }

  append(name, value) {
    this.#pairs.push([Headers.#name(name), Headers.#value(value)]);
  }

  set(name, value) {
    const pair = [Headers.#name(name), Headers.#value(value)];
    const first = this.#pairs.findIndex(([n]) => n === pair[0]);
    this.#pairs = this.#pairs.filter(([n], index) => n !== pair[0] || index === first);
    if (first < 0) this.#pairs.push(pair);
    else this.#pairs[first] = pair;
  }

  delete(name) {
    const wanted = Headers.#name(name);
    this.#pairs = this.#pairs.filter(([n]) => n !== wanted);
  }

  get(name) {
    const wanted = Headers.#name(name);
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

  [Symbol.iterator]() {
    return this.entries();
  }

  get [Symbol.toStringTag]() {
    return "Headers";
  }
}

/** The bytes of a Blob, without copying. */
let blobBytes;

function concatenate(chunks) {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

export class Blob {
  #bytes;
  #type;

  static {
    blobBytes = (blob) => blob.#bytes;
  }

  constructor(parts = [], options = {}) {
    const chunks = Array.from(parts, (part) => {
      if (part instanceof Blob) return part.#bytes;
      return bytesOf(part) ?? encodeText(part);
    });
    this.#bytes = concatenate(chunks);
    this.#type = toLowerCase(String(options.type ?? ""));
  }

  get size() {
    return this.#bytes.length;
  }

  get type() {
    return this.#type;
  }

  slice(start, end, type = "") {
    return new Blob([this.#bytes.slice(start, end)], { type });
  }

  async text() {
    return decodeText(this.#bytes);
  }

  async bytes() {
    return this.#bytes.slice();
  }

  async arrayBuffer() {
    return this.#bytes.slice().buffer;
  }

  get [Symbol.toStringTag]() {
    return "Blob";
  }
}

export class File extends Blob {
  #name;
  #lastModified;

  constructor(parts, name, options = {}) {
    super(parts, options);
    this.#name = String(name);
    this.#lastModified = options.lastModified ?? Date.now();
  }

  get name() {
    return this.#name;
  }

  get lastModified() {
    return this.#lastModified;
  }

  get [Symbol.toStringTag]() {
    return "File";
  }
}

export class FormData {
  #entries = [];

  static #entry(name, value, filename) {
    if (!(value instanceof Blob)) return [String(name), String(value)];
    const title = filename ?? (value instanceof File ? value.name : "blob");
    return [String(name), new File([value], title, { type: value.type })];
  }

  append(name, value, filename) {
    this.#entries.push(FormData.#entry(name, value, filename));
  }

  set(name, value, filename) {
    this.delete(name);
    this.append(name, value, filename);
  }

  delete(name) {
    this.#entries = this.#entries.filter(([n]) => n !== String(name));
  }

  get(name) {
    return this.#entries.find(([n]) => n === String(name))?.[1] ?? null;
  }

  getAll(name) {
    return this.#entries.filter(([n]) => n === String(name)).map(([, value]) => value);
  }

  has(name) {
    return this.#entries.some(([n]) => n === String(name));
  }

  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this);
  }

  *entries() {
    for (const [name, value] of this.#entries) yield [name, value];
  }

  *keys() {
    for (const [name] of this.#entries) yield name;
  }

  *values() {
    for (const [, value] of this.#entries) yield value;
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  get [Symbol.toStringTag]() {
    return "FormData";
  }
}

function quoted(text) {
  return text.replace(/\n/g, "%0A").replace(/\r/g, "%0D").replace(/"/g, "%22");
}

function multipart(form) {
  const boundary = `----emdash-${randomUUID()}`;
  const chunks = [];
  for (const [name, value] of form) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`;
    if (value instanceof File) {
      head += `; filename="${quoted(value.name)}"\r\nContent-Type: ${value.type || "application/octet-stream"}`;
    }
    chunks.push(encodeText(`${head}\r\n\r\n`), value instanceof File ? blobBytes(value) : encodeText(value));
    chunks.push(encodeText("\r\n"));
  }
  chunks.push(encodeText(`--${boundary}--\r\n`));
  return { bytes: concatenate(chunks), type: `multipart/form-data; boundary=${boundary}` };
}

/** The bytes of a body and the content type it brings along: `{bytes, type}`, `bytes` null for none. */
export function bodyFrom(body) {
  if (body === undefined || body === null) return { bytes: null, type: null };
  if (typeof body === "string") return { bytes: encodeText(body), type: "text/plain;charset=UTF-8" };
  if (body instanceof Blob) return { bytes: blobBytes(body).slice(), type: body.type || null };
  if (body instanceof FormData) return multipart(body);
  if (body instanceof URLSearchParams) {
    return { bytes: encodeText(body.toString()), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  const bytes = bytesOf(body);
  if (bytes) return { bytes: bytes.slice(), type: null };
  return { bytes: encodeText(String(body)), type: "text/plain;charset=UTF-8" };
}

/** The body of a message as bytes, without using it up. */
let messageBytes;

class Message {
  #bytes;
  #used = false;

  static {
    messageBytes = (message) => message.#bytes ?? new Uint8Array(0);
  }

  constructor(bytes) {
    this.#bytes = bytes;
  }

  #take() {
    if (this.#used) throw new TypeError("Body has already been read");
    this.#used = this.#bytes !== null;
    return this.#bytes ?? new Uint8Array(0);
  }

  get bodyUsed() {
    return this.#used;
  }

  /** The body as one chunk, for code that reads with `getReader()` or `for await`. */
  get body() {
    if (this.#bytes === null) return null;
    const chunks = () => (this.#used ? [] : [this.#take()]);
    const getReader = () => ({
      read: async () => {
        const [value] = chunks();
        return { value, done: value === undefined };
      },
      cancel: async () => void chunks(),
      releaseLock() {},
    });
    return {
      getReader,
      cancel: async () => void chunks(),
      async *[Symbol.asyncIterator]() {
        yield* chunks();
      },
    };
  }

  async text() {
    const text = decodeText(this.#take());
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  async json() {
    return JSON.parse(await this.text());
  }

  async bytes() {
    return this.#take().slice();
  }

  async arrayBuffer() {
    return this.#take().slice().buffer;
  }

  async blob() {
    return new Blob([this.#take()], { type: this.headers.get("content-type") ?? "" });
  }

  async formData() {
    const type = this.headers.get("content-type") ?? "";
    if (!type.startsWith("application/x-www-form-urlencoded")) {
      throw new TypeError(`formData() reads application/x-www-form-urlencoded bodies, this one is "${type}"`);
    }
    const form = new FormData();
    for (const [name, value] of parseForm(await this.text())) form.append(name, value);
    return form;
  }
}

const WITHOUT_BODY = [101, 103, 204, 205, 304];
let isResponse;
let hostResponse;

export class Response extends Message {
  #facts;

  static {
    isResponse = (value) => typeof value === "object" && value !== null && #facts in value;
    hostResponse = (bytes, facts) => {
      const response = new Response(WITHOUT_BODY.includes(facts.status) ? null : bytes, { headers: facts.headers });
      const { status, statusText, url } = facts;
      response.#facts = { ...response.#facts, status, statusText: statusText ?? "", url: url ?? "" };
      return response;
    };
  }

  constructor(body = null, init = {}) {
    const status = init.status === undefined ? 200 : Number(init.status);
    if (!(status >= 200 && status <= 599)) throw new RangeError(`A response status is 200 to 599, not ${init.status}`);
    const { bytes, type } = bodyFrom(body);
    if (bytes !== null && WITHOUT_BODY.includes(status)) throw new TypeError(`A ${status} response has no body`);
    super(bytes);
    const headers = new Headers(init.headers);
    if (type && !headers.has("content-type")) headers.set("content-type", type);
    this.#facts = { status, statusText: String(init.statusText ?? ""), headers, url: "", type: "default" };
  }

  get status() {
    return this.#facts.status;
  }

  get ok() {
    return this.status >= 200 && this.status <= 299;
  }

  get statusText() {
    return this.#facts.statusText;
  }

  get headers() {
    return this.#facts.headers;
  }

  get url() {
    return this.#facts.url;
  }

  get type() {
    return this.#facts.type;
  }

  get redirected() {
    return false;
  }

  clone() {
    if (this.bodyUsed) throw new TypeError("Body has already been read");
    const copy = new Response(null, { headers: this.headers });
    copy.#facts = { ...this.#facts, headers: copy.headers };
    return hostResponse(this.body === null ? null : messageBytes(this).slice(), copy.#facts);
  }

  static json(data, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has("content-type")) headers.set("content-type", "application/json");
    return new Response(JSON.stringify(data), { ...init, headers });
  }

  static redirect(url, status = 302) {
    if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${status} is not a redirect status`);
    return new Response(null, { status, headers: { location: new URL(url).href } });
  }

  static error() {
    return hostResponse(null, { status: 0, type: "error" });
  }

  get [Symbol.toStringTag]() {
    return "Response";
  }
}

const NORMALIZED_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

export class Request extends Message {
  #facts;

  constructor(input, init = {}) {
    const from = input instanceof Request ? input : null;
    const { bytes, type } = bodyFrom(init.body ?? (from && from.body !== null ? messageBytes(from) : null));
    super(bytes);
    const headers = new Headers(init.headers ?? from?.headers);
    if (type && !headers.has("content-type")) headers.set("content-type", type);
    const method = String(init.method ?? from?.method ?? "GET");
    const upper = method.toUpperCase();
    this.#facts = {
      url: from ? from.url : new URL(input).href,
      method: NORMALIZED_METHODS.includes(upper) ? upper : method,
      headers,
      signal: init.signal ?? from?.signal ?? null,
    };
    if (bytes !== null && ["GET", "HEAD"].includes(this.method)) throw new TypeError(`A ${upper} request has no body`);
  }

  get url() {
    return this.#facts.url;
  }

  get method() {
    return this.#facts.method;
  }

  get headers() {
    return this.#facts.headers;
  }

  get signal() {
    return this.#facts.signal;
  }

  clone() {
    return new Request(this);
  }

  get [Symbol.toStringTag]() {
    return "Request";
  }
}

/** The bare `fetch`: there is no network outside `ctx.http`. */
export function fetch() {
  const hint = "fetch is not available to plugins. Use ctx.http.fetch, with the capability network:request and the host in allowedHosts.";
  return Promise.reject(new Error(hint));
}

export { hostResponse, isResponse, messageBytes };
