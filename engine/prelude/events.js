// Event, EventTarget, AbortController and AbortSignal.

import { hide } from "./primordials.js";
import { setTimeout } from "./timers.js";

const { DOMException } = globalThis;

export class Event {
  #cancelled = false;
  #stopped = false;

  constructor(type, init = {}) {
    this.type = String(type);
    this.bubbles = Boolean(init.bubbles);
    this.cancelable = Boolean(init.cancelable);
    this.target = null;
    this.currentTarget = null;
    this.timeStamp = 0;
  }

  get defaultPrevented() {
    return this.#cancelled;
  }

  preventDefault() {
    if (this.cancelable) this.#cancelled = true;
  }

  stopPropagation() {}

  stopImmediatePropagation() {
    this.#stopped = true;
  }

  static isStopped(event) {
    return event.#stopped;
  }
}
const { isStopped } = Event;
delete Event.isStopped;

export class CustomEvent extends Event {
  constructor(type, init = {}) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

export class EventTarget {
  #listeners = [];

  addEventListener(type, listener, options) {
    if (listener === null || listener === undefined) return;
    if (this.#listeners.some((entry) => entry.type === type && entry.listener === listener)) return;
    const once = typeof options === "object" && options !== null && Boolean(options.once);
    this.#listeners.push({ type, listener, once });
  }

  removeEventListener(type, listener) {
    this.#listeners = this.#listeners.filter((entry) => entry.type !== type || entry.listener !== listener);
  }

  dispatchEvent(event) {
    event.target = event.currentTarget = this;
    const handler = this[`on${event.type}`];
    if (typeof handler === "function") handler.call(this, event);
    for (const entry of [...this.#listeners]) {
      if (entry.type !== event.type || isStopped(event)) continue;
      if (entry.once) this.removeEventListener(entry.type, entry.listener);
      if (typeof entry.listener === "function") entry.listener.call(this, event);
      else entry.listener.handleEvent(event);
    }
    return !event.defaultPrevented;
  }
}

const FROM_CONTROLLER = Symbol("controller");

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;

  constructor(token) {
    if (token !== FROM_CONTROLLER) throw new TypeError("Illegal constructor");
    super();
    hide(this, "onabort", null);
  }

  get aborted() {
    return this.#aborted;
  }

  get reason() {
    return this.#reason;
  }

  throwIfAborted() {
    if (this.#aborted) throw this.#reason;
  }

  static abort(reason) {
    const signal = new AbortSignal(FROM_CONTROLLER);
    AbortSignal.#trigger(signal, reason);
    return signal;
  }

  static timeout(milliseconds) {
    const signal = new AbortSignal(FROM_CONTROLLER);
    const reason = new DOMException("The operation timed out.", "TimeoutError");
    setTimeout(() => AbortSignal.#trigger(signal, reason), milliseconds);
    return signal;
  }

  static any(signals) {
    const joint = new AbortSignal(FROM_CONTROLLER);
    for (const signal of signals) {
      if (signal.aborted) {
        AbortSignal.#trigger(joint, signal.reason);
        break;
      }
      signal.addEventListener("abort", () => AbortSignal.#trigger(joint, signal.reason), { once: true });
    }
    return joint;
  }

  static #trigger(signal, reason) {
    if (signal.#aborted) return;
    signal.#aborted = true;
    signal.#reason = reason === undefined ? new DOMException("This operation was aborted", "AbortError") : reason;
    signal.dispatchEvent(new Event("abort"));
  }

  static triggerFor(token, signal, reason) {
    if (token === FROM_CONTROLLER) AbortSignal.#trigger(signal, reason);
  }
}
const { triggerFor } = AbortSignal;
delete AbortSignal.triggerFor;

export class AbortController {
  #signal = new AbortSignal(FROM_CONTROLLER);

  get signal() {
    return this.#signal;
  }

  abort(reason) {
    triggerFor(FROM_CONTROLLER, this.#signal, reason);
  }
}

