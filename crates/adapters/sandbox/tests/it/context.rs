//! `ctx`: what it shows and which host calls its members make (contract §3).

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{
    LIMITS, Later, ScriptedHost, context, hook, prepare, probe, probe_report, probe_with, returned, threw,
};

#[tokio::test]
async fn plugin_site_and_url_are_there() {
    let facts = probe("return [ctx.plugin, ctx.site, ctx.url('/a?b'), typeof ctx.db, 'env' in ctx]").await;
    let site =
        json!({"name": "Site", "url": "https://example.org", "locale": "en", "trailingSlash": "never"});
    assert_eq!(
        facts,
        json!([{"id": "probe", "version": "1.2.3"}, site, "https://example.org/a?b", "undefined", false])
    );
}

#[tokio::test]
async fn url_refuses_what_is_not_a_path_of_the_site() {
    for (path, words) in
        [("a", "URL path must start with"), ("//evil.example", "URL path must not be protocol-relative")]
    {
        let report = probe_report(&format!("return ctx.url('{path}')"), ScriptedHost::new([])).await;
        assert!(threw(report).message.starts_with(words));
    }
}

#[tokio::test]
async fn users_and_email_exist_with_their_capability_only() {
    let code = "export default { hooks: { h: (_, ctx) => Object.keys(ctx).sort() } };";
    let image = prepare(code).await;
    let mut with =
        image.instantiate(&context(&["users:read", "email:send"]), ScriptedHost::new([]), LIMITS).unwrap();
    let mut without = image.instantiate(&context(&[]), ScriptedHost::new([]), LIMITS).unwrap();
    let base = [
        "content",
        "cron",
        "http",
        "kv",
        "log",
        "media",
        "plugin",
        "settings",
        "site",
        "storage",
        "taxonomies",
        "url",
    ];
    assert_eq!(returned(without.call(hook("h", &Value::Null)).await), json!(base));
    let mut all = [&base[..], &["users", "email"]].concat();
    all.sort_unstable();
    assert_eq!(returned(with.call(hook("h", &Value::Null)).await), json!(all));
}

/// Every member and the host call it makes: the broker's vocabulary.
#[tokio::test]
async fn every_member_makes_the_host_call_of_its_name() {
    let host = ScriptedHost::new([]);
    let body = "await Promise.all([
        ctx.kv.get('k'), ctx.kv.set('k', { v: 1 }), ctx.kv.delete('k'), ctx.kv.list('p:'), ctx.kv.list(),
        ctx.storage.entries.get('1'), ctx.storage.entries.put('1', { a: 1 }), ctx.storage.entries.delete('1'),
        ctx.storage.entries.exists('1'), ctx.storage.entries.putMany([{ id: '1', data: 2 }]),
        ctx.storage.entries.deleteMany(['1']), ctx.storage.entries.query({ limit: 3 }), ctx.storage['../x'].count({ a: 1 }),
        ctx.content.get('posts', '1'), ctx.content.list('posts', { limit: 1 }), ctx.content.create('posts', { title: 't' }),
        ctx.content.update('posts', '1', { title: 'u' }), ctx.content.delete('posts', '1'),
        ctx.taxonomies.getAll(), ctx.taxonomies.getTerms('tag'), ctx.taxonomies.getEntryTerms('posts', '1'),
        ctx.media.get('m'), ctx.media.list({ mimeType: 'image/' }),
        ctx.media.upload('a.png', 'image/png', new Uint8Array([9, 1, 2, 3]).subarray(1)), ctx.media.delete('m'),
        ctx.users.get('u'), ctx.users.getByEmail('a@b.example'), ctx.users.list({ role: 50 }),
        ctx.email.send({ to: 'a@b.example', subject: 's', text: 't' }),
        ctx.cron.schedule('daily', { schedule: '@daily' }), ctx.cron.cancel('daily'), ctx.cron.list(),
        ctx.settings.get('s'), ctx.settings.list(),
    ]); ctx.log.warn('careful', { n: 1 });";
    probe_with(body, host.clone()).await;
    let calls: Vec<String> =
        host.calls.lock().iter().map(|(name, given)| format!("{name} {given}")).collect();
    insta::assert_snapshot!(calls.join("\n"));
}

#[tokio::test]
async fn get_many_is_a_map_and_methods_work_detached() {
    let host = ScriptedHost::new([("storage.getMany", json!([["a", {"n": 1}]])), ("kv.get", json!("v"))]);
    let found = probe_with(
        "const m = await ctx.storage.s.getMany(['a', 'b']); const { get } = ctx.kv; return [m instanceof Map, m.get('a'), await get('k')]",
        host,
    );
    assert_eq!(found.await, json!([true, {"n": 1}, "v"]));
}

#[tokio::test]
async fn storage_can_be_awaited_and_probed_without_a_call() {
    let host = ScriptedHost::new([]);
    let body =
        "await ctx.storage; return [typeof ctx.storage[Symbol.iterator], typeof ctx.storage.anything.get]";
    assert_eq!(probe_with(body, host.clone()).await, json!(["undefined", "function"]));
    assert!(host.calls.lock().is_empty());
}

