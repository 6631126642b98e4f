//! Full text of published entries: `_emdash_search` holds the texts, the engine's index the folded words.

use async_trait::async_trait;
use emdash_store::content::{SearchDocument, SearchHit, SearchRepository};
use emdash_types::{CollectionName, EntryId, Error, Result};

use crate::row::Reader;
use crate::value::{Bind, bind};
use crate::words::{Question, indexed};
use crate::{SqlTransaction, Value};

/// A count above this is not worth its time.
const MAX_COUNT: u32 = 1000;

fn row_id(row: crate::Row) -> Result<i64> {
    Reader::new("_emdash_search", row).integer("id")
}

impl SqlTransaction {
    /// Source, condition and values of a search.
    fn search_scope(&self, question: &Question, collection: Option<&CollectionName>) -> (String, Vec<Value>) {
        let mut source = self.dialect().search_source().to_owned();
        let mut values = vec![self.dialect().search_question(question).value()];
        if let Some(collection) = collection {
            values.push(collection.value());
            source.push_str(" AND s.collection = ?2");
        }
        (source, values)
    }
}

#[async_trait]
impl SearchRepository for SqlTransaction {
    async fn search_index(&mut self, document: &SearchDocument) -> Result<()> {
        let sql = "INSERT INTO _emdash_search (collection, entry_id, locale, title, body) \
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (collection, entry_id) DO UPDATE SET \
                   locale = excluded.locale, title = excluded.title, body = excluded.body RETURNING id";
        let values = bind![
            document.collection,
            document.entry_id,
            document.locale,
            document.title.replace('\0', " "),
            document.body.replace('\0', " "),
        ];
        let id = self.one(sql, &values, row_id).await?;
        let id = id.ok_or_else(|| Error::internal("an upsert into _emdash_search returned no row"))?;
        let dialect = self.dialect();
        let title = dialect.search_words(&indexed(&document.title));
        let body = dialect.search_words(&indexed(&document.body));
        self.execute(dialect.search_write(), &bind![id, title, body]).await?;
        Ok(())
    }

    async fn search_remove(&mut self, collection: &CollectionName, entry: &EntryId) -> Result<()> {
        let sql = "DELETE FROM _emdash_search WHERE collection = ?1 AND entry_id = ?2 RETURNING id";
        let removed = self.one(sql, &bind![collection, entry], row_id).await?;
        if let (Some(id), Some(forget)) = (removed, self.dialect().search_forget()) {
            self.execute(forget, &bind![id]).await?;
        }
        Ok(())
    }

    async fn search_query(
        &mut self,
        words: &str,
        collection: Option<&CollectionName>,
        offset: u64,
        limit: u32,
    ) -> Result<Vec<SearchHit>> {
        let Some(question) = Question::parse(words) else { return Ok(Vec::new()) };
        let (source, mut values) = self.search_scope(&question, collection);
        values.extend(bind![limit, offset]);
        let places = values.len();
        let sql = format!(
            "SELECT s.entry_id, s.collection, s.title, s.body, {} AS score FROM {source} \
             ORDER BY score DESC, s.id LIMIT ?{} OFFSET ?{places}",
            self.dialect().search_score(),
            places - 1,
        );
        let rows = self.rows(&sql, &values).await?;
        let hit = |row| {
            let mut row = Reader::new("_emdash_search", row);
            Ok(SearchHit {
                entry_id: row.id("entry_id")?,
                collection: row.checked("collection")?,
                title: row.text("title")?,
                snippet: question.snippet(&row.text("body")?),
                score: row.real("score")?,
            })
        };
        rows.into_iter().map(hit).collect()
    }

    async fn search_count(&mut self, words: &str, collection: Option<&CollectionName>) -> Result<u64> {
        let Some(question) = Question::parse(words) else { return Ok(0) };
        let (source, mut values) = self.search_scope(&question, collection);
        values.push(MAX_COUNT.value());
        let sql =
            format!("SELECT count(*) FROM (SELECT s.id FROM {source} LIMIT ?{}) AS found", values.len());
        self.number(&sql, &values).await
    }
}
