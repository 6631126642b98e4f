use emdash_ports::plugin_data::{DataSnapshot, PluginDataStore};
use emdash_types::ErrorCode;
use serde_json::json;

use crate::{indexed, open, place, plugin, put};

#[test]
fn restoring_brings_back_what_was_there_even_for_handles_still_open() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a"]))]);
    put(&*data, "c", "1", &json!({"a": 1}));
    data.kv_set("k", "\"before\"").unwrap();
    data.kv_set("settings:s", "\"before\"").unwrap();
    let used = data.used_bytes().unwrap();
    let snapshot = place.store.snapshot(&plugin("notes")).unwrap();

    let later = open(&place, &[("c", indexed(&["b"])), ("d", indexed(&[]))]);
    put(&*later, "c", "2", &json!({"b": 1}));
    later.kv_set("k", "\"after\"").unwrap();
    later.kv_set("settings:s", "\"after\"").unwrap();
    let version = data.settings_version().unwrap();
    for _ in 0..2 {
        place.store.restore(&plugin("notes"), &snapshot).unwrap();
        assert_eq!(data.kv_get("k").unwrap().as_deref(), Some("\"before\""));
        assert_eq!(data.kv_get("settings:s").unwrap().as_deref(), Some("\"before\""));
        assert!(data.settings_version().unwrap() > version);
        assert!(!later.document_exists("c", "2").unwrap());
        assert_eq!(later.used_bytes().unwrap(), used);
        later.kv_set("k", "\"again\"").unwrap();
    }
    drop((data, later));
    place.store.restore(&plugin("notes"), &snapshot).unwrap();
    let reopened = open(&place, &[("c", indexed(&["a"]))]);
    assert_eq!(reopened.kv_get("k").unwrap().as_deref(), Some("\"before\""));
}

#[test]
fn a_snapshot_of_nothing_restores_nothing() {
    let place = place();
    let snapshot = place.store.snapshot(&plugin("notes")).unwrap();
    let data = open(&place, &[]);
    data.kv_set("k", "1").unwrap();
    place.store.restore(&plugin("notes"), &snapshot).unwrap();
    assert_eq!(data.kv_get("k").unwrap_err().code(), ErrorCode::InvalidState);
    assert!(!place.store.exists(&plugin("notes")).unwrap());
}

#[test]
fn snapshots_are_a_plugins_own_and_go_with_its_data() {
    let place = place();
    open(&place, &[]).kv_set("k", "1").unwrap();
    let [kept, discarded] = [(); 2].map(|()| place.store.snapshot(&plugin("notes")).unwrap());
    let missing = |name: &str, snapshot: &DataSnapshot| {
        place.store.restore(&plugin(name), snapshot).map_err(|error| error.code())
    };
    assert_eq!(missing("other", &kept), Err(ErrorCode::NotFound));
    place.store.discard(&plugin("notes"), &discarded).unwrap();
    place.store.discard(&plugin("notes"), &discarded).unwrap();
    assert_eq!(missing("notes", &discarded), Err(ErrorCode::NotFound));
    assert_eq!(DataSnapshot::parse(kept.as_str()).unwrap(), kept);
    place.store.delete(&plugin("notes")).unwrap();
    assert_eq!(missing("notes", &kept), Err(ErrorCode::NotFound));
    assert!(DataSnapshot::parse("../notes").is_err());
}
