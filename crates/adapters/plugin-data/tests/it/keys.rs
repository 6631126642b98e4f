use emdash_types::ErrorCode;

use crate::{open, place, plugin};
use emdash_ports::plugin_data::PluginDataStore;

#[test]
fn a_key_is_set_replaced_read_and_forgotten() {
    let place = place();
    let data = open(&place, &[]);
    assert_eq!(data.kv_get("a").unwrap(), None);
    data.kv_set("a", "1").unwrap();
    data.kv_set("a", r#"{"b":[true,null]}"#).unwrap();
    assert_eq!(data.kv_get("a").unwrap().as_deref(), Some(r#"{"b":[true,null]}"#));
    assert!(data.kv_delete("a").unwrap());
    assert!(!data.kv_delete("a").unwrap());
}

#[test]
fn a_prefix_is_plain_text_whatever_it_contains() {
    let place = place();
    let data = open(&place, &[]);
    let keys = ["a_b", "axb", "a%", "a%c", "a\u{10FFFF}z", "'; DROP TABLE _plugin_kv; --", "A_b", "__kv"];
    for key in keys {
        data.kv_set(key, "1").unwrap();
    }
    let list =
        |prefix: &str| data.kv_list(prefix).unwrap().into_iter().map(|item| item.id).collect::<Vec<_>>();
    assert_eq!(list("a_"), ["a_b"]);
    assert_eq!(list("a%"), ["a%", "a%c"]);
    assert_eq!(list("a\u{10FFFF}"), ["a\u{10FFFF}z"]);
    assert_eq!(list("\u{10FFFF}"), Vec::<String>::new());
    assert_eq!(list("';"), ["'; DROP TABLE _plugin_kv; --"]);
    assert_eq!(list("").len(), keys.len());
}

#[test]
fn an_empty_or_overlong_key_is_refused() {
    let place = place();
    let data = open(&place, &[]);
    assert_eq!(data.kv_set("", "1").unwrap_err().message(), "Missing required string parameter: key");
    let error = data.kv_set(&"k".repeat(513), "1").unwrap_err();
    assert_eq!(error.code(), ErrorCode::QuotaExceeded);
    assert_eq!(error.message(), "The key is 513 bytes long; the limit is 512.");
}

#[test]
fn plugins_do_not_see_each_others_keys() {
    let place = place();
    let notes = open(&place, &[]);
    notes.kv_set("a", "1").unwrap();
    let other = place.store.open(&plugin("other"), &Default::default(), crate::LIMITS).unwrap();
    assert_eq!(other.kv_get("a").unwrap(), None);
    assert!(place.store.exists(&plugin("other")).unwrap());
    assert!(!place.store.exists(&plugin("third")).unwrap());
}
