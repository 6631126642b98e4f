use emdash_ports::plugin_data::{DataLimits, Document};
use emdash_types::ErrorCode;

use crate::{LIMITS, indexed, open, open_within, place};

fn document(id: usize, bytes: usize) -> Document {
    Document { id: format!("{id}"), json: format!("\"{}\"", "x".repeat(bytes)) }
}

#[test]
fn a_write_beyond_the_quota_names_limit_and_use_and_changes_nothing() {
    let place = place();
    let limits = DataLimits { total_bytes: 2_000, ..LIMITS };
    let data = open_within(&place, &[("c", indexed(&[]))], limits);
    data.document_put_many("c", &[document(1, 500)]).unwrap();
    data.kv_set("k", "1").unwrap();
    let used = data.used_bytes().unwrap();

    let error = data.document_put_many("c", &[document(2, 500), document(3, 900)]).unwrap_err();
    assert_eq!(error.code(), ErrorCode::QuotaExceeded);
    let details = error.details_value().unwrap();
    assert_eq!(details["limit"], 2_000);
    assert!(details["used"].as_u64().unwrap() > 2_000);
    assert_eq!(data.used_bytes().unwrap(), used);
    assert!(!data.document_exists("c", "2").unwrap());
}

#[test]
fn deleting_and_shrinking_give_room_back() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a"]))]);
    let empty = data.used_bytes().unwrap();
    data.document_put_many("c", &[document(1, 900), document(2, 900)]).unwrap();
    data.kv_set("k", "\"xxxxxxxxxx\"").unwrap();

    let tight = open_within(&place, &[("c", indexed(&["a"]))], DataLimits { total_bytes: 100, ..LIMITS });
    tight.document_put_many("c", &[document(1, 1)]).expect("shrinking is allowed beyond the quota");
    assert_eq!(tight.document_put_many("c", &[document(1, 2)]).unwrap_err().code(), ErrorCode::QuotaExceeded);
    assert_eq!(tight.document_delete_many("c", &["1".into(), "2".into(), "3".into()]).unwrap(), 2);
    tight.kv_delete("k").unwrap();
    assert_eq!(tight.used_bytes().unwrap(), empty);
}

#[test]
fn a_document_too_long_or_too_deep_is_refused() {
    let place = place();
    let data = open(&place, &[("c", indexed(&["a"]))]);
    let error = data.document_put_many("c", &[document(1, 100_000)]).unwrap_err();
    assert_eq!(error.message(), "The document is 100002 bytes long; the limit is 100000.");
    let deep = Document { id: "d".into(), json: format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000)) };
    assert_eq!(data.document_put_many("c", &[deep]).unwrap_err().code(), ErrorCode::ValidationError);
}

#[test]
fn many_tiny_rows_count_too() {
    let place = place();
    let data = open_within(&place, &[], DataLimits { total_bytes: 10_000, ..LIMITS });
    let refused = (0..1_000).map(|n| data.kv_set(&format!("{n}"), "1")).find_map(Result::err).unwrap();
    assert_eq!(refused.code(), ErrorCode::QuotaExceeded);
}

#[test]
fn indexes_cannot_grow_a_file_without_end() {
    let place = place();
    let fields: Vec<String> = (0..40).map(|n| format!("f{n}")).collect();
    let indexes: Vec<Vec<String>> = fields.iter().map(|field| vec![field.clone(), "text".into()]).collect();
    let shape = emdash_manifest::StorageCollection { indexes, unique_indexes: Vec::new() };
    let data = open_within(&place, &[("c", shape)], DataLimits { total_bytes: 1 << 20, ..LIMITS });
    let mut outcome = Ok(());
    for n in 0..100 {
        let json = format!(r#"{{"text":"{}"}}"#, format!("{n:>5}").repeat(1_000));
        outcome = data.document_put_many("c", &[Document { id: n.to_string(), json }]);
        if outcome.is_err() {
            break;
        }
    }
    assert_eq!(outcome.unwrap_err().code(), ErrorCode::QuotaExceeded);
    data.kv_get("still works").unwrap();
}

#[test]
fn an_answer_too_long_is_refused_and_a_page_ends_early() {
    let place = place();
    let limits = DataLimits { answer_bytes: 2_500, ..LIMITS };
    let data = open_within(&place, &[("c", indexed(&[]))], limits);
    let documents: Vec<_> = (0..5).map(|id| document(id, 1_000)).collect();
    data.document_put_many("c", &documents).unwrap();

    let page = data.document_query("c", &Default::default()).unwrap();
    assert_eq!(page.items.len(), 2);
    assert!(page.cursor.is_some());
    let ids: Vec<_> = (0..5).map(|id| id.to_string()).collect();
    assert_eq!(data.document_get_many("c", &ids).unwrap_err().code(), ErrorCode::ResponseTooLarge);
}

#[test]
fn a_statement_that_reads_too_much_is_stopped_and_the_next_one_works() {
    let place = place();
    let shape = [("c", indexed(&["a"]))];
    let data = open(&place, &shape);
    let documents: Vec<_> = (0..2_000).map(|id| document(id, 1)).collect();
    data.document_put_many("c", &documents).unwrap();

    let tight = open_within(&place, &shape, DataLimits { statement_steps: 2_000, ..LIMITS });
    let error = tight.document_count("c", &Vec::new()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::HostCallLimit);
    assert!(error.message().contains("2000 steps"), "{error}");
    assert!(tight.document_exists("c", "7").unwrap());
}
