// ReadableStream.prototype.pipeTo.

import { acquireReader, cancelStream, isLocked, readNext, releaseReader } from "./streams_readable.js";
import { checkSignal, deferred, handled } from "./streams_shared.js";
import { abortStream, acquireWriter, closeIsUnderWay, closeStream, releaseWriter, writableState, write } from "./streams_writable.js";

const STOPPED = Symbol("stopped");

/** Copies chunks until one side ends; says which side, and why. */
async function copy(source, destination, reader, writer, stopped) {
  const writes = { last: Promise.resolve() };
  const lost = writer.closed.promise.then(
    () => STOPPED,
    () => STOPPED,
  );
  for (;;) {
    if (stopped.now || source.state === "errored" || destination.state !== "writable" || closeIsUnderWay(destination)) break;
    if ((await Promise.race([writer.ready.promise.catch(() => STOPPED), stopped.promise])) === STOPPED) break;
    const result = await Promise.race([readNext(reader).catch(() => STOPPED), lost, stopped.promise]);
    if (result === STOPPED || result.done) break;
    writes.last = handled(write(writer, result.value));
  }
  // What was read is written before anything is closed.
  if (destination.state === "writable" && !closeIsUnderWay(destination)) await writes.last.catch(() => {});
}

/** How piping ends (the standard's "errors and closes must be propagated"). */
async function shutDown(source, destination, { preventAbort, preventCancel, preventClose }, signal) {
  if (signal?.aborted) {
    const actions = [];
    if (!preventAbort && destination.state === "writable") actions.push(abortStream(destination, signal.reason));
    if (!preventCancel && source.state === "readable") actions.push(cancelStream(source, signal.reason));
    await Promise.all(actions);
    throw signal.reason;
  }
  if (source.state === "errored") {
    if (!preventAbort) await abortStream(destination, source.error);
    throw source.error;
  }
  if (destination.state === "erroring" || destination.state === "errored") {
    const { error } = destination;
    if (!preventCancel) await cancelStream(source, error);
    throw error;
  }
  if (closeIsUnderWay(destination) || destination.state === "closed") {
    if (source.state === "closed" && destination.state !== "closed") return;
    const closed = new TypeError("The destination was closed before the source ended");
    if (!preventCancel) await cancelStream(source, closed);
    throw closed;
  }
  if (!preventClose) await closeStream(destination);
}

export async function pipe(source, target, options) {
  const destination = writableState(target);
  if (!destination) throw new TypeError("pipeTo needs a WritableStream");
  const { signal } = options;
  checkSignal(signal);
  if (isLocked(source)) throw new TypeError("The stream is locked to a reader");
  if (target.locked) throw new TypeError("The destination is locked to a writer");
  const reader = acquireReader(source);
  const writer = acquireWriter(destination);
  source.disturbed = true;
  const stopped = { ...deferred(), now: signal?.aborted ?? false };
  const stop = () => {
    stopped.now = true;
    stopped.resolve(STOPPED);
  };
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await copy(source, destination, reader, writer, stopped);
    await shutDown(source, destination, options, signal);
  } finally {
    signal?.removeEventListener("abort", stop);
    releaseWriter(writer);
    releaseReader(reader);
  }
}
