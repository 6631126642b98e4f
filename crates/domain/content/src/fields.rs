//! Field maps: what a revision holds, what of it is shown, how a change is laid over it.

use emdash_store::content::Collection;
use emdash_types::JsonMap;
use serde_json::Value;

/// Key of a staged slug in a revision's data.
const SLUG_KEY: &str = "_slug";

/// The fields a reader sees: without keys beginning with `_` and without empty values.
pub(crate) fn visible(data: &JsonMap) -> JsonMap {
    data.iter()
        .filter(|(name, value)| !name.starts_with('_') && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The fields of a revision that the collection still has.
pub(crate) fn known(collection: &Collection, data: &JsonMap) -> JsonMap {
    let mut fields = visible(data);
    fields.retain(|name, _| collection.field(name).is_some());
    fields
}

/// Lays a change over a field map; `null` empties a field.
pub(crate) fn merge(base: &mut JsonMap, patch: JsonMap) {
    for (name, value) in patch {
        if value.is_null() {
            base.shift_remove(&name);
        } else {
            base.insert(name, value);
        }
    }
}

/// The slug staged in a revision.
pub(crate) fn staged_slug(data: &JsonMap) -> Option<&str> {
    data.get(SLUG_KEY).and_then(Value::as_str)
}

/// Stages a slug in a revision's data; the live slug is not staged.
pub(crate) fn stage_slug(data: &mut JsonMap, slug: &str, live: Option<&str>) {
    if live == Some(slug) {
        data.shift_remove(SLUG_KEY);
    } else {
        data.insert(SLUG_KEY.to_owned(), Value::from(slug));
    }
}

/// The title of an entry: `title`, else `name`.
pub(crate) fn title(data: &JsonMap) -> Option<&str> {
    ["title", "name"]
        .into_iter()
        .find_map(|field| data.get(field).and_then(Value::as_str))
        .map(str::trim)
        .filter(|title| !title.is_empty())
}
