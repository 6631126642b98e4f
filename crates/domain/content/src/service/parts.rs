//! What is stored beside an entry's row: credits, SEO data, terms; and slugs and references, which need the store.

use std::collections::BTreeMap;

use emdash_store::SiteTransaction;
use emdash_store::content::{Collection, Entry, Seo, Taxonomy};
use emdash_types::{BylineId, CollectionName, Error, ErrorCode, JsonMap, Result, TermId, slugify};
use serde_json::Value;

use crate::CreditInput;
use crate::validate::Reference;

/// Most credits of one entry.
const MAX_CREDITS: usize = 50;
/// Most terms of one entry in one taxonomy.
pub(super) const MAX_TERMS: usize = 200;
/// Longest explicit slug, in characters.
const MAX_SLUG: usize = 200;

/// The credits as rows, once every byline is known to exist.
pub(super) async fn checked_credits(
    transaction: &mut dyn SiteTransaction,
    credits: &[CreditInput],
) -> Result<Vec<(BylineId, Option<String>)>> {
    check_count("bylines", credits.len(), MAX_CREDITS)?;
    let mut rows: Vec<(BylineId, Option<String>)> = Vec::with_capacity(credits.len());
    for credit in credits {
        if transaction.byline_lookup(&credit.byline_id).await?.is_none() {
            return Err(Error::field("bylines", format!("unknown byline '{}'", credit.byline_id)));
        }
        if rows.iter().any(|(id, _)| *id == credit.byline_id) {
            return Err(Error::field("bylines", format!("byline '{}' is named twice", credit.byline_id)));
        }
        rows.push((credit.byline_id.clone(), credit.role_label.clone()));
    }
    Ok(rows)
}

/// Lays changed SEO data over what is stored.
pub(super) async fn change_seo(
    transaction: &mut dyn SiteTransaction,
    collection: &Collection,
    entry: &Entry,
    patch: &JsonMap,
) -> Result<()> {
    if !collection.has_seo {
        return Err(Error::field("seo", format!("collection '{}' has no SEO data", collection.name)));
    }
    let mut seo = transaction.seo_lookup(&collection.name, &entry.id).await?.unwrap_or_default();
    apply_seo(&mut seo, patch)?;
    transaction.seo_set(&collection.name, &entry.id, &seo).await
}

fn apply_seo(seo: &mut Seo, patch: &JsonMap) -> Result<()> {
    for (key, value) in patch {
        let path = format!("seo.{key}");
        let target = match key.as_str() {
            "title" => &mut seo.title,
            "description" => &mut seo.description,
            "image" => &mut seo.image,
            "canonical" => &mut seo.canonical,
            "noIndex" => {
                seo.no_index =
                    value.as_bool().ok_or_else(|| Error::field(&path, "expected true or false"))?;
                continue;
            }
            _ => {
                return Err(Error::field(
                    &path,
                    "unknown key; title, description, image, canonical, noIndex",
                ));
            }
        };
        let text = match value {
            Value::Null => None,
            Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => return Err(Error::field(&path, "expected a string or null")),
        };
        if key == "canonical" && text.is_some_and(|text| !is_web_address(text)) {
            return Err(Error::field(&path, "expected an absolute http or https URL"));
        }
        *target = text.map(str::to_owned);
    }
    Ok(())
}

fn is_web_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| ["http", "https"].contains(&url.scheme()))
}

/// Replaces the terms of the named taxonomies, given by slug.
pub(super) async fn set_terms_by_slug(
    transaction: &mut dyn SiteTransaction,
    entry: &Entry,
    taxonomies: &BTreeMap<String, Vec<String>>,
) -> Result<()> {
    for (name, slugs) in taxonomies {
        let taxonomy = taxonomy_for(transaction, &entry.collection, name).await?;
        check_count(&format!("taxonomies.{name}"), slugs.len(), MAX_TERMS)?;
        let mut terms: Vec<TermId> = Vec::with_capacity(slugs.len());
        for slug in slugs {
            let term = transaction.term_find_by_slug(&taxonomy.name, slug).await?.ok_or_else(|| {
                Error::new(ErrorCode::ValidationError, format!("Unknown taxonomy term: {name}='{slug}'"))
            })?;
            if !terms.contains(&term.id) {
                terms.push(term.id);
            }
        }
        transaction.entry_terms_set(&entry.collection, &entry.id, &taxonomy.name, &terms).await?;
    }
    Ok(())
}

/// A taxonomy that applies to a collection.
pub(super) async fn taxonomy_for(
    transaction: &mut dyn SiteTransaction,
    collection: &CollectionName,
    name: &str,
) -> Result<Taxonomy> {
    let all = transaction.taxonomy_list().await?;
    let taxonomy = all.into_iter().find(|taxonomy| taxonomy.name.as_str() == name);
    match taxonomy {
        None => Err(Error::field("taxonomies", format!("unknown taxonomy '{name}'"))),
        Some(taxonomy) if taxonomy.collections.contains(collection) => Ok(taxonomy),
        Some(_) => Err(Error::field(
            "taxonomies",
            format!("taxonomy '{name}' does not apply to collection '{collection}'"),
        )),
    }
}

