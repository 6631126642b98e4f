//! Lists: order, pages, filters.

use std::cmp::Ordering;
use std::sync::Arc;

use emdash_types::{Cursor, ErrorCode, PageRequest, Timestamp};
use serde_json::{Value, json};

use super::Make;
use super::make::name;
use crate::SiteStore;
use crate::content::{
    Collection, DateField, DateRange, Entry, EntryFilter, EntryOrder, EntryStatus, FieldCondition, OrderBy,
};

fn orders() -> Vec<EntryOrder> {
    let mut columns = vec![
        OrderBy::CreatedAt,
        OrderBy::UpdatedAt,
        OrderBy::PublishedAt,
        OrderBy::ScheduledAt,
        OrderBy::Slug,
        OrderBy::Status,
        OrderBy::Locale,
    ];
    columns.extend(["title", "rating", "place", "pinned"].map(|field| OrderBy::Field(name(field))));
    let both = |by: OrderBy| [false, true].map(|descending| EntryOrder { by: by.clone(), descending });
    columns.into_iter().flat_map(both).collect()
}

/// An entry whose every column has few possible values, none among them.
fn random_entry(make: &Make, posts: &Collection, serial: usize) -> Entry {
    let text = |choice: u8| ["", "a", "A", "ä", "z"][usize::from(choice)];
    let mut data = json!({});
    if make.below(4) > 0 {
        data["title"] = json!(text(make.below(5)));
    }
    if make.below(4) > 0 {
        data["rating"] = json!(f64::from(make.below(4)) / 3.0 - 0.5);
    }
    if make.below(4) > 0 {
        data["place"] = json!(i64::from(make.below(4)) - 2);
    }
    if make.below(3) > 0 {
        data["pinned"] = json!(make.below(2) == 0);
    }
    let instant = || Timestamp::from_millis(1_700_000_000_000 + i64::from(make.below(4)));
    let mut entry = make.entry(posts, &format!("s{}-{serial}", make.below(4)), data);
    entry.created_at = instant();
    entry.updated_at = instant();
    entry.published_at = (make.below(3) > 0).then(instant);
    entry.scheduled_at = (make.below(3) > 0).then(instant);
    entry.status =
        [EntryStatus::Draft, EntryStatus::Published, EntryStatus::Scheduled][usize::from(make.below(3))];
    entry.locale = ["de", "en", "fr"][usize::from(make.below(3))].to_owned();
    if make.below(4) == 0 {
        entry.slug = None;
    }
    entry
}

/// The order as the trait states it, over entries.
fn compare(a: &Entry, b: &Entry, order: &EntryOrder) -> Ordering {
    let field = |entry: &Entry, field: &str| entry.data.get(field).cloned();
    let by = match &order.by {
        OrderBy::CreatedAt => a.created_at.cmp(&b.created_at),
        OrderBy::UpdatedAt => a.updated_at.cmp(&b.updated_at),
        OrderBy::PublishedAt => a.published_at.cmp(&b.published_at),
        OrderBy::ScheduledAt => a.scheduled_at.cmp(&b.scheduled_at),
        OrderBy::DeletedAt => a.deleted_at.cmp(&b.deleted_at),
        OrderBy::Slug => a.slug.cmp(&b.slug),
        OrderBy::Status => a.status.as_str().cmp(b.status.as_str()),
        OrderBy::Locale => a.locale.cmp(&b.locale),
        OrderBy::Field(name) => match (field(a, name.as_str()), field(b, name.as_str())) {
            (Some(Value::String(a)), Some(Value::String(b))) => a.cmp(&b),
            (Some(Value::Bool(a)), Some(Value::Bool(b))) => a.cmp(&b),
            (Some(a), Some(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap(),
            (a, b) => a.is_some().cmp(&b.is_some()),
        },
    };
    let ordering = by.then_with(|| a.id.cmp(&b.id));
    if order.descending { ordering.reverse() } else { ordering }
}

/// Whatever is inserted between the pages: the rows that were there come exactly once and in order, none twice.
pub async fn walking_pages_gives_every_row_once_under_inserts(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut serial = 0;
    let mut add = async |count: usize| {
        let mut write = store.write().await.unwrap();
        let mut added = Vec::new();
        for _ in 0..count {
            serial += 1;
            let entry = random_entry(&make, &posts, serial);
            write.entry_add(&posts, &entry).await.unwrap();
            added.push(entry);
        }
        write.commit().await.unwrap();
        added
    };
    let mut stored = add(30).await;
    for order in orders() {
        let mut expected = stored.clone();
        expected.sort_by(|a, b| compare(a, b, &order));
        let (mut walked, mut cursor) = (Vec::new(), None);
        loop {
            let mut read = store.read().await.unwrap();
            let request = PageRequest { limit: 7, cursor };
            let page = read.entry_list(&posts, &EntryFilter::default(), &order, &request).await.unwrap();
            assert!(page.items.len() == 7 || page.next.is_none(), "a short page is the last: {order:?}");
            walked.extend(page.items);
            let Some(next) = page.next else { break };
            cursor = Some(Cursor::decode(&next.encode()).unwrap());
            if stored.len() < 60 {
                stored.extend(add(1).await);
            }
        }
        let mut ids: Vec<_> = walked.iter().map(|entry| entry.id.clone()).collect();
        let rows_from_the_start = walked.iter().filter(|entry| expected.contains(entry));
        assert!(rows_from_the_start.eq(expected.iter()), "{order:?}");
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), walked.len(), "a row came twice: {order:?}");
    }
}

