// Request and Response, and the `fetch` that only tells where the real one is.

import { Body, bodyFrom, hasBody, moveBody, shareBody } from "./body.js";
import { AbortController, AbortSignal } from "./events.js";
import { Headers } from "./headers.js";
import { Error, Promise, String, TypeError } from "./primordials.js";
import { URL } from "./url.js";

const WITHOUT_BODY = [101, 103, 204, 205, 304];
const REDIRECTS = [301, 302, 303, 307, 308];

/** Whether a value is a `Response`, and one made from what the host received. */
export let isResponse;
export let hostResponse;

/** Headers of a message whose body brings a content type along. */
function headersFor(init, type) {
  const headers = new Headers(init ?? undefined);
  if (type && !headers.has("content-type")) headers.set("content-type", type);
  return headers;
}

function statusOf(init) {
  const status = init.status === undefined ? 200 : Math.trunc(Number(init.status));
  if (!(status >= 200 && status <= 599)) throw new RangeError(`A response status is 200 to 599, not ${init.status}`);
  return status;
}

export class Response extends Body {
  #facts;

  static {
    isResponse = (value) => typeof value === "object" && value !== null && #facts in value;
    hostResponse = (bytes, { status, statusText, url, headers, redirected }) => {
      const response = new Response(null, { headers: headers ?? [] }, WITHOUT_BODY.includes(status) ? null : bytes);
      Object.assign(response.#facts, { status, statusText: statusText ?? "", url: url ?? "", redirected: redirected === true });
      return response;
    };
  }

  constructor(body = null, init = {}, received = undefined) {
    const facts = init ?? {};
    const status = statusOf(facts);
    const statusText = String(facts.statusText ?? "");
    if (/[^\t\x20-\x7e\x80-\xff]/.test(statusText)) throw new TypeError("The status text has characters it may not have");
    const given = received === undefined ? bodyFrom(body) : { bytes: received, stream: null, type: null };
    if ((given.bytes !== null || given.stream !== null) && WITHOUT_BODY.includes(status)) {
      throw new TypeError(`A ${status} response has no body`);
    }
    super(given);
    this.#facts = { status, statusText, headers: headersFor(facts.headers, given.type), url: "", type: "default", redirected: false };
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
    return this.#facts.redirected;
  }

  clone() {
    const { bytes, stream } = shareBody(this);
    const copy = stream ? new Response(stream) : new Response(null, {}, bytes);
    copy.#facts = { ...this.#facts, headers: new Headers(this.headers) };
    return copy;
  }

  static json(data, init = {}) {
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError("The value has no JSON form");
    const headers = headersFor(init?.headers, "application/json");
    return new Response(text, { ...init, headers });
  }

  static redirect(url, status = 302) {
    const location = new URL(url).href;
    if (!REDIRECTS.includes(status)) throw new RangeError(`${status} is not a redirect status`);
    return new Response(null, { status, headers: { location } });
  }

  static error() {
    const response = hostResponse(null, { status: 0 });
    response.#facts.type = "error";
    return response;
  }

  get [Symbol.toStringTag]() {
    return "Response";
  }
}

const NORMALIZED_METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];
const FORBIDDEN_METHODS = ["CONNECT", "TRACE", "TRACK"];
/** What a request says of itself besides, with the value where nothing is said. */
const OPTIONS = { cache: "default", credentials: "same-origin", integrity: "", keepalive: false, mode: "cors", redirect: "follow", referrer: "about:client", referrerPolicy: "" };

function methodOf(method) {
  const text = String(method);
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)) throw new TypeError(`"${text}" is not a method`);
  const upper = text.toUpperCase();
  if (FORBIDDEN_METHODS.includes(upper)) throw new TypeError(`The method ${upper} is not allowed`);
  return NORMALIZED_METHODS.includes(upper) ? upper : text;
}

function addressOf(input) {
  const url = new URL(input);
  if (url.username || url.password) throw new TypeError("The URL of a request carries no credentials");
  return url.href;
}

/** Marks the options with which `clone` makes its copy: the first request keeps its body. */
const CLONE = Symbol("clone");

/** The body of a request: the new one, or the one of the request it is made from, which is then used up. */
function requestBody(init, from) {
  const replaced = init.body !== undefined && init.body !== null;
  if (replaced || !from || !hasBody(from)) return bodyFrom(init.body);
  if (from.bodyUsed) throw new TypeError("Body has already been read");
  if (init.body === null) return bodyFrom(null);
  return { ...(init[CLONE] ? shareBody : moveBody)(from), type: null };
}

export class Request extends Body {
  #facts;

  constructor(input, init = {}) {
    const options = init ?? {};
    const from = input instanceof Request ? input : null;
    const url = from ? from.url : addressOf(input);
    const method = methodOf(options.method ?? from?.method ?? "GET");
    const given = requestBody(options, from);
    const present = given.bytes !== null || given.stream !== null;
    if (present && ["GET", "HEAD"].includes(method)) throw new TypeError(`A ${method} request has no body`);
    if (given.stream && options.duplex !== undefined && options.duplex !== "half") throw new TypeError('duplex must be "half"');
    const signal = options.signal !== undefined ? options.signal : (from?.signal ?? null);
    if (signal !== null && !(signal instanceof AbortSignal)) throw new TypeError("signal must be an AbortSignal");
    super(given);
    const facts = { url, method, headers: headersFor(options.headers ?? from?.headers, given.type) };
    facts.signal = signal ? AbortSignal.any([signal]) : new AbortController().signal;
    for (const name in OPTIONS) facts[name] = options[name] ?? from?.[name] ?? OPTIONS[name];
    this.#facts = facts;
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

  get destination() {
    return "";
  }

  get duplex() {
    return "half";
  }

  clone() {
    if (this.bodyUsed) throw new TypeError("Body has already been read");
    return new Request(this, { [CLONE]: true });
  }

  get [Symbol.toStringTag]() {
    return "Request";
  }

  static {
    for (const name in OPTIONS) {
      const get = { [name]: function () { return this.#facts[name]; } }[name];
      Object.defineProperty(this.prototype, name, { get, enumerable: true, configurable: true });
    }
  }
}

/** The bare `fetch`: there is no network outside `ctx.http`. */
export function fetch() {
  const hint = "fetch is not available to plugins. Use ctx.http.fetch, with the capability network:request and the host in allowedHosts.";
  return Promise.reject(new Error(hint));
}
