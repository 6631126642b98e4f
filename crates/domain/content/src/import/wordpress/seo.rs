//! What Yoast SEO and Rank Math know about an entry.

use emdash_document::wxr::Item;
use emdash_store::content::Seo;

use super::notes::shortened;
use crate::import::report::ImportNote;

/// Meta keys, Yoast's first.
const TITLE: [&str; 2] = ["_yoast_wpseo_title", "rank_math_title"];
const DESCRIPTION: [&str; 2] = ["_yoast_wpseo_metadesc", "rank_math_description"];
const CANONICAL: [&str; 2] = ["_yoast_wpseo_canonical", "rank_math_canonical_url"];
const IMAGE: [&str; 2] = ["_yoast_wpseo_opengraph-image", "rank_math_facebook_image"];
const ROBOTS: [&str; 2] = ["_yoast_wpseo_meta-robots-noindex", "rank_math_robots"];

/// Whether a meta key is read here.
pub(super) fn reads(key: &str) -> bool {
    [TITLE, DESCRIPTION, CANONICAL, IMAGE, ROBOTS].iter().any(|keys| keys.contains(&key))
}

/// The SEO data of an item, where a plugin of the old site kept any.
pub(super) fn of(item: &Item, notes: &mut Vec<ImportNote>) -> Option<Seo> {
    let mut value = |keys: [&str; 2]| {
        let (key, value) = keys
            .into_iter()
            .find_map(|key| Some((key, item.meta(key)?.trim())).filter(|(_, text)| !text.is_empty()))?;
        if has_variables(value) {
            notes.push(ImportNote::dropped(format!("meta {key}"), shortened(value)));
            return None;
        }
        Some(value.to_owned())
    };
    let web =
        |text: &String| url::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    let seo = Seo {
        title: value(TITLE),
        description: value(DESCRIPTION),
        canonical: value(CANONICAL).filter(web),
        image: value(IMAGE).filter(web),
        no_index: item.meta(ROBOTS[0]) == Some("1")
            || item.meta(ROBOTS[1]).is_some_and(|robots| robots.contains("noindex")),
    };
    (seo != Seo::default()).then_some(seo)
}

/// `%%sitename%%` and `%sitename%` are filled in by those plugins when a page is shown; here they would be shown.
fn has_variables(text: &str) -> bool {
    text.split('%').skip(1).step_by(2).any(|word| {
        word.is_empty()
            || (word.chars().all(|c| c.is_ascii_lowercase() || c == '_') && text.matches('%').count() > 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use emdash_document::wxr::MetaEntry;

    fn item(meta: &[(&str, &str)]) -> Item {
        let entry =
            |(key, value): &(&str, &str)| MetaEntry { key: (*key).to_owned(), value: (*value).to_owned() };
        Item { meta: meta.iter().map(entry).collect(), ..Item::default() }
    }

    #[test]
    fn values_of_both_plugins_are_read() {
        let mut notes = Vec::new();
        let seo =
            of(&item(&[("_yoast_wpseo_title", "T"), ("_yoast_wpseo_meta-robots-noindex", "1")]), &mut notes);
        assert_eq!(seo, Some(Seo { title: Some("T".into()), no_index: true, ..Seo::default() }));
        let robots = r#"a:1:{i:0;s:7:"noindex";}"#;
        let seo =
            of(&item(&[("rank_math_description", "100 % real"), ("rank_math_robots", robots)]), &mut notes);
        assert_eq!(
            seo,
            Some(Seo { description: Some("100 % real".into()), no_index: true, ..Seo::default() })
        );
        assert!(notes.is_empty());
    }

    #[test]
    fn a_template_is_reported_instead_of_shown() {
        let mut notes = Vec::new();
        for title in ["%%title%% %%sep%%", "%title% %sep%"] {
            assert_eq!(of(&item(&[("_yoast_wpseo_title", title)]), &mut notes), None, "{title}");
        }
        assert_eq!(notes.len(), 2);
        assert_eq!(of(&item(&[]), &mut notes), None);
    }
}
