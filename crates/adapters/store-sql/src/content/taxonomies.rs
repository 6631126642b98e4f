//! Taxonomies, terms, and which entries have them.
//!
//! `content_taxonomies` names translation groups on both sides (CMS contract §4.4): an entry's terms are those of all
//! its translations.

use async_trait::async_trait;
use emdash_store::content::{Taxonomy, TaxonomyRepository, Term, TermCount};
use emdash_types::{CollectionName, EntryId, Error, ErrorCode, Result, TermId};
use serde_json::{Value as Json, json};

use super::table;
use crate::row::Reader;
use crate::value::{bind, json_list};
use crate::{Row, SqlTransaction};

const TAXONOMY: &str = "id, name, label, label_singular, hierarchical, collections, locale";

fn taxonomy(row: Row) -> Result<Taxonomy> {
    let mut row = Reader::new("_emdash_taxonomy_defs", row);
    Ok(Taxonomy {
        id: row.text("id")?,
        name: row.checked("name")?,
        label: row.text("label")?,
        label_singular: row.text("label_singular")?,
        hierarchical: row.flag("hierarchical")?,
        collections: row.json("collections")?,
        locale: row.text("locale")?,
    })
}

const TERM: &str =
    "t.id, t.translation_group, t.name, t.slug, t.label, t.parent_id, t.data, t.locale, t.sort_order";

fn read_term(row: &mut Reader<'_>) -> Result<Term> {
    Ok(Term {
        id: row.id("id")?,
        translation_group: row.id("translation_group")?,
        taxonomy: row.checked("name")?,
        slug: row.text("slug")?,
        label: row.text("label")?,
        parent_id: row.optional_id("parent_id")?,
        description: row
            .optional_json::<Json>("data")?
            .and_then(|data| data.get("description")?.as_str().map(str::to_owned)),
        locale: row.text("locale")?,
        sort_order: row.integer("sort_order")?,
    })
}

fn term(row: Row) -> Result<Term> {
    read_term(&mut Reader::new("taxonomies", row))
}

fn term_data(term: &Term) -> Option<Json> {
    term.description.as_ref().map(|description| json!({ "description": description }))
}

#[async_trait]
impl TaxonomyRepository for SqlTransaction {
    async fn taxonomy_list(&mut self) -> Result<Vec<Taxonomy>> {
        let sql = format!("SELECT {TAXONOMY} FROM _emdash_taxonomy_defs ORDER BY name, locale");
        self.all(&sql, &[], taxonomy).await
    }

    async fn taxonomy_add(&mut self, taxonomy: &Taxonomy) -> Result<()> {
        self.execute(
            &format!(
                "INSERT INTO _emdash_taxonomy_defs ({TAXONOMY}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
                 ON CONFLICT (name, locale) DO NOTHING"
            ),
            &bind![
                taxonomy.id,
                taxonomy.name,
                taxonomy.label,
                taxonomy.label_singular,
                taxonomy.hierarchical,
                json_list(taxonomy.collections.iter().map(CollectionName::as_str)),
                taxonomy.locale,
            ],
        )
        .await?;
        Ok(())
    }

    async fn term_lookup(&mut self, id: &TermId) -> Result<Option<Term>> {
        self.one(&format!("SELECT {TERM} FROM taxonomies AS t WHERE t.id = ?1"), &bind![id], term).await
    }

    async fn term_find_by_slug(&mut self, taxonomy: &CollectionName, slug: &str) -> Result<Option<Term>> {
        let sql = format!(
            "SELECT {TERM} FROM taxonomies AS t WHERE t.name = ?1 AND t.slug = ?2 ORDER BY t.locale LIMIT 1"
        );
        self.one(&sql, &bind![taxonomy, slug], term).await
    }

    async fn term_list(&mut self, taxonomy: &CollectionName) -> Result<Vec<TermCount>> {
        let sql = "SELECT DISTINCT slug FROM _emdash_collections ORDER BY slug";
        let collections: Vec<CollectionName> =
            self.all(sql, &[], |row| Reader::new("_emdash_collections", row).checked("slug")).await?;
        let mut counts = String::from("0");
        for collection in &collections {
            counts.push_str(&format!(
                " + (SELECT count(*) FROM content_taxonomies AS ct JOIN {} AS e \
                 ON e.translation_group = ct.entry_id WHERE ct.taxonomy_id = t.id \
                 AND ct.collection = '{collection}' AND e.status = 'published' AND e.deleted_at IS NULL)",
                table(collection)
            ));
        }
        let sql = format!(
            "SELECT {TERM}, {counts} FROM taxonomies AS t WHERE t.name = ?1 \
             ORDER BY t.sort_order, t.label, t.id"
        );
        self.all(&sql, &bind![taxonomy], |row| {
            let mut row = Reader::new("taxonomies", row);
            Ok(TermCount { term: read_term(&mut row)?, count: row.number("count")? })
        })
        .await
    }

