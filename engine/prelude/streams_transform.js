// TransformStream and the text streams made of it.

import { TextDecoder, TextEncoder } from "./encoding.js";
import { closeController, createReadable, desiredSize, enqueue, errorController } from "./streams_readable.js";
import { call, deferred, highWaterMark, sizeAlgorithm } from "./streams_shared.js";
import { createWritable, errorWritable } from "./streams_writable.js";

const FROM_STREAM = Symbol("stream");

function errorBoth(transform, error) {
  errorController(transform.readable, error);
  errorWritable(transform.writable, error);
  setBackpressure(transform, false);
}

function setBackpressure(transform, backpressure) {
  if (transform.backpressure === backpressure) return;
  transform.changed?.resolve(undefined);
  transform.changed = deferred();
  transform.backpressure = backpressure;
}

function emit(transform, chunk) {
  try {
    enqueue(transform.readable, chunk);
  } catch (error) {
    errorBoth(transform, transform.readable.stream.error ?? error);
    throw transform.readable.stream.error ?? error;
  }
  setBackpressure(transform, desiredSize(transform.readable) <= 0);
}

function terminate(transform) {
  if (transform.readable.stream.state === "readable" && !transform.readable.closeRequested) closeController(transform.readable);
  errorWritable(transform.writable, new TypeError("The transform stream was terminated"));
  setBackpressure(transform, false);
}

export class TransformStreamDefaultController {
  #transform;

  constructor(token, transform) {
    if (token !== FROM_STREAM) throw new TypeError("Illegal constructor");
    this.#transform = transform;
  }

  get desiredSize() {
    return desiredSize(this.#transform.readable);
  }

  enqueue(chunk) {
    emit(this.#transform, chunk);
  }

  error(reason) {
    errorBoth(this.#transform, reason);
  }

  terminate() {
    terminate(this.#transform);
  }
}

async function write(transform, chunk) {
  if (transform.backpressure) {
    await transform.changed.promise;
    if (transform.writable.stream.state === "erroring") throw transform.writable.stream.error;
  }
  try {
    await transform.transform(chunk);
  } catch (error) {
    errorBoth(transform, error);
    throw error;
  }
}

async function close(transform) {
  try {
    await transform.flush();
  } catch (error) {
    errorController(transform.readable, error);
    throw error;
  }
  const { stream } = transform.readable;
  if (stream.state === "errored") throw stream.error;
  if (stream.state === "readable" && !transform.readable.closeRequested) closeController(transform.readable);
}

/** The two sides of `{start, transform, flush, cancel}`, whose functions get the transform's record. */
function connect(algorithms, writableMark, writableSize, readableMark, readableSize) {
  const started = deferred();
  const transform = { ...algorithms, readable: null, writable: null, backpressure: undefined, changed: undefined };
  const cancel = async (reason) => {
    await call(algorithms.cancel, reason);
  };
  const writableSide = createWritable(
    {
      start: (controller) => {
        transform.writable = controller;
        return started.promise;
      },
      write: (chunk) => write(transform, chunk),
      close: () => close(transform),
      abort: async (reason) => {
        await cancel(reason);
        errorController(transform.readable, reason);
      },
    },
    writableMark,
    writableSize,
  );
  const readableSide = createReadable(
    {
      start: (controller) => {
        transform.readable = controller;
        return started.promise;
      },
      pull: () => {
        setBackpressure(transform, false);
        return transform.changed.promise;
      },
      cancel: async (reason) => {
        await cancel(reason);
        errorWritable(transform.writable, reason);
        setBackpressure(transform, false);
      },
    },
    readableMark,
    readableSize,
  );
  setBackpressure(transform, true);
  started.resolve(algorithms.start(transform));
  return { transform, readable: readableSide, writable: writableSide };
}

export class TransformStream {
  #sides;

  constructor(transformer = {}, writableStrategy = {}, readableStrategy = {}) {
    const { start, transform, flush, cancel, readableType, writableType } = transformer ?? {};
    if (readableType !== undefined || writableType !== undefined) throw new RangeError("Transformers have no types");
    let face;
    const controller = () => face;
    const sides = connect(
      {
        start: (record) => {
          face = new TransformStreamDefaultController(FROM_STREAM, record);
          return start?.call(transformer, face);
        },
        transform: (chunk) => (transform ? transform.call(transformer, chunk, controller()) : face.enqueue(chunk)),
        flush: () => flush?.call(transformer, controller()),
        cancel: cancel && ((reason) => cancel.call(transformer, reason)),
      },
      highWaterMark(writableStrategy, 1),
      sizeAlgorithm(writableStrategy),
      highWaterMark(readableStrategy, 0),
      sizeAlgorithm(readableStrategy),
    );
    this.#sides = sides;
  }

  get readable() {
    return this.#sides.readable;
  }

  get writable() {
    return this.#sides.writable;
  }

  get [Symbol.toStringTag]() {
    return "TransformStream";
  }
}

/** A class with the two sides of a transformation of its own. */
class Converter {
  #stream;

  constructor(transformer) {
    this.#stream = new TransformStream(transformer);
  }

  get readable() {
    return this.#stream.readable;
  }

  get writable() {
    return this.#stream.writable;
  }
}

const isHigh = (unit) => unit >= 0xd800 && unit <= 0xdbff;

export class TextEncoderStream extends Converter {
  constructor() {
    const encoder = new TextEncoder();
    // Half of a surrogate pair waits for the other half in the next chunk.
    let half = "";
    super({
      transform(chunk, controller) {
        let text = half + String(chunk);
        half = isHigh(text.charCodeAt(text.length - 1)) ? text.slice(-1) : "";
        if (half) text = text.slice(0, -1);
        if (text) controller.enqueue(encoder.encode(text));
      },
      flush(controller) {
        if (half) controller.enqueue(encoder.encode(half));
      },
    });
  }

  get encoding() {
    return "utf-8";
  }
}

export class TextDecoderStream extends Converter {
  #decoder;

  constructor(label = "utf-8", options = {}) {
    const decoder = new TextDecoder(label, options);
    const give = (controller, text) => text && controller.enqueue(text);
    super({
      transform: (chunk, controller) => give(controller, decoder.decode(chunk, { stream: true })),
      flush: (controller) => give(controller, decoder.decode()),
    });
    this.#decoder = decoder;
  }

  get encoding() {
    return this.#decoder.encoding;
  }

  get fatal() {
    return this.#decoder.fatal;
  }

  get ignoreBOM() {
    return this.#decoder.ignoreBOM;
  }
}
