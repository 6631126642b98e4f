//! Search for readers.

use emdash_content::reading::Found;
use emdash_document::render::escape;
use emdash_types::Result;
use minijinja::Value;
use serde::Serialize;
use url::form_urlencoded;

use super::facts::Facts;
use super::{offset, topics};
use crate::context::{DateContext, Pagination, TermContext};
use crate::renderer::Work;
use crate::response::SiteResponse;

/// Longest query that is looked up, in characters.
const MAX_QUERY: usize = 200;
/// Results per page.
const PAGE_SIZE: u32 = 10;

#[derive(Serialize)]
struct Search {
    query: String,
    results: Vec<SearchResult>,
    total: u64,
    pagination: Option<Pagination>,
    topics: Vec<TermContext>,
}

#[derive(Serialize)]
struct SearchResult {
    title: String,
    url: String,
    /// HTML with the found words in `mark`.
    snippet: Value,
    kind: String,
    published: Option<DateContext>,
}

pub(crate) async fn page(mut work: Work<'_>) -> Result<Option<SiteResponse>> {
    let query: String =
        work.request.parameter("q").unwrap_or_default().trim().chars().take(MAX_QUERY).collect();
    let page = work.request.parameter("page").map_or(Some(1), |page| page.parse().ok());
    let Some(page) = page else { return Ok(None) };
    let (mut results, mut total) = (Vec::new(), 0);
    if !query.is_empty() {
        let found = work.view.search(&query, offset(page, PAGE_SIZE), PAGE_SIZE).await?;
        total = found.total;
        results = found.found.iter().map(|found| result(&work, found)).collect();
    }
    let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
    let url = |page: u64| match page {
        1 => format!("/search?q={encoded}"),
        _ => format!("/search?q={encoded}&page={page}"),
    };
    let Some(pagination) = Pagination::of(page, total, PAGE_SIZE, url) else { return Ok(None) };
    let title = if query.is_empty() { "Search".to_owned() } else { format!("Results for “{query}”") };
    let facts = Facts {
        path: "/search".to_owned(),
        title: Some(title),
        locale: work.frame.site.locale.clone(),
        no_index: true,
        ..Facts::default()
    };
    let topics = if results.is_empty() { topics(&mut work.view).await? } else { Vec::new() };
    let own = Search { query, results, total, pagination: Some(pagination), topics };
    Ok(Some(work.finish(&["search.html"], "search", own, facts).await?.not_kept()))
}

fn result(work: &Work<'_>, found: &Found) -> SearchResult {
    let entry = &found.entry;
    let collection = entry.entry.collection.as_str();
    let kind = work.frame.collection(collection).map(|collection| collection.label_singular.clone());
    let snippet = if found.snippet.is_empty() { &entry.excerpt } else { &found.snippet };
    SearchResult {
        title: entry.title.clone(),
        url: entry.path.clone(),
        snippet: Value::from_safe_string(marked(snippet)),
        kind: kind.unwrap_or_else(|| collection.to_owned()),
        published: entry.entry.published_at.map(DateContext::from),
    }
}

/// Plain text whose matches stand between U+E000 and U+E001, as HTML. However these are placed, every
/// `mark` that is opened is closed.
fn marked(snippet: &str) -> String {
    let mut out = String::with_capacity(snippet.len() + 32);
    for (index, part) in snippet.split('\u{e000}').enumerate() {
        let plain = |text: &str| escape(&text.replace('\u{e001}', ""));
        match part.split_once('\u{e001}').filter(|_| index > 0) {
            Some((word, rest)) => out.push_str(&format!("<mark>{}</mark>{}", escape(word), plain(rest))),
            None => out.push_str(&plain(part)),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn found_words_are_marked_and_everything_else_is_text() {
        assert_eq!(marked("a \u{e000}<b>\u{e001} & c"), "a <mark>&lt;b&gt;</mark> &amp; c");
    }

    proptest! {
        #[test]
        fn marks_are_always_balanced(snippet in "[ab<\u{e000}\u{e001}]{0,20}") {
            let html = marked(&snippet);
            prop_assert_eq!(html.matches("<mark>").count(), html.matches("</mark>").count());
            prop_assert_eq!(html.replace("<mark>", "").replace("</mark>", "").matches('<').count(), 0);
        }
    }
}
