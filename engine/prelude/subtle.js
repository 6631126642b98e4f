// `crypto.subtle` (Web Cryptography) for what webhooks, tokens and sealed values need. The host computes; nothing here
// is secret from the plugin, whose keys these are.

import { random } from "./crypto.js";
import { CryptoKey, HASH_BYTES, algorithmName, curveName, failure, hashName, makeKey, materialFor, materialOf } from "./keys.js";
import { cipher, decodeBase64, decodeLossily, digest, encodeBase64, expandKey, exportKey, generateKey } from "./operations.js";
import { deriveRounds, hmac, importKey, signWith, verifyWith } from "./operations.js";
import { encodeText } from "./encoding.js";
import { TypeError, Uint8Array, bytesOf, stringify } from "./primordials.js";

/** Most rounds of PBKDF2, over all blocks; the CPU budget of the call is usually reached before. */
const MOST_ROUNDS = 1_000_000;
/** Rounds between which the CPU meter may look. */
const ROUNDS_AT_ONCE = 1000;

function bytesFor(what, source) {
  const bytes = bytesOf(source);
  if (!bytes) throw new TypeError(`${what} must be an ArrayBuffer or a view`);
  return bytes;
}

const base64 = (bytes) => encodeBase64(bytes);

/** What the host refuses, under the name the standard gives the failure. */
function under(name, body) {
  try {
    return body();
  } catch (error) {
    if (error instanceof TypeError) throw failure(name, error.message);
    throw error;
  }
}

const isRsa = (name) => name === "RSASSA-PKCS1-v1_5" || name === "RSA-PSS";
const isPair = (name) => isRsa(name) || name === "ECDSA" || name === "Ed25519";
const isAes = (name) => name === "AES-GCM" || name === "AES-CBC";

/** What keys of an algorithm may be used for, by type. */
function allowedUsages(name, type) {
  if (isPair(name)) return type === "private" ? ["sign"] : ["verify"];
  if (name === "HMAC") return ["sign", "verify"];
  return isAes(name) ? ["encrypt", "decrypt", "wrapKey", "unwrapKey"] : ["deriveKey", "deriveBits"];
}

function familyOf(name, algorithm) {
  if (isRsa(name)) return "RSA";
  return name === "ECDSA" ? curveName(algorithm) : "Ed25519";
}

// ---- Secret keys ----

function secretBytes(format, data) {
  if (format === "raw") return bytesFor("keyData", data).slice();
  if (format !== "jwk") throw failure("NotSupportedError", `Secret keys are raw or jwk, not ${format}`);
  if (data?.kty !== "oct" || typeof data.k !== "string") throw failure("DataError", "The key is not a JWK of the type oct");
  return decodeBase64(padded(data.k));
}

function padded(text) {
  const plain = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return plain + "=".repeat((4 - (plain.length % 4)) % 4);
}

const unpadded = (text) => text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

function secretKey(name, algorithm, bytes, extractable, usages) {
  const facts = { name };
  if (name === "HMAC") {
    if (bytes.length === 0) throw failure("DataError", "The key is empty");
    facts.hash = { name: hashName(algorithm.hash) };
    facts.length = algorithm.length ?? bytes.length * 8;
  } else if (isAes(name)) {
    if (![16, 24, 32].includes(bytes.length)) throw failure("DataError", `An AES key has 16, 24 or 32 bytes, not ${bytes.length}`);
    facts.length = bytes.length * 8;
  } else if (extractable) {
    throw failure("SyntaxError", `A key for ${name} cannot be extractable`);
  }
  return makeKey(bytes, "secret", facts, extractable, usages, allowedUsages(name, "secret"));
}

/** `alg` of a secret key's JWK. */
function jwkName({ name, hash, length }) {
  return name === "HMAC" ? `HS${hash.name.slice(4)}` : `A${length}${name.slice(4)}`;
}

// ---- Pairs ----

function pairKey(name, algorithm, answer, material, extractable, usages) {
  const type = answer.private ? "private" : "public";
  const facts = { name };
  if (name === "ECDSA") facts.namedCurve = curveName(algorithm);
  if (isRsa(name)) {
    facts.modulusLength = answer.bits;
    facts.publicExponent = new Uint8Array(answer.exponent);
    facts.hash = { name: hashName(algorithm.hash) };
  }
  return makeKey(material, type, facts, extractable, usages, allowedUsages(name, type));
}

