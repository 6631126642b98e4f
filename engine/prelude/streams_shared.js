// What the parts of streams have in common: promises, strategies, options.

import { AbortSignal } from "./events.js";

/** A promise with its handles. */
export const deferred = () => Promise.withResolvers();

export const fail = (error) => Promise.reject(error);

/** Keeps a rejection that somebody else reports from being reported again. */
export function handled(promise) {
  promise.then(undefined, () => {});
  return promise;
}

/** What a function that may throw promises. */
export function invoke(body) {
  try {
    return Promise.resolve(body());
  } catch (error) {
    return fail(error);
  }
}

/** An optional algorithm's promise. */
export const call = (algorithm, argument, more) =>
  algorithm ? invoke(() => algorithm(argument, more)) : Promise.resolve();

export function highWaterMark(strategy, fallback) {
  const given = strategy?.highWaterMark;
  if (given === undefined) return fallback;
  const mark = Number(given);
  if (!(mark >= 0)) throw new RangeError("highWaterMark must be a number, zero or more");
  return mark;
}

export function sizeAlgorithm(strategy) {
  const size = strategy?.size;
  if (size === undefined) return () => 1;
  if (typeof size !== "function") throw new TypeError("size must be a function");
  return (chunk) => size(chunk);
}

export function checkSignal(signal) {
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("signal must be an AbortSignal");
}

class Strategy {
  #mark;

  constructor(init) {
    if (init?.highWaterMark === undefined) throw new TypeError("A queuing strategy needs a highWaterMark");
    this.#mark = Number(init.highWaterMark);
  }

  get highWaterMark() {
    return this.#mark;
  }
}

const one = () => 1;
const length = (chunk) => chunk.byteLength;

export class CountQueuingStrategy extends Strategy {
  get size() {
    return one;
  }
}

export class ByteLengthQueuingStrategy extends Strategy {
  get size() {
    return length;
  }
}
