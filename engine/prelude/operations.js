// What the host computes for the engine on the spot (the numbers are the host's, `intrinsics.rs`).

import { computeBytes, computeJson, computeText } from "emdash:host";

export const parseUrl = (url, base, hasBase) => computeJson(1, url, base, hasBase ? "1" : "");
export const setUrlPart = (href, part, value) => computeJson(2, href, part, value);
export const parseForm = (text) => computeJson(3, text);
export const serializeForm = (pairsJson) => computeText(4, pairsJson);
export const encodeBase64 = (bytes) => computeText(5, bytes);
export const decodeBase64 = (text) => computeBytes(6, text);
export const decodeLossily = (bytes) => computeText(7, bytes);
export const digest = (algorithm, bytes) => computeBytes(8, algorithm, bytes);
export const hmac = (algorithm, key, bytes) => computeBytes(9, algorithm, key, bytes);
export const encodingName = (label) => computeText(40, label);
/** `flags`: `f` for fatal, `s` where more bytes follow. */
export const decodeWith = (name, flags, bytes) => computeText(41, name, flags, bytes);
export const parseMultipart = (bytes, boundary) => computeJson(42, bytes, boundary);
export const importKey = (facts, bytes) => computeJson(43, facts, bytes);
export const exportKey = (facts, material) => computeBytes(44, facts, material);
export const generateKey = (algorithm, seed) => computeJson(45, algorithm, seed);
export const signWith = (facts, material, data) => computeBytes(46, facts, material, data);
export const verifyWith = (facts, material, data) => computeText(47, facts, material, data) === "1";
export const cipher = (facts, key, data) => computeBytes(48, facts, key, data);
export const expandKey = (facts, key, salt) => computeBytes(49, facts, key, salt);
/** Some rounds of PBKDF2 on one block: `state` is the last round's output and the sum so far. */
export const deriveRounds = (facts, password, state) => computeBytes(50, facts, password, state);