function importPair(name, format, data, algorithm, extractable, usages) {
  const written = format === "jwk" ? encodeText(stringify(data)) : bytesFor("keyData", data);
  const facts = stringify({ family: familyOf(name, algorithm), format });
  const answer = under("DataError", () => importKey(facts, written));
  return pairKey(name, algorithm, answer, decodeBase64(answer.material), extractable, usages);
}

function generatePair(name, algorithm, extractable, usages) {
  if (isRsa(name)) throw failure("NotSupportedError", "RSA keys are not generated here, it takes too long; import one, or use ECDSA or Ed25519");
  const family = familyOf(name, algorithm);
  const pair = under("OperationError", () => generateKey(family, random(new Uint8Array(64))));
  const wanted = [...usages].map(String);
  const side = (isPrivate, material, own) =>
    pairKey(name, algorithm, { private: isPrivate }, decodeBase64(material), extractable, wanted.filter((usage) => usage === own));
  if (!wanted.includes("sign")) throw failure("SyntaxError", "A pair without the usage sign is of no use");
  return { publicKey: side(false, pair.public, "verify"), privateKey: side(true, pair.private, "sign") };
}

// ---- Operations ----

function signFacts(name, algorithm, key) {
  const facts = { algorithm: name };
  if (name === "ECDSA") {
    facts.curve = key.algorithm.namedCurve;
    facts.hash = hashName(algorithm.hash);
  }
  if (isRsa(name)) facts.hash = key.algorithm.hash.name;
  if (name === "RSA-PSS") facts.saltLength = Number(algorithm.saltLength);
  return facts;
}

function sameBytes(a, b) {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}

function crypt(algorithm, key, data, encrypt) {
  const name = algorithmName(algorithm);
  if (!isAes(name)) throw failure("NotSupportedError", `${name} does not encrypt`);
  const material = materialFor(key, name, encrypt ? "encrypt" : "decrypt");
  if (algorithm.tagLength !== undefined && algorithm.tagLength !== 128) throw failure("NotSupportedError", "The tag of AES-GCM has 128 bits here");
  const aad = algorithm.additionalData === undefined ? new Uint8Array(0) : bytesFor("additionalData", algorithm.additionalData);
  const facts = stringify({ mode: name, encrypt, iv: base64(bytesFor("iv", algorithm.iv)), aad: base64(aad) });
  return under("OperationError", () => cipher(facts, material, bytesFor("data", data))).buffer;
}

/** PBKDF2, a block at a time and some rounds at a time. */
function stretch(hash, password, salt, iterations, length) {
  const size = HASH_BYTES[hash];
  const blocks = Math.ceil(length / size);
  if (!(iterations >= 1)) throw failure("OperationError", "PBKDF2 needs one iteration or more");
  if (iterations * blocks > MOST_ROUNDS) {
    throw failure("OperationError", `${iterations} iterations of PBKDF2 for ${length} bytes; plugins may have ${MOST_ROUNDS} rounds in all`);
  }
  const output = new Uint8Array(blocks * size);
  const seed = new Uint8Array(salt.length + 4);
  seed.set(salt);
  for (let block = 0; block < blocks; block++) {
    new DataView(seed.buffer).setUint32(salt.length, block + 1);
    const first = hmac(hash, password, seed);
    let state = new Uint8Array(size * 2);
    state.set(first);
    state.set(first, size);
    for (let left = iterations - 1; left > 0; left -= ROUNDS_AT_ONCE) {
      state = deriveRounds(stringify({ hash, count: Math.min(left, ROUNDS_AT_ONCE) }), password, state);
    }
    output.set(state.subarray(size), block * size);
  }
  return output.slice(0, length);
}

function derive(algorithm, key, bits, usage) {
  const name = algorithmName(algorithm);
  if (name !== "HKDF" && name !== "PBKDF2") throw failure("NotSupportedError", `${name} does not derive keys`);
  const material = materialFor(key, name, usage);
  if (bits === null || bits === undefined || bits % 8 !== 0) throw failure("OperationError", "The length is a number of bits, a multiple of 8");
  const hash = hashName(algorithm.hash);
  const salt = bytesFor("salt", algorithm.salt);
  if (name === "PBKDF2") return stretch(hash, material, salt, Math.trunc(Number(algorithm.iterations)), bits / 8);
  const facts = stringify({ hash, length: bits / 8, info: base64(bytesFor("info", algorithm.info)) });
  return under("OperationError", () => expandKey(facts, material, salt));
}