/// Refuses more of something than one entry takes.
pub(super) fn check_count(path: &str, count: usize, limit: usize) -> Result<()> {
    if count <= limit {
        return Ok(());
    }
    Err(Error::field(path, format!("has {count} members, the limit is {limit}")))
}

/// Refuses references to entries that do not exist.
pub(super) async fn check_references(
    transaction: &mut dyn SiteTransaction,
    collections: &[std::sync::Arc<Collection>],
    references: &[Reference],
) -> Result<()> {
    for reference in references {
        let target = collections.iter().find(|known| known.name.as_str() == reference.collection);
        let found = match target {
            Some(target) => transaction.entry_lookup(target, &reference.id, false).await?.is_some(),
            None => false,
        };
        if !found {
            let message =
                format!("{}: no entry '{}' in '{}'", reference.field, reference.id, reference.collection);
            return Err(Error::new(ErrorCode::ValidationError, message));
        }
    }
    Ok(())
}

/// Refuses an explicit slug that cannot stand in a path. It is never rewritten (CMS contract §4.9).
pub(crate) fn check_slug(slug: &str) -> Result<()> {
    let length = slug.chars().count();
    if length == 0 || length > MAX_SLUG {
        return Err(Error::field("slug", format!("has {length} characters, allowed are 1 to {MAX_SLUG}")));
    }
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '/' | '\\' | '?' | '#' | '%');
    match slug.chars().find(|c| bad(*c)) {
        Some(c) => Err(Error::field("slug", format!("must not contain {c:?}"))),
        None if slug.chars().all(|c| c == '.') => Err(Error::field("slug", "must not consist of dots")),
        None => Ok(()),
    }
}

/// Refuses a slug that another entry of the collection and locale has.
pub(super) async fn check_slug_free(
    transaction: &mut dyn SiteTransaction,
    collection: &Collection,
    locale: &str,
    slug: &str,
) -> Result<()> {
    let taken = transaction.entry_slugs(collection, locale, slug).await?;
    if !taken.iter().any(|other| other == slug) {
        return Ok(());
    }
    Err(Error::new(
        ErrorCode::SlugConflict,
        format!("The slug '{slug}' is taken by another entry of '{}'.", collection.name),
    )
    .hint("Choose another slug; entries in the trash keep theirs."))
}

/// A free slug made from a title: the first clash gets `-1`, the next one more than the highest.
pub(super) async fn free_slug(
    transaction: &mut dyn SiteTransaction,
    collection: &Collection,
    locale: &str,
    title: &str,
) -> Result<String> {
    let base = slugify(title);
    let taken = transaction.entry_slugs(collection, locale, &base).await?;
    Ok(next_slug(&base, &taken))
}

/// `base`, or with the suffix after the highest one of those that are taken.
pub(crate) fn next_slug(base: &str, taken: &[String]) -> String {
    if !taken.iter().any(|slug| slug == base) {
        return base.to_owned();
    }
    let highest = taken
        .iter()
        .filter_map(|slug| slug.strip_prefix(base)?.strip_prefix('-')?.parse::<u64>().ok())
        .max()
        .unwrap_or(0);
    format!("{base}-{}", highest.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_first_duplicate_gets_1_and_the_next_one_more_than_the_highest() {
        assert_eq!(next_slug("p2", &[]), "p2");
        assert_eq!(next_slug("p2", &["p2".into()]), "p2-1");
        assert_eq!(next_slug("p2", &["p2".into(), "p2-7".into(), "p2-x".into()]), "p2-8");
        assert_eq!(next_slug("p2", &["p2-7".into()]), "p2");
    }

    proptest! {
        #[test]
        fn a_next_slug_is_free(taken in prop::collection::vec("a(-[0-9]{1,3})?", 0..20)) {
            prop_assert!(!taken.contains(&next_slug("a", &taken)));
        }
    }

    #[test]
    fn an_explicit_slug_must_fit_into_one_path_segment() {
        for bad in ["", "a b", "a/b", "a?b", "..", "a%2Fb", &"x".repeat(201)] {
            assert!(check_slug(bad).is_err(), "{bad}");
        }
        for good in ["hello-world", "日本語", "v1.2", "UPPER"] {
            assert!(check_slug(good).is_ok(), "{good}");
        }
    }

    #[test]
    fn seo_changes_lie_over_what_is_there() {
        let mut seo = Seo { title: Some("T".into()), description: Some("D".into()), ..Seo::default() };
        let patch = json!({"description": null, "noIndex": true, "canonical": "https://example.com/a"});
        apply_seo(&mut seo, patch.as_object().unwrap()).unwrap();
        assert_eq!((seo.title.as_deref(), seo.description.as_deref(), seo.no_index), (Some("T"), None, true));
        for bad in [json!({"canonical": "javascript:alert(1)"}), json!({"titel": "x"}), json!({"title": 1})] {
            assert!(apply_seo(&mut seo, bad.as_object().unwrap()).is_err(), "{bad}");
        }
    }
}
