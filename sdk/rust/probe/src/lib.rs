//! The plugin behind the tests of native plugins: workloads, host calls, attacks. Its hooks and routes are what
//! `crates/adapters/sandbox/tests` and `fixtures/attacks/native` call by name.

mod attacks;
mod wasi;
mod workloads;

use emdash_plugin::{
    Answer, Failure, Hook, Plugin, Reply, Request, Route, Value, clock, content, host, http, json, kv, log,
    random, site, storage,
};

struct Probe;

impl Plugin for Probe {
    fn hooks() -> Vec<Hook> {
        let mut hooks = vec![
            Hook::new("noop", workloads::noop),
            Hook::new("w1", workloads::w1),
            Hook::new("w2", workloads::w2),
            Hook::new("w3", workloads::w3),
            Hook::new("call", workloads::call),
            Hook::new("echo", workloads::echo).continue_on_error().after(&["other"]),
            Hook::new("count", workloads::count),
            Hook::new("throw", throw),
            Hook::new("surface", surface),
            Hook::new("side-by-side", side_by_side),
            Hook::new("random", fresh),
            Hook::new("clock", |_: Value| Ok(Some(clock::now()))),
        ];
        hooks.extend(attacks::NAMES.iter().map(|name| Hook::new(name, |_: Value| attacks::carry_out(name))));
        hooks
    }

    fn routes() -> Vec<Route> {
        vec![
            Route::new("echo", echo).public().cache_control("max-age=60"),
            Route::new("page", |_: Request<Value>| Ok(Reply::response(201, "text/plain", "a page"))),
            Route::new("attack", attacks::route),
        ]
    }
}

emdash_plugin::export!(Probe);

fn throw(_: Value) -> Result<Option<Value>, Failure> {
    Err(Failure::new("No.").code("MINE").status(409).details(json!({ "why": "because" })))
}

fn echo(request: Request<Value>) -> Answer {
    Ok(Reply::json(&json!({ "input": request.input, "method": request.request.method })))
}

/// One call of every family.
fn surface(_: Value) -> Result<Option<Value>, Failure> {
    let documents = storage::collection("things");
    let facts = site::about();
    log::write(log::Level::Warn, "seen", &json!({ "n": 1 }));
    kv::set("key", &json!({ "a": [1] }))?;
    documents.put("one", &json!({ "n": 1 }))?;
    documents.put_many(&[("two".to_owned(), json!({ "n": 2 }))])?;
    let request = http::Request {
        method: "POST".to_owned(),
        url: "https://example.org/".to_owned(),
        headers: vec![("accept".to_owned(), "text/plain".to_owned())],
        body: Some(b"body".to_vec()),
    };
    let response = http::fetch(&request)?;
    Ok(Some(json!({
        "plugin": [facts.plugin_id, facts.plugin_version],
        "site": [facts.site_name, site::url("/a")?, facts.locale],
        "capabilities": facts.capabilities,
        "kv": [kv::get::<Value>("key")?, kv::get::<Value>("none")?],
        "keys": kv::list::<Value>("k")?,
        "deleted": kv::delete("key")?,
        "document": documents.get::<Value>("one")?,
        "many": documents.get_many::<Value>(&["one".to_owned()])?,
        "exists": documents.exists("one")?,
        "page": documents.query::<Value>(&json!({ "where": { "n": 1 } }))?.items,
        "count": documents.count(&json!({}))?,
        "removed": [json!(documents.delete("one")?), json!(documents.delete_many(&["two".to_owned()])?)],
        "entry": content::get::<Value>("posts", "p")?,
        "entries": content::list::<Value>("posts", &json!({ "limit": 1 }))?,
        "created": content::create::<Value>("posts", &json!({ "title": "t" }))?,
        "updated": content::update::<Value>("posts", "p", &json!({ "title": "u" }))?,
        "gone": content::delete("posts", "p")?,
        "fetched": [json!(response.status), json!(response.url), json!(response.body)],
        "any": host::call::<Value>("taxonomies.getAll", &json!([{}]))?,
        "refused": kv::get::<Value>("").err().map(|failure| [failure.message, failure.code.unwrap_or_default()]),
    })))
}

/// As many calls as asked for, at once.
fn side_by_side(count: u32) -> Result<Option<Value>, Failure> {
    let requests = (0..count).map(|number| host::request("kv.get", &[number.to_string()]));
    let answers = host::all::<Value>(&requests.collect::<Result<Vec<_>, _>>()?);
    let said = answers.into_iter().map(|answer| match answer {
        Ok(value) => value,
        Err(failure) => Value::from(failure.code),
    });
    Ok(Some(said.collect()))
}

fn fresh(_: Value) -> Result<Option<Value>, Failure> {
    Ok(Some(json!([random::bytes(8), wasi::random()])))
}
