//! Nothing stands here.

use emdash_content::reading::Scope;
use emdash_types::Result;
use serde::Serialize;

use super::facts::Facts;
use super::{teasers, topics};
use crate::context::{TeaserContext, TermContext};
use crate::renderer::Work;
use crate::response::SiteResponse;

/// Newest posts offered instead.
const POSTS_OFFERED: u32 = 5;

#[derive(Serialize)]
struct NotFound {
    posts: Vec<TeaserContext>,
    topics: Vec<TermContext>,
}

pub(crate) async fn page(mut work: Work<'_>) -> Result<SiteResponse> {
    let newest = work.view.posts(&Scope::All, 0, POSTS_OFFERED).await?;
    let own = NotFound { posts: teasers(&newest), topics: topics(&mut work.view).await? };
    let facts = Facts {
        path: "/404".to_owned(),
        title: Some("Page not found".to_owned()),
        canonical: Some(None),
        locale: work.frame.site.locale.clone(),
        no_index: true,
        ..Facts::default()
    };
    Ok(work.finish(&["not-found.html"], "not-found", own, facts).await?.status(404).not_kept())
}
