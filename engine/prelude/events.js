// Event, CustomEvent, EventTarget, AbortController and AbortSignal (DOM, without a tree).

import { performance } from "./clock.js";
import { report } from "./console.js";
import { hide } from "./primordials.js";
import { setTimeout } from "./timers.js";

const { DOMException } = globalThis;
const PHASES = { NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 };

/** What dispatching knows of an event. */
let flagsOf;

export class Event {
  #flags;

  static {
    flagsOf = (event) => event.#flags;
    for (const holder of [this, this.prototype]) {
      for (const name in PHASES) Object.defineProperty(holder, name, { value: PHASES[name], enumerable: true });
    }
  }

  constructor(type, init = {}) {
    if (arguments.length === 0) throw new TypeError("An event needs a type");
    const { bubbles, cancelable, composed } = init ?? {};
    this.#flags = {
      type: String(type), bubbles: Boolean(bubbles), cancelable: Boolean(cancelable), composed: Boolean(composed),
      target: null, dispatching: false, cancelled: false, passive: false, stopped: false, stoppedNow: false, time: performance.now(),
    };
  }

  get type() {
    return this.#flags.type;
  }

  get bubbles() {
    return this.#flags.bubbles;
  }

  get cancelable() {
    return this.#flags.cancelable;
  }

  get composed() {
    return this.#flags.composed;
  }

  get target() {
    return this.#flags.target;
  }

  get srcElement() {
    return this.#flags.target;
  }

  get currentTarget() {
    return this.#flags.dispatching ? this.#flags.target : null;
  }

  get eventPhase() {
    return this.#flags.dispatching ? PHASES.AT_TARGET : PHASES.NONE;
  }

  get defaultPrevented() {
    return this.#flags.cancelled;
  }

  get returnValue() {
    return !this.#flags.cancelled;
  }

  get cancelBubble() {
    return this.#flags.stopped;
  }

  set cancelBubble(value) {
    if (value) this.#flags.stopped = true;
  }

  get isTrusted() {
    return false;
  }

  get timeStamp() {
    return this.#flags.time;
  }

  composedPath() {
    return this.#flags.dispatching ? [this.#flags.target] : [];
  }

  preventDefault() {
    if (this.#flags.cancelable && !this.#flags.passive) this.#flags.cancelled = true;
  }

  stopPropagation() {
    this.#flags.stopped = true;
  }

  stopImmediatePropagation() {
    this.#flags.stopped = this.#flags.stoppedNow = true;
  }

  get [Symbol.toStringTag]() {
    return "Event";
  }
}

export class CustomEvent extends Event {
  #detail;

  constructor(type, init = {}) {
    super(type, init);
    this.#detail = init?.detail ?? null;
  }

  get detail() {
    return this.#detail;
  }

  get [Symbol.toStringTag]() {
    return "CustomEvent";
  }
}

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

export class EventTarget {
  #listeners = [];

  addEventListener(type, listener, options) {
    const { once, passive, signal } = isObject(options) ? options : {};
    const capture = isObject(options) ? Boolean(options.capture) : Boolean(options);
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError("signal must be an AbortSignal");
    if (listener === null || listener === undefined || signal?.aborted) return;
    if (!isObject(listener)) throw new TypeError("A listener is a function or an object with handleEvent");
    const name = String(type);
    if (this.#listeners.some((known) => known.type === name && known.listener === listener && known.capture === capture)) return;
    this.#listeners.push({ type: name, listener, capture, once: Boolean(once), passive: Boolean(passive), removed: false });
    signal?.addEventListener("abort", () => this.removeEventListener(name, listener, capture), { once: true });
  }

  removeEventListener(type, listener, options) {
    const name = String(type);
    const capture = isObject(options) ? Boolean(options.capture) : Boolean(options);
    this.#listeners = this.#listeners.filter((known) => {
      const found = known.type === name && known.listener === listener && known.capture === capture;
      known.removed ||= found;
      return !found;
    });
  }

  dispatchEvent(event) {
    if (!(event instanceof Event)) throw new TypeError("dispatchEvent takes an Event");
    const flags = flagsOf(event);
    if (flags.dispatching) throw new DOMException("The event is being dispatched already", "InvalidStateError");
    flags.target = this;
    flags.dispatching = true;
    if (!flags.stopped) this.#deliver(event, flags);
    flags.dispatching = flags.stopped = flags.stoppedNow = false;
    return !flags.cancelled;
  }

  /** At the target, capturing listeners come first. */
  #deliver(event, flags) {
    const handler = this[`on${flags.type}`];
    if (typeof handler === "function") this.#run(handler, event);
    const known = this.#listeners.filter(({ type }) => type === flags.type);
    for (const entry of [...known.filter(({ capture }) => capture), ...known.filter(({ capture }) => !capture)]) {
      if (flags.stoppedNow) return;
      if (entry.removed) continue;
      if (entry.once) this.removeEventListener(entry.type, entry.listener, entry.capture);
      flags.passive = entry.passive;
      this.#run(entry.listener, event);
      flags.passive = false;
    }
  }

  /** A listener that fails does not keep the others from hearing. */
  #run(listener, event) {
    try {
      if (typeof listener === "function") listener.call(this, event);
      else listener.handleEvent(event);
    } catch (error) {
      report("Uncaught error in an event listener", error);
    }
  }

  get [Symbol.toStringTag]() {
    return "EventTarget";
  }
}

const FROM_CONTROLLER = Symbol("controller");
let trigger;

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason = undefined;
  /** Signals made of this one by `any`; they follow before anybody is told. */
  #dependents = [];

  static {
    trigger = (signal, reason) => {
      const signals = AbortSignal.#mark(signal, reason === undefined ? new DOMException("This operation was aborted", "AbortError") : reason);
      for (const aborted of signals) aborted.dispatchEvent(new Event("abort"));
    };
  }

  static #mark(signal, reason) {
    if (signal.#aborted) return [];
    signal.#aborted = true;
    signal.#reason = reason;
    return [signal, ...signal.#dependents.flatMap((dependent) => AbortSignal.#mark(dependent, reason))];
  }

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
    trigger(signal, reason);
    return signal;
  }

  static timeout(milliseconds) {
    const delay = Number(milliseconds);
    if (!(delay >= 0) || delay > Number.MAX_SAFE_INTEGER) throw new TypeError("A timeout is a number of milliseconds, zero or more");
    const signal = new AbortSignal(FROM_CONTROLLER);
    setTimeout(() => trigger(signal, new DOMException("The operation timed out.", "TimeoutError")), delay);
    return signal;
  }

  static any(signals) {
    const sources = [...signals];
    if (!sources.every((signal) => signal instanceof AbortSignal)) throw new TypeError("AbortSignal.any takes signals");
    const joint = new AbortSignal(FROM_CONTROLLER);
    const aborted = sources.find((signal) => signal.aborted);
    if (aborted) {
      joint.#aborted = true;
      joint.#reason = aborted.reason;
    } else {
      for (const signal of sources) signal.#dependents.push(joint);
    }
    return joint;
  }

  get [Symbol.toStringTag]() {
    return "AbortSignal";
  }
}

export class AbortController {
  #signal = new AbortSignal(FROM_CONTROLLER);

  get signal() {
    return this.#signal;
  }

  abort(reason) {
    trigger(this.#signal, reason);
  }

  get [Symbol.toStringTag]() {
    return "AbortController";
  }
}
