//! Entries as items: draft laid over live, credits, SEO data.

use std::collections::HashMap;

use emdash_store::SiteTransaction;
use emdash_store::content::{Byline, BylineCredit, Collection, Entry};
use emdash_types::{Caller, EntryId, Permission, Result, UserId};

use crate::item::{ContentItem, CreditItem, CreditSource, Credits};

/// How much of an entry is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// The row and its draft.
    Row,
    /// Also credits and SEO data.
    Everything,
}

/// An item for callers that may read drafts.
pub(super) async fn full(
    transaction: &mut dyn SiteTransaction,
    collection: &Collection,
    entry: Entry,
    detail: Detail,
) -> Result<ContentItem> {
    let draft = match &entry.draft_revision_id {
        Some(id) => transaction.revision_lookup(id).await?,
        None => None,
    };
    let mut item = match draft {
        Some(draft) => ContentItem::staged(entry, &draft),
        None => ContentItem::live(entry),
    };
    if detail == Detail::Everything {
        decorate(transaction, collection, std::slice::from_mut(&mut item)).await?;
    }
    Ok(item)
}

/// An item with live values only; who may not read drafts does not learn that there is one.
pub(super) fn live(caller: &Caller, entry: Entry) -> ContentItem {
    let mut item = ContentItem::live(entry);
    if !caller.may(Permission::ContentReadDrafts) {
        item.draft_revision_id = None;
        item.scheduled_at = None;
    }
    item
}

/// Adds credits, and SEO data where the collection has it.
pub(super) async fn decorate(
    transaction: &mut dyn SiteTransaction,
    collection: &Collection,
    items: &mut [ContentItem],
) -> Result<()> {
    let ids: Vec<EntryId> = items.iter().map(|item| item.id.clone()).collect();
    let mut explicit: HashMap<EntryId, Vec<BylineCredit>> = HashMap::new();
    for (id, credit) in transaction.entry_bylines(&collection.name, &ids).await? {
        explicit.entry(id).or_default().push(credit);
    }
    let mut by_owner: HashMap<UserId, Option<Byline>> = HashMap::new();
    for item in items {
        let credits = match (explicit.remove(&item.id), &item.author_id) {
            (Some(credits), _) => credited(credits),
            (None, Some(owner)) => {
                if !by_owner.contains_key(owner) {
                    by_owner.insert(owner.clone(), transaction.byline_find_by_user(owner).await?);
                }
                by_owner.get(owner).cloned().flatten().map(inferred).unwrap_or_default()
            }
            (None, None) => Credits::default(),
        };
        item.credits = Some(credits);
        if collection.has_seo {
            item.seo = Some(transaction.seo_lookup(&collection.name, &item.id).await?.unwrap_or_default());
        }
    }
    Ok(())
}

fn credited(credits: Vec<BylineCredit>) -> Credits {
    let bylines: Vec<CreditItem> = credits
        .into_iter()
        .enumerate()
        .map(|(sort_order, credit)| CreditItem {
            byline: credit.byline.into(),
            sort_order,
            role_label: credit.role_label,
            source: CreditSource::Explicit,
        })
        .collect();
    Credits { byline: bylines.first().map(|credit| credit.byline.clone()), bylines }
}

fn inferred(byline: Byline) -> Credits {
    let byline: crate::BylineSummary = byline.into();
    let credit = CreditItem {
        byline: byline.clone(),
        sort_order: 0,
        role_label: None,
        source: CreditSource::Inferred,
    };
    Credits { bylines: vec![credit], byline: Some(byline) }
}
