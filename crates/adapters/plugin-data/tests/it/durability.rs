use emdash_manifest::StorageCollection;
use emdash_ports::plugin_data::{Condition, Document, DocumentQuery, PluginDataStore, Scalar};
use emdash_types::ErrorCode;
use serde_json::json;

use crate::{indexed, open, place, plugin, put};

#[test]
fn data_survives_closing_and_goes_with_its_file() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a"]))]);
    put(&*data, "c", "1", &json!({"a": 1}));
    drop(data);
    let data = open(&place, &[("c", indexed(&["a"]))]);
    assert!(data.document_exists("c", "1").unwrap());

    place.store.delete(&plugin("notes")).unwrap();
    assert_eq!(data.kv_get("k").unwrap_err().code(), ErrorCode::InvalidState);
    let left = std::fs::read_dir(place.directory.path().join("plugins")).unwrap().count();
    assert_eq!(left, 0, "no file stays behind");
    assert!(!place.store.exists(&plugin("notes")).unwrap());
    let fresh = open(&place, &[("c", indexed(&["a"]))]);
    assert!(!fresh.document_exists("c", "1").unwrap());
}

#[test]
fn indexes_follow_the_declaration_and_documents_stay() {
    let place = place();
    let by = |field: &str| DocumentQuery {
        filter: vec![(field.into(), Condition::Equals(Scalar::Number(1.0)))],
        ..DocumentQuery::default()
    };
    let first = open(&place, &[("c", indexed(&["a"]))]);
    put(&*first, "c", "1", &json!({"a": 1, "b": 1}));
    let second = open(&place, &[("c", indexed(&["b"])), ("d", indexed(&[]))]);
    assert_eq!(second.document_query("c", &by("a")).unwrap_err().code(), ErrorCode::FieldNotIndexed);
    assert_eq!(second.document_query("c", &by("b")).unwrap().items.len(), 1);
    assert_eq!(first.document_query("c", &by("a")).unwrap().items.len(), 1, "calls under way keep theirs");
    assert!(!second.document_exists("d", "1").unwrap());
}

#[test]
fn a_unique_index_refuses_a_second_document_but_not_the_same_one_again() {
    let place = place();
    let shape =
        StorageCollection { indexes: vec![], unique_indexes: vec![vec!["slug".into(), "locale".into()]] };
    let data = open(&place, &[("c", shape.clone()), ("free", indexed(&[]))]);
    let document = json!({"slug": "a", "locale": "en"});
    put(&*data, "c", "1", &document);
    put(&*data, "c", "1", &document);
    put(&*data, "free", "1", &document);
    put(&*data, "free", "2", &document);
    let batch: Vec<_> =
        ["2", "3"].map(|id| Document { id: id.into(), json: document.to_string() }).into_iter().collect();
    assert_eq!(data.document_put_many("c", &batch).unwrap_err().code(), ErrorCode::Conflict);
    put(&*data, "c", "4", &json!({"slug": "a", "locale": "de"}));
}

#[test]
fn a_unique_index_that_existing_documents_break_is_left_out() {
    let place = place();
    let data = open(&place, &[("c", indexed(&[]))]);
    put(&*data, "c", "1", &json!({"slug": "a"}));
    put(&*data, "c", "2", &json!({"slug": "a"}));
    let shape = StorageCollection { indexes: vec![], unique_indexes: vec![vec!["slug".into()]] };
    let data = open(&place, &[("c", shape)]);
    let query = DocumentQuery {
        filter: vec![("slug".into(), Condition::Equals(Scalar::Text("a".into())))],
        ..DocumentQuery::default()
    };
    assert_eq!(data.document_query("c", &query).unwrap().items.len(), 2);
}

#[test]
fn replacing_a_document_keeps_its_place_in_the_order_of_creation() {
    let place = place();
    let data = open(&place, &[("c", indexed(&[]))]);
    for id in ["b", "a"] {
        put(&*data, "c", id, &json!({}));
        place.clock.advance_millis(1);
    }
    put(&*data, "c", "b", &json!({"changed": true}));
    let page = data.document_query("c", &DocumentQuery::default()).unwrap();
    assert_eq!(page.items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["b", "a"]);
}

#[test]
fn a_file_whose_making_was_interrupted_is_made_anew() {
    let place = place();
    let folder = place.directory.path().join("plugins");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("notes.new"), "half a datab").unwrap();
    assert!(!place.store.exists(&plugin("notes")).unwrap());
    let data = open(&place, &[("c", indexed(&["a"]))]);
    put(&*data, "c", "1", &json!({"a": 1}));
    assert!(!folder.join("notes.new").exists());
}