#[tokio::test]
async fn log_takes_errors_and_cycles_and_never_throws() {
    let host = ScriptedHost::new([]);
    let body = "const e = new TypeError('broken'); const cycle = {}; cycle.self = cycle;
        ctx.log.error('failed', e); ctx.log.info('nested', { error: e }); ctx.log.info('round', cycle); ctx.log.info(e);
        ctx.log.info('big', 1n); await ctx.log.debug('awaited'); console.log('a', { b: 1 });";
    probe_with(body, host.clone()).await;
    let logged = host.calls_to("log");
    assert_eq!(logged[0][2]["message"], "broken");
    assert_eq!(logged[1][2]["error"]["name"], "TypeError");
    assert_eq!(logged[2][2], "[object Object]");
    assert!(logged[3][1].as_str().unwrap().starts_with("TypeError: broken"));
    assert_eq!(logged[4][2], "1");
    assert_eq!(logged[6], json!(["info", "a {\"b\":1}"]));
}

#[tokio::test]
async fn http_fetch_answers_a_whole_response() {
    let answer = json!({"status": 201, "statusText": "Created", "headers": [["content-type", "text/x"], ["set-cookie", "a=1"],
        ["set-cookie", "b=2"]], "url": "https://api.example/final", "body": "w7Y="});
    let host = ScriptedHost::new([("http.fetch", answer)]);
    let body = "const r = await ctx.http.fetch(new URL('https://api.example/'), { signal: AbortSignal.timeout(1e9) });
        return [r instanceof Response, r.ok, r.status, r.statusText, r.url, r.headers.get('Content-Type'),
            r.headers.getSetCookie(), await r.clone().text(), [...new Uint8Array(await r.arrayBuffer())]]";
    let expected = json!([
        true,
        true,
        201,
        "Created",
        "https://api.example/final",
        "text/x",
        ["a=1", "b=2"],
        "ö",
        [195, 182]
    ]);
    assert_eq!(probe_with(body, host).await, expected);
}

#[tokio::test]
async fn every_kind_of_request_body_arrives() {
    let answer = json!({"status": 204, "statusText": "", "headers": [], "url": "", "body": ""});
    let host = ScriptedHost::new([("http.fetch", answer)]);
    let body = "const send = (body, headers) => ctx.http.fetch('https://a.example/', { method: 'post', body, headers });
        await send('text'); await send(new URLSearchParams({ a: '1 2' })); await send({ plain: true });
        await send(new Blob(['b'], { type: 'text/b' })); await send(new Uint8Array([0, 255]).subarray(1), [['x-a', '1'], ['x-a', '2']]);
        await ctx.http.fetch(new Request('https://a.example/r', { method: 'PUT', body: 'q', headers: { 'content-type': 'text/q' } }));
        const form = new FormData(); form.append('f', new File(['data'], 'f.txt', { type: 'text/plain' })); form.append('t', 'v');
        await send(form);";
    probe_with(body, host.clone()).await;
    let sent = host.calls_to("http.fetch");
    let seen = |index: usize| {
        let request = &sent[index][0];
        let bytes = base64_text(request["body"].as_str().unwrap());
        (request["method"].as_str().unwrap().to_owned(), request["headers"].to_string(), bytes)
    };
    let post = |headers: &str, body: &str| ("POST".to_owned(), headers.to_owned(), body.to_owned());
    assert_eq!(seen(0), post(r#"[["content-type","text/plain;charset=UTF-8"]]"#, "text"));
    assert_eq!(
        seen(1),
        post(r#"[["content-type","application/x-www-form-urlencoded;charset=UTF-8"]]"#, "a=1+2")
    );
    assert_eq!(seen(2), post("[]", r#"{"plain":true}"#));
    assert_eq!(seen(3), post(r#"[["content-type","text/b"]]"#, "b"));
    assert_eq!(sent[4][0]["body"], "/w==");
    assert_eq!(sent[4][0]["headers"], json!([["x-a", "1, 2"]]));
    assert_eq!(seen(5), ("PUT".to_owned(), r#"[["content-type","text/q"]]"#.to_owned(), "q".to_owned()));
    let (_, headers, form) = seen(6);
    assert!(headers.contains("multipart/form-data; boundary="));
    assert!(
        form.contains("name=\"f\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\ndata\r\n"),
        "{form}"
    );
    assert!(form.contains("name=\"t\"\r\n\r\nv\r\n"), "{form}");
}

fn base64_text(text: &str) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn an_aborted_fetch_rejects() {
    let body = "const c = new AbortController(); const r = ctx.http.fetch('https://a.example/', { signal: c.signal });
        c.abort(); try { await r; return 'answered' } catch (e) { return [e.name, e instanceof DOMException] }";
    let host = ScriptedHost::new([]);
    assert_eq!(probe_with(body, Arc::new(Later(host))).await, json!(["AbortError", true]));
}

#[tokio::test]
async fn upload_urls_and_undefined_values_are_refused_in_the_guest() {
    let body = "const said = []; try { ctx.media.getUploadUrl('a', 'b') } catch (e) { said.push(e.message) }
        for (const wrong of [ctx.kv.set('k', undefined), ctx.media.upload('a', 'image/png', 'text')]) await wrong.catch((e) => said.push(e.name));
        return said";
    let said = probe(body).await;
    assert_eq!(said[0], "getUploadUrl is not available in sandbox mode. Use media.upload() instead.");
    assert_eq!((&said[1], &said[2]), (&json!("TypeError"), &json!("TypeError")));
}

#[tokio::test]
async fn the_site_is_what_the_request_says() {
    let code = "export default { hooks: { h: (_, ctx) => ctx.site.name } };";
    let image = prepare(code).await;
    for name in ["First", "Second"] {
        let facts = emdash_ports::runtime::GuestContext { site_name: name.to_owned(), ..context(&[]) };
        let mut instance = image.instantiate(&facts, ScriptedHost::new([]), LIMITS).unwrap();
        assert_eq!(returned(instance.call(hook("h", &Value::Null)).await), json!(name));
    }
}
