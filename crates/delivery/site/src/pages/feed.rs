//! RSS 2.0 and Atom, of the site and of each archive. Every address in them is absolute.

use emdash_content::reading::{POSTS, PublicEntry, Scope};
use emdash_document::render::RenderOptions;
use emdash_types::{Result, Timestamp};
use url::Url;

use super::archive::find;
use crate::context::content_html;
use crate::renderer::Work;
use crate::response::{FEED, SiteResponse};
use crate::route::{ArchiveKind, FeedKind};
use crate::xml::{push_element, push_text};

/// Entries in a feed.
const LENGTH: u32 = 20;
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// What a feed says of itself.
struct Channel {
    title: String,
    description: String,
    /// Address of the page it follows.
    page: String,
    /// Its own address.
    own: String,
    language: String,
    base: String,
}

pub(crate) async fn site(work: Work<'_>, kind: FeedKind) -> Result<SiteResponse> {
    let info = &work.frame.site;
    let channel = Channel {
        title: info.title.clone(),
        description: info.tagline.clone().unwrap_or_else(|| format!("The newest posts of {}", info.title)),
        page: format!("{}/", work.base),
        own: format!("{}/{}", work.base, file_name(kind)),
        language: info.locale.clone(),
        base: work.base.clone(),
    };
    answer(work, kind, &Scope::All, &channel).await
}

pub(crate) async fn archive(
    mut work: Work<'_>,
    by: ArchiveKind,
    slug: &str,
    kind: FeedKind,
) -> Result<Option<SiteResponse>> {
    let Some(archive) = find(&mut work.view, by, slug).await? else { return Ok(None) };
    let info = &work.frame.site;
    let channel = Channel {
        title: format!("{} – {}", archive.title, info.title),
        description: archive.description.unwrap_or_else(|| format!("Posts under {}", archive.title)),
        page: format!("{}{}", work.base, archive.path),
        own: format!("{}{}/{}", work.base, archive.path, file_name(kind)),
        language: info.locale.clone(),
        base: work.base.clone(),
    };
    answer(work, kind, &archive.scope, &channel).await.map(Some)
}

fn file_name(kind: FeedKind) -> &'static str {
    match kind {
        FeedKind::Rss => "feed.xml",
        FeedKind::Atom => "atom.xml",
    }
}

async fn answer(
    mut work: Work<'_>,
    kind: FeedKind,
    scope: &Scope,
    channel: &Channel,
) -> Result<SiteResponse> {
    let mut entries = work.view.posts(scope, 0, LENGTH).await?.entries;
    work.view.add_media(&mut entries).await?;
    work.lists(POSTS);
    let (content_type, body) = match kind {
        FeedKind::Rss => ("application/rss+xml; charset=utf-8", rss(channel, &entries)),
        FeedKind::Atom => ("application/atom+xml; charset=utf-8", atom(channel, &entries)),
    };
    Ok(SiteResponse::ok(content_type, body, FEED).tagged(work.tags))
}

fn newest_change(entries: &[PublicEntry]) -> Option<Timestamp> {
    entries.iter().map(|entry| entry.entry.updated_at).max()
}

/// A name that stays when the address changes (RFC 4151).
fn lasting_id(channel: &Channel, entry: &PublicEntry) -> String {
    let host = Url::parse(&channel.base).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
    let row = &entry.entry;
    format!(
        "tag:{},{}:{}/{}",
        host.as_deref().unwrap_or("localhost"),
        row.created_at.date(),
        row.collection,
        row.id
    )
}

fn html(channel: &Channel, entry: &PublicEntry) -> String {
    let base = Url::parse(&format!("{}{}", channel.base, entry.path)).ok();
    content_html(entry, &RenderOptions { base_url: base.as_ref(), ..RenderOptions::default() })
}

fn rss(channel: &Channel, entries: &[PublicEntry]) -> String {
    let mut out = String::from(DECLARATION);
    out.push_str("<rss version=\"2.0\" xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n<channel>\n");
    push_element(&mut out, "title", &channel.title);
    push_element(&mut out, "link", &channel.page);
    push_element(&mut out, "description", &channel.description);
    push_element(&mut out, "language", &channel.language);
    push_element(&mut out, "generator", "EmDash");
    push_link(&mut out, "atom:link", "self", "application/rss+xml", &channel.own);
    if let Some(changed) = newest_change(entries) {
        push_element(&mut out, "lastBuildDate", &changed.rfc2822());
    }
    for entry in entries {
        out.push_str("\n<item>");
        push_element(&mut out, "title", &entry.title);
        push_element(&mut out, "link", &format!("{}{}", channel.base, entry.path));
        out.push_str("<guid isPermaLink=\"false\">");
        push_text(&mut out, &lasting_id(channel, entry));
        out.push_str("</guid>");
        if let Some(published) = entry.entry.published_at {
            push_element(&mut out, "pubDate", &published.rfc2822());
        }
        for credit in &entry.bylines {
            push_element(&mut out, "dc:creator", &credit.byline.display_name);
        }
        for term in &entry.terms {
            push_element(&mut out, "category", &term.label);
        }
        push_element(&mut out, "description", &entry.excerpt);
        push_element(&mut out, "content:encoded", &html(channel, entry));
        out.push_str("</item>");
    }
    out.push_str("\n</channel>\n</rss>\n");
    out
}

fn atom(channel: &Channel, entries: &[PublicEntry]) -> String {
    let mut out = format!("{DECLARATION}<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"");
    push_text(&mut out, &channel.language);
    out.push_str("\">\n");
    push_element(&mut out, "id", &channel.page);
    push_element(&mut out, "title", &channel.title);
    push_element(&mut out, "subtitle", &channel.description);
    push_element(&mut out, "generator", "EmDash");
    push_link(&mut out, "link", "self", "application/atom+xml", &channel.own);
    push_link(&mut out, "link", "alternate", "text/html", &channel.page);
    // A feed must say when it changed; one without entries never did.
    let changed = newest_change(entries).unwrap_or(Timestamp::from_millis(0));
    push_element(&mut out, "updated", &changed.to_string());
    for entry in entries {
        out.push_str("\n<entry>");
        push_element(&mut out, "id", &lasting_id(channel, entry));
        push_element(&mut out, "title", &entry.title);
        push_link(&mut out, "link", "alternate", "text/html", &format!("{}{}", channel.base, entry.path));
        if let Some(published) = entry.entry.published_at {
            push_element(&mut out, "published", &published.to_string());
        }
        push_element(&mut out, "updated", &entry.entry.updated_at.to_string());
        // Every entry needs an author; the site stands in for one.
        let names: Vec<&str> =
            entry.bylines.iter().map(|credit| credit.byline.display_name.as_str()).collect();
        let names = if names.is_empty() { vec![channel.title.as_str()] } else { names };
        for name in names {
            out.push_str("<author>");
            push_element(&mut out, "name", name);
            out.push_str("</author>");
        }
        for term in &entry.terms {
            out.push_str("<category term=\"");
            push_text(&mut out, &term.label);
            out.push_str("\"/>");
        }
        push_element(&mut out, "summary", &entry.excerpt);
        out.push_str("<content type=\"html\">");
        push_text(&mut out, &html(channel, entry));
        out.push_str("</content></entry>");
    }
    out.push_str("\n</feed>\n");
    out
}

fn push_link(out: &mut String, element: &str, relation: &str, kind: &str, href: &str) {
    out.push_str(&format!("<{element} rel=\"{relation}\" type=\"{kind}\" href=\""));
    push_text(out, href);
    out.push_str("\"/>");
}
