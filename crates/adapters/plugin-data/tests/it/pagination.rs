//! The law of pages: whatever the order, every document appears exactly once, in order.

use emdash_ports::plugin_data::{Direction, Document, DocumentQuery, PluginData};
use emdash_types::ErrorCode;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{indexed, open, place, put};

fn value() -> impl Strategy<Value = Option<Value>> {
    prop_oneof![
        Just(None),
        Just(Some(Value::Null)),
        any::<bool>().prop_map(|value| Some(value.into())),
        (-2_i64..3).prop_map(|value| Some(value.into())),
        any::<f64>()
            .prop_filter("JSON has no NaN", |value| value.is_finite())
            .prop_map(|value| Some(value.into())),
        "[ab%_\u{0}ü]{0,3}".prop_map(|value| Some(value.into())),
        Just(Some("long ".repeat(1_500).into())),
        Just(Some(json!([1, {"x": "y"}]))),
    ]
}

fn order() -> impl Strategy<Value = Vec<(String, Direction)>> {
    let direction = prop_oneof![Just(Direction::Ascending), Just(Direction::Descending)];
    let field = prop_oneof![Just("a".to_owned()), Just("b".to_owned())];
    proptest::collection::vec((field, direction), 0..3)
}

fn every_page(data: &dyn PluginData, order: &[(String, Direction)], limit: u32) -> Vec<String> {
    let mut query = DocumentQuery { order: order.to_vec(), limit: Some(limit), ..DocumentQuery::default() };
    let mut ids = Vec::new();
    loop {
        let page = data.document_query("c", &query).unwrap();
        assert!(page.items.len() <= limit as usize);
        ids.extend(page.items.into_iter().map(|item| item.id));
        match page.cursor {
            Some(cursor) => query.cursor = Some(cursor),
            None => return ids,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_document_appears_exactly_once_in_the_order_of_one_large_page(
        values in proptest::collection::vec((value(), value()), 0..24),
        order in order(),
        limit in 1_u32..6,
    ) {
        let place = place();
        let data = open(&place, &[("c", indexed(&["a", "b"]))]);
        for (number, (a, b)) in values.iter().enumerate() {
            let mut document = serde_json::Map::new();
            if let Some(a) = a { document.insert("a".into(), a.clone()); }
            if let Some(b) = b { document.insert("b".into(), b.clone()); }
            put(&*data, "c", &format!("{number}"), &Value::Object(document));
            place.clock.advance_millis((number % 2) as i64);
        }
        let whole = every_page(&*data, &order, 1_000);
        prop_assert_eq!(whole.len(), values.len());
        prop_assert_eq!(every_page(&*data, &order, limit), whole);
    }
}

#[test]
fn a_page_goes_on_where_it_was_although_documents_come_and_go() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a"]))]);
    for number in 0..10 {
        put(&*data, "c", &number.to_string(), &json!({"a": number}));
    }
    let order = vec![("a".to_owned(), Direction::Ascending)];
    let mut query = DocumentQuery { order, limit: Some(5), ..DocumentQuery::default() };
    query.cursor = data.document_query("c", &query).unwrap().cursor;
    data.document_delete_many("c", &["4".into(), "0".into()]).unwrap();
    put(&*data, "c", "new", &json!({"a": -1}));
    let rest = data.document_query("c", &query).unwrap();
    assert_eq!(rest.items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["5", "6", "7", "8", "9"]);
    assert_eq!(rest.cursor, None);
}

#[test]
fn half_a_surrogate_pair_sorts_and_pages_like_any_text() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a"]))]);
    let documents = [r#"{"a":"\ud800"}"#, r#"{"a":"\udfff"}"#, r#"{"a":"z"}"#];
    for (number, json) in documents.iter().enumerate() {
        let document = Document { id: number.to_string(), json: (*json).to_owned() };
        data.document_put_many("c", &[document]).unwrap();
    }
    let order = [("a".to_owned(), Direction::Ascending)];
    assert_eq!(every_page(&*data, &order, 1), every_page(&*data, &order, 10));
}

#[test]
fn a_made_up_cursor_is_refused_in_the_words_of_the_contract() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a"]))]);
    for cursor in ["", "abc", "e30=", "bnVsbA==", &"A".repeat(5_000)] {
        let query = DocumentQuery { cursor: Some(cursor.to_owned()), ..DocumentQuery::default() };
        let error = data.document_query("c", &query).unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidCursor);
        let shown: String = cursor.chars().take(50).collect();
        assert_eq!(error.message(), format!("Invalid pagination cursor: {shown}"));
    }
}
