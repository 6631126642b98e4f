//! The registry of collections and the tables behind it.

use async_trait::async_trait;
use emdash_store::content::{Collection, CollectionRepository, ColumnKind, Field, FieldKind, SYSTEM_COLUMNS};
use emdash_types::{Error, ErrorCode, Result};
use serde_json::Value as Json;

use super::table;
use crate::row::Reader;
use crate::value::{bind, json_list};
use crate::{Dialect, Row, SqlTransaction};

const COLLECTION: &str = "id, slug, label, label_singular, description, supports, url_pattern, has_seo, routable, \
                          created_at, updated_at";
const FIELD: &str = "id, collection_id, slug, label, type, column_type, required, \"unique\", searchable, indexed, \
                     default_value, validation, options, sort_order";
/// PostgreSQL cuts identifiers at 63 bytes, `ec_` included.
const MAX_NAME: usize = 60;
/// Columns PostgreSQL has in every table.
const ENGINE_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

fn collection(row: Row) -> Result<Collection> {
    let mut row = Reader::new("_emdash_collections", row);
    Ok(Collection {
        id: row.text("id")?,
        name: row.checked("slug")?,
        label: row.text("label")?,
        label_singular: row.text("label_singular")?,
        description: row.optional_text("description")?,
        supports: row.json("supports")?,
        url_pattern: row.optional_text("url_pattern")?,
        has_seo: row.flag("has_seo")?,
        routable: row.flag("routable")?,
        fields: Vec::new(),
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
    })
}

/// A field and the id of its collection.
fn field(row: Row) -> Result<(String, Field)> {
    let mut row = Reader::new("_emdash_fields", row);
    let id = row.text("id")?;
    let collection_id = row.text("collection_id")?;
    let slug = row.checked("slug")?;
    let label = row.text("label")?;
    let kind = row.word("type", |text| serde_json::from_value(Json::from(text)).ok())?;
    row.text("column_type")?;
    let field = Field {
        id,
        slug,
        label,
        kind,
        required: row.flag("required")?,
        unique: row.flag("unique")?,
        searchable: row.flag("searchable")?,
        indexed: row.flag("indexed")?,
        default_value: row.optional_json("default_value")?,
        validation: row.json("validation")?,
        options: row.json("options")?,
        sort_order: row.integer("sort_order")?,
    };
    Ok((collection_id, field))
}

#[async_trait]
impl CollectionRepository for SqlTransaction {
    async fn collection_list(&mut self) -> Result<Vec<Collection>> {
        let sql = format!("SELECT {COLLECTION} FROM _emdash_collections ORDER BY slug");
        let mut collections = self.all(&sql, &[], collection).await?;
        let sql = format!("SELECT {FIELD} FROM _emdash_fields ORDER BY collection_id, sort_order, id");
        for (owner, field) in self.all(&sql, &[], field).await? {
            if let Some(collection) = collections.iter_mut().find(|collection| collection.id == owner) {
                collection.fields.push(field);
            }
        }
        Ok(collections)
    }

    async fn collection_add(&mut self, collection: &Collection) -> Result<()> {
        check_names(collection)?;
        let sql = format!(
            "INSERT INTO _emdash_collections ({COLLECTION}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        );
        let values = bind![
            collection.id,
            collection.name,
            collection.label,
            collection.label_singular,
            collection.description,
            json_list(collection.supports.iter().map(String::as_str)),
            collection.url_pattern,
            collection.has_seo,
            collection.routable,
            collection.created_at,
            collection.updated_at,
        ];
        self.attempt(&sql, &values).await.map_err(|error| {
            error.or_conflict(|_| {
                let message = format!("The collection {} exists.", collection.name);
                Some(Error::new(ErrorCode::Conflict, message))
            })
        })?;
        for field in &collection.fields {
            self.field_add(collection, field).await?;
        }
        for statement in definition(self.dialect(), collection) {
            self.execute(&statement, &[]).await?;
        }
        Ok(())
    }
}

impl SqlTransaction {
    async fn field_add(&mut self, collection: &Collection, field: &Field) -> Result<()> {
        let sql = format!(
            "INSERT INTO _emdash_fields ({FIELD}) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
        );
        let values = bind![
            field.id,
            collection.id,
            field.slug,
            field.label,
            kind_name(field.kind),
            column_name(field.kind.column()),
            field.required,
            field.unique,
            field.searchable,
            field.indexed,
            field.default_value,
            field.validation,
            field.options,
            field.sort_order,
        ];
        self.execute(&sql, &values).await?;
        Ok(())
    }
}

fn kind_name(kind: FieldKind) -> Option<String> {
    serde_json::to_value(kind).ok()?.as_str().map(str::to_owned)
}

fn column_name(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text => "TEXT",
        ColumnKind::Integer => "INTEGER",
        ColumnKind::Real => "REAL",
        ColumnKind::Json => "JSON",
    }
}

