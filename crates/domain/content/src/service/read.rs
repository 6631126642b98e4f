//! Reading for clients: lists and single items.

use emdash_store::content::{
    Collection, ColumnKind, EntryFilter, EntryOrder, EntryStatus, FieldCondition, FieldKind, OrderBy,
};
use emdash_types::{Caller, CollectionName, Cursor, Error, ErrorCode, Page, PageRequest, Permission, Result};

use super::view::{self, Detail};
use super::{ContentService, not_found, resolve};
use crate::{ContentItem, ItemList, ListQuery, Rev, RevisedItem, Target};

/// Most items of a list in one answer.
const MAX_LIMIT: u32 = 100;
/// Most conditions on fields, and most values they compare with.
const MAX_FIELD_FILTERS: usize = 20;
const MAX_OPERANDS: usize = 50;
/// Longest text a list is filtered by, in characters.
const MAX_TEXT: usize = 200;

impl ContentService {
    /// A page of a collection, with live values. Who may not read drafts gets published entries only.
    ///
    /// # Errors
    /// `COLLECTION_NOT_FOUND`; `VALIDATION_ERROR` for a limit, text or order the list does not have.
    pub async fn list(&self, caller: &Caller, collection: &str, query: &ListQuery) -> Result<ItemList> {
        caller.require(Permission::ContentRead)?;
        let collection = self.collection(collection).await?;
        let order = order(&collection, query)?;
        let page = page_request(query.limit, query.cursor.clone())?;
        let drafts = caller.may(Permission::ContentReadDrafts);
        let filter = filter(&collection, query, drafts)?;
        let mut transaction = self.store.read().await?;
        let total = transaction.entry_count(&collection, &filter).await?;
        let page = transaction.entry_list(&collection, &filter, &order, &page).await?;
        let mut items: Vec<ContentItem> =
            page.items.into_iter().map(|entry| view::live(caller, entry)).collect();
        view::decorate(transaction.as_mut(), &collection, &mut items).await?;
        Ok(ItemList { items, next_cursor: page.next.map(|cursor| cursor.encode()), total })
    }

    /// A page of the trash, last thrown away first.
    ///
    /// # Errors
    /// As for [`ContentService::list`].
    pub async fn trash(
        &self,
        caller: &Caller,
        collection: &str,
        limit: u32,
        cursor: Option<Cursor>,
    ) -> Result<ItemList> {
        caller.require(Permission::ContentReadDrafts)?;
        let collection = self.collection(collection).await?;
        let page = page_request(limit, cursor)?;
        let filter = EntryFilter { trashed: true, ..EntryFilter::default() };
        let order = EntryOrder { by: OrderBy::DeletedAt, descending: true };
        let mut transaction = self.store.read().await?;
        let total = transaction.entry_count(&collection, &filter).await?;
        let Page { items, next } = transaction.entry_list(&collection, &filter, &order, &page).await?;
        let items = items.into_iter().map(ContentItem::live).collect();
        Ok(ItemList { items, next_cursor: next.map(|cursor| cursor.encode()), total })
    }

    /// One item, with its draft where the caller may read drafts.
    ///
    /// # Errors
    /// `NOT_FOUND`, also for an unpublished item the caller may not read.
    pub async fn get(&self, caller: &Caller, target: Target<'_>) -> Result<RevisedItem> {
        caller.require(Permission::ContentRead)?;
        let collection = self.collection(target.collection).await?;
        let mut transaction = self.store.read().await?;
        let entry = resolve(caller, transaction.as_mut(), &collection, target).await?;
        let rev = Rev::of(&entry);
        if caller.may(Permission::ContentReadDrafts) {
            let item = view::full(transaction.as_mut(), &collection, entry, Detail::Everything).await?;
            return Ok(RevisedItem { item, rev });
        }
        if entry.status != EntryStatus::Published {
            return Err(not_found(target.id));
        }
        let mut item = view::live(caller, entry);
        view::decorate(transaction.as_mut(), &collection, std::slice::from_mut(&mut item)).await?;
        Ok(RevisedItem { item, rev })
    }
}

fn page_request(limit: u32, cursor: Option<Cursor>) -> Result<PageRequest> {
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Error::field("limit", format!("is {limit}, allowed are 1 to {MAX_LIMIT}")));
    }
    Ok(PageRequest { limit, cursor })
}

