//! The routes of the API, read from the source: the router itself cannot list them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// `GET /path/{id}` for each route of the REST API.
pub fn declared() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../http/src/api");
    let mut routes = BTreeSet::new();
    for file in modules(&root) {
        routes.extend(of_module(&fs::read_to_string(file).expect("the source can be read")));
    }
    routes
}

fn modules(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the source is there").flatten().map(|entry| entry.path());
    let found = entries.map(|path| if path.is_dir() { modules(&path) } else { vec![path] });
    found.flatten().filter(|path| path.ends_with("mod.rs")).collect()
}

/// Understands what the modules use: a literal path, a `let` with one, and a closure that puts a literal behind
/// one of these.
fn of_module(source: &str) -> Vec<String> {
    let pattern = |text: &str| Regex::new(text).expect("a valid pattern");
    let prefix = pattern(r#"let (\w+) = "([^"]+)";"#);
    let closure = pattern(r#"let (\w+) = \|\w+: &str\| format!\("\{(\w+)\}/\{\w+\}"\);"#);
    let route = pattern(
        r#"(?s)\.route\(\s*(?:"([^"]+)"|&(\w+)\("([^"]+)"\)|(\w+)),(.*?)\)\s*(?:$|\.route|\}|\.merge)"#,
    );
    let method = pattern(r"\b(get|post|put|patch|delete)\(");
    let place = |name: &str| {
        let found = prefix.captures_iter(source).find(|found| &found[1] == name);
        found.map(|found| found[2].to_owned()).unwrap_or_else(|| panic!("no path is called {name}"))
    };
    let mut routes = Vec::new();
    let mut rest = source;
    let mut understood = 0;
    while let Some(found) = route.captures(rest) {
        let path = match (found.get(1), found.get(2), found.get(4)) {
            (Some(literal), _, _) => literal.as_str().to_owned(),
            (_, Some(name), _) => {
                let behind = closure.captures_iter(source).find(|found| &found[1] == name.as_str());
                let behind = behind.unwrap_or_else(|| panic!("no closure is called {}", name.as_str()));
                format!("{}/{}", place(&behind[2]), &found[3])
            }
            (_, _, Some(name)) => place(name.as_str()),
            _ => unreachable!("one of the alternatives matched"),
        };
        let handlers = found.get(5).expect("the pattern has it");
        routes.extend(
            method
                .captures_iter(handlers.as_str())
                .map(|found| format!("{} {path}", found[1].to_uppercase())),
        );
        rest = &rest[handlers.end()..];
        understood += 1;
    }
    assert_eq!(
        understood,
        source.matches(".route(").count(),
        "a route of this module was not understood:\n{source}"
    );
    routes
}

#[test]
fn the_forms_a_module_may_use_are_understood() {
    let source = r#"
        let entry = "/content/{id}";
        let action = |name: &str| format!("{entry}/{name}");
        Router::new()
            .route("/schema", get(list::handler))
            .route(entry, get(get::handler).put(update::handler))
            .route(&action("terms/{name}"), post(set::handler).delete(unset::handler))
    }"#;
    let found = of_module(source);
    let expected = [
        "GET /schema",
        "GET /content/{id}",
        "PUT /content/{id}",
        "POST /content/{id}/terms/{name}",
        "DELETE /content/{id}/terms/{name}",
    ];
    assert_eq!(found, expected);
}
