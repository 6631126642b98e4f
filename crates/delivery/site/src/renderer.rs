//! From a request to a response.

use std::path::PathBuf;
use std::sync::Arc;

use emdash_content::reading::{Frame, PAGES, PublicReader, PublicView};
use emdash_types::{CollectionName, Result};
use serde::Serialize;

use crate::context::layout;
use crate::head::PageMetadata;
use crate::pages;
use crate::pages::facts::Facts;
use crate::request::SiteRequest;
use crate::response::{CacheTags, HOUR, HTML, IMMUTABLE, PRIVATE, REVALIDATE, SiteResponse};
use crate::route::Route;
use crate::theme::Theme;

/// How the site is rendered.
#[derive(Clone, Debug, Default)]
pub struct SiteOptions {
    /// Folder of the theme; without one the default theme is used. What the folder lacks comes from there too.
    pub theme_dir: Option<PathBuf>,
}

/// Renders one site. Clones share everything.
#[derive(Clone)]
pub struct SiteRenderer {
    inner: Arc<Inner>,
}

struct Inner {
    theme: Theme,
    reader: PublicReader,
    metadata: Arc<dyn PageMetadata>,
}

impl SiteRenderer {
    /// Renders what `reader` answers; `metadata` adds to the head of each page.
    #[must_use]
    pub fn new(options: SiteOptions, reader: PublicReader, metadata: Arc<dyn PageMetadata>) -> Self {
        Self { inner: Arc::new(Inner { theme: Theme::new(options.theme_dir), reader, metadata }) }
    }

    /// Grows when a file of the theme was seen to have changed: pages rendered under a smaller number are outdated.
    /// Files are looked at by [`SiteRenderer::watch_theme`] and whenever a page is rendered.
    #[must_use]
    pub fn theme_revision(&self) -> u64 {
        self.inner.theme.revision()
    }

    /// Looks whether a file of the theme has changed.
    pub fn watch_theme(&self) {
        self.inner.theme.refresh();
    }

    /// Answers a request. A failure is logged and becomes the plain error page.
    pub async fn render(&self, request: &SiteRequest) -> SiteResponse {
        let answer = self.answer(request).await;
        answer.unwrap_or_else(|error| {
            tracing::error!(path = request.path, cause = ?error.cause(), %error, "a public page failed");
            let status = Some(error.code().kind().status()).filter(|status| *status >= 500).unwrap_or(500);
            let page = self.inner.theme.error_page();
            SiteResponse::ok(HTML, page, PRIVATE).status(status).not_kept()
        })
    }

    async fn answer(&self, request: &SiteRequest) -> Result<SiteResponse> {
        if let Some(target) = &request.preview {
            let mut work = self.work(request).await?;
            return match work.view.preview(&target.collection, &target.id).await? {
                Some(entry) => pages::entry::preview(work, entry).await,
                None => pages::not_found::page(work).await,
            };
        }
        let route = Route::of(&request.path);
        match &route {
            Route::Moved(path) => return Ok(SiteResponse::moved(with_query(path.clone(), request))),
            Route::Asset(path) => {
                if let Some(response) = self.asset(path) {
                    return Ok(response);
                }
            }
            _ => {}
        }
        if let Some(response) = self.page(request, &route).await? {
            return Ok(response);
        }
        if let Some(path) = self.lower_case(request).await? {
            return Ok(SiteResponse::moved(with_query(path, request)));
        }
        pages::not_found::page(self.work(request).await?).await
    }

    async fn page(&self, request: &SiteRequest, route: &Route) -> Result<Option<SiteResponse>> {
        if matches!(route, Route::Nowhere | Route::Asset(_) | Route::Moved(_)) {
            return Ok(None);
        }
        let work = self.work(request).await?;
        match route {
            Route::Home(page) => pages::home::page(work, *page).await,
            Route::Archive { kind, slug, page } => pages::archive::page(work, *kind, slug, *page).await,
            Route::Search => pages::search::page(work).await,
            Route::Feed(kind) => pages::feed::site(work, *kind).await.map(Some),
            Route::ArchiveFeed { kind, slug, feed } => pages::feed::archive(work, *kind, slug, *feed).await,
            Route::SitemapIndex => pages::sitemap::index(work).await.map(Some),
            Route::Sitemap { collection, number } => pages::sitemap::file(work, collection, *number).await,
            Route::Robots => Ok(Some(pages::robots::file(&work))),
            Route::Entry(segments) => pages::entry::page(work, segments).await,
            Route::Asset(_) | Route::Moved(_) | Route::Nowhere => Ok(None),
        }
    }

    /// The path in lower case, where something stands there.
    async fn lower_case(&self, request: &SiteRequest) -> Result<Option<String>> {
        let Route::Entry(segments) = Route::of(&request.path) else { return Ok(None) };
        let lower = segments.join("/").to_lowercase();
        if lower == segments.join("/") {
            return Ok(None);
        }
        let path = emdash_content::reading::encode_path(&format!("/{lower}"));
        let found = self.page(request, &Route::of(&path)).await?;
        Ok(found.map(|response| response.location.unwrap_or(path)))
    }

    fn asset(&self, path: &str) -> Option<SiteResponse> {
        let (asset, lasting) = self.inner.theme.asset(path)?;
        let cache_control = if lasting { IMMUTABLE } else { HOUR };
        Some(SiteResponse::ok(asset.content_type, asset.bytes.clone(), cache_control).not_kept())
    }

    async fn work<'a>(&'a self, request: &'a SiteRequest) -> Result<Work<'a>> {
        let view = self.inner.reader.open().await?;
        let frame = Arc::clone(view.frame());
        let base =
            frame.site.url.clone().unwrap_or_else(|| request.base_url.trim_end_matches('/').to_owned());
        let mut tags = CacheTags::default();
        tags.collections.extend(CollectionName::parse(PAGES).ok());
        Ok(Work { inner: &self.inner, request, view, frame, base, tags })
    }
}

fn with_query(path: String, request: &SiteRequest) -> String {
    match request.query.as_deref().filter(|query| !query.is_empty()) {
        Some(query) => format!("{path}?{query}"),
        None => path,
    }
}

/// One page in the making.
pub(crate) struct Work<'a> {
    inner: &'a Inner,
    pub(crate) request: &'a SiteRequest,
    pub(crate) view: PublicView,
    pub(crate) frame: Arc<Frame>,
    /// Origin of every absolute address.
    pub(crate) base: String,
    pub(crate) tags: CacheTags,
}

impl Work<'_> {
    /// Notes that a collection is listed.
    pub(crate) fn lists(&mut self, collection: &str) {
        self.tags.collections.extend(CollectionName::parse(collection).ok());
    }

    /// Ends reading, asks the plugins, fills the template: the first of `templates` that exists.
    pub(crate) async fn finish<T: Serialize>(
        self,
        templates: &[&str],
        view: &'static str,
        own: T,
        facts: Facts,
    ) -> Result<SiteResponse> {
        let Self { inner, request, view: reading, frame, base, tags } = self;
        drop(reading);
        let page = facts.page_context(&frame.site, &base);
        let contributed = inner.metadata.contributions(&page).await;
        let head = facts.head(&page, &contributed, &frame.site, &base);
        let mut context = layout(&frame, &base, &facts.path, view, own);
        context.head = minijinja::Value::from_safe_string(head);
        context.preview = request.preview.is_some();
        let body = inner.theme.render(templates, &context)?;
        Ok(SiteResponse::ok(HTML, body, REVALIDATE).tagged(tags))
    }
}
