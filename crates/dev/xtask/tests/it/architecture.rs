//! The arrows of `docs/architecture.md`: the ring is in the path, so two paths decide.

#![expect(clippy::expect_used, reason = "the test fails with these words")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Which rings a ring may depend on.
const RINGS: [(&str, &[&str]); 6] = [
    ("kernel", &["kernel"]),
    ("ports", &["kernel", "ports"]),
    ("domain", &["kernel", "ports"]),
    ("adapters", &["kernel", "ports"]),
    ("delivery", &["kernel", "ports", "domain", "delivery"]),
    ("dev", &["kernel", "ports", "domain", "adapters", "delivery", "dev"]),
];

/// Arrows beyond the rings, each with its reason in the architecture document.
const EXTRA: [(&str, &str); 2] =
    [("emdash-store-sqlite", "emdash-store-sql"), ("emdash-store-pg", "emdash-store-sql")];

/// The composition root: the only crate outside tests that sees adapters.
const COMPOSITION: &str = "emdash-app";

/// Outside crates that only these may name. Danger and weight stay in one place.
const SINGLE_USERS: [(&str, &[&str]); 14] = [
    ("icu", &["emdash-intl"]),
    ("wasmtime", &["emdash-sandbox"]),
    ("wit-component", &["emdash-sandbox"]),
    ("wasm-encoder", &["emdash-sandbox"]),
    ("rusqlite", &["emdash-store-sqlite", "emdash-plugin-data"]),
    ("tokio-postgres", &["emdash-store-pg"]),
    ("deadpool-postgres", &["emdash-store-pg"]),
    ("axum", &["emdash-http"]),
    ("hyper", &["emdash-outbound"]),
    ("hyper-util", &["emdash-outbound"]),
    ("maud", &["emdash-http"]),
    ("object_store", &["emdash-blobs"]),
    ("clap", &["emdash", "xtask"]),
    ("minijinja", &["emdash-site"]),
];

struct Package {
    ring: String,
    dependencies: BTreeSet<String>,
}

fn packages() -> BTreeMap<String, Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version=1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo can be started");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let list = metadata["packages"].as_array().expect("there are packages");
    list.iter()
        .map(|package| {
            let path = package["manifest_path"].as_str().expect("a path").replace('\\', "/");
            let ring = path.rsplit('/').nth(2).expect("crates/<ring>/<crate>/Cargo.toml").to_owned();
            let production = |dependency: &&Value| dependency["kind"].is_null();
            let names = package["dependencies"].as_array().expect("a list").iter().filter(production);
            let dependencies = names.map(|name| name["name"].as_str().expect("a name").to_owned()).collect();
            (package["name"].as_str().expect("a name").to_owned(), Package { ring, dependencies })
        })
        .collect()
}

fn may_depend(from: (&str, &Package), to: (&str, &Package)) -> bool {
    if EXTRA.contains(&(from.0, to.0)) {
        return true;
    }
    if from.0 == COMPOSITION {
        return to.1.ring != "dev";
    }
    if from.0 == "emdash" {
        return to.0 == COMPOSITION || to.1.ring == "kernel";
    }
    RINGS.iter().any(|(ring, allowed)| *ring == from.1.ring && allowed.contains(&to.1.ring.as_str()))
}

#[test]
fn arrows_point_inwards_only() {
    let packages = packages();
    let mut wrong = Vec::new();
    for (name, package) in &packages {
        for target in package.dependencies.iter().filter_map(|target| packages.get_key_value(target)) {
            if !may_depend((name, package), (target.0, target.1)) {
                wrong.push(format!("{name} ({}) → {} ({})", package.ring, target.0, target.1.ring));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that docs/architecture.md does not allow:\n{}", wrong.join("\n"));
    assert!(packages.len() > 5, "the workspace was not read");
}

#[test]
fn dangerous_dependencies_have_one_home() {
    let mut wrong = Vec::new();
    for (name, package) in packages() {
        for (dependency, homes) in SINGLE_USERS {
            if package.dependencies.contains(dependency)
                && !homes.contains(&name.as_str())
                && package.ring != "dev"
            {
                wrong.push(format!("{name} names {dependency}; only {} may", homes.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_inherits_the_lints_and_has_a_readme() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let pattern = ["kernel", "ports", "domain", "adapters", "delivery", "dev"];
    let mut wrong = Vec::new();
    for ring in pattern {
        for entry in std::fs::read_dir(root.join("crates").join(ring)).into_iter().flatten().flatten() {
            let manifest = std::fs::read_to_string(entry.path().join("Cargo.toml")).unwrap_or_default();
            if !manifest.contains("[lints]\nworkspace = true") {
                wrong.push(format!("{} does not inherit the lints", entry.path().display()));
            }
            if !entry.path().join("README.md").is_file() {
                wrong.push(format!("{} has no README.md", entry.path().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
