//! Where every entry will stand: ids and slugs first, so that contents can link to each other in any order.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use emdash_store::SiteTransaction;
use emdash_store::content::Collection;
use emdash_types::{EntryId, Result, slugify};
use percent_encoding::percent_decode_str;

use super::identity::{Kind, Memory};
use super::survey::{Outline, Survey};
use crate::DEFAULT_LOCALE;
use crate::service::parts::{check_slug, next_slug};

/// What is already known about an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It has not been imported.
    New,
    /// An earlier run brought it.
    Here,
    /// An earlier run brought it, and it was removed for good since.
    Removed,
}

/// An entry to be.
pub(super) struct Place {
    pub id: EntryId,
    pub collection: Arc<Collection>,
    pub slug: String,
    /// The slug it had, where that was taken or cannot stand in a path.
    pub wanted: Option<String>,
    pub presence: Presence,
}

impl Place {
    /// Its path here.
    pub(super) fn path(&self) -> String {
        self.collection.path_of(&self.slug)
    }
}

/// All entries to be, and the addresses that lead to them.
pub(super) struct Plan {
    places: HashMap<String, Place>,
    by_wordpress_id: HashMap<u64, String>,
    links: Links,
}

impl Plan {
    pub(super) async fn draw(
        transaction: &mut dyn SiteTransaction,
        memory: &Memory,
        collections: &[Arc<Collection>],
        survey: &Survey,
    ) -> Result<Self> {
        let mut plan = Self {
            places: HashMap::new(),
            by_wordpress_id: HashMap::new(),
            links: Links::new(&survey.site.base_blog_url),
        };
        let mut reserved: HashMap<&str, BTreeSet<String>> = HashMap::new();
        for outline in &survey.outlines {
            let Some(collection) = collections.iter().find(|known| known.name.as_str() == outline.collection)
            else {
                continue;
            };
            let reserved = reserved.entry(outline.collection).or_default();
            let place = place(transaction, memory, collection, reserved, outline).await?;
            if place.presence != Presence::Removed {
                plan.links.add_entry(outline, &place.path());
            }
            if let Some(wordpress_id) = outline.wordpress_id {
                plan.by_wordpress_id.insert(wordpress_id, outline.external_id.clone());
            }
            plan.places.insert(outline.external_id.clone(), place);
        }
        for item in &survey.attachments {
            if let Some(file) = &item.attachment_url {
                plan.links.add(&item.link, file);
            }
        }
        Ok(plan)
    }

    /// The place of an item.
    pub(super) fn place(&self, external_id: &str) -> Option<&Place> {
        self.places.get(external_id)
    }

    /// The place of the item with this WordPress id.
    pub(super) fn place_of(&self, wordpress_id: u64) -> Option<&Place> {
        self.place(self.by_wordpress_id.get(&wordpress_id)?)
    }

    /// Where a link of the old site leads here.
    pub(super) fn rewrite(&self, href: &str) -> Option<String> {
        self.links.find(href)
    }
}

async fn place(
    transaction: &mut dyn SiteTransaction,
    memory: &Memory,
    collection: &Arc<Collection>,
    reserved: &mut BTreeSet<String>,
    outline: &Outline,
) -> Result<Place> {
    let identity = memory.identify(Kind::Entry, &outline.external_id, outline.at, &[]);
    let id = EntryId::from(identity.id);
    let mut place = Place {
        id,
        collection: Arc::clone(collection),
        slug: String::new(),
        wanted: None,
        presence: Presence::New,
    };
    if memory.known(Kind::Entry, &outline.external_id).is_some() {
        let entry = transaction.entry_lookup(collection, &place.id, true).await?;
        place.presence = if entry.is_some() { Presence::Here } else { Presence::Removed };
        place.slug = entry.and_then(|entry| entry.slug).unwrap_or_default();
        return Ok(place);
    }
    let wanted = decoded(&outline.name);
    let base = match check_slug(&wanted) {
        Ok(()) => wanted.clone(),
        Err(_) if wanted.is_empty() => slugify(&emdash_document::render::raw_text(&outline.title)),
        Err(_) => slugify(&wanted),
    };
    let mut taken = transaction.entry_slugs(collection, DEFAULT_LOCALE, &base).await?;
    let with_suffix = format!("{base}-");
    taken.extend(
        reserved
            .range(base.clone()..)
            .take_while(|slug| slug.starts_with(&base))
            .filter(|slug| **slug == base || slug.starts_with(&with_suffix))
            .cloned(),
    );
    place.slug = next_slug(&base, &taken);
    place.wanted = Some(wanted).filter(|wanted| !wanted.is_empty() && *wanted != place.slug);
    reserved.insert(place.slug.clone());
    Ok(place)
}

