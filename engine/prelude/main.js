// Evaluated once, when the base image is made: installs the globals and hands the engine its entry points.

import { mathRandom, register } from "emdash:host";
import { clearTimeout, setInterval, setTimeout } from "./timers.js";
import { performance } from "./clock.js";
import { structuredClone } from "./clone.js";
import { console } from "./console.js";
import { CryptoKey, SubtleCrypto, crypto } from "./crypto.js";
import { TextDecoder, TextEncoder } from "./encoding.js";
import { describeThrown, dispatch, refusal, shapeOf } from "./entry.js";
import { AbortController, AbortSignal, CustomEvent, Event, EventTarget } from "./events.js";
import { Blob, File, FormData, Headers, Request, Response, fetch } from "./fetch.js";
import { lockDown } from "./lockdown.js";
import { hide } from "./primordials.js";
import "./plugin_module.js";
import { URL, URLSearchParams } from "./url.js";

const globals = {
  AbortController, AbortSignal, Blob, CryptoKey, CustomEvent, Event, EventTarget, File, FormData, Headers, Request, Response,
  SubtleCrypto, TextDecoder, TextEncoder, URL, URLSearchParams, clearTimeout, console, crypto, fetch, performance, setInterval,
  setTimeout, structuredClone,
  clearInterval: clearTimeout,
  navigator: { userAgent: "EmDash" },
  process: { env: {} },
  self: globalThis,
};
for (const [name, value] of Object.entries(globals)) hide(globalThis, name, value);

Reflect.defineProperty(mathRandom, "name", { value: "random" });
hide(Math, "random", mathRandom);
lockDown(globalThis);

register(dispatch, (value, thrown) => (thrown ? describeThrown(value) : shapeOf(value)), refusal);
