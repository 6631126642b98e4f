//! Public paths: from an entry to its path and back.

use emdash_store::content::Collection;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but what RFC 3986 allows in a path as it is and no browser reads as something else.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b'!')
    .remove(b'$')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// A path as it stands in links and in `Location`.
#[must_use]
pub fn encode_path(path: &str) -> String {
    utf8_percent_encode(path, ENCODED).to_string()
}

/// One segment of a requested path as text; `None` where it is not UTF-8 or hides a separator.
#[must_use]
pub fn decode_segment(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.contains(['/', '\0'])).then(|| text.into_owned())
}

/// The public path of an entry with this slug, encoded.
pub(super) fn path_of(collection: &Collection, slug: &str) -> String {
    encode_path(&collection.path_of(slug))
}

/// The slug a path names under the collection's URL pattern.
pub(super) fn slug_in<'a>(collection: &Collection, segments: &[&'a str]) -> Option<&'a str> {
    let pattern = collection.path_of("{slug}");
    let mut wanted = pattern.split('/').filter(|part| !part.is_empty());
    let mut slug = None;
    for segment in segments {
        let part = wanted.next()?;
        match part.split_once("{slug}") {
            Some((before, after)) => {
                slug = segment.strip_prefix(before)?.strip_suffix(after).filter(|slug| !slug.is_empty());
            }
            None if part == *segment => {}
            None => return None,
        }
    }
    slug.filter(|_| wanted.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::fixture::collection;
    use proptest::prelude::*;

    #[test]
    fn a_path_names_a_slug_only_under_its_pattern() {
        let posts = collection("posts", Some("/posts/{slug}"));
        let pages = collection("pages", Some("/{slug}"));
        let files = collection("files", Some("/f/doc-{slug}.html"));
        assert_eq!(slug_in(&posts, &["posts", "hello"]), Some("hello"));
        assert_eq!(slug_in(&posts, &["posts"]), None);
        assert_eq!(slug_in(&posts, &["posts", "a", "b"]), None);
        assert_eq!(slug_in(&pages, &["about"]), Some("about"));
        assert_eq!(slug_in(&files, &["f", "doc-x.html"]), Some("x"));
        assert_eq!(slug_in(&collection("events", None), &["events", "e"]), Some("e"));
    }

    #[test]
    fn a_hidden_separator_or_broken_text_is_no_segment() {
        assert_eq!(decode_segment("a%2Fb"), None);
        assert_eq!(decode_segment("%ff"), None);
        assert_eq!(decode_segment("%E6%97%A5"), Some("日".to_owned()));
    }

    proptest! {
        #[test]
        fn every_slug_is_found_again_from_its_path(slug in "[^/\0{}]{1,30}") {
            let posts = collection("posts", Some("/posts/{slug}"));
            let path = path_of(&posts, &slug);
            prop_assert!(path.is_ascii() && !path.contains(['?', '#', '\\', '"', '<', ' ', '%']) || path.contains('%'));
            let segments: Vec<String> = path.split('/').skip(1).map(|part| decode_segment(part).unwrap()).collect();
            let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
            prop_assert_eq!(slug_in(&posts, &segments), Some(slug.as_str()));
        }
    }
}