/// Numbered pages show the same list.
pub async fn windows_and_pages_agree(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    for serial in 0..20 {
        write.entry_add(&posts, &random_entry(&make, &posts, serial)).await.unwrap();
    }
    let filter = EntryFilter::default();
    for order in orders() {
        let page = write.entry_list(&posts, &filter, &order, &PageRequest::first(50)).await.unwrap();
        let mut windows = Vec::new();
        for offset in [0, 8, 16, 24] {
            windows.extend(write.entry_window(&posts, &filter, &order, offset, 8).await.unwrap());
        }
        assert_eq!(windows, page.items, "{order:?}");
    }
    assert_eq!(write.entry_count(&posts, &filter).await.unwrap(), 20);
}

/// Each condition alone finds exactly what it says, and all together hold together.
pub async fn every_filter_narrows(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    let (author, byline, term) = (make.ambient.id(), make.byline("b", None), make.term("tag", "t"));
    write.byline_add(&byline).await.unwrap();
    write.term_add(&term).await.unwrap();
    let mut one = make.entry(&posts, "one", json!({"title": "100% Ärger_"}));
    one.status = EntryStatus::Scheduled;
    one.locale = "de".to_owned();
    one.author_id = Some(author);
    one.scheduled_at = Some(make.instant());
    let two = make.entry(&posts, "two-ÄRG", json!({"title": "x"}));
    for entry in [&one, &two] {
        write.entry_add(&posts, entry).await.unwrap();
    }
    write.entry_bylines_set(&posts.name, &one.id, &[(byline.id.clone(), None)]).await.unwrap();
    write.entry_terms_set(&posts.name, &one.id, &name("tag"), std::slice::from_ref(&term.id)).await.unwrap();
    let (at, none) = (one.created_at, EntryFilter::default());
    let dates = |from, until| Some(DateRange { field: DateField::CreatedAt, from, until });
    let both = [one.id.clone(), two.id.clone()];
    let filters = [
        (EntryFilter { status: Some(EntryStatus::Scheduled), ..none.clone() }, &both[..1]),
        (EntryFilter { locale: Some("de".to_owned()), ..none.clone() }, &both[..1]),
        (EntryFilter { author_id: one.author_id.clone(), ..none.clone() }, &both[..1]),
        (EntryFilter { byline_id: Some(byline.id), ..none.clone() }, &both[..1]),
        (EntryFilter { terms: Some(vec![make.ambient.id(), term.id]), ..none.clone() }, &both[..1]),
        (EntryFilter { terms: Some(vec![]), ..none.clone() }, &[]),
        (EntryFilter { text: Some("ärG".to_owned()), ..none.clone() }, &both),
        (EntryFilter { text: Some("ärger_".to_owned()), ..none.clone() }, &both[..1]),
        (EntryFilter { text: Some("0%".to_owned()), ..none.clone() }, &both[..1]),
        (EntryFilter { text: Some("%".repeat(3)), ..none.clone() }, &[]),
        (EntryFilter { dates: dates(Some(at), Some(at.plus_millis(1))), ..none.clone() }, &both[..1]),
        (EntryFilter { dates: dates(Some(at.plus_millis(1)), None), ..none.clone() }, &both[1..]),
        (EntryFilter { dates: dates(None, Some(at)), ..none.clone() }, &[]),
        (EntryFilter { due_at: one.scheduled_at, ..none.clone() }, &both[..1]),
        (EntryFilter { due_at: one.scheduled_at.map(|at| at.plus_millis(-1)), ..none.clone() }, &[]),
        (EntryFilter { ids: Some(vec![two.id.clone(), "x".into()]), ..none.clone() }, &both[1..]),
        (EntryFilter { ids: Some(both.to_vec()), locale: Some("en".to_owned()), ..none.clone() }, &both[1..]),
        (EntryFilter { translation_group: Some(one.translation_group.clone()), ..none.clone() }, &both[..1]),
        (none, &both),
    ];
    let order = EntryOrder { by: OrderBy::CreatedAt, descending: false };
    for (filter, expected) in filters {
        let page = write.entry_list(&posts, &filter, &order, &PageRequest::first(9)).await.unwrap();
        let found: Vec<_> = page.items.into_iter().map(|entry| entry.id).collect();
        assert_eq!(found, expected, "{filter:?}");
        let count = usize::try_from(write.entry_count(&posts, &filter).await.unwrap()).unwrap();
        assert_eq!(count, expected.len(), "{filter:?}");
    }
}

