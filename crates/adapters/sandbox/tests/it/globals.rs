//! The web globals plugins use, and the ones that must not be there.

use serde_json::json;

use crate::support::{prepare, probe};

#[tokio::test]
async fn url_parses_as_the_standard_says() {
    let body = "const u = new URL('HTTPS://user:p%20w@EXAMPLE.org:443/a/../b?x=1&y=2#h');
        u.searchParams.append('z', 'ä b'); u.pathname = '/c d'; u.port = 'nonsense';
        return [u.href, u.origin, u.host, u.protocol, u.username, u.password, u.hash, u.searchParams.get('y'), JSON.stringify({ u }),
            new URL('http://0x7f.1/').hostname, new URL('http://[::1]/').hostname, new URL('http://bücher.example/').hostname,
            new URL('../d', 'https://a.example/b/c').href, URL.canParse('nope'), URL.canParse('/x', 'https://a.example')]";
    let href = "https://user:p%20w@example.org/c%20d?x=1&y=2&z=%C3%A4+b#h";
    let expected = json!([
        href,
        "https://example.org",
        "example.org",
        "https:",
        "user",
        "p%20w",
        "#h",
        "2",
        json!({"u": href}).to_string(),
        "127.0.0.1",
        "[::1]",
        "xn--bcher-kva.example",
        "https://a.example/d",
        false,
        true
    ]);
    assert_eq!(probe(body).await, expected);
    let message =
        probe("try { new URL('nope') } catch (e) { return [e instanceof TypeError, e.message] }").await;
    assert_eq!(message, json!([true, "Invalid URL: nope"]));
}

#[tokio::test]
async fn search_params_behave() {
    let body = "const p = new URLSearchParams('?a=1&b=2&a=3'); p.set('a', '9'); p.append('c', '&='); p.delete('b');
        const from = [new URLSearchParams({ k: 'v' }), new URLSearchParams([['k', 'v']]), new URLSearchParams(new Map([['k', 'v']]))];
        const u = new URL('https://a.example/?q=1'); const live = u.searchParams; u.search = '?q=2';
        return [p.toString(), [...p], p.getAll('a'), p.get('none'), p.has('c'), p.size, from.map(String), live.get('q')]";
    let expected =
        json!(["a=9&c=%26%3D", [["a", "9"], ["c", "&="]], ["9"], null, true, 2, ["k=v", "k=v", "k=v"], "2"]);
    assert_eq!(probe(body).await, expected);
}

#[tokio::test]
async fn text_is_encoded_and_decoded() {
    let body = "const e = new TextEncoder(), d = new TextDecoder();
        const stream = new TextDecoder(); const parts = [0xf0, 0x9f, 0x98, 0x80].map((b) => stream.decode(new Uint8Array([b]), { stream: true }));
        let fatal; try { new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([255])) } catch (x) { fatal = x.name }
        return [[...e.encode('ä\\ud800')], d.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0xc3, 0xa4, 0xff])), parts.join(''), fatal,
            btoa('hi'), atob('aGk='), e.encodeInto('aä', new Uint8Array(2))]";
    let expected = json!([[195, 164, 239, 191, 189], "ä\u{fffd}", "😀", "TypeError", "aGk=", "hi", {"read": 1, "written": 1}]);
    assert_eq!(probe(body).await, expected);
}

#[tokio::test]
async fn webhooks_can_be_signed() {
    let body = "const bytes = new TextEncoder().encode('what do ya want for nothing?');
        const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, '0')).join('');
        const key = await crypto.subtle.importKey('raw', new TextEncoder().encode('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']);
        const tag = await crypto.subtle.sign('HMAC', key, bytes);
        return [hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode('abc'))).slice(0, 16), hex(tag).slice(0, 16),
            await crypto.subtle.verify('HMAC', key, tag, bytes), await crypto.subtle.verify('HMAC', key, new Uint8Array(32), bytes)]";
    assert_eq!(probe(body).await, json!(["ba7816bf8f01cfea", "5bdcc146bf60754e", true, false]));
}

#[tokio::test]
async fn timers_run_in_order_of_time_and_can_be_cancelled() {
    let body = "const seen = []; const note = (x) => seen.push(x);
        const no = setTimeout(note, 0, 'never'); clearTimeout(no); clearTimeout(999);
        setTimeout(note, 2, 'later'); setTimeout(note, 0, 'sooner');
        const every = setInterval(() => { note('tick'); if (seen.filter((s) => s === 'tick').length === 2) clearInterval(every) }, 0);
        await new Promise((done) => setTimeout(done, 20)); queueMicrotask(() => note('micro')); await null;
        return [seen.indexOf('never'), seen.indexOf('sooner') < seen.indexOf('later'), seen.filter((s) => s === 'tick').length, seen.at(-1)]";
    assert_eq!(probe(body).await, json!([-1, true, 2, "micro"]));
}

