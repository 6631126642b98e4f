// The slice of Web Crypto that plugins use: random values, digests and HMAC. The host computes.

import { fillRandom } from "emdash:host";
import { digest, hmac } from "./operations.js";
import { Error, TypeError, Uint8Array, bytesOf } from "./primordials.js";

const { DOMException } = globalThis;
const INTEGER_ARRAYS = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
];

function random(bytes) {
  if (!fillRandom(bytes)) {
    throw new Error(
      "Randomness is not available while the module is evaluated, because what it computes there is kept for every later call. Ask for it inside a hook or a route.",
    );
  }
}

export function getRandomValues(array) {
  if (!INTEGER_ARRAYS.some((type) => array instanceof type)) {
    throw new DOMException("getRandomValues takes an integer typed array", "TypeMismatchError");
  }
  if (array.byteLength > 65536) {
    throw new DOMException(`getRandomValues fills at most 65536 bytes, not ${array.byteLength}`, "QuotaExceededError");
  }
  random(bytesOf(array));
  return array;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function randomUUID() {
  const bytes = new Uint8Array(16);
  random(bytes);
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  let text = "";
  for (let i = 0; i < 16; i++) text += (i === 4 || i === 6 || i === 8 || i === 10 ? "-" : "") + HEX[bytes[i]];
  return text;
}

const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];

function hashName(algorithm) {
  const name = String(algorithm?.name ?? algorithm).toUpperCase();
  if (HASHES.includes(name)) return name;
  throw new DOMException(`Unsupported hash "${name}": plugins have ${HASHES.join(", ")}`, "NotSupportedError");
}

function hmacOnly(algorithm) {
  const name = String(algorithm?.name ?? algorithm).toUpperCase();
  if (name !== "HMAC") throw new DOMException(`Unsupported algorithm "${name}": plugins have HMAC`, "NotSupportedError");
}

function bytesFor(what, source) {
  const bytes = bytesOf(source);
  if (!bytes) throw new TypeError(`${what} must be an ArrayBuffer or a view`);
  return bytes;
}

const FROM_SUBTLE = Symbol("subtle");
let keyBytes;

export class CryptoKey {
  #bytes;

  static {
    keyBytes = (key, usage) => {
      if (!key.usages.includes(usage)) throw new DOMException(`The key may not ${usage}`, "InvalidAccessError");
      return key.#bytes;
    };
  }

  constructor(token, bytes, hash, extractable, usages) {
    if (token !== FROM_SUBTLE) throw new TypeError("Illegal constructor");
    this.#bytes = bytes;
    this.type = "secret";
    this.extractable = Boolean(extractable);
    this.algorithm = { name: "HMAC", hash: { name: hash }, length: bytes.length * 8 };
    this.usages = [...usages];
    Object.freeze(this);
  }

  static export(token, key) {
    if (token === FROM_SUBTLE && key.extractable) return key.#bytes.slice().buffer;
    throw new DOMException("The key is not extractable", "InvalidAccessError");
  }
}
const exportBytes = CryptoKey.export;
delete CryptoKey.export;

export class SubtleCrypto {
  async digest(algorithm, data) {
    return digest(hashName(algorithm), bytesFor("data", data)).buffer;
  }

  async importKey(format, data, algorithm, extractable, usages) {
    hmacOnly(algorithm);
    if (format !== "raw") throw new DOMException(`Unsupported key format "${format}": use raw`, "NotSupportedError");
    const bytes = bytesFor("keyData", data).slice();
    if (bytes.length === 0) throw new DOMException("The key is empty", "DataError");
    return new CryptoKey(FROM_SUBTLE, bytes, hashName(algorithm.hash), extractable, usages);
  }

  async generateKey(algorithm, extractable, usages) {
    hmacOnly(algorithm);
    const hash = hashName(algorithm.hash);
    const bits = algorithm.length ?? (hash === "SHA-1" || hash === "SHA-256" ? 512 : 1024);
    const bytes = new Uint8Array(bits / 8);
    random(bytes);
    return new CryptoKey(FROM_SUBTLE, bytes, hash, extractable, usages);
  }

  async exportKey(format, key) {
    if (format !== "raw") throw new DOMException(`Unsupported key format "${format}": use raw`, "NotSupportedError");
    return exportBytes(FROM_SUBTLE, key);
  }

  async sign(algorithm, key, data) {
    hmacOnly(algorithm);
    return hmac(key.algorithm.hash.name, keyBytes(key, "sign"), bytesFor("data", data)).buffer;
  }

  async verify(algorithm, key, signature, data) {
    hmacOnly(algorithm);
    const expected = hmac(key.algorithm.hash.name, keyBytes(key, "verify"), bytesFor("data", data));
    const given = bytesFor("signature", signature);
    let difference = expected.length ^ given.length;
    for (let i = 0; i < expected.length; i++) difference |= expected[i] ^ given[i];
    return difference === 0;
  }
}

export const crypto = { getRandomValues, randomUUID, subtle: new SubtleCrypto() };
