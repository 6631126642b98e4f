//! The sitemap: an index, and files of at most 50,000 addresses per collection (CMS contract §6.1, §6.7).

use emdash_content::reading::SITEMAP_LIMIT;
use emdash_types::Result;

use crate::renderer::Work;
use crate::response::{HOUR, SiteResponse, XML};
use crate::xml;

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

pub(crate) async fn index(mut work: Work<'_>) -> Result<SiteResponse> {
    let files = work.view.sitemap_files(SITEMAP_LIMIT).await?;
    let mut out = format!("{DECLARATION}<sitemapindex xmlns=\"{NAMESPACE}\">\n");
    for file in &files {
        let number = if file.number == 1 { String::new() } else { format!("-{}", file.number) };
        out.push_str("  <sitemap>");
        xml::push_element(&mut out, "loc", &format!("{}/sitemap-{}{number}.xml", work.base, file.collection));
        if let Some(changed) = file.changed {
            xml::push_element(&mut out, "lastmod", &changed.to_string());
        }
        out.push_str("</sitemap>\n");
        work.lists(&file.collection);
    }
    out.push_str("</sitemapindex>\n");
    Ok(SiteResponse::ok(XML, out, HOUR).tagged(work.tags))
}

pub(crate) async fn file(mut work: Work<'_>, collection: &str, number: u64) -> Result<Option<SiteResponse>> {
    let locations = work.view.sitemap_locations(collection, number, SITEMAP_LIMIT).await?;
    if locations.is_empty() {
        return Ok(None);
    }
    let mut out = String::with_capacity(128 + locations.len() * 128);
    out.push_str(DECLARATION);
    out.push_str("<urlset xmlns=\"");
    out.push_str(NAMESPACE);
    out.push_str("\">\n");
    let mut base = String::new();
    xml::push_text(&mut base, &work.base);
    for location in &locations {
        out.push_str("  <url><loc>");
        out.push_str(&base);
        xml::push_text(&mut out, &location.path);
        out.push_str("</loc><lastmod>");
        out.push_str(&location.changed.to_string());
        out.push_str("</lastmod></url>\n");
    }
    out.push_str("</urlset>\n");
    work.lists(collection);
    Ok(Some(SiteResponse::ok(XML, out, HOUR).tagged(work.tags)))
}
