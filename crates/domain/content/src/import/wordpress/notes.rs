//! Notes that every kind of item shares.

use emdash_document::gutenberg::{Note, NoteKind};
use emdash_document::wxr::{Item, MetaEntry};

use super::identity::external_id;
use crate::import::report::{Effect, ImportNote, ItemReport, Outcome};

/// The report of an item, without notes.
pub(super) fn report(item: &Item, outcome: Outcome) -> ItemReport {
    ItemReport {
        kind: item.post_type.clone(),
        external_id: external_id(item),
        title: item.title.clone(),
        outcome,
        id: None,
        link: Some(item.link.clone()).filter(|link| !link.is_empty()),
        path: None,
        notes: Vec::new(),
    }
}

/// The report of an item that is left out.
pub(super) fn skipped(item: &Item, reason: &str) -> ItemReport {
    let mut report = report(item, Outcome::Skipped);
    let what = match item.status.as_str() {
        "trash" | "auto-draft" => format!("{} in status {}", item.post_type, item.status),
        _ => format!("post type {}", item.post_type),
    };
    report.notes.push(ImportNote::dropped(what, reason));
    report
}

/// What no item keeps.
pub(super) fn common(item: &Item) -> Vec<ImportNote> {
    let mut notes = Vec::new();
    let mut dropped = |what: &str, detail: &str| notes.push(ImportNote::dropped(what, detail));
    for (what, value) in [
        ("comment status", &item.comment_status),
        ("ping status", &item.ping_status),
        ("guid", &item.guid),
        ("description", &item.description),
    ] {
        if !value.trim().is_empty() {
            dropped(what, &shortened(value));
        }
    }
    if item.is_sticky {
        dropped("sticky", "the post stood at the top of the front page");
    }
    for name in &item.unknown {
        dropped(&format!("element <{name}>"), "");
    }
    if item.comments > 0 {
        let mut note = ImportNote::dropped("comment", "comments are not imported");
        note.count = item.comments;
        notes.push(note);
    }
    notes
}

/// A meta entry that has no place here.
pub(super) fn meta(entry: &MetaEntry) -> ImportNote {
    // One line for a family of keys: WordPress hashes an address into each.
    let family = if entry.key.starts_with("_oembed_") { "_oembed_*" } else { entry.key.as_str() };
    ImportNote::dropped(format!("meta {family}"), shortened(&entry.value))
}

/// What the conversion of markup reports.
pub(super) fn converted(note: Note) -> ImportNote {
    let effect = match note.kind {
        NoteKind::Dropped => Effect::Dropped,
        NoteKind::Simplified => Effect::Simplified,
        NoteKind::KeptAsHtml => Effect::KeptAsHtml,
    };
    ImportNote { effect, what: note.what, detail: note.detail, count: note.count }
}

/// The beginning of a value.
pub(super) fn shortened(text: &str) -> String {
    let text = text.trim();
    let mut short: String = text.chars().take(120).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
