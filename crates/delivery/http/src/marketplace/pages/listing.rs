//! `/marketplace`: the catalogue.

use axum::extract::State;
use axum::response::Response;
use emdash_manifest::Capability;
use emdash_registry::{CatalogueEntry, CataloguePage};
use emdash_store::registry::{ListingFilter, ListingOrder};
use emdash_types::Result;
use form_urlencoded::Serializer;
use http::StatusCode;
use maud::{Markup, html};

use super::layout::{Frame, failure, respond};
use super::words;
use crate::marketplace::MarketplaceState;
use crate::marketplace::api::ListQuery;
use crate::request::QueryOf;

const PAGE: u32 = 24;
/// New releases shown above a catalogue more than twice as long.
const NEWEST: u32 = 4;

const SORTS: [(&str, &str); 4] =
    [("installs", "Most installed"), ("updated", "Last updated"), ("created", "Newest"), ("name", "Name")];

pub async fn page(State(state): State<MarketplaceState>, QueryOf(query): QueryOf<ListQuery>) -> Response {
    match load(&state, &query).await {
        Ok((page, newest)) => {
            let title = query.filter().text.map_or_else(|| "Plugins".to_owned(), |text| format!("“{text}”"));
            let frame = Frame {
                title: &title,
                description: "Plugins for EmDash: sandboxed, checked, and clear about what they access.",
                canonical: None,
            };
            respond(StatusCode::OK, &frame, render(&query, &page, &newest))
        }
        Err(error) => failure(&error),
    }
}

async fn load(state: &MarketplaceState, query: &ListQuery) -> Result<(CataloguePage, Vec<CatalogueEntry>)> {
    let filter = query.filter();
    let page = state.registry.list(&filter, query.offset(), PAGE).await?;
    let front = filter == ListingFilter::default() && query.offset() == 0;
    if !front || page.items.len() <= 2 * NEWEST as usize {
        return Ok((page, Vec::new()));
    }
    let newest = ListingFilter { order: ListingOrder::Updated, ..ListingFilter::default() };
    Ok((page, state.registry.list(&newest, 0, NEWEST).await?.items))
}

fn render(query: &ListQuery, page: &CataloguePage, newest: &[CatalogueEntry]) -> Markup {
    let filter = query.filter();
    let narrowed = filter.text.is_some() || filter.capability.is_some();
    html! {
        div.intro {
            h1 { "Plugins" }
            p { "Each says what it wants to access before you install it, and gets nothing else." }
        }
        (search(query))
        @if page.items.is_empty() {
            (empty(narrowed, query.offset()))
        } @else {
            @if !newest.is_empty() { (section("new", "New releases", "cards rail", newest)) }
            @let heading = match &filter.text {
                Some(text) => format!("Results for “{text}”"),
                None if narrowed => "Results".to_owned(),
                None => "All plugins".to_owned(),
            };
            (section("all", &heading, "cards", &page.items))
            (paging(query, page.next))
        }
    }
}

fn search(query: &ListQuery) -> Markup {
    let chosen = query.filter().capability;
    let sorted = SORTS.iter().map(|(value, _)| *value).find(|value| *value == query.sort);
    html! {
        form.search role="search" action="/marketplace" method="get" {
            div.field.wide {
                label for="q" { "Search" }
                input #q type="search" name="q" value=(query.q) maxlength="200" placeholder="Name, purpose or keyword";
            }
            div.field {
                label for="capability" { "Ability" }
                select #capability name="capability" {
                    option value="" { "Any" }
                    @for capability in Capability::ALL {
                        option value=(capability.name()) selected[chosen.as_deref() == Some(capability.name())] {
                            (words::ability(*capability))
                        }
                    }
                }
            }
            div.field {
                label for="sort" { "Order" }
                select #sort name="sort" {
                    @for (value, label) in SORTS { option value=(value) selected[sorted == Some(value)] { (label) } }
                }
            }
            button type="submit" { "Search" }
        }
    }
}

fn section(id: &str, heading: &str, class: &str, entries: &[CatalogueEntry]) -> Markup {
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { (heading) }
            ul class=(class) { @for entry in entries { li { (card(entry)) } } }
        }
    }
}

fn card(entry: &CatalogueEntry) -> Markup {
    let CatalogueEntry { listing, publisher, latest } = entry;
    html! {
        article.card {
            img src={ "/api/v1/plugins/" (listing.id) "/icon?w=128" } alt="" width="48" height="48" loading="lazy";
            div {
                h3 { a href={ "/marketplace/" (listing.id) } { (listing.name) } }
                p.by { "by " (words::publisher(&publisher.name, publisher.verified)) }
            }
            @if let Some(description) = &listing.description { p.about { (description) } }
            ul.abilities {
                @for ability in words::abilities(&listing.capabilities) { li { (ability) } }
                @if listing.capabilities.is_empty() { li.none { "Needs no access" } }
            }
            p.facts {
                span { "Free" }
                span { (words::installs(listing.install_count)) }
                @if let Some(release) = latest {
                    span { (release.version) }
                    span { (words::date(release.published_at.unwrap_or(listing.updated_at))) }
                }
            }
        }
    }
}

fn empty(narrowed: bool, offset: u64) -> Markup {
    html! {
        div.notice {
            @if narrowed {
                h2 { "Nothing matches" }
                p { "Try fewer words, or another ability." }
                p { a.button href="/marketplace" { "Show all plugins" } }
            } @else if offset > 0 {
                h2 { "That was all" }
                p { a.button href="/marketplace" { "Back to the first page" } }
            } @else {
                h2 { "No plugins yet" }
                p { "Be the first to publish one:" }
                pre { code { "emdash plugin bundle my-plugin/\nemdash plugin publish my-plugin-1.0.0.tar.gz" } }
            }
        }
    }
}

fn paging(query: &ListQuery, next: Option<u64>) -> Markup {
    let previous = query.offset().checked_sub(1).map(|_| query.offset().saturating_sub(u64::from(PAGE)));
    if previous.is_none() && next.is_none() {
        return html! {};
    }
    html! {
        nav.paging aria-label="Pages" {
            @if let Some(offset) = previous { a.button rel="prev" href=(address(query, offset)) { "Previous" } }
            @if let Some(offset) = next { a.button rel="next" href=(address(query, offset)) { "Next" } }
        }
    }
}

/// The same question from another place on.
fn address(query: &ListQuery, offset: u64) -> String {
    let mut pairs = Serializer::new(String::new());
    for (key, value) in [("q", &query.q), ("capability", &query.capability), ("sort", &query.sort)] {
        if !value.is_empty() {
            pairs.append_pair(key, value);
        }
    }
    if offset > 0 {
        pairs.append_pair("cursor", &ListQuery::cursor(offset));
    }
    format!("/marketplace?{}", pairs.finish())
}
