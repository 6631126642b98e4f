// CryptoKey, and what its algorithms are called.

const { DOMException } = globalThis;
const FROM_SUBTLE = Symbol("subtle");

export const failure = (name, message) => new DOMException(message, name);

/** What a key holds; not to be handed out. */
export let materialOf;

export class CryptoKey {
  #material;
  #facts;

  static {
    materialOf = (key) => key.#material;
  }

  constructor(token, material, facts) {
    if (token !== FROM_SUBTLE) throw new TypeError("Illegal constructor");
    this.#material = material;
    this.#facts = facts;
  }

  get type() {
    return this.#facts.type;
  }

  get extractable() {
    return this.#facts.extractable;
  }

  get algorithm() {
    return this.#facts.algorithm;
  }

  get usages() {
    return this.#facts.usages;
  }

  get [Symbol.toStringTag]() {
    return "CryptoKey";
  }
}

const USAGES = ["encrypt", "decrypt", "sign", "verify", "deriveKey", "deriveBits", "wrapKey", "unwrapKey"];

/** A key with those of the usages that keys of its kind may have. */
export function makeKey(material, type, algorithm, extractable, usages, allowed) {
  const wanted = [...usages].map(String);
  for (const usage of wanted) {
    if (!USAGES.includes(usage)) throw new TypeError(`"${usage}" is not a usage of keys`);
    if (!allowed.includes(usage)) throw failure("SyntaxError", `A ${type} ${algorithm.name} key is not used to ${usage}`);
  }
  if (wanted.length === 0 && type !== "public") throw failure("SyntaxError", "A key without usages is of no use");
  const facts = {
    type, algorithm: Object.freeze(algorithm), usages: Object.freeze(USAGES.filter((usage) => wanted.includes(usage))),
    extractable: type === "public" || Boolean(extractable),
  };
  return new CryptoKey(FROM_SUBTLE, material, facts);
}

/** The material of a key that is of this algorithm and may be used so. */
export function materialFor(key, name, usage) {
  if (!(key instanceof CryptoKey)) throw new TypeError("The key must be a CryptoKey");
  if (key.algorithm.name !== name) throw failure("InvalidAccessError", `The key is for ${key.algorithm.name}, not for ${name}`);
  if (!key.usages.includes(usage)) throw failure("InvalidAccessError", `The key may not ${usage}`);
  return materialOf(key);
}

const HASHES = ["SHA-1", "SHA-256", "SHA-384", "SHA-512"];
export const HASH_BYTES = { "SHA-1": 20, "SHA-256": 32, "SHA-384": 48, "SHA-512": 64 };

const given = (algorithm) => String(typeof algorithm === "object" && algorithm !== null ? algorithm.name : algorithm);

export function hashName(algorithm) {
  const name = given(algorithm).toUpperCase();
  if (HASHES.includes(name)) return name;
  throw failure("NotSupportedError", `Unsupported hash "${name}": plugins have ${HASHES.join(", ")}`);
}

const ALGORITHMS = ["HMAC", "AES-GCM", "AES-CBC", "HKDF", "PBKDF2", "ECDSA", "Ed25519", "RSASSA-PKCS1-v1_5", "RSA-PSS"];

/** The algorithm's name as the standard spells it. */
export function algorithmName(algorithm) {
  const wanted = given(algorithm).toUpperCase();
  const name = ALGORITHMS.find((known) => known.toUpperCase() === wanted);
  if (name) return name;
  throw failure("NotSupportedError", `Unsupported algorithm "${given(algorithm)}": plugins have ${ALGORITHMS.join(", ")}`);
}

const CURVES = ["P-256", "P-384"];

export function curveName(algorithm) {
  const name = String(algorithm?.namedCurve);
  if (CURVES.includes(name)) return name;
  throw failure("NotSupportedError", `Unsupported curve "${name}": plugins have ${CURVES.join(" and ")}`);
}
