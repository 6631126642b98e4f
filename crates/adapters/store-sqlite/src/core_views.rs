//! What plugins' own statements may read of a site (A13, B11): what `ctx` shows them under the same capability,
//! and never accounts' secrets, tokens, sessions, settings or trash.

use std::path::{Path, PathBuf};

use emdash_manifest::{Capability, CapabilitySet};
use emdash_ports::plugin_database::{CoreView, CoreViews};
use emdash_types::Result;
use rusqlite::Connection;

use crate::database::open_reader;
use crate::executor::sql_error;

/// Columns of an entry beside its fields.
const ENTRY: &str = "id, slug, status, locale, created_at, updated_at, published_at, scheduled_at";

/// Views that are the same on every site. A collection of the same name is not shown.
const FIXED: [(Capability, &str, &str); 5] = [
    (
        Capability::TaxonomiesRead,
        "core_taxonomies",
        "SELECT name, label, label_singular, hierarchical, collections, locale FROM core._emdash_taxonomy_defs \
         WHERE id IS NOT NULL",
    ),
    (
        Capability::TaxonomiesRead,
        "core_terms",
        "SELECT id, name AS taxonomy, slug, label, parent_id, locale, sort_order FROM core.taxonomies \
         WHERE id IS NOT NULL",
    ),
    (
        Capability::TaxonomiesRead,
        "core_entry_terms",
        "SELECT collection, entry_id, taxonomy_id AS term_id FROM core.content_taxonomies \
         WHERE entry_id IS NOT NULL",
    ),
    (
        Capability::MediaRead,
        "core_media",
        "SELECT id, filename, mime_type, size, width, height, alt, caption, created_at FROM core.media \
         WHERE status = 'ready'",
    ),
    (
        Capability::UsersRead,
        "core_users",
        "SELECT id, email, name, role, created_at FROM core.users WHERE id IS NOT NULL",
    ),
];

/// The views over one site's file.
pub struct SqliteCoreViews {
    path: PathBuf,
}

impl SqliteCoreViews {
    /// Views over this file, which is a site's.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }
}

impl CoreViews for SqliteCoreViews {
    fn file(&self) -> &Path {
        &self.path
    }

    fn views(&self, granted: &CapabilitySet) -> Result<Vec<CoreView>> {
        let fixed = FIXED.iter().filter(|(capability, ..)| granted.contains(*capability));
        let mut views: Vec<CoreView> = fixed
            .map(|(_, name, query)| CoreView { name: (*name).to_owned(), query: (*query).to_owned() })
            .collect();
        if granted.contains(Capability::ContentRead) {
            let found = open_reader(&self.path).and_then(|connection| collections(&connection));
            let shown = found.map_err(sql_error)?.into_iter();
            views.extend(shown.filter(|view| FIXED.iter().all(|(_, name, _)| view.name != *name)));
        }
        Ok(views)
    }
}

/// One view per collection: live values of all entries, drafts included, but not the trash.
fn collections(connection: &Connection) -> rusqlite::Result<Vec<CoreView>> {
    let sql = "SELECT c.slug, coalesce(group_concat('\"' || f.slug || '\"', ', '), '')
               FROM _emdash_collections AS c LEFT JOIN _emdash_fields AS f ON f.collection_id = c.id
               GROUP BY c.slug ORDER BY c.slug";
    let view = |row: &rusqlite::Row<'_>| {
        let (slug, fields): (String, String) = (row.get(0)?, row.get(1)?);
        let comma = if fields.is_empty() { "" } else { ", " };
        let query = format!("SELECT {ENTRY}{comma}{fields} FROM core.\"ec_{slug}\" WHERE deleted_at IS NULL");
        Ok(CoreView { name: format!("core_{slug}"), query })
    };
    connection.prepare(sql)?.query_map([], view)?.collect()
}
