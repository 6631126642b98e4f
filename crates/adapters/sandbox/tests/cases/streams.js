// Cases of the streams; each answers true.
const cases = {
  async basicStream() {
    const s = new ReadableStream({
      start(c) {
        c.enqueue("a");
        c.enqueue("b");
        c.close();
      },
    });
    const r = [];
    for await (const x of s) r.push(x);
    return r.join() === "a,b" && !s.locked;
  },
  async pull() {
    let n = 0;
    const s = new ReadableStream({
      pull(c) {
        if (n++ < 3) c.enqueue(n);
        else c.close();
      },
    });
    const r = s.getReader();
    const got = [];
    for (;;) {
      const { value, done } = await r.read();
      if (done) break;
      got.push(value);
    }
    await r.closed;
    return got.join() === "1,2,3";
  },
  async tee() {
    const s = ReadableStream.from(["x", "y"]);
    const [a, b] = s.tee();
    const g = async (s) => {
      let t = "";
      for await (const c of s) t += c;
      return t;
    };
    return (await g(a)) + (await g(b)) === "xyxy";
  },
  async teeCancel() {
    let why;
    const s = new ReadableStream({
      cancel(r) {
        why = r;
      },
    });
    const [a, b] = s.tee();
    const p = a.cancel(1);
    await b.cancel(2);
    await p;
    return JSON.stringify(why) === "[1,2]";
  },
  async pipe() {
    const got = [];
    let closed = false;
    const w = new WritableStream({
      write(c) {
        got.push(c);
      },
      close() {
        closed = true;
      },
    });
    await ReadableStream.from([1, 2, 3]).pipeTo(w);
    return got.join() === "1,2,3" && closed && !w.locked;
  },
  async pipeError() {
    const w = new WritableStream({
      abort(r) {
        this.r = r;
      },
    });
    let e;
    try {
      await new ReadableStream({
        start(c) {
          c.enqueue(1);
        },
        pull() {
          throw new Error("boom");
        },
      }).pipeTo(w);
    } catch (x) {
      e = x;
    }
    return e.message === "boom";
  },
  async pipeDestError() {
    let cancelled;
    const s = new ReadableStream({
      pull(c) {
        c.enqueue(1);
      },
      cancel(r) {
        cancelled = r;
      },
    });
    const bad = new Error("full");
    let e;
    try {
      await s.pipeTo(
        new WritableStream({
          write() {
            throw bad;
          },
        }),
      );
    } catch (x) {
      e = x;
    }
    return e === bad && cancelled === bad;
  },
  async pipeAbort() {
    const ac = new AbortController();
    let cancelled, aborted;
    const s = new ReadableStream({
      pull() {
        return new Promise(() => {});
      },
      cancel(r) {
        cancelled = r;
      },
    });
    const w = new WritableStream({
      abort(r) {
        aborted = r;
      },
    });
    const p = s.pipeTo(w, { signal: ac.signal });
    ac.abort("stop");
    let e;
    try {
      await p;
    } catch (x) {
      e = x;
    }
    return e === "stop" && cancelled === "stop" && aborted === "stop";
  },
  async preventClose() {
    const w = new WritableStream({});
    await ReadableStream.from([1]).pipeTo(w, { preventClose: true });
    const wr = w.getWriter();
    await wr.write(2);
    await wr.close();
    return true;
  },
  async transform() {
    const t = new TransformStream({
      transform(c, k) {
        k.enqueue(c.toUpperCase());
      },
      flush(k) {
        k.enqueue("!");
      },
    });
    let r = "";
    for await (const c of ReadableStream.from(["a", "b"]).pipeThrough(t)) r += c;
    return r === "AB!";
  },
  async identity() {
    const { readable, writable } = new TransformStream();
    const w = writable.getWriter();
    const p = (async () => {
      await w.write(1);
      await w.close();
    })();
    const got = [];
    for await (const c of readable) got.push(c);
    await p;
    return got.join() === "1";
  },
  async transformError() {
    const t = new TransformStream({
      transform() {
        throw new Error("bad");
      },
    });
    const w = t.writable.getWriter();
    w.write(1).catch(() => {});
    let e;
    try {
      await t.readable.getReader().read();
    } catch (x) {
      e = x;
    }
    return e?.message === "bad";
  },
  async textStreams() {
    const s = ReadableStream.from(["h", "ä", "\ud83d", "\ude00"])
      .pipeThrough(new TextEncoderStream())
      .pipeThrough(new TextDecoderStream());
    let r = "";
    for await (const c of s) r += c;
    return r === "hä😀";
  },
  async backpressure() {
    const w = new WritableStream(
      {
        write() {
          return new Promise((r) => setTimeout(r, 1));
        },
      },
      new CountQueuingStrategy({ highWaterMark: 2 }),
    );
    const wr = w.getWriter();
    const before = wr.desiredSize;
    wr.write(1);
    wr.write(2);
    const mid = wr.desiredSize;
    await wr.ready;
    await wr.close();
    return before === 2 && mid === 0 && wr.desiredSize === 0;
  },
  async writerAbort() {
    let why;
    const w = new WritableStream({
      abort(r) {
        why = r;
      },
    });
    const wr = w.getWriter();
    await wr.abort("x");
    let e;
    try {
      await wr.closed;
    } catch (x) {
      e = x;
    }
    return why === "x" && e === "x";
  },
  async releaseLock() {
    const s = new ReadableStream({});
    const r = s.getReader();
    const p = r.read().catch((e) => e.name);
    r.releaseLock();
    return (await p) === "TypeError" && !s.locked;
  },
};
