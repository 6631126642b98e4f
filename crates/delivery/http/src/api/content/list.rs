//! `GET /content/{collection}`.

use axum::extract::{Path, State};
use emdash_content::{ItemList, ListQuery};
use emdash_store::content::{DateField, DateRange, EntryStatus};
use emdash_types::{Error, Result, Timestamp};
use serde::Deserialize;

use crate::AppState;
use crate::request::{Authenticated, CursorText, Limit, QueryOf};
use crate::respond::{Done, Failure};

/// Milliseconds of a day: `dateTo` without a time includes its whole day.
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Query {
    #[serde(default)]
    limit: Limit<50>,
    #[serde(default)]
    cursor: CursorText,
    status: Option<EntryStatus>,
    order_by: Option<String>,
    order: Option<Order>,
    locale: Option<String>,
    q: Option<String>,
    author_id: Option<String>,
    bylines: Option<String>,
    date_field: Option<Dates>,
    date_from: Option<String>,
    date_to: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    Asc,
    Desc,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::enum_variant_names, reason = "the names on the wire")]
enum Dates {
    CreatedAt,
    UpdatedAt,
    PublishedAt,
}

impl Query {
    fn into_domain(self) -> Result<ListQuery> {
        let dates = self.dates()?;
        Ok(ListQuery {
            status: self.status,
            limit: self.limit.get()?,
            cursor: self.cursor.get()?,
            order_by: self.order_by,
            ascending: self.order == Some(Order::Asc),
            locale: self.locale,
            text: self.q.filter(|text| !text.is_empty()),
            author_id: self.author_id.map(Into::into),
            byline_id: self.bylines.map(Into::into),
            dates,
            fields: Vec::new(),
        })
    }

    fn dates(&self) -> Result<Option<DateRange>> {
        if self.date_from.is_none() && self.date_to.is_none() {
            return Ok(None);
        }
        let field = match self.date_field {
            Some(Dates::UpdatedAt) => DateField::UpdatedAt,
            Some(Dates::PublishedAt) => DateField::PublishedAt,
            Some(Dates::CreatedAt) | None => DateField::CreatedAt,
        };
        let from = self.date_from.as_deref().map(|text| instant("dateFrom", text)).transpose()?;
        let until = self.date_to.as_deref().map(end_of).transpose()?;
        Ok(Some(DateRange { field, from, until }))
    }
}

fn instant(path: &str, text: &str) -> Result<Timestamp> {
    Timestamp::parse(text)
        .ok_or_else(|| Error::field(path, format!("\"{text}\" is not an ISO 8601 date or instant")))
}

/// The first instant after `dateTo`: a date means its whole day, an instant its millisecond.
fn end_of(text: &str) -> Result<Timestamp> {
    let length = if text.contains(':') { 1 } else { DAY_MILLIS };
    Ok(instant("dateTo", text)?.plus_millis(length))
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(collection): Path<String>,
    QueryOf(query): QueryOf<Query>,
) -> Result<Done<ItemList>, Failure> {
    Ok(Done(state.content.list(&caller, &collection, &query.into_domain()?).await?))
}
