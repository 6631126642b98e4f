//! `GET /plugins`.

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_manifest::Capability;
use emdash_store::registry::{ListingFilter, ListingOrder};
use serde::Deserialize;

use crate::marketplace::MarketplaceState;
use crate::marketplace::refusal::Refusal;
use crate::marketplace::wire::{Page, Summary};
use crate::request::QueryOf;

const LIMIT_DEFAULT: u32 = 20;
/// Longest search text that is looked for, in characters.
const TEXT_MAX: usize = 200;
/// Nobody pages this far; larger numbers are made up.
const OFFSET_MAX: u64 = 1_000_000_000;

/// What is asked of the list. Nothing in it can be wrong: what makes no sense counts as absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Query {
    pub q: String,
    pub capability: String,
    pub sort: String,
    pub cursor: String,
    pub limit: String,
}

impl Query {
    pub fn filter(&self) -> ListingFilter {
        let text: String = self.q.trim().chars().take(TEXT_MAX).collect();
        let capability = self.capability.trim();
        let canonical = Capability::by_name(capability).map_or(capability, |known| known.name());
        ListingFilter {
            text: Some(text).filter(|text| !text.is_empty()),
            capability: Some(canonical.to_owned()).filter(|name| !name.is_empty()),
            order: self.order(),
        }
    }

    pub fn order(&self) -> ListingOrder {
        match self.sort.as_str() {
            "updated" => ListingOrder::Updated,
            "created" => ListingOrder::Created,
            "name" => ListingOrder::Name,
            _ => ListingOrder::Installs,
        }
    }

    pub fn offset(&self) -> u64 {
        let bytes = STANDARD.decode(&self.cursor).unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        text.parse().unwrap_or(0).min(OFFSET_MAX)
    }

    pub fn cursor(offset: u64) -> String {
        STANDARD.encode(offset.to_string())
    }
}

pub async fn list(
    State(state): State<MarketplaceState>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Json<Page<Summary>>, Refusal> {
    let limit = query.limit.parse().unwrap_or(LIMIT_DEFAULT);
    let page = state.registry.list(&query.filter(), query.offset(), limit).await?;
    let items = page.items.into_iter().map(|entry| Summary::new(entry, &state.public_url)).collect();
    Ok(Json(Page { items, next_cursor: page.next.map(Query::cursor) }))
}