/// What has no value fulfils no condition but that.
pub async fn conditions_on_fields_narrow(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut write = store.write().await.unwrap();
    let rows = [
        json!({"title": "Alpha", "rating": 1.5, "place": 1, "pinned": true}),
        json!({"title": "Alpine", "rating": 2.5, "place": 2, "pinned": false}),
        json!({"title": "Beta", "place": 3}),
    ];
    for (position, data) in rows.into_iter().enumerate() {
        write.entry_add(&posts, &make.entry(&posts, &format!("s{position}"), data)).await.unwrap();
    }
    let range =
        |gt: Option<i64>, gte: Option<i64>, lt: Option<i64>, lte: Option<i64>| FieldCondition::Range {
            gt: gt.map(Into::into),
            gte: gte.map(Into::into),
            lt: lt.map(Into::into),
            lte: lte.map(Into::into),
        };
    let conditions = [
        ("title", FieldCondition::In(vec![json!("Beta"), json!("None")]), vec!["s2"]),
        ("title", FieldCondition::In(vec![]), vec![]),
        ("title", FieldCondition::Prefix("Alp".to_owned()), vec!["s0", "s1"]),
        ("title", FieldCondition::Prefix("alp".to_owned()), vec![]),
        ("rating", FieldCondition::Missing, vec!["s2"]),
        ("rating", range(Some(1), None, Some(2), None), vec!["s0"]),
        ("place", range(None, Some(2), None, Some(3)), vec!["s1", "s2"]),
        ("pinned", FieldCondition::In(vec![json!(false)]), vec!["s1"]),
    ];
    let order = EntryOrder { by: OrderBy::Slug, descending: false };
    for (field, condition, expected) in conditions {
        let filter = EntryFilter { fields: vec![(name(field), condition)], ..EntryFilter::default() };
        let page = write.entry_list(&posts, &filter, &order, &PageRequest::first(9)).await.unwrap();
        let found: Vec<_> = page.items.into_iter().filter_map(|entry| entry.slug).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
    for (field, value) in [("title", json!(1)), ("place", json!("x")), ("none", json!("x"))] {
        let fields = vec![(name(field), FieldCondition::In(vec![value]))];
        let filter = EntryFilter { fields, ..EntryFilter::default() };
        let refused = write.entry_count(&posts, &filter).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ValidationError, "{field}");
    }
}

/// Not every cursor fits every order.
pub async fn a_cursor_of_another_order_is_refused(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.stored_posts(&*store).await;
    let mut read = store.read().await.unwrap();
    let order = EntryOrder { by: OrderBy::Field(name("place")), descending: true };
    for order_value in ["2026-01-01", "\"text\"", "{"] {
        let cursor = Some(Cursor { order_value: order_value.to_owned(), id: "x".to_owned() });
        let request = PageRequest { limit: 2, cursor };
        let error = read.entry_list(&posts, &EntryFilter::default(), &order, &request).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidCursor, "{order_value}");
    }
    let order = EntryOrder { by: OrderBy::Field(name("nothing")), descending: true };
    let request = PageRequest::first(1);
    let error = read.entry_list(&posts, &EntryFilter::default(), &order, &request).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ValidationError);
}
