// `ctx`, built for every call. Its methods are host calls: the host authorises, the guest only asks.

import { start } from "emdash:host";
import { log } from "./console.js";
import { Blob } from "./blob.js";
import { bodyFrom, drain, hasBody, takeBody } from "./body.js";
import { db } from "./database.js";
import { Request, hostResponse } from "./fetch.js";
import { FormData } from "./form.js";
import { Headers } from "./headers.js";
import { decodeBase64, encodeBase64 } from "./operations.js";
import { Error, Map, Promise, Proxy, String, TypeError, bytesOf, create, includes, startsWith } from "./primordials.js";
import { stringify, toUpperCase } from "./primordials.js";
import { ReadableStream } from "./streams_readable.js";
import { URL, URLSearchParams } from "./url.js";

const reject = (error) => Promise.reject(error);

const kv = {
  get: (key) => start("kv.get", [key]),
  set: (key, value) =>
    value === undefined
      ? reject(new TypeError("kv.set: the value is undefined; use kv.delete to remove a key"))
      : start("kv.set", [key, value]),
  delete: (key) => start("kv.delete", [key]),
  list: (prefix = "") => start("kv.list", [prefix]),
};

const collection = (name) => ({
  get: (id) => start("storage.get", [name, id]),
  put: (id, data) => start("storage.put", [name, id, data]),
  delete: (id) => start("storage.delete", [name, id]),
  exists: (id) => start("storage.exists", [name, id]),
  getMany: async (ids) => new Map(await start("storage.getMany", [name, ids])),
  putMany: (items) => start("storage.putMany", [name, items]),
  deleteMany: (ids) => start("storage.deleteMany", [name, ids]),
  query: (options = {}) => start("storage.query", [name, options]),
  count: (where = {}) => start("storage.count", [name, where]),
});

/** Any name is a collection here; the host refuses the undeclared ones when they are used. */
const storage = new Proxy(create(null), {
  get: (known, name) => (typeof name === "symbol" ? undefined : (known[name] ??= collection(name))),
  has: (_, name) => typeof name === "string",
});

const content = {
  get: (type, id) => start("content.get", [type, id]),
  list: (type, options = {}) => start("content.list", [type, options]),
  create: (type, data, options = {}) => start("content.create", [type, data, options]),
  update: (type, id, data) => start("content.update", [type, id, data]),
  delete: (type, id) => start("content.delete", [type, id]),
  createMany: (type, items) => start("content.createMany", [type, items]),
  updateMany: (type, items) => start("content.updateMany", [type, items]),
  deleteMany: (type, ids) => start("content.deleteMany", [type, ids]),
};

const taxonomies = {
  getAll: (options = {}) => start("taxonomies.getAll", [options]),
  getTerms: (taxonomy, options = {}) => start("taxonomies.getTerms", [taxonomy, options]),
  getEntryTerms: (type, id, options = {}) => start("taxonomies.getEntryTerms", [type, id, options]),
};

const media = {
  get: (id) => start("media.get", [id]),
  list: (options = {}) => start("media.list", [options]),
  upload: (filename, contentType, source) => {
    const bytes = source instanceof Blob ? bodyFrom(source).bytes : bytesOf(source);
    if (!bytes) return reject(new TypeError("media.upload: bytes must be ArrayBuffer or ArrayBufferView"));
    return start("media.upload", [filename, contentType, encodeBase64(bytes)]);
  },
  delete: (id) => start("media.delete", [id]),
  getUploadUrl: () => {
    throw new Error("getUploadUrl is not available in sandbox mode. Use media.upload() instead.");
  },
};

const users = {
  get: (id) => start("users.get", [id]),
  getByEmail: (email) => start("users.getByEmail", [email]),
  list: (options = {}) => start("users.list", [options]),
};

const email = { send: (message) => start("email.send", [message]) };

const cron = {
  schedule: (name, options) => start("cron.schedule", [name, options]),
  cancel: (name) => start("cron.cancel", [name]),
  list: () => start("cron.list", []),
};

const settings = {
  get: (key) => start("settings.get", [key]),
  list: () => start("settings.list", []),
  set: (key, value) =>
    value === undefined
      ? reject(new TypeError("settings.set: the value is undefined; use settings.delete to remove a setting"))
      : start("settings.set", [key, value]),
  delete: (key) => start("settings.delete", [key]),
};

const isPlainObject = (value) =>
  typeof value === "object" && !(value instanceof Blob) && !(value instanceof FormData) &&
  !(value instanceof URLSearchParams) && !ReadableStream.is(value) && !bytesOf(value);

/** The bytes of a request's body: of more kinds than `fetch` takes (contract §3.7), read to their end. */
async function requestBytes(body, from) {
  if (body === null) return { bytes: from && hasBody(from) ? await takeBody(from) : null, type: null };
  if (isPlainObject(body)) return { bytes: bodyFrom(stringify(body)).bytes, type: null };
  const { bytes, stream, type } = bodyFrom(body);
  return { bytes: stream ? await drain(stream) : bytes, type };
}

/** A request as the host takes it. */
async function describeRequest(input, init) {
  const from = input instanceof Request ? input : null;
  const parts = await requestBytes(init.body ?? null, from);
  const headers = new Headers(init.headers ?? from?.headers);
  if (parts.type && !headers.has("content-type")) headers.set("content-type", parts.type);
  return {
    url: from ? from.url : input instanceof URL ? input.href : String(input),
    method: toUpperCase(String(init.method ?? from?.method ?? "GET")),
    headers: [...headers],
    body: parts.bytes ? encodeBase64(parts.bytes) : null,
  };
}

function aborted(signal) {
  return new Promise((_, fail) => {
    if (signal.aborted) fail(signal.reason);
    else signal.addEventListener("abort", () => fail(signal.reason), { once: true });
  });
}

const http = {
  fetch: async (input, init = {}) => {
    const options = init ?? {};
    const signal = options.signal ?? (input instanceof Request ? input.signal : null);
    signal?.throwIfAborted();
    const request = await describeRequest(input, options);
    signal?.throwIfAborted();
    const answer = start("http.fetch", [request]);
    const facts = await (signal ? Promise.race([answer, aborted(signal)]) : answer);
    return hostResponse(facts.body ? decodeBase64(facts.body) : decodeBase64(""), facts);
  },
};

/** What the host says about plugin and site, in an image of the plugin still empty. */
let facts = { capabilities: [] };

export function setFacts(given) {
  facts = given;
}

/** The site's language; `undefined` while a module is evaluated. */
export const siteLocale = () => facts.locale;

function siteUrl(path) {
  const text = String(path);
  if (!startsWith(text, "/")) throw new Error(`URL path must start with "/", got: "${text}"`);
  if (startsWith(text, "//")) throw new Error(`URL path must not be protocol-relative, got: "${text}"`);
  return facts.siteUrl + text;
}

export function makeContext() {
  const context = {
    plugin: { id: facts.pluginId, version: facts.pluginVersion },
    kv,
    storage,
    content,
    taxonomies,
    media,
    http,
    cron,
    settings,
    log,
    site: {
      name: facts.siteName,
      url: facts.siteUrl,
      locale: facts.locale,
      trailingSlash: facts.trailingSlash,
    },
    url: siteUrl,
  };
  if (includes(facts.capabilities, "users:read")) context.users = users;
  if (includes(facts.capabilities, "email:send")) context.email = email;
  if (facts.database) context.db = db;
  return context;
}
