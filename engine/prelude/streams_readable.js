// ReadableStream with default readers (WHATWG Streams). The names follow the standard's abstract operations, so that
// the two can be read side by side. There are no byte streams: `type: "bytes"` gives a stream of chunks.

import { call, checkSignal, deferred, fail, handled, invoke, sizeAlgorithm, highWaterMark } from "./streams_shared.js";
import { pipe } from "./streams_pipe.js";

/** The record behind a stream, a reader or a controller. */
let streamOf, readerOf, controllerOf;
let makeStream;
const FROM_STREAM = Symbol("stream");

// ---- Streams ----

export const isLocked = (stream) => stream.reader !== null;
export const isDisturbed = (readable) => streamOf(readable).disturbed;

/** The record of a `ReadableStream`; `undefined` for anything else. */
export const readableState = (value) => (ReadableStream.is(value) ? streamOf(value) : undefined);

function newState() {
  return { state: "readable", error: undefined, reader: null, disturbed: false, controller: null, face: null };
}

/** A stream driven by the prelude itself: `start`, `pull` and `cancel` get the controller's record. */
export function createReadable({ pull, cancel, start }, mark = 1, size = () => 1) {
  const stream = newState();
  setUpController(stream, { start, pull, cancel }, mark, size);
  return makeStream(stream);
}

export function closeStream(stream) {
  stream.state = "closed";
  const { reader } = stream;
  if (!reader) return;
  reader.closed.resolve(undefined);
  for (const request of reader.requests.splice(0)) request.close();
}

function errorStream(stream, error) {
  stream.state = "errored";
  stream.error = error;
  const { reader } = stream;
  if (!reader) return;
  reader.closed.reject(error);
  handled(reader.closed.promise);
  for (const request of reader.requests.splice(0)) request.error(error);
}

export function cancelStream(stream, reason) {
  stream.disturbed = true;
  if (stream.state === "closed") return Promise.resolve();
  if (stream.state === "errored") return fail(stream.error);
  closeStream(stream);
  const { controller } = stream;
  resetQueue(controller);
  const { cancel } = controller;
  clearAlgorithms(controller);
  return call(cancel, reason).then(() => undefined);
}

// ---- Controller ----

function setUpController(stream, { start, pull, cancel }, mark, size) {
  const controller = {
    stream, pull, cancel, size, mark, queue: [], total: 0, pulling: false, pullAgain: false, closeRequested: false,
    started: false, face: null,
  };
  stream.controller = controller;
  const begun = start ? start(controller) : undefined;
  Promise.resolve(begun).then(
    () => {
      controller.started = true;
      pullIfNeeded(controller);
    },
    (error) => errorController(controller, error),
  );
}

function resetQueue(controller) {
  controller.queue = [];
  controller.total = 0;
}

function clearAlgorithms(controller) {
  controller.pull = controller.cancel = undefined;
  controller.size = () => 1;
}

const canEnqueue = (controller) => !controller.closeRequested && controller.stream.state === "readable";

export function desiredSize(controller) {
  const { state } = controller.stream;
  if (state === "errored") return null;
  return state === "closed" ? 0 : controller.mark - controller.total;
}

function wantsMore(controller) {
  if (!canEnqueue(controller) || !controller.started) return false;
  const { reader } = controller.stream;
  return (reader !== null && reader.requests.length > 0) || desiredSize(controller) > 0;
}

function pullIfNeeded(controller) {
  if (!wantsMore(controller)) return;
  if (controller.pulling) {
    controller.pullAgain = true;
    return;
  }
  controller.pulling = true;
  call(controller.pull, controller.face ?? controller).then(
    () => {
      controller.pulling = false;
      if (!controller.pullAgain) return;
      controller.pullAgain = false;
      pullIfNeeded(controller);
    },
    (error) => errorController(controller, error),
  );
}

export function enqueue(controller, chunk) {
  if (!canEnqueue(controller)) throw new TypeError("The stream is not in a state that permits enqueue");
  const { reader } = controller.stream;
  if (reader && reader.requests.length > 0) reader.requests.shift().chunk(chunk);
  else {
    try {
      const size = Number(controller.size(chunk));
      if (!(size >= 0) || size === Infinity) throw new RangeError("The size of a chunk must be a finite number, zero or more");
      controller.queue.push({ chunk, size });
      controller.total += size;
    } catch (error) {
      errorController(controller, error);
      throw error;
    }
  }
  pullIfNeeded(controller);
}