fn filter(collection: &Collection, query: &ListQuery, drafts: bool) -> Result<EntryFilter> {
    let length = query.text.as_deref().map(|text| text.chars().count()).unwrap_or_default();
    if length > MAX_TEXT {
        return Err(Error::field("q", format!("has {length} characters, the limit is {MAX_TEXT}")));
    }
    Ok(EntryFilter {
        status: if drafts { query.status } else { Some(EntryStatus::Published) },
        locale: query.locale.clone(),
        author_id: query.author_id.clone(),
        byline_id: query.byline_id.clone(),
        text: query.text.clone().filter(|text| !text.trim().is_empty()),
        dates: query.dates,
        fields: field_filters(collection, &query.fields)?,
        ..EntryFilter::default()
    })
}

/// The conditions on fields, once each is known to be indexed and to compare what can be compared.
fn field_filters(
    collection: &Collection,
    wanted: &[(String, FieldCondition)],
) -> Result<Vec<(CollectionName, FieldCondition)>> {
    let refused = |message: String| Err(Error::new(ErrorCode::ValidationError, message));
    if wanted.len() > MAX_FIELD_FILTERS {
        return refused(format!(
            "Content list queries support at most {MAX_FIELD_FILTERS} indexed field filters; these are {}",
            wanted.len()
        ));
    }
    let operands: usize = wanted.iter().map(|(_, condition)| operands(condition)).sum();
    if operands > MAX_OPERANDS {
        return refused(format!(
            "Indexed field filters have a total operand budget of {MAX_OPERANDS}; these have {operands}"
        ));
    }
    let mut filters = Vec::with_capacity(wanted.len());
    for (name, condition) in wanted {
        let field = collection.field(name).filter(|field| field.indexed);
        let Some(field) = field.filter(|field| field.kind.column() != ColumnKind::Json) else {
            let shown: String = name.chars().take(80).collect();
            let message =
                format!("Cannot filter by the non-indexed field \"{shown}\" of '{}'.", collection.name);
            return Err(Error::new(ErrorCode::FieldNotIndexed, message)
                .hint("Custom fields must be indexed before filtering."));
        };
        match condition {
            FieldCondition::Range { .. } if field.kind == FieldKind::Boolean => {
                return refused(format!("Boolean field \"{name}\" does not support range filters"));
            }
            FieldCondition::Prefix(_) if field.kind.column() != ColumnKind::Text => {
                return refused(format!("Field \"{name}\" holds no text and has no beginning to compare"));
            }
            _ => filters.push((field.slug.clone(), condition.clone())),
        }
    }
    Ok(filters)
}

fn operands(condition: &FieldCondition) -> usize {
    match condition {
        FieldCondition::Missing => 0,
        FieldCondition::In(values) => values.len(),
        FieldCondition::Range { gt, gte, lt, lte } => [gt, gte, lt, lte].into_iter().flatten().count(),
        FieldCondition::Prefix(_) => 1,
    }
}

fn order(collection: &Collection, query: &ListQuery) -> Result<EntryOrder> {
    let name = query.order_by.as_deref().unwrap_or("createdAt");
    let by = match name {
        "createdAt" => OrderBy::CreatedAt,
        "updatedAt" => OrderBy::UpdatedAt,
        "publishedAt" => OrderBy::PublishedAt,
        "scheduledAt" => OrderBy::ScheduledAt,
        "deletedAt" => OrderBy::DeletedAt,
        "slug" => OrderBy::Slug,
        "status" => OrderBy::Status,
        "locale" => OrderBy::Locale,
        name => collection
            .field(name)
            .filter(|field| field.indexed || (["title", "name"].contains(&name) && is_line(field.kind)))
            .map(|field| OrderBy::Field(field.slug.clone()))
            .ok_or_else(|| {
                let shown: String = name.chars().take(80).collect();
                Error::field("orderBy", format!("'{shown}' cannot order '{}'", collection.name))
            })?,
    };
    Ok(EntryOrder { by, descending: !query.ascending })
}

fn is_line(kind: FieldKind) -> bool {
    matches!(kind, FieldKind::String | FieldKind::Text | FieldKind::Slug)
}
