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
