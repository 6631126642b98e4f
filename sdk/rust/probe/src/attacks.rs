//! Everything a native plugin should be stopped at, each by its name.

use std::hint::black_box;

use emdash_plugin::{Answer, Failure, Reply, Request, Value, host, http, json, kv, log, random};
use serde::Deserialize;

use crate::wasi;

type Outcome = Result<Option<Value>, Failure>;

/// Every attack.
pub const NAMES: &[&str] = &[
    "loop",
    "memory",
    "recursion",
    "trap",
    "panic",
    "huge",
    "huge-argument",
    "flood",
    "log-flood",
    "many-at-once",
    "much-randomness",
    "files",
    "socket",
    "environment",
    "arguments",
    "exit",
    "vault",
    "big-vault",
    "print",
    "print-too-much",
    "network",
    "wait",
];

#[derive(Deserialize)]
pub struct Asked {
    attack: String,
}

pub fn route(request: Request<Asked>) -> Answer {
    carry_out(&request.input.attack).map(|value| Reply::json(&value))
}

/// Carries an attack out; says what came of it.
pub fn carry_out(name: &str) -> Outcome {
    let number = |number: usize| Ok(Some(Value::from(number)));
    match name {
        "loop" => loop {
            black_box(());
        },
        "memory" => {
            let mut all: Vec<Vec<u8>> = Vec::new();
            loop {
                all.push(black_box(vec![1; 1 << 20]));
            }
        }
        "recursion" => number(deeper(1)),
        "trap" => core::arch::wasm32::unreachable(),
        "panic" => {
            let none: Vec<usize> = black_box(Vec::new());
            number(none[0])
        }
        "huge" => Ok(Some(Value::from("x".repeat(12 << 20)))),
        "huge-argument" => kv::set("key", &"x".repeat(12 << 20)).map(|()| None),
        "flood" => flood(),
        "log-flood" => {
            (0..10_000).for_each(|number| log::info(&format!("line {number}")));
            Ok(None)
        }
        "many-at-once" => {
            let requests: Vec<_> = vec![host::request("kv.get", &["key"])?; 1000];
            number(host::all::<Value>(&requests).len())
        }
        "much-randomness" => number(random::bytes(1 << 30).len()),
        "files" => number(wasi::open_files()),
        "socket" => {
            wasi::open_socket();
            Ok(None)
        }
        "environment" => number(wasi::environment()),
        "arguments" => number(wasi::arguments()),
        "exit" => {
            wasi::exit();
            Ok(None)
        }
        "vault" => number(wasi::vault(b"key")),
        "big-vault" => number(wasi::vault(&vec![0; 24 << 20])),
        "print" => Ok(Some(json!([wasi::print("one\ntwo\nthree"), wasi::seconds()]))),
        "print-too-much" => Ok(Some(Value::from(wasi::print(&"\n".repeat(8 << 20))))),
        "network" => {
            http::get("http://169.254.169.254/latest/meta-data/").map(|answer| Some(json!(answer.status)))
        }
        "wait" => kv::get("never"),
        _ => Ok(None),
    }
}

/// Needs a frame of its own each time.
fn deeper(depth: usize) -> usize {
    let frame = black_box([depth; 64]);
    if depth == usize::MAX {
        return depth;
    }
    deeper(depth + 1) + frame[depth % 64]
}

/// More host calls than a call may make.
fn flood() -> Outcome {
    for _ in 0..5000 {
        kv::get::<Value>("key")?;
    }
    Ok(None)
}
