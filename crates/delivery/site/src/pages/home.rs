//! The front page and its continuations.

use emdash_content::reading::{POSTS, Scope};
use emdash_types::Result;
use serde::Serialize;

use super::facts::Facts;
use super::{offset, teasers, topics};
use crate::context::{Pagination, TeaserContext, TermContext};
use crate::renderer::Work;
use crate::response::SiteResponse;

#[derive(Serialize)]
struct Home {
    posts: Vec<TeaserContext>,
    pagination: Pagination,
    topics: Vec<TermContext>,
}

fn path(page: u64) -> String {
    if page == 1 { "/".to_owned() } else { format!("/page/{page}") }
}

pub(crate) async fn page(mut work: Work<'_>, page: u64) -> Result<Option<SiteResponse>> {
    let size = work.frame.site.posts_per_page;
    let listing = work.view.posts(&Scope::All, offset(page, size), size).await?;
    let Some(pagination) = Pagination::of(page, listing.total, size, path) else { return Ok(None) };
    work.lists(POSTS);
    let facts = Facts {
        path: path(page),
        title: (page > 1).then(|| format!("Page {page}")),
        locale: work.frame.site.locale.clone(),
        ..Facts::default()
    };
    let own = Home {
        posts: teasers(&listing),
        topics: if page == 1 { topics(&mut work.view).await? } else { Vec::new() },
        pagination,
    };
    work.finish(&["home.html"], "home", own, facts).await.map(Some)
}
