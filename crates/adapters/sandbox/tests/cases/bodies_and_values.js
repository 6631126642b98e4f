// Cases of bodies, forms, clones, decoders and events; each answers true.
const cases = {
  async blobStream() {
    const b = new Blob(["x".repeat(200000)]);
    let n = 0,
      chunks = 0;
    for await (const c of b.stream()) {
      n += c.length;
      chunks++;
    }
    return n === 200000 && chunks === 4;
  },
  async blobs() {
    const b = new Blob(["hello ", new Uint8Array([119, 111]), new Blob(["rld"])], { type: "TEXT/plain" });
    const s = b.slice(-5, -1, "a/b");
    return (
      (await b.text()) === "hello world" &&
      (await s.text()) === "worl" &&
      s.type === "a/b" &&
      b.type === "text/plain" &&
      (await b.bytes()).length === 11 &&
      b.slice(4, 2).size === 0
    );
  },
  async responseStream() {
    const r = new Response(ReadableStream.from([new Uint8Array([104]), new Uint8Array([105])]));
    const c = r.clone();
    return (await r.text()) === "hi" && r.bodyUsed && (await c.text()) === "hi";
  },
  async bodyReader() {
    const r = new Response("abc");
    const rd = r.body.getReader();
    const { value } = await rd.read();
    return r.bodyUsed && value.length === 3 && (await rd.read()).done;
  },
  async cloneUsed() {
    const r = new Response("abc");
    await r.text();
    let e;
    try {
      r.clone();
    } catch (x) {
      e = x;
    }
    return e instanceof TypeError;
  },
  async statics() {
    const j = Response.json({ a: 1 }, { status: 201, headers: { "x-a": "1" } });
    const d = Response.redirect("https://a.example/x", 301);
    const e = Response.error();
    return (
      (await j.json()).a === 1 &&
      j.headers.get("content-type") === "application/json" &&
      j.status === 201 &&
      d.headers.get("location") === "https://a.example/x" &&
      e.type === "error" &&
      e.status === 0
    );
  },
  async requests() {
    const q = new Request("https://a.example/", { method: "post", body: "x", headers: { a: "b" } });
    const c = q.clone();
    const m = new Request(q);
    let e;
    try {
      new Request("https://a.example/", { body: "x" });
    } catch (x) {
      e = x;
    }
    return (
      q.method === "POST" &&
      (await c.text()) === "x" &&
      q.bodyUsed &&
      (await m.text()) === "x" &&
      e instanceof TypeError &&
      q.signal instanceof AbortSignal &&
      q.redirect === "follow"
    );
  },
  async setCookie() {
    const h = new Headers([
      ["set-cookie", "a=1"],
      ["Set-Cookie", "b=2"],
      ["x", "y"],
    ]);
    return h.getSetCookie().join("|") === "a=1|b=2" && [...h].length === 3 && h.get("set-cookie") === "a=1, b=2";
  },
  async multipart() {
    const f = new FormData();
    f.append('a"b\n', "v\nw");
    f.append("file", new Blob([new Uint8Array([0, 255, 13, 10])], { type: "image/png" }), "ü.png");
    const r = new Response(f);
    const g = await r.formData();
    const file = g.get("file");
    return (
      g.get('a"b\r\n') === "v\r\nw" &&
      file.name === "ü.png" &&
      file.type === "image/png" &&
      [...(await file.bytes())].join() === "0,255,13,10"
    );
  },
  async urlencodedForm() {
    const f = await new Response(new URLSearchParams("a=1&a=2&b=%20")).formData();
    return f.getAll("a").join() === "1,2" && f.get("b") === " ";
  },
  async badMultipart() {
    let e;
    try {
      await new Response("x", { headers: { "content-type": "multipart/form-data; boundary=q" } }).formData();
    } catch (x) {
      e = x;
    }
    return e instanceof TypeError;
  },
  async clones() {
    const b = new ArrayBuffer(4);
    const c = structuredClone(
      {
        b,
        n: new RangeError("r", { cause: 1 }),
        re: /x/gi,
        big: 1n,
        nan: NaN,
        sparse: [1, , 3],
        f: new File(["a"], "n"),
      },
      { transfer: [b] },
    );
    return (
      b.byteLength === 0 &&
      c.b.byteLength === 4 &&
      c.n instanceof RangeError &&
      c.n.cause === 1 &&
      c.re.flags === "gi" &&
      c.big === 1n &&
      !(1 in c.sparse) &&
      c.f instanceof File
    );
  },
  async cloneErrors() {
    const bad = [
      () => 1,
      Symbol(),
      { a: () => 1 },
      new WeakMap(),
      Promise.resolve(),
      new Headers(),
      new Response(),
      (function* () {})(),
      new Map().entries(),
      new ReadableStream(),
    ];
    return bad.every((v) => {
      try {
        structuredClone(v);
        return false;
      } catch (e) {
        return e instanceof DOMException && e.name === "DataCloneError";
      }
    });
  },
  async decoders() {
    const d = (l, b) => new TextDecoder(l).decode(new Uint8Array(b));
    const s = new TextDecoder("shift_jis");
    const parts =
      s.decode(new Uint8Array([0x82]), { stream: true }) +
      s.decode(new Uint8Array([0xa0]), { stream: true }) +
      s.decode();
    let e;
    try {
      new TextDecoder("nope");
    } catch (x) {
      e = x;
    }
    return (
      d("latin1", [0xe4]) === "ä" &&
      d("utf-16le", [0x61, 0]) === "a" &&
      parts === "あ" &&
      e instanceof RangeError &&
      new TextDecoder("ascii").encoding === "windows-1252"
    );
  },
  async events() {
    const t = new EventTarget();
    const log = [];
    const ac = new AbortController();
    t.addEventListener("a", () => log.push(1), { signal: ac.signal });
    t.addEventListener("a", {
      handleEvent(e) {
        log.push(e.type);
        e.preventDefault();
      },
    });
    t.addEventListener("a", () => {
      throw new Error("x");
    });
    t.addEventListener("a", () => log.push(3));
    const r = t.dispatchEvent(new Event("a", { cancelable: true }));
    ac.abort();
    t.dispatchEvent(new Event("a"));
    return r === false && log.join() === "1,a,3,a,3";
  },
  async perf() {
    performance.mark("a");
    const m = performance.measure("m", "a");
    return m.duration >= 0 && performance.getEntriesByName("a").length === 1 && typeof performance.now() === "number";
  },
  async b64() {
    let e;
    try {
      atob("a");
    } catch (x) {
      e = x;
    }
    let f;
    try {
      btoa("ä€");
    } catch (x) {
      f = x;
    }
    return e.name === "InvalidCharacterError" && f.name === "InvalidCharacterError" && atob(" aG k= ") === "hi";
  },
};
