//! What a page says about itself, and the head that follows from it.

use emdash_content::reading::SiteInfo;

use crate::head::{
    ArticleMeta, Breadcrumb, ContentReference, Contribution, Head, PageKind, PageSeo, PublicPageContext,
    breadcrumb_list, collection_page, primary,
};

/// Longest description, in characters.
const DESCRIPTION_LENGTH: usize = 200;
/// Between the page's and the site's title.
const SEPARATOR: &str = " – ";

/// Facts about one page. Paths are encoded and of this site.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub path: String,
    /// The page's own title; the front page has none.
    pub title: Option<String>,
    /// Title for search engines, where it differs.
    pub seo_title: Option<String>,
    pub description: Option<String>,
    /// Canonical address, where it is not the path; `Some(None)` where there is none.
    pub canonical: Option<Option<String>>,
    pub image: Option<String>,
    pub locale: String,
    pub no_index: bool,
    pub content: Option<ContentReference>,
    pub article: Option<ArticleMeta>,
    /// Name and path of each step after the front page.
    pub crumbs: Vec<(String, String)>,
    /// Title and path of each entry in a list.
    pub items: Vec<(String, String)>,
    /// Title and path without extension of the list's own feeds.
    pub feed: Option<(String, String)>,
}

pub(crate) fn absolute(base: &str, address: &str) -> String {
    if address.starts_with('/') && !address.starts_with("//") {
        format!("{base}{address}")
    } else {
        address.to_owned()
    }
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(DESCRIPTION_LENGTH) {
        Some((end, _)) => {
            let cut = &line[..end];
            let at = cut.rfind(' ').filter(|space| *space > DESCRIPTION_LENGTH / 2).unwrap_or(end);
            format!("{}…", cut[..at].trim_end_matches([',', ';', ':', ' ']))
        }
        None => line,
    }
}

impl Facts {
    fn window_title(&self, site: &SiteInfo) -> String {
        let separator = site.seo.title_separator.as_deref().unwrap_or(SEPARATOR);
        match (self.seo_title.as_ref().or(self.title.as_ref()), &site.tagline) {
            (Some(title), _) => format!("{title}{separator}{}", site.title),
            (None, Some(tagline)) => format!("{}{separator}{tagline}", site.title),
            (None, None) => site.title.clone(),
        }
    }

    /// The page as plugins see it.
    pub(crate) fn page_context(&self, site: &SiteInfo, base: &str) -> PublicPageContext {
        let url = format!("{base}{}", self.path);
        let canonical = self.canonical.clone().unwrap_or_else(|| Some(url.clone()));
        let description = self.description.as_deref().filter(|text| !text.trim().is_empty());
        let image = self.image.as_ref().or(site.seo.default_og_image.as_ref());
        let home = Breadcrumb { name: site.title.clone(), url: format!("{base}/") };
        let steps = self.crumbs.iter();
        let steps = steps.map(|(name, path)| Breadcrumb { name: name.clone(), url: format!("{base}{path}") });
        let seo = PageSeo {
            og_title: self.seo_title.clone(),
            robots: self.no_index.then(|| "noindex".to_owned()),
            ..PageSeo::default()
        };
        PublicPageContext {
            url,
            path: self.path.clone(),
            locale: Some(self.locale.clone()).filter(|locale| !locale.is_empty()),
            kind: if self.content.is_some() { PageKind::Content } else { PageKind::Custom },
            page_type: if self.article.is_some() { "article" } else { "website" },
            title: Some(self.window_title(site)),
            page_title: self.title.clone(),
            description: description
                .map(shortened)
                .or_else(|| site.tagline.clone().filter(|_| self.title.is_none())),
            canonical,
            image: image.map(|image| absolute(base, image)),
            content: self.content.clone(),
            seo: Some(seo).filter(|seo| *seo != PageSeo::default()),
            article_meta: self.article.clone(),
            site_name: Some(site.title.clone()),
            site_url: Some(base.to_owned()),
            breadcrumbs: if self.crumbs.is_empty() {
                Vec::new()
            } else {
                std::iter::once(home).chain(steps).collect()
            },
        }
    }

