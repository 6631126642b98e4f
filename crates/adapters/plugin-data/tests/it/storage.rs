use emdash_ports::plugin_data::{Condition, Direction, Document, DocumentQuery, PluginData, Scalar};
use emdash_types::ErrorCode;
use serde_json::json;

use crate::{indexed, open, place, put};

fn found(data: &dyn PluginData, condition: Condition) -> Vec<String> {
    let filter = vec![("v".to_owned(), condition)];
    let query = DocumentQuery { filter: filter.clone(), ..DocumentQuery::default() };
    let ids: Vec<_> =
        data.document_query("c", &query).unwrap().items.into_iter().map(|item| item.id).collect();
    assert_eq!(data.document_count("c", &filter).unwrap(), ids.len() as u64);
    ids
}

fn range(gt: Option<Scalar>, lte: Option<Scalar>) -> Condition {
    Condition::Range { gt, gte: None, lt: None, lte }
}

#[test]
fn values_are_compared_within_their_json_type() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["v"]))]);
    for (id, value) in [
        ("01-number", json!(2)),
        ("02-bigger", json!(10)),
        ("03-text", json!("2")),
        ("04-text", json!("10")),
        ("05-true", json!(true)),
        ("06-one", json!(1)),
        ("07-null", json!(null)),
        ("08-object", json!({"a": 1})),
        ("09-half", json!(2.5)),
        ("10-upper", json!("Ab")),
        ("11-lower", json!("ab_%")),
        ("12-false", json!(false)),
    ] {
        put(&*data, "c", id, &json!({ "v": value }));
    }
    put(&*data, "c", "13-absent", &json!({}));
    put(&*data, "c", "14-not-an-object", &json!([1]));

    let text = |text: &str| Scalar::Text(text.into());
    let cases = [
        (Condition::Equals(Scalar::Number(2.0)), vec!["01-number"]),
        (Condition::Equals(text("2")), vec!["03-text"]),
        (Condition::Equals(Scalar::Boolean(true)), vec!["05-true"]),
        (Condition::Equals(Scalar::Boolean(false)), vec!["12-false"]),
        (Condition::Equals(Scalar::Number(1.0)), vec!["06-one"]),
        (Condition::Equals(Scalar::Null), vec!["07-null", "13-absent", "14-not-an-object"]),
        (Condition::In(vec![]), vec![]),
        (
            Condition::In(vec![
                Scalar::Number(10.0),
                text("10"),
                Scalar::Number(2.5),
                text("x"),
                Scalar::Boolean(true),
            ]),
            vec!["02-bigger", "04-text", "05-true", "09-half"],
        ),
        (
            Condition::In(vec![Scalar::Null, Scalar::Number(2.0)]),
            vec!["01-number", "07-null", "13-absent", "14-not-an-object"],
        ),
        (range(Some(Scalar::Number(2.0)), None), vec!["02-bigger", "09-half"]),
        (range(Some(Scalar::Number(1.0)), Some(Scalar::Number(2.5))), vec!["01-number", "09-half"]),
        (range(Some(text("10")), Some(text("Ab"))), vec!["03-text", "10-upper"]),
        (Condition::StartsWith("a".into()), vec!["11-lower"]),
        (Condition::StartsWith("ab_".into()), vec!["11-lower"]),
        (Condition::StartsWith("%".into()), vec![]),
        (Condition::StartsWith(String::new()), vec!["03-text", "04-text", "10-upper", "11-lower"]),
        (Condition::Equals(text("{\"a\":1}")), vec![]),
    ];
    for (condition, expected) in cases {
        assert_eq!(found(&*data, condition.clone()), expected, "{condition:?}");
    }
}

#[test]
fn numbers_sort_as_numbers_and_several_fields_sort_in_turn() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a", "b"]))]);
    for (id, a, b) in [("1", 10, "x"), ("2", 9, "x"), ("3", 9, "y"), ("4", 100, "x")] {
        put(&*data, "c", id, &json!({"a": a, "b": b}));
    }
    let order = vec![("b".into(), Direction::Descending), ("a".into(), Direction::Ascending)];
    let page = data.document_query("c", &DocumentQuery { order, ..DocumentQuery::default() }).unwrap();
    assert_eq!(page.items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["3", "2", "1", "4"]);
}

#[test]
fn only_declared_collections_and_indexed_fields_can_be_used() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a"])), ("we'ird \"name", indexed(&["a"]))]);
    for name in ["../x", "_plugin_storage", "c'; DROP TABLE _plugin_storage; --", "", "__kv", "C"] {
        let error = data.document_get(name, "1").unwrap_err();
        assert_eq!(error.code(), ErrorCode::CollectionUndeclared);
        assert_eq!(error.message(), format!("Storage collection not declared: {name}"));
    }
    put(&*data, "we'ird \"name", "1", &json!({"a": 1}));
    assert!(!data.document_exists("c", "1").unwrap(), "collections are apart");

    let filter = |field: &str| vec![(field.to_owned(), Condition::Equals(Scalar::Null))];
    for field in ["b", "a') OR 1=1 --", "", "a.b", "$"] {
        let error = data.document_count("c", &filter(field)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::FieldNotIndexed);
        assert_eq!(error.message(), format!("Cannot query on non-indexed field '{field}'."));
    }
    let order = vec![("b".into(), Direction::Ascending)];
    let error = data.document_query("c", &DocumentQuery { order, ..DocumentQuery::default() }).unwrap_err();
    assert_eq!(error.message(), "Cannot order by non-indexed field 'b'.");
}

#[test]
fn a_declared_index_that_is_no_field_name_never_becomes_sql() {
    let place = place();
    let hostile = "a') FROM x; DROP TABLE _plugin_kv; --";
    let data = open(&place, &[("c", indexed(&[hostile]))]);
    let filter = vec![(hostile.to_owned(), Condition::Equals(Scalar::Null))];
    assert_eq!(data.document_count("c", &filter).unwrap_err().code(), ErrorCode::FieldNotIndexed);
    data.kv_set("k", "1").unwrap();
}

#[test]
fn many_documents_come_and_go_together() {
    let place = place();
    let data = open(&place, &[("c", indexed(&[]))]);
    let hostile_ids = ["a", "\"", "[", "ü\u{0}", "' OR 1=1"];
    let documents: Vec<_> =
        hostile_ids.iter().map(|id| Document { id: (*id).into(), json: "1".into() }).collect();
    data.document_put_many("c", &documents).unwrap();
    let mut ids: Vec<String> = hostile_ids.iter().map(|id| (*id).to_owned()).collect();
    ids.push("missing".into());
    assert_eq!(data.document_get_many("c", &ids).unwrap().len(), hostile_ids.len());
    assert_eq!(data.document_delete_many("c", &ids).unwrap(), hostile_ids.len() as u64);
    assert_eq!(data.document_count("c", &Vec::new()).unwrap(), 0);
}

#[test]
fn the_limit_is_clamped_and_fifty_where_nothing_is_said() {
    for (asked, effective) in [(None, 50), (Some(0), 1), (Some(7), 7), (Some(5_000), 1_000)] {
        let query = DocumentQuery { limit: asked, ..DocumentQuery::default() };
        assert_eq!(query.effective_limit(), effective);
    }
}
