//! Settings answered from memory are the settings in the file (B12, B13).

use emdash_ports::plugin_data::{KeyChange, PluginData, PluginDataStore};
use emdash_types::ErrorCode;
use proptest::prelude::*;

use crate::{LIMITS, open, open_within, place, plugin};

fn change(key: &str, json: Option<&str>) -> KeyChange {
    KeyChange { key: key.to_owned(), json: json.map(str::to_owned) }
}

fn read(data: &dyn PluginData, key: &str) -> Option<String> {
    data.kv_get(key).unwrap()
}

#[test]
fn a_change_is_seen_by_every_handle_at_once() {
    let place = place();
    let (writer, reader) = (open(&place, &[]), open(&place, &[]));
    assert_eq!(read(&*reader, "settings:model"), None);
    writer.kv_change(&[change("settings:model", Some("\"a\""))], None).unwrap();
    assert_eq!(read(&*reader, "settings:model").as_deref(), Some("\"a\""));
    writer.kv_set("settings:model", "\"b\"").unwrap();
    assert_eq!(read(&*reader, "settings:model").as_deref(), Some("\"b\""));
    assert!(writer.kv_delete("settings:model").unwrap());
    assert_eq!(read(&*reader, "settings:model"), None);
}

#[test]
fn several_keys_change_together_or_not_at_all() {
    let place = place();
    let data = open(&place, &[]);
    let long = format!("\"{}\"", "x".repeat(LIMITS.document_bytes));
    let changes = [change("settings:a", Some("1")), change("settings:b", Some(&long))];
    assert_eq!(data.kv_change(&changes, None).unwrap_err().code(), ErrorCode::QuotaExceeded);
    assert_eq!(read(&*data, "settings:a"), None);
    assert_eq!(data.kv_list("settings:").unwrap(), []);
}

#[test]
fn a_change_made_for_an_older_version_is_refused() {
    let place = place();
    let data = open(&place, &[]);
    let version = data.settings_version().unwrap();
    data.kv_change(&[change("settings:a", Some("1"))], Some(version)).unwrap();
    let late = data.kv_change(&[change("settings:a", Some("2"))], Some(version));
    assert_eq!(late.unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(read(&*data, "settings:a").as_deref(), Some("1"));
    // Keys that are no settings are not versioned.
    let version = data.settings_version().unwrap();
    data.kv_set("state:x", "1").unwrap();
    assert_eq!(data.settings_version().unwrap(), version);
}

#[test]
fn settings_too_large_for_memory_are_read_from_the_file() {
    let place = place();
    let data =
        open_within(&place, &[], emdash_ports::plugin_data::DataLimits { total_bytes: 1 << 23, ..LIMITS });
    let large = format!("\"{}\"", "x".repeat(90_000));
    for number in 0..20 {
        data.kv_set(&format!("settings:{number}"), &large).unwrap();
    }
    data.kv_set("settings:7", "7").unwrap();
    assert_eq!(read(&*data, "settings:7").as_deref(), Some("7"));
    assert_eq!(read(&*data, "settings:19"), Some(large));
    assert_eq!(read(&*data, "settings:20"), None);
}

#[test]
fn settings_of_removed_data_are_gone_from_memory_too() {
    let place = place();
    let data = open(&place, &[]);
    data.kv_set("settings:a", "1").unwrap();
    place.store.delete(&plugin("notes")).unwrap();
    assert_eq!(data.kv_get("settings:a").unwrap_err().code(), ErrorCode::InvalidState);
    assert_eq!(read(&*open(&place, &[]), "settings:a"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever is done, memory says what the file says.
    #[test]
    fn memory_and_file_never_differ(steps in prop::collection::vec((0..6_usize, 0..4_u8, any::<u16>()), 1..40)) {
        let place = place();
        let data = open(&place, &[]);
        let names = ["settings:a", "settings:b", "settings:", "settings", "state:a", "settings:ab"];
        for (key, kind, value) in steps {
            let (key, value) = (names[key], value.to_string());
            match kind {
                0 => data.kv_set(key, &value).unwrap(),
                1 => drop(data.kv_delete(key).unwrap()),
                2 => data.kv_change(&[change(key, Some(&value)), change("settings:a", None)], None).unwrap(),
                _ => drop(data.kv_change(&[change(key, Some("1"))], Some(1))),
            }
            let listed = data.kv_list("").unwrap();
            for name in names {
                let in_file = listed.iter().find(|item| item.id == name).map(|item| item.json.clone());
                prop_assert_eq!(data.kv_get(name).unwrap(), in_file);
            }
        }
    }
}
