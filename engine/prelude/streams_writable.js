// WritableStream with default writers (WHATWG Streams, the names of its abstract operations).

import { AbortController } from "./events.js";
import { call, deferred, fail, handled, highWaterMark, sizeAlgorithm } from "./streams_shared.js";

let streamOf;
let makeStream;
const FROM_STREAM = Symbol("stream");

/** The record of a `WritableStream`; `undefined` for anything else. */
export const writableState = (value) => (WritableStream.is(value) ? streamOf(value) : undefined);

function newState() {
  return {
    state: "writable", error: undefined, writer: null, controller: null, writes: [], writing: null, closeRequest: null,
    closing: null, abort: null, backpressure: false,
  };
}

/** A stream driven by the prelude itself. */
export function createWritable(algorithms, mark = 1, size = () => 1) {
  const stream = newState();
  setUpController(stream, algorithms, mark, size);
  return makeStream(stream);
}

export const closeIsUnderWay = (stream) => stream.closeRequest !== null || stream.closing !== null;

// ---- Streams ----

export function abortStream(stream, reason) {
  if (stream.state === "closed" || stream.state === "errored") return Promise.resolve();
  stream.controller.abortController.abort(reason);
  if (stream.state === "closed" || stream.state === "errored") return Promise.resolve();
  if (stream.abort) return stream.abort.promise;
  const wasErroring = stream.state === "erroring";
  stream.abort = { ...deferred(), reason: wasErroring ? undefined : reason, wasErroring };
  const { promise } = stream.abort;
  if (!wasErroring) startErroring(stream, reason);
  return promise;
}

export function closeStream(stream) {
  if (stream.state === "closed" || stream.state === "errored") return fail(new TypeError("The stream is closed already"));
  if (closeIsUnderWay(stream)) return fail(new TypeError("The stream is being closed already"));
  stream.closeRequest = deferred();
  const { promise } = stream.closeRequest;
  if (stream.writer && stream.backpressure && stream.state === "writable") stream.writer.ready.resolve(undefined);
  stream.controller.queue.push({ close: true, size: 0 });
  advance(stream.controller);
  return promise;
}

function startErroring(stream, reason) {
  stream.state = "erroring";
  stream.error = reason;
  if (stream.writer) rejectReady(stream.writer, reason);
  if (!stream.writing && !stream.closing && stream.controller.started) finishErroring(stream);
}

function finishErroring(stream) {
  stream.state = "errored";
  stream.controller.queue = [];
  stream.controller.total = 0;
  for (const request of stream.writes.splice(0)) request.reject(stream.error);
  const request = stream.abort;
  if (!request) return rejectCloseAndClosed(stream);
  stream.abort = null;
  if (request.wasErroring) {
    request.reject(stream.error);
    return rejectCloseAndClosed(stream);
  }
  const { abort } = stream.controller;
  clearAlgorithms(stream.controller);
  call(abort, request.reason).then(
    () => {
      request.resolve(undefined);
      rejectCloseAndClosed(stream);
    },
    (error) => {
      request.reject(error);
      rejectCloseAndClosed(stream);
    },
  );
}

function rejectCloseAndClosed(stream) {
  if (stream.closeRequest) {
    stream.closeRequest.reject(stream.error);
    stream.closeRequest = null;
  }
  if (stream.writer) {
    stream.writer.closed.reject(stream.error);
    handled(stream.writer.closed.promise);
  }
}

function dealWithRejection(stream, error) {
  if (stream.state === "writable") startErroring(stream, error);
  else finishErroring(stream);
}

function setBackpressure(stream, backpressure) {
  const { writer } = stream;
  if (writer && backpressure !== stream.backpressure) {
    if (backpressure) writer.ready = deferred();
    else writer.ready.resolve(undefined);
  }
  stream.backpressure = backpressure;
}

// ---- Controller ----