    /// The head as HTML: plugins' contributions first, so that they override (plugin contract §4.9).
    pub(crate) fn head(
        &self,
        page: &PublicPageContext,
        contributed: &[Contribution],
        site: &SiteInfo,
        base: &str,
    ) -> String {
        let mut head = Head::default();
        contributed.iter().chain(&self.base_set(page, site, base)).for_each(|one| head.add(one));
        let feeds = std::iter::once((site.title.clone(), String::new())).chain(self.feed.clone());
        for (title, path) in feeds {
            head.add_feed(
                "application/rss+xml",
                &format!("{title} (RSS)"),
                &format!("{base}{path}/feed.xml"),
            );
            head.add_feed(
                "application/atom+xml",
                &format!("{title} (Atom)"),
                &format!("{base}{path}/atom.xml"),
            );
        }
        head.into_html(page.title.as_deref().unwrap_or(&site.title))
    }

    /// What stands in the head unless somebody says otherwise (CMS contract §6.2).
    fn base_set(&self, page: &PublicPageContext, site: &SiteInfo, base: &str) -> Vec<Contribution> {
        let seo = page.seo.clone().unwrap_or_default();
        let title = seo.og_title.or_else(|| page.page_title.clone()).or_else(|| page.title.clone());
        let description = seo.og_description.or_else(|| page.description.clone());
        let image = seo.og_image.or_else(|| page.image.clone());
        let card = if image.is_some() { "summary_large_image" } else { "summary" };
        let article = page.article_meta.clone().unwrap_or_default();
        let meta = [
            ("description", page.description.clone()),
            ("robots", seo.robots),
            ("twitter:card", Some(card.to_owned())),
            ("twitter:title", title.clone()),
            ("twitter:description", description.clone()),
            ("twitter:image", image.clone()),
            ("google-site-verification", site.seo.google_verification.clone()),
            ("msvalidate.01", site.seo.bing_verification.clone()),
        ];
        let property = [
            ("og:type", Some(page.page_type.to_owned())),
            ("og:title", title),
            ("og:description", description),
            ("og:image", image),
            ("og:url", page.canonical.clone()),
            ("og:site_name", page.site_name.clone()),
            ("og:locale", page.locale.as_ref().map(|locale| locale.replace('-', "_"))),
            ("article:published_time", article.published_time),
            ("article:modified_time", article.modified_time),
            ("article:author", article.author),
        ];
        let mut set: Vec<Contribution> = Vec::with_capacity(24);
        set.extend(meta.into_iter().filter_map(|(name, value)| Some(Contribution::meta(name, value?))));
        set.extend(
            property.into_iter().filter_map(|(name, value)| Some(Contribution::property(name, value?))),
        );
        set.extend(page.canonical.clone().map(Contribution::canonical));
        if !self.no_index {
            set.extend(primary(page).map(|graph| Contribution::json_ld("primary", graph)));
            if !page.breadcrumbs.is_empty() {
                set.push(Contribution::json_ld("breadcrumbs", breadcrumb_list(&page.breadcrumbs)));
            }
            if !self.items.is_empty() {
                let items = self.items.iter().map(|(title, path)| (title.clone(), format!("{base}{path}")));
                set.push(Contribution::json_ld(
                    "collection",
                    collection_page(page, &items.collect::<Vec<_>>()),
                ));
            }
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_description_ends_at_a_word() {
        let text = "word ".repeat(100);
        let short = shortened(&text);
        assert!(short.ends_with("word…") && short.chars().count() <= DESCRIPTION_LENGTH + 1);
        assert_eq!(shortened(&"日".repeat(300)).chars().count(), DESCRIPTION_LENGTH + 1);
        assert_eq!(shortened(" a\n b "), "a b");
    }

    #[test]
    fn only_paths_of_the_site_get_its_origin() {
        assert_eq!(absolute("https://a.example", "/x"), "https://a.example/x");
        assert_eq!(absolute("https://a.example", "//b.example/x"), "//b.example/x");
        assert_eq!(absolute("https://a.example", "https://c.example"), "https://c.example");
    }
}
