//! The site as a whole, on a real store.
#![expect(clippy::unwrap_used, reason = "a helper that fails is a failed test")]

mod feeds;
mod fixture;
mod head;
mod reading;
mod routes;
mod sitemap;
mod theme;

use emdash_site::{SiteRenderer, SiteRequest, SiteResponse};

/// Answers `path`, which may have a query.
async fn get(renderer: &SiteRenderer, path: &str) -> SiteResponse {
    let (plain, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    let request = SiteRequest {
        query: query.map(ToOwned::to_owned),
        ..SiteRequest::get(plain, "http://ignored.example")
    };
    renderer.render(&request).await
}

fn text(response: &SiteResponse) -> String {
    String::from_utf8(response.body.to_vec()).unwrap()
}

/// A page that must be there.
async fn page(renderer: &SiteRenderer, path: &str) -> String {
    let response = get(renderer, path).await;
    assert_eq!(response.status, 200, "{path}");
    text(&response)
}
