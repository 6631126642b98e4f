// Blob and File. The bytes are in memory; slices share them.

import { decodeText, encodeText } from "./encoding.js";
import { String, TypeError, Uint8Array, bytesOf, toLowerCase } from "./primordials.js";
import { closeController, createReadable, enqueue } from "./streams_readable.js";

/** Bytes a stream over memory gives at a time. */
const CHUNK_BYTES = 64 * 1024;

/** The bytes of a Blob, without copying; not to be handed out. */
export let blobBytes;
let blobOver;

export function concatenate(chunks) {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

/** A stream over bytes in memory; each chunk is a copy. */
export function streamOfBytes(bytes) {
  let offset = 0;
  return createReadable(
    {
      pull: async (controller) => {
        if (offset >= bytes.length) return closeController(controller);
        const end = Math.min(offset + CHUNK_BYTES, bytes.length);
        enqueue(controller, bytes.slice(offset, end));
        offset = end;
        if (offset >= bytes.length) closeController(controller);
      },
    },
    0,
  );
}

function partBytes(part, native) {
  if (part instanceof Blob) return blobBytes(part);
  const bytes = bytesOf(part);
  if (bytes) return bytes.slice();
  const text = String(part);
  return encodeText(native ? text.replace(/\r\n?|\n/g, "\n") : text);
}

function partsOf(parts) {
  if (parts === undefined) return [];
  const iterates = parts !== null && (typeof parts === "object" || typeof parts === "function") && typeof parts[Symbol.iterator] === "function";
  if (!iterates) throw new TypeError("The parts of a Blob are a sequence");
  return [...parts];
}

/** A type that is not plain ASCII counts as none. */
function typeName(type) {
  const text = String(type);
  return /[^\x20-\x7e]/.test(text) ? "" : toLowerCase(text);
}

/** Where a slice begins or ends. */
function position(value, size, fallback) {
  if (value === undefined) return fallback;
  const number = Math.trunc(Number(value)) || 0;
  return number < 0 ? Math.max(size + number, 0) : Math.min(number, size);
}

export class Blob {
  #bytes;
  #type;

  static {
    blobBytes = (blob) => blob.#bytes;
    blobOver = (bytes, type) => {
      const blob = new Blob([], { type });
      blob.#bytes = bytes;
      return blob;
    };
  }

  constructor(parts, options = {}) {
    const list = partsOf(parts);
    if (options !== null && typeof options !== "object" && typeof options !== "function") {
      throw new TypeError("The options of a Blob are an object");
    }
    const endings = String(options?.endings ?? "transparent");
    if (endings !== "transparent" && endings !== "native") throw new TypeError(`"${endings}" is not a way to end lines`);
    this.#type = typeName(options?.type ?? "");
    this.#bytes = concatenate(list.map((part) => partBytes(part, endings === "native")));
  }

  get size() {
    return this.#bytes.length;
  }

  get type() {
    return this.#type;
  }

  slice(start, end, type = "") {
    const { size } = this;
    const from = position(start, size, 0);
    return blobOver(this.#bytes.subarray(from, Math.max(position(end, size, size), from)), type);
  }

  stream() {
    return streamOfBytes(this.#bytes);
  }

  async text() {
    const text = decodeText(this.#bytes);
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
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
    if (name === undefined) throw new TypeError("A File needs a name");
    super(parts, options);
    this.#name = String(name).toWellFormed();
    const modified = options?.lastModified;
    this.#lastModified = modified === undefined ? Date.now() : Math.trunc(Number(modified)) || 0;
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
