// TextEncoder and TextDecoder (Encoding). UTF-8 is decoded by the engine, everything else by the host.

import { decodeUtf8, encodeUtf8 } from "emdash:host";
import { decodeLossily, decodeWith, encodingName } from "./operations.js";
import { RangeError, String, TypeError, Uint8Array, bytesOf, toWellFormed } from "./primordials.js";

export const encodeText = (text) => encodeUtf8(toWellFormed(String(text)));

/** UTF-8 with replacement characters, or a TypeError when `fatal`. */
export function decodeText(bytes, fatal = false) {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return text;
  if (fatal) throw new TypeError("The encoded data was not valid for encoding utf-8");
  return decodeLossily(bytes);
}

export class TextEncoder {
  get encoding() {
    return "utf-8";
  }

  encode(text = "") {
    return encodeText(text);
  }

  encodeInto(text, target) {
    if (!(target instanceof Uint8Array)) throw new TypeError("encodeInto writes into a Uint8Array");
    let read = 0;
    let written = 0;
    for (const character of toWellFormed(String(text))) {
      const bytes = encodeUtf8(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }

  get [Symbol.toStringTag]() {
    return "TextEncoder";
  }
}

const NOTHING = new Uint8Array(0);

/** How many bytes at the end belong to a UTF-8 character that is not complete yet. */
function incompleteTail(bytes) {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

function joined(first, second) {
  if (first.length === 0) return second;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/** Keeps the end of a character that goes on in the next chunk. */
class Utf8 {
  #pending = NOTHING;

  decode(chunk, stream, fatal) {
    const bytes = joined(this.#pending, chunk);
    const tail = stream ? incompleteTail(bytes) : 0;
    this.#pending = bytes.slice(bytes.length - tail);
    return decodeText(tail > 0 ? bytes.subarray(0, bytes.length - tail) : bytes, fatal);
  }
}

/**
 * The host's decoders keep no state between two computations, so a stream is decoded from its beginning each time and
 * the new part is given. That is right for every encoding, escape sequences included.
 */
class Other {
  #name;
  #seen = NOTHING;
  #given = 0;

  constructor(name) {
    this.#name = name;
  }

  decode(chunk, stream, fatal) {
    const bytes = joined(this.#seen, chunk);
    const text = decodeWith(this.#name, (fatal ? "f" : "") + (stream ? "s" : ""), bytes);
    const added = text.slice(this.#given);
    this.#seen = stream ? bytes.slice() : NOTHING;
    this.#given = stream ? text.length : 0;
    return added;
  }
}

const newDecoder = (name) => (name === "utf-8" ? new Utf8() : new Other(name));

export class TextDecoder {
  #name;
  #fatal;
  #keepMark;
  #decoder = null;
  /** Whether the beginning of the text, where a byte order mark may stand, has passed. */
  #begun = false;

  constructor(label = "utf-8", options = {}) {
    try {
      this.#name = label === "utf-8" ? label : encodingName(String(label));
    } catch {
      throw new RangeError(`The encoding label "${label}" is not known.`);
    }
    this.#fatal = Boolean(options?.fatal);
    this.#keepMark = Boolean(options?.ignoreBOM);
  }

  get encoding() {
    return this.#name;
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#keepMark;
  }

  decode(source, options = {}) {
    const stream = Boolean(options?.stream);
    const bytes = source === undefined ? NOTHING : bytesOf(source);
    if (bytes === undefined) throw new TypeError("TextDecoder.decode takes an ArrayBuffer or a view");
    const decoder = this.#decoder ?? newDecoder(this.#name);
    this.#decoder = stream ? decoder : null;
    const begun = this.#begun;
    this.#begun = false;
    const text = decoder.decode(bytes, stream, this.#fatal);
    const marked = !begun && !this.#keepMark && text.charCodeAt(0) === 0xfeff;
    this.#begun = stream && (begun || text.length > 0);
    return marked ? text.slice(1) : text;
  }

  get [Symbol.toStringTag]() {
    return "TextDecoder";
  }
}