/// A slug or file name of WordPress, which percent-encodes what is not ASCII.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text.trim()).decode_utf8().map_or_else(|_| text.trim().to_owned(), Into::into)
}

/// Addresses of the old site and what they became.
struct Links {
    /// `//host` of the old site.
    host: String,
    targets: HashMap<String, String>,
}

impl Links {
    fn new(site: &str) -> Self {
        let host = url::Url::parse(site).ok().and_then(|url| url.host_str().map(|host| format!("//{host}")));
        Self { host: host.unwrap_or_default(), targets: HashMap::new() }
    }

    fn add_entry(&mut self, outline: &Outline, path: &str) {
        self.add(&outline.link, path);
        self.add(&outline.guid, path);
        if let Some(id) = outline.wordpress_id {
            for parameter in ["p", "page_id"] {
                self.add(&format!("{}/?{parameter}={id}", self.host), path);
            }
        }
    }

    fn add(&mut self, address: &str, target: &str) {
        if let Some(key) = self.key(address) {
            self.targets.entry(key).or_insert_with(|| target.to_owned());
        }
    }

    fn find(&self, href: &str) -> Option<String> {
        let (address, fragment) = match href.split_once('#') {
            Some((address, fragment)) => (address, Some(fragment)),
            None => (href, None),
        };
        let target = self.targets.get(&self.key(address)?)?;
        Some(match fragment {
            Some(fragment) => format!("{target}#{fragment}"),
            None => target.clone(),
        })
    }

    /// An address without what does not matter: scheme, fragment, a slash at its end. The front page is no entry.
    fn key(&self, address: &str) -> Option<String> {
        let address = address.trim().split('#').next().unwrap_or_default();
        let rest =
            address.strip_prefix("https:").or_else(|| address.strip_prefix("http:")).unwrap_or(address);
        let absolute = if rest.starts_with("//") {
            rest.to_owned()
        } else if rest.starts_with('/') {
            format!("{}{rest}", self.host)
        } else {
            return None;
        };
        let key = absolute.trim_end_matches('/').replace("/?", "?");
        let beyond_host = key.trim_start_matches('/').contains(['/', '?']);
        beyond_host.then_some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_an_old_address_leads_to_the_new_path() {
        let mut links = Links::new("https://wp.example/");
        let outline = Outline {
            external_id: "7".to_owned(),
            wordpress_id: Some(7),
            collection: "posts",
            name: "hello".to_owned(),
            title: "Hello".to_owned(),
            link: "https://wp.example/2010/01/hello/".to_owned(),
            guid: "http://old.example/?p=7".to_owned(),
            at: None,
        };
        links.add_entry(&outline, "/posts/hello");
        for href in [
            "http://wp.example/2010/01/hello",
            "/2010/01/hello/",
            "//wp.example/?p=7",
            "https://wp.example/?page_id=7",
            "http://old.example/?p=7",
        ] {
            assert_eq!(links.find(href).as_deref(), Some("/posts/hello"), "{href}");
        }
        assert_eq!(links.find("/2010/01/hello/#more").as_deref(), Some("/posts/hello#more"));
        for href in
            ["https://wp.example/", "/", "https://other.example/2010/01/hello/", "#top", "mailto:a@b.c"]
        {
            assert_eq!(links.find(href), None, "{href}");
        }
    }
}