function setUpController(stream, { start, write, close, abort }, mark, size) {
  const controller = {
    stream, write, close, abort, size, mark, queue: [], total: 0, started: false, abortController: new AbortController(),
    face: null,
  };
  stream.controller = controller;
  setBackpressure(stream, controller.mark <= 0);
  const begun = start ? start(controller) : undefined;
  Promise.resolve(begun).then(
    () => {
      controller.started = true;
      advance(controller);
    },
    (error) => {
      controller.started = true;
      dealWithRejection(stream, error);
    },
  );
}

function clearAlgorithms(controller) {
  controller.write = controller.close = controller.abort = undefined;
  controller.size = () => 1;
}

export function errorWritable(controller, error) {
  if (controller.stream.state !== "writable") return;
  clearAlgorithms(controller);
  startErroring(controller.stream, error);
}

function advance(controller) {
  const { stream } = controller;
  if (!controller.started || stream.writing) return;
  if (stream.state === "erroring") return finishErroring(stream);
  if (stream.state !== "writable" || stream.closing) return;
  const [next] = controller.queue;
  if (!next) return;
  if (next.close) processClose(controller);
  else processWrite(controller, next.chunk);
}

function processClose(controller) {
  const { stream } = controller;
  stream.closing = stream.closeRequest;
  stream.closeRequest = null;
  controller.queue.shift();
  const { close } = controller;
  clearAlgorithms(controller);
  call(close).then(
    () => {
      stream.closing.resolve(undefined);
      stream.closing = null;
      if (stream.state === "erroring") {
        stream.error = undefined;
        stream.abort?.resolve(undefined);
        stream.abort = null;
      }
      stream.state = "closed";
      stream.writer?.closed.resolve(undefined);
    },
    (error) => {
      stream.closing.reject(error);
      stream.closing = null;
      stream.abort?.reject(error);
      stream.abort = null;
      dealWithRejection(stream, error);
    },
  );
}

function processWrite(controller, chunk) {
  const { stream } = controller;
  stream.writing = stream.writes.shift();
  call(controller.write, chunk, controller.face ?? controller).then(
    () => {
      stream.writing.resolve(undefined);
      stream.writing = null;
      const { size } = controller.queue.shift() ?? { size: 0 };
      controller.total -= size;
      if (!closeIsUnderWay(stream) && stream.state === "writable") setBackpressure(stream, controller.mark - controller.total <= 0);
      advance(controller);
    },
    (error) => {
      if (stream.state === "writable") clearAlgorithms(controller);
      stream.writing.reject(error);
      stream.writing = null;
      dealWithRejection(stream, error);
    },
  );
}

export class WritableStreamDefaultController {
  #state;

  constructor(token, state) {
    if (token !== FROM_STREAM) throw new TypeError("Illegal constructor");
    this.#state = state;
  }

  get signal() {
    return this.#state.abortController.signal;
  }

