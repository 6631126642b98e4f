// Evaluated once, when the base image is made: installs the globals and hands the engine its entry points.

import { mathRandom, register } from "emdash:host";
import { Blob, File } from "./blob.js";
import { clearTimeout, setInterval, setTimeout } from "./timers.js";
import { performance } from "./clock.js";
import { setPlatform, structuredClone } from "./clone.js";
import { console } from "./console.js";
import { getRandomValues, randomUUID } from "./crypto.js";
import { TextDecoder, TextEncoder } from "./encoding.js";
import { describeThrown, dispatch, refusal, shapeOf } from "./entry.js";
import { AbortController, AbortSignal, CustomEvent, Event, EventTarget } from "./events.js";
import { Request, Response, fetch } from "./fetch.js";
import { FormData } from "./form.js";
import { Headers } from "./headers.js";
import { Intl } from "./intl.js";
import { CryptoKey } from "./keys.js";
import { lockDown } from "./lockdown.js";
import { hide } from "./primordials.js";
import "./plugin_module.js";
import { ReadableStream, ReadableStreamDefaultController, ReadableStreamDefaultReader } from "./streams_readable.js";
import { ByteLengthQueuingStrategy, CountQueuingStrategy } from "./streams_shared.js";
import { TextDecoderStream, TextEncoderStream, TransformStream, TransformStreamDefaultController } from "./streams_transform.js";
import { WritableStream, WritableStreamDefaultController, WritableStreamDefaultWriter } from "./streams_writable.js";
import { SubtleCrypto } from "./subtle.js";
import { URL, URLSearchParams } from "./url.js";

const classes = {
  AbortController, AbortSignal, Blob, ByteLengthQueuingStrategy, CountQueuingStrategy, CryptoKey, CustomEvent, Event,
  EventTarget, File, FormData, Headers, ReadableStream, ReadableStreamDefaultController, ReadableStreamDefaultReader, Request,
  Response, SubtleCrypto, TextDecoder, TextDecoderStream, TextEncoder, TextEncoderStream, TransformStream,
  TransformStreamDefaultController, URL, URLSearchParams, WritableStream, WritableStreamDefaultController,
  WritableStreamDefaultWriter,
};
const values = {
  Intl, clearTimeout, console, fetch, performance, setInterval, setTimeout, structuredClone,
  clearInterval: clearTimeout,
  crypto: { getRandomValues, randomUUID, subtle: new SubtleCrypto() },
  navigator: { userAgent: "EmDash" },
  process: { env: {} },
  self: globalThis,
};
for (const [name, value] of Object.entries({ ...classes, ...values })) hide(globalThis, name, value);
setPlatform(Object.values(classes));

Reflect.defineProperty(mathRandom, "name", { value: "random" });
hide(Math, "random", mathRandom);
lockDown(globalThis);

register(dispatch, (value, thrown) => (thrown ? describeThrown(value) : shapeOf(value)), refusal);
