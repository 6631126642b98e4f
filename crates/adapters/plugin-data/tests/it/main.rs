//! The data of a plugin, on real files.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a step that fails is a test that fails")]

mod durability;
mod keys;
mod pagination;
mod quota;
mod settings;
mod snapshots;
mod sql;
mod storage;

use std::collections::BTreeMap;
use std::sync::Arc;

use emdash_manifest::StorageCollection;
use emdash_plugin_data::SqlitePluginData;
use emdash_ports::plugin_data::{DataLimits, Document, PluginData, PluginDataStore};
use emdash_types::PluginId;
use emdash_types::testing::{ManualClock, ambient};
use serde_json::Value;
use tempfile::TempDir;

const LIMITS: DataLimits = DataLimits {
    total_bytes: 1 << 20,
    document_bytes: 100_000,
    key_bytes: 512,
    answer_bytes: 1 << 20,
    statement_steps: 10_000_000,
};

struct Place {
    directory: TempDir,
    store: SqlitePluginData,
    clock: Arc<ManualClock>,
}

fn place() -> Place {
    let directory = tempfile::tempdir().unwrap();
    let (ambient, clock) = ambient(1);
    let store = SqlitePluginData::new(directory.path().join("plugins"), ambient);
    Place { directory, store, clock }
}

fn plugin(id: &str) -> PluginId {
    PluginId::parse(id).unwrap()
}

/// A collection whose single-field indexes are these.
fn indexed(fields: &[&str]) -> StorageCollection {
    let indexes = fields.iter().map(|field| vec![(*field).to_owned()]).collect();
    StorageCollection { indexes, unique_indexes: Vec::new() }
}

fn open(place: &Place, collections: &[(&str, StorageCollection)]) -> Arc<dyn PluginData> {
    open_within(place, collections, LIMITS)
}

fn open_within(
    place: &Place,
    collections: &[(&str, StorageCollection)],
    limits: DataLimits,
) -> Arc<dyn PluginData> {
    let collections: BTreeMap<_, _> =
        collections.iter().map(|(name, shape)| ((*name).to_owned(), shape.clone())).collect();
    place.store.open(&plugin("notes"), &collections, limits).unwrap()
}

fn put(data: &dyn PluginData, collection: &str, id: &str, document: &Value) {
    data.document_put_many(collection, &[Document { id: id.into(), json: document.to_string() }]).unwrap();
}
