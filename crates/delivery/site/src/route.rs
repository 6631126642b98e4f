//! From a path to what is wanted. Pure: whether it exists is decided later.

use emdash_content::reading::{decode_segment, encode_path};

/// How an archive is browsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArchiveKind {
    Category,
    Tag,
    Author,
}

impl ArchiveKind {
    pub(crate) const ALL: [Self; 3] = [Self::Category, Self::Tag, Self::Author];

    /// First segment of its paths, and the taxonomy's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Category => "category",
            Self::Tag => "tag",
            Self::Author => "author",
        }
    }

    /// For people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Category => "Category",
            Self::Tag => "Tag",
            Self::Author => "Author",
        }
    }

    pub(crate) fn path(self, slug: &str) -> String {
        encode_path(&format!("/{}/{slug}", self.name()))
    }
}

/// Form of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeedKind {
    Rss,
    Atom,
}

/// What a path asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The front page and its continuations, from 1.
    Home(u64),
    Archive {
        kind: ArchiveKind,
        slug: String,
        page: u64,
    },
    Search,
    Feed(FeedKind),
    ArchiveFeed {
        kind: ArchiveKind,
        slug: String,
        feed: FeedKind,
    },
    SitemapIndex,
    Sitemap {
        collection: String,
        number: u64,
    },
    Robots,
    Asset(String),
    /// Whatever stands at this path, as decoded segments.
    Entry(Vec<String>),
    /// The thing stands at another path.
    Moved(String),
    /// Nothing can stand here.
    Nowhere,
}

impl Route {
    pub(crate) fn of(path: &str) -> Self {
        let raw: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let Some(segments) = raw.iter().map(|segment| decode_segment(segment)).collect::<Option<Vec<_>>>()
        else {
            return Self::Nowhere;
        };
        if segments.iter().any(|segment| segment == "." || segment == "..") {
            return Self::Nowhere;
        }
        // Doubled and trailing slashes. Built from decoded segments, so it cannot name another host.
        let canonical = encode_path(&format!("/{}", segments.join("/")));
        if raw.join("/") != path.get(1..).unwrap_or_default() || !path.starts_with('/') {
            return Self::Moved(canonical);
        }
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        match parts.as_slice() {
            [] => Self::Home(1),
            ["page", "1"] | ["index.html" | "index.php"] => Self::Moved("/".to_owned()),
            ["page", number] => page_number(number).map_or(Self::Nowhere, Self::Home),
            ["search"] => Self::Search,
            ["feed.xml"] => Self::Feed(FeedKind::Rss),
            ["atom.xml"] => Self::Feed(FeedKind::Atom),
            ["feed" | "rss" | "rss.xml"] => Self::Moved("/feed.xml".to_owned()),
            ["sitemap.xml"] => Self::SitemapIndex,
            ["robots.txt"] => Self::Robots,
            ["favicon.svg" | "favicon.ico"] => Self::Asset("favicon.svg".to_owned()),
            ["assets", file @ ..] if !file.is_empty() => Self::Asset(file.join("/")),
            [file] if file.starts_with("sitemap-") && file.ends_with(".xml") => sitemap(file),
            [first, slug, rest @ ..] => archive(first, slug, rest).unwrap_or(Self::Entry(segments)),
            [_] => Self::Entry(segments),
        }
    }
}

fn page_number(text: &str) -> Option<u64> {
    let digits = !text.starts_with('0') && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn sitemap(file: &str) -> Route {
    let name = file.trim_start_matches("sitemap-").trim_end_matches(".xml");
    let (collection, number) = match name.rsplit_once('-') {
        Some((collection, digits)) => (collection, page_number(digits).filter(|number| *number > 1)),
        None => (name, Some(1)),
    };
    match number {
        Some(number) => Route::Sitemap { collection: collection.to_owned(), number },
        None => Route::Nowhere,
    }
}

fn archive(first: &str, slug: &str, rest: &[&str]) -> Option<Route> {
    let kind = ArchiveKind::ALL.into_iter().find(|kind| kind.name() == first)?;
    let slug = slug.to_owned();
    Some(match rest {
        [] => Route::Archive { kind, slug, page: 1 },
        ["page", "1"] => Route::Moved(kind.path(&slug)),
        ["page", number] => match page_number(number) {
            Some(page) => Route::Archive { kind, slug, page },
            None => Route::Nowhere,
        },
        ["feed.xml"] => Route::ArchiveFeed { kind, slug, feed: FeedKind::Rss },
        ["atom.xml"] => Route::ArchiveFeed { kind, slug, feed: FeedKind::Atom },
        ["feed"] => Route::Moved(format!("{}/feed.xml", kind.path(&slug))),
        // A category's old address names its parents before it.
        [.., last] if kind == ArchiveKind::Category => Route::Moved(kind.path(last)),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moved(to: &str) -> Route {
        Route::Moved(to.to_owned())
    }

    #[test]
    fn every_kind_of_path_has_its_route() {
        let slug = || "news".to_owned();
        let cases = [
            ("/", Route::Home(1)),
            ("/page/2", Route::Home(2)),
            ("/page/1", moved("/")),
            ("/page/0", Route::Nowhere),
            ("/page/x", Route::Nowhere),
            ("/page/99999999999999999999", Route::Nowhere),
            ("/posts/hello", Route::Entry(vec!["posts".into(), "hello".into()])),
            ("/%E6%97%A5", Route::Entry(vec!["日".into()])),
            ("/category/news", Route::Archive { kind: ArchiveKind::Category, slug: slug(), page: 1 }),
            ("/tag/news/page/3", Route::Archive { kind: ArchiveKind::Tag, slug: slug(), page: 3 }),
            ("/tag/news/page/1", moved("/tag/news")),
            ("/category/world/news", moved("/category/news")),
            (
                "/author/news/feed.xml",
                Route::ArchiveFeed { kind: ArchiveKind::Author, slug: slug(), feed: FeedKind::Rss },
            ),
            ("/sitemap-posts.xml", Route::Sitemap { collection: "posts".into(), number: 1 }),
            ("/sitemap-posts-2.xml", Route::Sitemap { collection: "posts".into(), number: 2 }),
            ("/sitemap-posts-1.xml", Route::Nowhere),
            ("/assets/css/a.css", Route::Asset("css/a.css".into())),
            ("/assets", Route::Entry(vec!["assets".into()])),
            ("/feed", moved("/feed.xml")),
            ("/a/../b", Route::Nowhere),
            ("/a/%2e%2e/b", Route::Nowhere),
            ("/a%2fb", Route::Nowhere),
        ];
        for (path, route) in cases {
            assert_eq!(Route::of(path), route, "{path}");
        }
    }

    #[test]
    fn a_tidied_path_never_leaves_the_site() {
        assert_eq!(Route::of("/posts/hello/"), moved("/posts/hello"));
        assert_eq!(Route::of("//evil.example/"), moved("/evil.example"));
        assert_eq!(Route::of("/\\evil.example/"), moved("/%5Cevil.example"));
        assert_eq!(Route::of("/a//b"), moved("/a/b"));
    }

    proptest! {
        #[test]
        fn a_redirect_is_a_local_path_that_is_not_redirected_again_for_its_slashes(path in "[/a-z\\\\?#%.:@é-]{0,20}") {
            if let Route::Moved(to) = Route::of(&path) {
                prop_assert!(to.starts_with('/') && !to.starts_with("//") && !to.contains('\\'), "{}", to);
                prop_assert!(!matches!(Route::of(&to), Route::Moved(again) if again == to));
            }
        }
    }
}
