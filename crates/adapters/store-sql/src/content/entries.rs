//! Entries, rows of `ec_<collection>`.

use async_trait::async_trait;
use emdash_store::content::{
    Collection, Entry, EntryFilter, EntryLocation, EntryOrder, EntryRepository, EntryStatus, SYSTEM_COLUMNS,
    cursor_after,
};
use emdash_types::{EntryId, Error, ErrorCode, JsonMap, Page, PageRequest, Result};

use super::collections::{field_index, slug_index};
use super::filter::Conditions;
use super::keyset::OrderColumn;
use super::table;
use super::values::{column_values, field_value};
use crate::row::Reader;
use crate::value::bind;
use crate::{Row, SqlError, SqlTransaction, Value};

/// All columns of an entry, fields last, each with a prefix.
fn columns(collection: &Collection, prefix: &str) -> String {
    let mut list = String::with_capacity(256 + 24 * collection.fields.len());
    let fields = collection.fields.iter().map(|field| field.slug.as_str());
    for column in SYSTEM_COLUMNS.into_iter().chain(fields) {
        if !list.is_empty() {
            list.push_str(", ");
        }
        list.push_str(prefix);
        list.push('"');
        list.push_str(column);
        list.push('"');
    }
    list
}

fn select(collection: &Collection) -> String {
    format!("SELECT {} FROM {} AS e", columns(collection, "e."), table(&collection.name))
}

/// The column values of an entry, in the order of [`columns`].
fn values(collection: &Collection, entry: &Entry) -> Result<Vec<Value>> {
    let mut values = bind![
        entry.id,
        entry.slug,
        entry.status.as_str(),
        entry.author_id,
        entry.primary_byline_id,
        entry.created_at,
        entry.updated_at,
        entry.published_at,
        entry.scheduled_at,
        entry.deleted_at,
        entry.version,
        entry.live_revision_id,
        entry.draft_revision_id,
        entry.locale,
        entry.translation_group,
    ]
    .to_vec();
    values.extend(column_values(collection, &entry.data)?);
    Ok(values)
}

fn entry(collection: &Collection, table: &str, row: Row) -> Result<Entry> {
    let mut row = Reader::new(table, row);
    let mut entry = Entry {
        id: row.id("id")?,
        collection: collection.name.clone(),
        slug: row.optional_text("slug")?,
        status: row.word("status", EntryStatus::parse)?,
        author_id: row.optional_id("author_id")?,
        primary_byline_id: row.optional_id("primary_byline_id")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        published_at: row.optional_time("published_at")?,
        scheduled_at: row.optional_time("scheduled_at")?,
        deleted_at: row.optional_time("deleted_at")?,
        version: row.integer("version")?,
        live_revision_id: row.optional_id("live_revision_id")?,
        draft_revision_id: row.optional_id("draft_revision_id")?,
        locale: row.text("locale")?,
        translation_group: row.text("translation_group")?,
        data: JsonMap::new(),
    };
    for field in &collection.fields {
        if let Some(value) = field_value(&mut row, field)? {
            entry.data.insert(field.slug.as_str().to_owned(), value);
        }
    }
    Ok(entry)
}

/// The words for a refused unique value of an entry.
fn conflict(error: SqlError, collection: &Collection, entry: &Entry) -> Error {
    error.or_conflict(|violation| {
        if violation.is(&["slug", "locale"], &slug_index(collection)) {
            let slug = entry.slug.as_deref().unwrap_or_default();
            let message = format!("The slug \"{slug}\" is taken in {} ({}).", collection.name, entry.locale);
            return Some(Error::new(ErrorCode::SlugConflict, message).hint("Choose another slug."));
        }
        let mut unique = collection.fields.iter().filter(|field| field.unique);
        let field =
            unique.find(|field| violation.is(&[field.slug.as_str(), "locale"], &field_index(field)))?;
        let message = format!("Another entry of {} has the same {}.", collection.name, field.slug);
        Some(Error::new(ErrorCode::Conflict, message).hint("The field is unique; choose another value."))
    })
}