export function closeController(controller) {
  if (!canEnqueue(controller)) throw new TypeError("The stream is not in a state that permits close");
  controller.closeRequested = true;
  if (controller.queue.length > 0) return;
  clearAlgorithms(controller);
  closeStream(controller.stream);
}

export function errorController(controller, error) {
  if (controller.stream.state !== "readable") return;
  resetQueue(controller);
  clearAlgorithms(controller);
  errorStream(controller.stream, error);
}

export class ReadableStreamDefaultController {
  #state;

  static {
    controllerOf = (controller) => controller.#state;
  }

  constructor(token, state) {
    if (token !== FROM_STREAM) throw new TypeError("Illegal constructor");
    this.#state = state;
  }

  get desiredSize() {
    return desiredSize(this.#state);
  }

  enqueue(chunk) {
    enqueue(this.#state, chunk);
  }

  close() {
    closeController(this.#state);
  }

  error(reason) {
    errorController(this.#state, reason);
  }
}

// ---- Readers ----

export function acquireReader(stream) {
  if (isLocked(stream)) throw new TypeError("The stream is locked to a reader");
  const reader = { stream, requests: [], closed: deferred() };
  stream.reader = reader;
  if (stream.state === "closed") reader.closed.resolve(undefined);
  if (stream.state === "errored") {
    reader.closed.reject(stream.error);
    handled(reader.closed.promise);
  }
  return reader;
}

/** Reads one chunk into a request `{chunk, close, error}`. */
export function read(reader, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === "closed") return request.close();
  if (stream.state === "errored") return request.error(stream.error);
  const { controller } = stream;
  if (controller.queue.length === 0) {
    reader.requests.push(request);
    return pullIfNeeded(controller);
  }
  const { chunk, size } = controller.queue.shift();
  controller.total = controller.queue.length === 0 ? 0 : controller.total - size;
  if (controller.closeRequested && controller.queue.length === 0) {
    clearAlgorithms(controller);
    closeStream(stream);
  } else {
    pullIfNeeded(controller);
  }
  return request.chunk(chunk);
}

/** The next `{value, done}` of a reader's record. */
export function readNext(reader) {
  const { promise, resolve, reject } = deferred();
  read(reader, {
    chunk: (value) => resolve({ value, done: false }),
    close: () => resolve({ value: undefined, done: true }),
    error: reject,
  });
  return promise;
}

export function releaseReader(reader) {
  const { stream } = reader;
  const released = new TypeError("The reader was released");
  if (stream.state !== "readable") reader.closed = deferred();
  reader.closed.reject(released);
  handled(reader.closed.promise);
  stream.reader = null;
  reader.stream = null;
  for (const request of reader.requests.splice(0)) request.error(released);
}

const detached = () => new TypeError("The reader was released");

export class ReadableStreamDefaultReader {
  #state;

  static {
    readerOf = (reader) => reader.#state;
  }

  constructor(stream) {
    const state = readableState(stream);
    if (!state) throw new TypeError("A reader needs a ReadableStream");
    this.#state = acquireReader(state);
  }

  get closed() {
    return this.#state.closed.promise;
  }

  read() {
    return this.#state.stream ? readNext(this.#state) : fail(detached());
  }

  cancel(reason) {
    return this.#state.stream ? cancelStream(this.#state.stream, reason) : fail(detached());
  }

  releaseLock() {
    if (this.#state.stream) releaseReader(this.#state);
  }
}

// ---- tee ----

function tee(stream) {
  const reader = acquireReader(stream);
  const sides = [0, 1].map(() => ({ cancelled: false, reason: undefined, controller: null }));
  const ended = deferred();
  let reading = false;
  let readAgain = false;
  const live = () => sides.filter((side) => !side.cancelled);
  const pull = async () => {
    if (reading) {
      readAgain = true;
      return;
    }
    reading = true;
    read(reader, {
      chunk: (chunk) =>
        queueMicrotask(() => {
          readAgain = false;
          for (const { controller } of live()) enqueue(controller, chunk);
          reading = false;
          if (readAgain) pull();
        }),
      close: () => {
        reading = false;
        for (const { controller } of live()) closeController(controller);
        if (live().length > 0) ended.resolve(undefined);
      },
      error: () => (reading = false),
    });
  };
  const branches = sides.map((side) =>
    createReadable({
      start: (controller) => void (side.controller = controller),
      pull,
      cancel: (reason) => {
        side.cancelled = true;
        side.reason = reason;
        if (live().length === 0) ended.resolve(cancelStream(stream, sides.map(({ reason: given }) => given)));
        return ended.promise;
      },
    }),
  );
  reader.closed.promise.catch((error) => {
    for (const { controller } of sides) errorController(controller, error);
    if (live().length > 0) ended.resolve(undefined);
  });
  return branches;
}

// ---- Async iteration ----

const AsyncIteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf(async function* () {}.prototype));

function iterate(stream, preventCancel) {
  const reader = acquireReader(stream);
  let ongoing = Promise.resolve();
  let finished = false;
  const next = async () => {
    if (finished) return { value: undefined, done: true };
    try {
      const result = await readNext(reader);
      if (result.done) {
        finished = true;
        releaseReader(reader);
      }
      return result;
    } catch (error) {
      finished = true;
      if (reader.stream) releaseReader(reader);
      throw error;
    }
  };
  const end = async (value) => {
    if (!finished) {
      finished = true;
      const cancelled = preventCancel ? undefined : cancelStream(stream, value);
      releaseReader(reader);
      await cancelled;
    }
    return { value, done: true };
  };
  return Object.assign(Object.create(AsyncIteratorPrototype), {
    next: () => (ongoing = ongoing.then(next, next)),
    return: (value) => (ongoing = ongoing.then(() => end(value), () => end(value))),
  });
}

// ---- The class ----

function fromIterable(iterable) {
  const method = iterable?.[Symbol.asyncIterator] ?? iterable?.[Symbol.iterator];
  if (typeof method !== "function") throw new TypeError("ReadableStream.from needs an iterable");
  const iterator = method.call(iterable);
  return createReadable(
    {
      pull: async (controller) => {
        const result = await iterator.next();
        if (typeof result !== "object" || result === null) throw new TypeError("The iterator gave no object");
        if (result.done) closeController(controller);
        else enqueue(controller, await result.value);
      },
      cancel: async (reason) => {
        await iterator.return?.(reason);
      },
    },
    0,
  );
}

export class ReadableStream {
  #state;

  static {
    streamOf = (stream) => stream.#state;
    makeStream = (state) => {
      const stream = new ReadableStream(FROM_STREAM);
      stream.#state = state;
      return stream;
    };
  }

  static is(value) {
    return typeof value === "object" && value !== null && #state in value;
  }

  constructor(source = {}, strategy = {}) {
    if (source === FROM_STREAM) return;
    if (source === null || typeof source !== "object") throw new TypeError("The underlying source must be an object");
    const { type } = source;
    if (type !== undefined && String(type) !== "bytes") throw new RangeError(`Invalid type of stream: ${type}`);
    const size = sizeAlgorithm(strategy);
    const mark = highWaterMark(strategy, type === undefined ? 1 : 0);
    this.#state = newState();
    const { start, pull, cancel } = source;
    for (const method of [start, pull, cancel]) {
      if (method !== undefined && typeof method !== "function") throw new TypeError("start, pull and cancel must be functions");
    }
    const face = (controller) => (controller.face ??= new ReadableStreamDefaultController(FROM_STREAM, controller));
    const algorithms = {
      start: start && ((controller) => start.call(source, face(controller))),
      pull: pull && (() => pull.call(source, face(this.#state.controller))),
      cancel: cancel && ((reason) => cancel.call(source, reason)),
    };
    setUpController(this.#state, algorithms, mark, size);
  }

  static from(iterable) {
    return fromIterable(iterable);
  }

  get locked() {
    return isLocked(this.#state);
  }

  cancel(reason) {
    if (isLocked(this.#state)) return fail(new TypeError("The stream is locked to a reader"));
    return cancelStream(this.#state, reason);
  }

  getReader({ mode } = {}) {
    if (mode !== undefined) throw new TypeError(`Streams have no readers of the mode "${mode}" here`);
    return new ReadableStreamDefaultReader(this);
  }

  tee() {
    return tee(this.#state);
  }

  pipeTo(destination, options = {}) {
    return invoke(() => pipe(this.#state, destination, options ?? {}));
  }

  pipeThrough({ readable, writable }, options = {}) {
    if (isLocked(this.#state)) throw new TypeError("The stream is locked to a reader");
    if (writable.locked) throw new TypeError("The writable side is locked to a writer");
    checkSignal(options?.signal);
    handled(this.pipeTo(writable, options));
    return readable;
  }

  values({ preventCancel = false } = {}) {
    return iterate(this.#state, Boolean(preventCancel));
  }

  [Symbol.asyncIterator](options) {
    return this.values(options);
  }

  get [Symbol.toStringTag]() {
    return "ReadableStream";
  }
}