    async fn term_add(&mut self, term: &Term) -> Result<()> {
        self.attempt(
            "INSERT INTO taxonomies (id, name, slug, label, parent_id, data, locale, sort_order, \
             translation_group) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            &bind![
                term.id,
                term.taxonomy,
                term.slug,
                term.label,
                term.parent_id,
                term_data(term),
                term.locale,
                term.sort_order,
                term.translation_group
            ],
        )
        .await
        .map_err(|error| {
            error.or_conflict(|violation| {
                violation.is(&["name", "slug", "locale"], "taxonomies_name_slug_locale").then(|| {
                    let message = format!(
                        "The slug \"{}\" is taken in {} ({}).",
                        term.slug, term.taxonomy, term.locale
                    );
                    Error::new(ErrorCode::SlugConflict, message).hint("Choose another slug.")
                })
            })
        })?;
        Ok(())
    }

    async fn term_update(&mut self, term: &Term) -> Result<()> {
        let sql =
            "UPDATE taxonomies SET label = ?2, parent_id = ?3, data = ?4, sort_order = ?5 WHERE id = ?1";
        let values = bind![term.id, term.label, term.parent_id, term_data(term), term.sort_order];
        let changed = self.execute(sql, &values).await?;
        if changed == 0 { Err(Error::not_found("Term", &term.id)) } else { Ok(()) }
    }

    async fn term_translations(
        &mut self,
        taxonomy: &CollectionName,
        locale: Option<&str>,
    ) -> Result<Vec<Term>> {
        let mut sql = format!("SELECT {TERM} FROM taxonomies AS t WHERE t.name = ?1");
        let mut values = bind![taxonomy].to_vec();
        if let Some(locale) = locale {
            sql.push_str(" AND t.locale = ?2");
            values.extend(bind![locale]);
        }
        sql.push_str(" ORDER BY t.sort_order, t.label, t.id");
        self.all(&sql, &values, term).await
    }

    async fn entry_term_translations(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        taxonomy: Option<&CollectionName>,
        locale: Option<&str>,
    ) -> Result<Vec<Term>> {
        let mut sql = format!(
            "SELECT {TERM} FROM {} AS e JOIN content_taxonomies AS ct \
             ON ct.collection = ?1 AND ct.entry_id = e.translation_group \
             JOIN taxonomies AS t ON t.translation_group = ct.taxonomy_id WHERE e.id = ?2",
            table(collection)
        );
        let mut values = bind![collection, entry].to_vec();
        for (column, wanted) in [("t.name", taxonomy.map(CollectionName::as_str)), ("t.locale", locale)] {
            if let Some(wanted) = wanted {
                values.extend(bind![wanted]);
                sql.push_str(&format!(" AND {column} = ?{}", values.len()));
            }
        }
        sql.push_str(" ORDER BY t.locale, t.name, t.label, t.id");
        self.all(&sql, &values, term).await
    }

    async fn entry_terms(
        &mut self,
        collection: &CollectionName,
        entries: &[EntryId],
    ) -> Result<Vec<(EntryId, Term)>> {
        let sql = format!(
            "SELECT {TERM}, e.id FROM {} AS e JOIN content_taxonomies AS ct \
             ON ct.collection = ?1 AND ct.entry_id = e.translation_group \
             JOIN taxonomies AS t ON t.id = ct.taxonomy_id WHERE e.id IN {} \
             ORDER BY e.id, t.name, t.label, t.id",
            table(collection),
            self.dialect().list("?2")
        );
        let ids = json_list(entries.iter().map(EntryId::as_str));
        self.all(&sql, &bind![collection, ids], |row| {
            let mut row = Reader::new("taxonomies", row);
            let term = read_term(&mut row)?;
            Ok((row.id("entry_id")?, term))
        })
        .await
    }

    async fn entry_terms_set(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        taxonomy: &CollectionName,
        terms: &[TermId],
    ) -> Result<()> {
        let table = table(collection);
        let delete = format!(
            "DELETE FROM content_taxonomies WHERE collection = ?1 AND entry_id = \
             (SELECT translation_group FROM {table} WHERE id = ?2) \
             AND taxonomy_id IN (SELECT translation_group FROM taxonomies WHERE name = ?3)"
        );
        self.execute(&delete, &bind![collection, entry, taxonomy]).await?;
        if terms.is_empty() {
            return Ok(());
        }
        let insert = format!(
            "INSERT INTO content_taxonomies (collection, entry_id, taxonomy_id) \
             SELECT DISTINCT ?1, e.translation_group, t.translation_group FROM {table} AS e, taxonomies AS t \
             WHERE e.id = ?2 AND t.name = ?3 AND t.id IN {}",
            self.dialect().list("?4")
        );
        let ids = json_list(terms.iter().map(TermId::as_str));
        self.execute(&insert, &bind![collection, entry, taxonomy, ids]).await?;
        Ok(())
    }
}