impl SqlTransaction {
    async fn entries(&mut self, collection: &Collection, sql: &str, values: &[Value]) -> Result<Vec<Entry>> {
        let table = table(&collection.name);
        self.rows(sql, values).await?.into_iter().map(|row| entry(collection, &table, row)).collect()
    }

    async fn entry_one(
        &mut self,
        collection: &Collection,
        sql: &str,
        values: &[Value],
    ) -> Result<Option<Entry>> {
        let row = self.rows(sql, values).await?.into_iter().next();
        row.map(|row| entry(collection, &table(&collection.name), row)).transpose()
    }
}

#[async_trait]
impl EntryRepository for SqlTransaction {
    async fn entry_lookup(
        &mut self,
        collection: &Collection,
        id: &EntryId,
        trashed: bool,
    ) -> Result<Option<Entry>> {
        let mut sql = format!("{} WHERE e.id = ?1", select(collection));
        if !trashed {
            sql.push_str(" AND e.deleted_at IS NULL");
        }
        self.entry_one(collection, &sql, &bind![id]).await
    }

    async fn entry_find_by_slug(
        &mut self,
        collection: &Collection,
        slug: &str,
        locale: Option<&str>,
    ) -> Result<Option<Entry>> {
        let mut sql = format!("{} WHERE e.slug = ?1 AND e.deleted_at IS NULL", select(collection));
        let mut values = bind![slug].to_vec();
        if let Some(locale) = locale {
            sql.push_str(" AND e.locale = ?2");
            values.extend(bind![locale]);
        }
        sql.push_str(" ORDER BY e.locale LIMIT 1");
        self.entry_one(collection, &sql, &values).await
    }

    async fn entry_list(
        &mut self,
        collection: &Collection,
        filter: &EntryFilter,
        order: &EntryOrder,
        page: &PageRequest,
    ) -> Result<Page<Entry>> {
        let column = OrderColumn::of(collection, order)?;
        let wanted = page.limit as usize + 1;
        let mut entries = Vec::new();
        for segment in column.segments(collection, order, page.cursor.as_ref())? {
            if entries.len() >= wanted {
                break;
            }
            let mut conditions = Conditions::of(self.dialect(), collection, filter)?;
            column.restrict(&mut conditions, &segment);
            let limit = conditions.bind(u64::try_from(wanted - entries.len()).unwrap_or(u64::MAX));
            let sql = format!(
                "{} WHERE {} ORDER BY {} LIMIT {limit}",
                select(collection),
                conditions.sql,
                column.order()
            );
            entries.extend(self.entries(collection, &sql, &conditions.values).await?);
        }
        Ok(Page::from_surplus(entries, page.limit, |entry| cursor_after(entry, order)))
    }