/** Bits of a new key of this algorithm. */
function keyLength(name, algorithm) {
  if (isAes(name)) {
    if (![128, 192, 256].includes(algorithm.length)) throw failure("OperationError", `An AES key has 128, 192 or 256 bits, not ${algorithm.length}`);
    return algorithm.length;
  }
  if (name !== "HMAC") return 256;
  const hash = hashName(algorithm.hash);
  return algorithm.length ?? (hash === "SHA-1" || hash === "SHA-256" ? 512 : 1024);
}

function exportSecret(format, key) {
  const material = materialOf(key);
  if (format === "raw") return material.slice().buffer;
  if (format !== "jwk") throw failure("NotSupportedError", `Secret keys are raw or jwk, not ${format}`);
  return { kty: "oct", k: unpadded(base64(material)), alg: jwkName(key.algorithm), key_ops: [...key.usages], ext: key.extractable };
}

function exportPair(format, key) {
  const { name } = key.algorithm;
  const facts = stringify({ family: familyOf(name, key.algorithm), format, private: key.type === "private" });
  const written = under("NotSupportedError", () => exportKey(facts, materialOf(key)));
  if (format !== "jwk") return written.buffer;
  return { ...JSON.parse(decodeLossily(written)), key_ops: [...key.usages], ext: key.extractable };
}

export class SubtleCrypto {
  async digest(algorithm, data) {
    return digest(hashName(algorithm), bytesFor("data", data)).buffer;
  }

  async importKey(format, data, algorithm, extractable, usages) {
    const name = algorithmName(algorithm);
    if (isPair(name)) return importPair(name, String(format), data, algorithm, extractable, usages);
    return secretKey(name, algorithm, secretBytes(String(format), data), extractable, usages);
  }

  async generateKey(algorithm, extractable, usages) {
    const name = algorithmName(algorithm);
    if (isPair(name)) return generatePair(name, algorithm, extractable, usages);
    const bytes = random(new Uint8Array(Math.ceil(keyLength(name, algorithm) / 8)));
    return secretKey(name, algorithm, bytes, extractable, usages);
  }

  async exportKey(format, key) {
    if (!(key instanceof CryptoKey)) throw new TypeError("The key must be a CryptoKey");
    if (!key.extractable) throw failure("InvalidAccessError", "The key is not extractable");
    return key.type === "secret" ? exportSecret(String(format), key) : exportPair(String(format), key);
  }

  async sign(algorithm, key, data) {
    const name = algorithmName(algorithm);
    const material = materialFor(key, name, "sign");
    const bytes = bytesFor("data", data);
    if (name === "HMAC") return hmac(key.algorithm.hash.name, material, bytes).buffer;
    if (name === "RSA-PSS") throw failure("NotSupportedError", "RSA-PSS is verified here, not signed; use RSASSA-PKCS1-v1_5, ECDSA or Ed25519");
    const facts = signFacts(name, algorithm, key);
    return under("OperationError", () => signWith(stringify(facts), material, bytes)).buffer;
  }

  async verify(algorithm, key, signature, data) {
    const name = algorithmName(algorithm);
    const material = materialFor(key, name, "verify");
    const [given, bytes] = [bytesFor("signature", signature), bytesFor("data", data)];
    if (name === "HMAC") return sameBytes(hmac(key.algorithm.hash.name, material, bytes), given);
    const facts = { ...signFacts(name, algorithm, key), signature: base64(given) };
    return under("OperationError", () => verifyWith(stringify(facts), material, bytes));
  }

  async encrypt(algorithm, key, data) {
    return crypt(algorithm, key, data, true);
  }

  async decrypt(algorithm, key, data) {
    return crypt(algorithm, key, data, false);
  }

  async deriveBits(algorithm, key, length) {
    return derive(algorithm, key, length, "deriveBits").buffer;
  }

  async deriveKey(algorithm, key, derived, extractable, usages) {
    const name = algorithmName(derived);
    const bytes = derive(algorithm, key, keyLength(name, derived), "deriveKey");
    return secretKey(name, derived, bytes, extractable, usages);
  }
}
