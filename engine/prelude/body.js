// Bodies of requests and responses: bytes in memory, which become a stream when somebody asks for one, or a stream
// the plugin made.

import { Blob, blobBytes, concatenate, streamOfBytes } from "./blob.js";
import { decodeText, encodeText } from "./encoding.js";
import { FormData, formFrom, multipart } from "./form.js";
import { Promise, String, TypeError, Uint8Array, bytesOf, isArray, push } from "./primordials.js";
import { ReadableStream, acquireReader, isDisturbed, isLocked, readNext, readableState } from "./streams_readable.js";
import { URLSearchParams } from "./url.js";

const NOTHING = new Uint8Array(0);

/** `{bytes, stream, type}` of a body and the content type it brings along; `bytes` and `stream` null for none. */
export function bodyFrom(body) {
  const bytes = (content, type) => ({ bytes: content, stream: null, type });
  if (body === undefined || body === null) return bytes(null, null);
  if (typeof body === "string") return bytes(encodeText(body), "text/plain;charset=UTF-8");
  if (body instanceof Blob) return bytes(blobBytes(body), body.type || null);
  if (body instanceof FormData) {
    const form = multipart(body);
    return bytes(form.bytes, form.type);
  }
  if (body instanceof URLSearchParams) {
    return bytes(encodeText(body.toString()), "application/x-www-form-urlencoded;charset=UTF-8");
  }
  if (ReadableStream.is(body)) {
    if (isDisturbed(body) || body.locked) throw new TypeError("The stream of the body is locked or was read from");
    return { bytes: null, stream: body, type: null };
  }
  const view = bytesOf(body);
  return view ? bytes(view.slice(), null) : bytes(encodeText(String(body)), "text/plain;charset=UTF-8");
}

/** All bytes of a stream of byte chunks. */
export async function drain(stream) {
  const reader = acquireReader(readableState(stream));
  const chunks = [];
  for (;;) {
    const { value, done } = await readNext(reader);
    if (done) return chunks.length === 0 ? NOTHING : concatenate(chunks);
    if (!(value instanceof Uint8Array)) throw new TypeError("A chunk of a body must be a Uint8Array");
    push(chunks, value);
  }
}

/** The bytes of a message's body for the host, which uses it up; at once where they are in memory. */
export let takeBody;
export let hasBody;
/** The body for a second message, as `bodyFrom` gives it: in common, or instead of the first one's. */
export let shareBody;
export let moveBody;

export class Body {
  #bytes;
  #stream;
  #taken = false;

  static {
    takeBody = (message) => message.#take();
    hasBody = (message) => message.#bytes !== null || message.#stream !== null;
    shareBody = (message) => message.#share();
    moveBody = (message) => {
      const shared = message.#share();
      message.#taken = shared.bytes !== null;
      return shared;
    };
  }

  constructor({ bytes, stream }) {
    this.#bytes = bytes;
    this.#stream = stream;
  }

  #check() {
    if (this.bodyUsed) throw new TypeError("Body has already been read");
    if (this.#stream !== null && isLocked(readableState(this.#stream))) throw new TypeError("The body is locked to a reader");
  }

  #take() {
    this.#check();
    if (this.#stream !== null) return drain(this.#stream);
    this.#taken = this.#bytes !== null;
    return this.#bytes ?? NOTHING;
  }

  #share() {
    this.#check();
    // Nobody changes these bytes: whoever reads a body gets a copy.
    if (this.#stream === null) return { bytes: this.#bytes, stream: null };
    const [mine, other] = this.#stream.tee();
    this.#stream = mine;
    return { bytes: null, stream: other };
  }

  get bodyUsed() {
    return this.#taken || (this.#stream !== null && isDisturbed(this.#stream));
  }

  get body() {
    if (this.#stream === null && this.#bytes !== null) {
      this.#stream = streamOfBytes(this.#bytes);
      if (this.#taken) drain(this.#stream);
      this.#bytes = null;
    }
    return this.#stream;
  }

  async text() {
    const text = decodeText(await this.#take());
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  async json() {
    return JSON.parse(await this.text());
  }

  async bytes() {
    return (await this.#take()).slice();
  }

  async arrayBuffer() {
    return (await this.#take()).slice().buffer;
  }

  async blob() {
    return new Blob([await this.#take()], { type: this.headers.get("content-type") ?? "" });
  }

  async formData() {
    const type = this.headers.get("content-type") ?? "";
    return formFrom(await this.#take(), type);
  }
}
