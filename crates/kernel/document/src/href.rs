//! Which addresses a document may point to.

use std::borrow::Cow;

/// Schemes a link may have; everything else (`javascript:`, `data:`, `vbscript:` …) runs or hides something.
const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// The address as it may stand in a page, or nothing: `http(s)`, `mailto` and `tel` addresses, site paths
/// (`/…`) and fragments (`#…`), judged as a browser reads them: without surrounding controls and without
/// tabs and line ends anywhere.
#[must_use]
pub fn safe_href(href: &str) -> Option<Cow<'_, str>> {
    let trimmed = href.trim_matches(|character: char| character <= ' ');
    let clean: Cow<'_, str> = if trimmed.contains(['\t', '\n', '\r']) {
        Cow::Owned(trimmed.replace(['\t', '\n', '\r'], ""))
    } else {
        Cow::Borrowed(trimmed)
    };
    let allowed = clean.starts_with(['/', '#'])
        || clean.split_once(':').is_some_and(|(scheme, rest)| {
            !rest.is_empty() && SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known))
        });
    allowed.then_some(clean)
}

/// Like [`safe_href`], for things a page loads by itself: only the web and the site.
pub(crate) fn safe_source(source: &str) -> Option<Cow<'_, str>> {
    safe_href(source).filter(|clean| {
        let lower = clean.get(..7).unwrap_or_default().to_ascii_lowercase();
        clean.starts_with('/') || lower.starts_with("http:/") || lower.starts_with("https:/")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_mail_phone_paths_and_fragments_are_links() {
        for href in
            ["https://a.example/x?y#z", "HTTP://a.example", "mailto:a@b.example", "tel:+1", "/a", "#b"]
        {
            assert_eq!(safe_href(href).as_deref(), Some(href));
        }
        assert_eq!(safe_href("  /a \n").as_deref(), Some("/a"));
    }

    #[test]
    fn what_a_browser_would_run_is_not_a_link() {
        for href in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " \u{1}javascript:alert(1)",
            "java\nscript:alert(1)",
            "java\tscript:alert(1)",
            "data:text/html,<script>alert(1)</script>",
            "vbscript:x",
            "blob:https://a.example/1",
            "file:///etc/passwd",
            "&#106;avascript:alert(1)",
            "",
            "relative/path",
        ] {
            assert_eq!(safe_href(href), None, "{href:?}");
        }
        assert_eq!(safe_href("ht\ntps://a.example").as_deref(), Some("https://a.example"));
    }

    #[test]
    fn a_page_loads_nothing_from_mail_or_fragments() {
        assert_eq!(safe_source("mailto:a@b.example"), None);
        assert_eq!(safe_source("#a"), None);
        assert_eq!(safe_source("https://a.example/b.png").as_deref(), Some("https://a.example/b.png"));
        assert_eq!(safe_source("//cdn.example/b.png").as_deref(), Some("//cdn.example/b.png"));
    }
}