  error(reason) {
    errorWritable(this.#state, reason);
  }
}

// ---- Writers ----

function rejectReady(writer, error) {
  handled(writer.ready.promise);
  writer.ready.reject(error);
  // Where it was settled already, those who ask later hear of the error.
  writer.ready = deferred();
  writer.ready.reject(error);
  handled(writer.ready.promise);
}

export function acquireWriter(stream) {
  if (stream.writer) throw new TypeError("The stream is locked to a writer");
  const writer = { stream, ready: deferred(), closed: deferred() };
  stream.writer = writer;
  handled(writer.closed.promise);
  handled(writer.ready.promise);
  if (stream.state === "erroring") writer.ready.reject(stream.error);
  else if (stream.state === "errored") {
    writer.ready.reject(stream.error);
    writer.closed.reject(stream.error);
  } else if (stream.state === "closed") {
    writer.ready.resolve(undefined);
    writer.closed.resolve(undefined);
  } else if (closeIsUnderWay(stream) || !stream.backpressure) writer.ready.resolve(undefined);
  return writer;
}

function chunkSize(controller, chunk) {
  try {
    const size = Number(controller.size(chunk));
    if (!(size >= 0) || size === Infinity) throw new RangeError("The size of a chunk must be a finite number, zero or more");
    return size;
  } catch (error) {
    errorWritable(controller, error);
    return 1;
  }
}

export function write(writer, chunk) {
  const { stream } = writer;
  const { controller } = stream;
  const size = chunkSize(controller, chunk);
  if (writer.stream !== stream) return fail(new TypeError("The writer was released"));
  if (stream.state === "errored") return fail(stream.error);
  if (closeIsUnderWay(stream) || stream.state === "closed") return fail(new TypeError("The stream is closed or being closed"));
  if (stream.state === "erroring") return fail(stream.error);
  const request = deferred();
  stream.writes.push(request);
  controller.queue.push({ chunk, size });
  controller.total += size;
  setBackpressure(stream, controller.mark - controller.total <= 0);
  advance(controller);
  return request.promise;
}

export function releaseWriter(writer) {
  const released = new TypeError("The writer was released");
  const { stream } = writer;
  rejectReady(writer, released);
  writer.closed.reject(released);
  writer.closed = deferred();
  writer.closed.reject(released);
  handled(writer.closed.promise);
  stream.writer = null;
  writer.stream = null;
}

const detached = () => new TypeError("The writer was released");

export class WritableStreamDefaultWriter {
  #state;

  constructor(stream) {
    const state = writableState(stream);
    if (!state) throw new TypeError("A writer needs a WritableStream");
    this.#state = acquireWriter(state);
  }

  get closed() {
    return this.#state.closed.promise;
  }

  get ready() {
    return this.#state.ready.promise;
  }

  get desiredSize() {
    const { stream } = this.#state;
    if (!stream) throw detached();
    if (stream.state === "errored" || stream.state === "erroring") return null;
    return stream.state === "closed" ? 0 : stream.controller.mark - stream.controller.total;
  }

  write(chunk) {
    return this.#state.stream ? write(this.#state, chunk) : fail(detached());
  }

  close() {
    return this.#state.stream ? closeStream(this.#state.stream) : fail(detached());
  }

  abort(reason) {
    return this.#state.stream ? abortStream(this.#state.stream, reason) : fail(detached());
  }

  releaseLock() {
    if (this.#state.stream) releaseWriter(this.#state);
  }
}

// ---- The class ----

export class WritableStream {
  #state;

  static {
    streamOf = (stream) => stream.#state;
    makeStream = (state) => {
      const stream = new WritableStream(FROM_STREAM);
      stream.#state = state;
      return stream;
    };
  }

  static is(value) {
    return typeof value === "object" && value !== null && #state in value;
  }

  constructor(sink = {}, strategy = {}) {
    if (sink === FROM_STREAM) return;
    if (sink === null || typeof sink !== "object") throw new TypeError("The underlying sink must be an object");
    if (sink.type !== undefined) throw new RangeError("A sink has no type");
    const { start, write: writeChunk, close, abort } = sink;
    const face = (controller) => (controller.face ??= new WritableStreamDefaultController(FROM_STREAM, controller));
    this.#state = newState();
    const algorithms = {
      start: start && ((controller) => start.call(sink, face(controller))),
      write: writeChunk && ((chunk) => writeChunk.call(sink, chunk, face(this.#state.controller))),
      close: close && (() => close.call(sink)),
      abort: abort && ((reason) => abort.call(sink, reason)),
    };
    setUpController(this.#state, algorithms, highWaterMark(strategy, 1), sizeAlgorithm(strategy));
  }

  get locked() {
    return this.#state.writer !== null;
  }

  abort(reason) {
    return this.locked ? fail(new TypeError("The stream is locked to a writer")) : abortStream(this.#state, reason);
  }

  close() {
    return this.locked ? fail(new TypeError("The stream is locked to a writer")) : closeStream(this.#state);
  }

  getWriter() {
    return new WritableStreamDefaultWriter(this);
  }

  get [Symbol.toStringTag]() {
    return "WritableStream";
  }
}