#[tokio::test]
async fn clones_headers_blobs_and_forms_behave() {
    let body = "const m = { d: new Date(0), m: new Map([[1, { a: [1] }]]), s: new Set([2]), b: new Uint8Array([1, 2]) }; m.self = m;
        const c = structuredClone(m); let refused; try { structuredClone(() => 1) } catch (e) { refused = e.name }
        const h = new Headers({ 'X-B': '2', 'x-a': ' 1 ' }); h.append('X-A', '3'); let bad; try { h.set('a b', '1') } catch (e) { bad = e.name }
        const blob = new Blob(['a', new Uint8Array([98])], { type: 'Text/Plain' }); const form = new FormData(); form.set('k', 1);
        const response = new Response('x', { status: 404 }); const read = await response.text(); let twice; try { await response.text() } catch (e) { twice = e.name }
        return [c.self === c, c !== m, c.d.getTime(), c.m.get(1).a[0], c.s.has(2), c.b[1], refused, [...h], bad, await blob.text(), blob.type, blob.size,
            form.get('k'), response.ok, read, twice]";
    let expected = json!([
        true,
        true,
        0,
        1,
        true,
        2,
        "DataCloneError",
        [["x-a", "1, 3"], ["x-b", "2"]],
        "TypeError",
        "ab",
        "text/plain",
        2,
        "1",
        false,
        "x",
        "TypeError"
    ]);
    assert_eq!(probe(body).await, expected);
}

#[tokio::test]
async fn events_and_abort_signals_behave() {
    let body = "const seen = []; const t = new EventTarget(); t.addEventListener('e', (e) => seen.push(e.detail), { once: true });
        t.dispatchEvent(new CustomEvent('e', { detail: 1 })); t.dispatchEvent(new CustomEvent('e', { detail: 2 }));
        const a = new AbortController(), any = AbortSignal.any([a.signal, new AbortController().signal]);
        any.addEventListener('abort', () => seen.push('any')); a.signal.onabort = () => seen.push('on'); a.abort('why');
        const timed = AbortSignal.timeout(0); await new Promise((r) => setTimeout(r, 5));
        return [seen, any.reason, timed.aborted, timed.reason.name, typeof AbortSignal.triggerFor]";
    assert_eq!(probe(body).await, json!([[1, "on", "any"], "why", true, "TimeoutError", "undefined"]));
}

#[tokio::test]
async fn locale_methods_do_not_crash() {
    let body = "return [typeof (1234.5).toLocaleString('de', { style: 'currency', currency: 'EUR' }), 'a'.localeCompare('b', 'sv'),
        typeof new Date().toLocaleDateString('en-GB', { dateStyle: 'long' }), 'é'.normalize('NFD').length, /\\p{L}+/u.test('ä')]";
    assert_eq!(probe(body).await, json!(["string", -1, "string", 2, true]));
}

#[tokio::test]
async fn nothing_leads_out() {
    let body = "return ['require', 'module', 'Deno', 'Bun', 'std', 'os', 'db', 'env', 'Buffer', 'XMLHttpRequest', 'WebAssembly', 'print']
        .filter((name) => name in globalThis)";
    assert_eq!(probe(body).await, json!([]));
    let body = "const failed = []; for (const name of ['node:fs', 'fs', 'emdash:host', 'emdash:prelude/main.js', './x.js', 'https://evil.example/x.js'])
        { try { await import(name); failed.push(name) } catch (e) { if (!/^Cannot import/.test(e.message)) failed.push(e.message) } }
        return [failed, Object.keys(process.env), typeof process.exit, (await import('emdash')).definePlugin(5)]";
    assert_eq!(probe(body).await, json!([[], [], "undefined", 5]));
}

#[tokio::test]
async fn bare_fetch_rejects_with_the_way_out() {
    let message = probe("return fetch('https://a.example').catch((e) => e.message)").await;
    assert!(message.as_str().unwrap().contains("Use ctx.http.fetch"));
}

#[tokio::test]
async fn code_from_strings_is_refused_and_a_probe_survives_it() {
    let body = "const tries = [() => eval('1'), () => (0, eval)('1'), () => new Function(''), () => Function('return this')(),
        () => (() => {}).constructor('1'), () => (async () => {}).constructor('1'), () => (function* () {}).constructor('1'),
        () => (async function* () {}).constructor('1'), () => Reflect.construct(Function, ['1'])];
        return [tries.map((t) => { try { t(); return 'ran' } catch (e) { return e.name } }), (() => {}) instanceof Function]";
    assert_eq!(probe(body).await, json!([vec!["EvalError"; 9], true]));
    prepare("let jit = true; try { new Function('') } catch { jit = false } export default { hooks: {} };")
        .await;
}