    async fn entry_window(
        &mut self,
        collection: &Collection,
        filter: &EntryFilter,
        order: &EntryOrder,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<Entry>> {
        let column = OrderColumn::of(collection, order)?;
        let mut conditions = Conditions::of(self.dialect(), collection, filter)?;
        let (limit, offset) = (conditions.bind(limit), conditions.bind(offset));
        // Skipped rows are counted by id, their fields are not read.
        let sql = format!(
            "{} WHERE e.id IN (SELECT e.id FROM {} AS e WHERE {} ORDER BY {} LIMIT {limit} OFFSET {offset}) ORDER BY {}",
            select(collection),
            table(&collection.name),
            conditions.sql,
            column.order(),
            column.order()
        );
        self.entries(collection, &sql, &conditions.values).await
    }

    async fn entry_count(&mut self, collection: &Collection, filter: &EntryFilter) -> Result<u64> {
        let conditions = Conditions::of(self.dialect(), collection, filter)?;
        let sql = format!("SELECT count(*) FROM {} AS e WHERE {}", table(&collection.name), conditions.sql);
        self.number(&sql, &conditions.values).await
    }

    async fn entry_locations(
        &mut self,
        collection: &Collection,
        after: Option<&EntryId>,
        limit: u32,
    ) -> Result<Vec<EntryLocation>> {
        let sql = format!(
            "SELECT id, slug, updated_at FROM {} WHERE status = 'published' AND deleted_at IS NULL \
             AND slug IS NOT NULL AND id > ?1 ORDER BY id LIMIT ?2",
            table(&collection.name)
        );
        let after = after.map_or("", EntryId::as_str);
        self.all(&sql, &bind![after, limit], |row| {
            let mut row = Reader::new("ec", row);
            Ok(EntryLocation {
                id: row.id("id")?,
                slug: row.text("slug")?,
                updated_at: row.time("updated_at")?,
            })
        })
        .await
    }

    async fn entry_add(&mut self, collection: &Collection, entry: &Entry) -> Result<()> {
        let values = values(collection, entry)?;
        let placeholders: Vec<String> = (1..=values.len()).map(|place| format!("?{place}")).collect();
        let sql = format!(
            "INSERT INTO {} ({}) VALUES ({})",
            table(&collection.name),
            columns(collection, ""),
            placeholders.join(", ")
        );
        self.attempt(&sql, &values).await.map_err(|error| conflict(error, collection, entry))?;
        Ok(())
    }

    async fn entry_update(
        &mut self,
        collection: &Collection,
        entry: &Entry,
        expected_version: i64,
    ) -> Result<()> {
        let mut values = values(collection, entry)?;
        let fields = collection.fields.iter().map(|field| field.slug.as_str());
        let columns = SYSTEM_COLUMNS.into_iter().chain(fields).enumerate().skip(1);
        let assignments: Vec<String> =
            columns.map(|(position, column)| format!("\"{column}\" = ?{}", position + 1)).collect();
        values.extend(bind![expected_version]);
        let sql = format!(
            "UPDATE {} SET {} WHERE id = ?1 AND version = ?{}",
            table(&collection.name),
            assignments.join(", "),
            values.len()
        );
        let changed =
            self.attempt(&sql, &values).await.map_err(|error| conflict(error, collection, entry))?;
        if changed == 0 {
            let message = format!("Entry {} was changed by somebody else meanwhile.", entry.id);
            return Err(Error::new(ErrorCode::Conflict, message).hint("Load it again and repeat the change."));
        }
        Ok(())
    }

    async fn entry_delete(&mut self, collection: &Collection, id: &EntryId) -> Result<()> {
        let table = table(&collection.name);
        // Terms belong to all translations together and go with the last one.
        let terms = format!(
            "DELETE FROM content_taxonomies WHERE collection = ?1 AND entry_id = \
             (SELECT translation_group FROM {table} WHERE id = ?2) AND NOT EXISTS \
             (SELECT 1 FROM {table} AS other WHERE other.translation_group = content_taxonomies.entry_id \
             AND other.id <> ?2)"
        );
        let owned = bind![collection.name, id];
        self.execute(&terms, &owned).await?;
        for sql in [
            "DELETE FROM revisions WHERE collection = ?1 AND entry_id = ?2",
            "DELETE FROM _emdash_seo WHERE collection = ?1 AND content_id = ?2",
            "DELETE FROM _emdash_content_bylines WHERE collection_slug = ?1 AND content_id = ?2",
        ] {
            self.execute(sql, &owned).await?;
        }
        self.execute(&format!("DELETE FROM {table} WHERE id = ?1"), &bind![id]).await?;
        Ok(())
    }

    async fn entry_slugs(
        &mut self,
        collection: &Collection,
        locale: &str,
        base: &str,
    ) -> Result<Vec<String>> {
        // `.` follows `-` in code point order, so the range holds exactly what begins with `base-`.
        let sql = format!(
            "SELECT slug FROM {} WHERE locale = ?1 AND (slug = ?2 OR (slug >= ?3 AND slug < ?4))",
            table(&collection.name)
        );
        let values = bind![locale, base, format!("{base}-"), format!("{base}.")];
        let mut slugs = self.all(&sql, &values, |row| Reader::new("ec", row).text("slug")).await?;
        slugs.retain(|slug| {
            slug.strip_prefix(base).is_some_and(|rest| match rest.strip_prefix('-') {
                Some(digits) => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
                None => rest.is_empty(),
            })
        });
        Ok(slugs)
    }
}
