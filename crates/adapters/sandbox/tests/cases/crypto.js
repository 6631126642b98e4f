// Cases of `crypto`; `vectors` are keys, signatures and ciphertexts another implementation of the standard made.
const { subtle } = crypto;
const bytes = (text) => new TextEncoder().encode(text);
const from64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const to64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const hex = (buffer) => [...new Uint8Array(buffer)].map((x) => x.toString(16).padStart(2, "0")).join("");
const errorOf = async (run) => {
  try {
    await run();
    return "none";
  } catch (error) {
    return error.name;
  }
};
const DATA = bytes("data");
const PAIRS = {
  "P-256": [
    { name: "ECDSA", namedCurve: "P-256" },
    { name: "ECDSA", hash: "SHA-256" },
  ],
  "P-384": [
    { name: "ECDSA", namedCurve: "P-384" },
    { name: "ECDSA", hash: { name: "SHA-384" } },
  ],
  Ed25519: ["Ed25519", "Ed25519"],
  rsa: [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, "RSASSA-PKCS1-v1_5"],
};
const without = ({ alg, key_ops, ext, ...jwk }) => jwk;
const publicHalf = ({ kty, crv, x, y, n, e }) => JSON.parse(JSON.stringify({ kty, crv, x, y, n, e }));

const cases = {
  async digests() {
    const empty = new Uint8Array();
    return (
      hex(await subtle.digest("SHA-1", empty)).startsWith("da39a3ee") &&
      (await subtle.digest({ name: "sha-512" }, empty)).byteLength === 64 &&
      (await errorOf(() => subtle.digest("MD5", empty))) === "NotSupportedError"
    );
  },
  async hmacKeys() {
    const jwk = { kty: "oct", k: "SmVmZQ", alg: "HS256" };
    const key = await subtle.importKey("jwk", jwk, { name: "HMAC", hash: "SHA-256" }, true, ["sign"]);
    const tag = hex(await subtle.sign("HMAC", key, bytes("what do ya want for nothing?")));
    const out = await subtle.exportKey("jwk", key);
    return (
      tag.startsWith("5bdcc146bf60754e") && out.k === "SmVmZQ" && out.alg === "HS256" && key.algorithm.length === 32
    );
  },
  async foreignSignaturesVerify() {
    for (const [name, [algorithm, use]] of Object.entries(PAIRS)) {
      const v = vectors[name];
      const keys = [
        await subtle.importKey("spki", from64(v.spki), algorithm, true, ["verify"]),
        await subtle.importKey("jwk", publicHalf(v.jwk), algorithm, true, ["verify"]),
      ];
      for (const key of keys) {
        if (!(await subtle.verify(use, key, from64(v.sig), DATA))) return `${name} does not verify`;
        if (await subtle.verify(use, key, from64(v.sig), bytes("date"))) return `${name} verifies anything`;
        if (await subtle.verify(use, key, new Uint8Array(5), DATA)) return `${name} verifies rubbish`;
      }
    }
    return true;
  },
  async ownSignaturesVerify() {
    for (const [name, [algorithm, use]] of Object.entries(PAIRS)) {
      const v = vectors[name];
      for (const [format, data] of [
        ["pkcs8", from64(v.p8)],
        ["jwk", without(v.jwk)],
      ]) {
        const key = await subtle.importKey(format, data, algorithm, true, ["sign"]);
        const signature = await subtle.sign(use, key, DATA);
        const check = await subtle.importKey("spki", from64(v.spki), algorithm, true, ["verify"]);
        if (!(await subtle.verify(use, check, signature, DATA))) return `${name} ${format}`;
        if ((name === "rsa" || name === "Ed25519") && to64(signature) !== v.sig) return `${name} differs`;
      }
    }
    return true;
  },
  async keysComeOutAsTheyWentIn() {
    for (const [name, [algorithm]] of Object.entries(PAIRS)) {
      const v = vectors[name];
      const priv = await subtle.importKey("jwk", without(v.jwk), algorithm, true, ["sign"]);
      if (to64(await subtle.exportKey("pkcs8", priv)) !== v.p8) return `${name} pkcs8`;
      const out = without(await subtle.exportKey("jwk", priv));
      const wanted = without(v.jwk);
      if (Object.keys(wanted).some((member) => out[member] !== wanted[member])) return `${name} jwk`;
      const pub = await subtle.importKey("jwk", publicHalf(v.jwk), algorithm, false, ["verify"]);
      if (to64(await subtle.exportKey("spki", pub)) !== v.spki) return `${name} spki`;
      if (name === "P-256" && to64(await subtle.exportKey("raw", pub)) !== v.raw) return `${name} raw`;
    }
    return true;
  },
  async rsaFacts() {
    const key = await subtle.importKey("spki", from64(vectors.rsa.spki), PAIRS.rsa[0], true, ["verify"]);
    const { modulusLength, publicExponent, hash } = key.algorithm;
    return (
      modulusLength === 2048 && publicExponent.join() === "1,0,1" && hash.name === "SHA-256" && key.type === "public"
    );
  },
  async pssIsVerified() {
    const key = await subtle.importKey("spki", from64(vectors.rsa.spki), { name: "RSA-PSS", hash: "SHA-256" }, true, [
      "verify",
    ]);
    return subtle.verify({ name: "RSA-PSS", saltLength: 32 }, key, from64(vectors.rsa.pss), DATA);
  },
  async pairsAreGenerated() {
    for (const [name, [algorithm, use]] of Object.entries(PAIRS)) {
      if (name === "rsa") continue;
      const pair = await subtle.generateKey(algorithm, false, ["sign", "verify"]);
      const signature = await subtle.sign(use, pair.privateKey, DATA);
      if (!(await subtle.verify(use, pair.publicKey, signature, DATA))) return name;
      if ((await errorOf(() => subtle.exportKey("pkcs8", pair.privateKey))) !== "InvalidAccessError")
        return `${name} leaks`;
    }
    return true;
  },
  async ciphersAgree() {
    const aad = bytes("aad");
    for (const [name, length] of [
      ["AES-GCM", 12],
      ["AES-GCM", 16],
      ["AES-CBC", 16],
    ]) {
      const key = await subtle.importKey("raw", new Uint8Array(32).fill(7), name, false, ["encrypt", "decrypt"]);
      const algorithm = {
        name,
        iv: new Uint8Array(length).fill(3),
        ...(name === "AES-GCM" && { additionalData: aad }),
      };
      const sealed = await subtle.encrypt(algorithm, key, bytes("hello world"));
      if (to64(sealed) !== vectors[name + length]) return `${name} ${length}`;
      if (new TextDecoder().decode(await subtle.decrypt(algorithm, key, sealed)) !== "hello world")
        return `${name} back`;
      const broken = new Uint8Array(sealed);
      broken[broken.length - 1] ^= 1;
      if ((await errorOf(() => subtle.decrypt(algorithm, key, broken))) !== "OperationError") return `${name} broken`;
    }
    return true;
  },
  async derivationsAgree() {
    const stretch = await subtle.importKey("raw", bytes("password"), "PBKDF2", false, ["deriveBits", "deriveKey"]);
    const expand = await subtle.importKey("raw", bytes("password"), "HKDF", false, ["deriveBits"]);
    const a = await subtle.deriveBits(
      { name: "PBKDF2", hash: "SHA-256", salt: bytes("salt"), iterations: 2501 },
      stretch,
      320,
    );
    const b = await subtle.deriveBits(
      { name: "HKDF", hash: "SHA-512", salt: bytes("salt"), info: bytes("info") },
      expand,
      256,
    );
    const key = await subtle.deriveKey(
      { name: "PBKDF2", hash: "SHA-256", salt: bytes("salt"), iterations: 2501 },
      stretch,
      { name: "AES-GCM", length: 256 },
      true,
      ["encrypt"],
    );
    const raw = to64(await subtle.exportKey("raw", key));
    return to64(a) === vectors.pbkdf2 && to64(b) === vectors.hkdf && raw === to64(a.slice(0, 32));
  },
  async refusalsHaveTheirNames() {
    const key = await subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, ["encrypt"]);
    const stretch = await subtle.importKey("raw", bytes("p"), "PBKDF2", false, ["deriveBits"]);
    const seen = [
      await errorOf(() => subtle.decrypt({ name: "AES-GCM", iv: new Uint8Array(12) }, key, DATA)),
      await errorOf(() => subtle.encrypt({ name: "AES-CBC", iv: new Uint8Array(16) }, key, DATA)),
      await errorOf(() => subtle.exportKey("raw", key)),
      await errorOf(() => subtle.importKey("raw", new Uint8Array(5), "AES-GCM", false, ["encrypt"])),
      await errorOf(() => subtle.importKey("raw", new Uint8Array(16), "AES-GCM", false, [])),
      await errorOf(() => subtle.importKey("pkcs8", new Uint8Array(16), PAIRS["P-256"][0], false, ["sign"])),
      await errorOf(() =>
        subtle.importKey("jwk", { ...vectors["P-256"].jwk, d: vectors["P-384"].jwk.d }, PAIRS["P-256"][0], false, [
          "sign",
        ]),
      ),
      await errorOf(() => subtle.generateKey({ ...PAIRS.rsa[0], modulusLength: 2048 }, true, ["sign"])),
      await errorOf(() =>
        subtle.deriveBits({ name: "PBKDF2", hash: "SHA-256", salt: DATA, iterations: 1e9 }, stretch, 256),
      ),
      await errorOf(() => subtle.importKey("raw", DATA, "ECDH", false, [])),
      await errorOf(() => new CryptoKey()),
    ];
    return (
      seen.join() ===
        "InvalidAccessError,InvalidAccessError,InvalidAccessError,DataError,SyntaxError,DataError,DataError,NotSupportedError,OperationError,NotSupportedError,TypeError" ||
      seen.join()
    );
  },
};
