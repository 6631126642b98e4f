//! What robots may do (CMS contract §6.1).

use crate::renderer::Work;
use crate::response::{DAY, SiteResponse, TEXT};

pub(crate) fn file(work: &Work<'_>) -> SiteResponse {
    let sitemap = format!("Sitemap: {}/sitemap.xml\n", work.base);
    let own = work.frame.site.seo.robots_txt.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let body = match own {
        Some(text) if text.to_ascii_lowercase().contains("sitemap:") => format!("{text}\n"),
        Some(text) => format!("{text}\n\n{sitemap}"),
        None => format!("User-agent: *\nAllow: /\nDisallow: /_emdash/\n\n{sitemap}"),
    };
    SiteResponse::ok(TEXT, body, DAY).tagged(work.tags.clone())
}
