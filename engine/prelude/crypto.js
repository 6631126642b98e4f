// `crypto`: random values from the host, and `subtle`.

import { fillRandom } from "emdash:host";
import { Error, Uint8Array, bytesOf } from "./primordials.js";

const { DOMException } = globalThis;
const INTEGER_ARRAYS = [
  Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array,
];

/** Fills bytes with the host's randomness. */
export function random(bytes) {
  if (!fillRandom(bytes)) {
    throw new Error(
      "Randomness is not available while the module is evaluated, because what it computes there is kept for every later call. Ask for it inside a hook or a route.",
    );
  }
  return bytes;
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
  const bytes = random(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  let text = "";
  for (let i = 0; i < 16; i++) text += (i === 4 || i === 6 || i === 8 || i === 10 ? "-" : "") + HEX[bytes[i]];
  return text;
}
