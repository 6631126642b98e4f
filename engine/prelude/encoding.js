// TextEncoder and TextDecoder.

import { decodeUtf8, encodeUtf8 } from "emdash:host";
import { decodeLossily } from "./operations.js";
import { RangeError, String, TypeError, Uint8Array, bytesOf, toLowerCase, toWellFormed, trim } from "./primordials.js";

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
}

const UTF8_LABELS = ["utf-8", "utf8", "unicode-1-1-utf-8", "unicode11utf8", "unicode20utf8", "x-unicode20utf8"];

/** How many bytes at the end belong to a character that is not complete yet. */
function incompleteTail(bytes) {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

export class TextDecoder {
  #fatal;
  #keepMark;
  #pending = new Uint8Array(0);
  #started = false;

  constructor(label = "utf-8", options = {}) {
    if (!UTF8_LABELS.includes(toLowerCase(trim(String(label))))) {
      throw new RangeError(`The encoding "${label}" is not supported: plugins can decode utf-8.`);
    }
    this.#fatal = Boolean(options.fatal);
    this.#keepMark = Boolean(options.ignoreBOM);
  }

  get encoding() {
    return "utf-8";
  }

  get fatal() {
    return this.#fatal;
  }

  get ignoreBOM() {
    return this.#keepMark;
  }

  decode(source, { stream = false } = {}) {
    let bytes = source === undefined ? new Uint8Array(0) : bytesOf(source);
    if (bytes === undefined) throw new TypeError("TextDecoder.decode takes an ArrayBuffer or a view");
    if (this.#pending.length > 0) {
      const whole = new Uint8Array(this.#pending.length + bytes.length);
      whole.set(this.#pending);
      whole.set(bytes, this.#pending.length);
      bytes = whole;
    }
    const tail = stream ? incompleteTail(bytes) : 0;
    this.#pending = bytes.slice(bytes.length - tail);
    let text = decodeText(tail > 0 ? bytes.slice(0, bytes.length - tail) : bytes, this.#fatal);
    if (!this.#started && !this.#keepMark && text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    this.#started = stream && (this.#started || text.length > 0);
    return text;
  }
}