/// Whether a row id can be part of an index name.
fn names_an_index(id: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !id.is_empty() && id.len() <= 40 && id.bytes().all(word)
}

fn check_names(collection: &Collection) -> Result<()> {
    if collection.name.as_str().len() > MAX_NAME {
        let length = collection.name.as_str().len();
        return Err(Error::field("slug", format!("at most {MAX_NAME} characters, this has {length}")));
    }
    let mut seen = std::collections::BTreeSet::new();
    for field in &collection.fields {
        let slug = field.slug.as_str();
        if SYSTEM_COLUMNS.contains(&slug) || ENGINE_COLUMNS.contains(&slug) {
            return Err(Error::field(&format!("fields.{slug}"), "the name is reserved"));
        }
        if !seen.insert(slug) {
            return Err(Error::field(&format!("fields.{slug}"), "two fields have this name"));
        }
    }
    let ids = std::iter::once(&collection.id).chain(collection.fields.iter().map(|field| &field.id));
    for id in ids {
        if !names_an_index(id) {
            return Err(Error::internal(format!("\"{id}\" cannot be the row id of a collection or field")));
        }
    }
    Ok(())
}

/// The name of the unique index on slug and locale.
pub(super) fn slug_index(collection: &Collection) -> String {
    format!("uq_{}_slug", collection.id)
}

/// The name of the unique index of a field.
pub(super) fn field_index(field: &Field) -> String {
    format!("uq_cf_{}", field.id)
}

/// The statements that create a collection's table and indexes (CMS contract §4.2).
fn definition(dialect: Dialect, collection: &Collection) -> Vec<String> {
    let table = table(&collection.name);
    let (text, integer) = (dialect.column_type(ColumnKind::Text), dialect.column_type(ColumnKind::Integer));
    let mut columns = format!(
        "id {text} NOT NULL PRIMARY KEY, slug {text}, status {text} NOT NULL DEFAULT 'draft', author_id {text}, \
         primary_byline_id {text}, created_at {text} NOT NULL, updated_at {text} NOT NULL, published_at {text}, \
         scheduled_at {text}, deleted_at {text}, version {integer} NOT NULL DEFAULT 1, live_revision_id {text}, \
         draft_revision_id {text}, locale {text} NOT NULL DEFAULT 'en', translation_group {text} NOT NULL"
    );
    for field in &collection.fields {
        columns.push_str(&format!(", \"{}\" {}", field.slug, dialect.column_type(field.kind.column())));
    }
    let mut statements = vec![format!("CREATE TABLE {table} ({columns}) {}", dialect.table_suffix())];
    let descending = dialect.descending();
    let (id, live) = (&collection.id, "WHERE deleted_at IS NULL");
    let mut index = |name: String, rest: String| {
        statements.push(format!("CREATE INDEX \"{name}\" ON {table} {rest}"));
    };
    for column in ["created_at", "updated_at", "published_at"] {
        index(format!("idx_{id}_{column}"), format!("({column} {descending}, id DESC) {live}"));
    }
    for column in ["created_at", "updated_at"] {
        index(
            format!("idx_{id}_locale_{column}"),
            format!("(locale, {column} {descending}, id DESC) {live}"),
        );
    }
    index(format!("idx_{id}_status"), format!("(status, published_at {descending}, id DESC) {live}"));
    // Holds all that `entry_locations` reads.
    index(format!("idx_{id}_location"), format!("(status, id, slug, updated_at) {live}"));
    index(format!("idx_{id}_author"), format!("(author_id, created_at) {live}"));
    index(format!("idx_{id}_byline"), format!("(primary_byline_id) {live}"));
    index(format!("idx_{id}_group"), "(translation_group, locale)".to_owned());
    index(format!("idx_{id}_due"), "(scheduled_at) WHERE scheduled_at IS NOT NULL".to_owned());
    index(format!("idx_{id}_trash"), "(deleted_at) WHERE deleted_at IS NOT NULL".to_owned());
    for field in collection.fields.iter().filter(|field| field.indexed) {
        let column = format!("\"{}\" {descending}, id DESC", field.slug);
        index(format!("idx_cf_{}", field.id), format!("({column}) {live}"));
        index(format!("idx_cf_{}_loc", field.id), format!("(locale, {column}) {live}"));
    }
    statements.push(format!("CREATE UNIQUE INDEX \"{}\" ON {table} (slug, locale)", slug_index(collection)));
    for field in collection.fields.iter().filter(|field| field.unique) {
        let name = field_index(field);
        statements.push(format!("CREATE UNIQUE INDEX \"{name}\" ON {table} (\"{}\", locale)", field.slug));
    }
    statements
}
