//! The default site: what a new one begins with (CMS contract §4.4, §4.7).

use std::sync::Arc;

use emdash_store::content::{Byline, Collection, Field, FieldKind, Taxonomy};
use emdash_store::identity::User;
use emdash_store::{SiteStore, SiteTransaction};
use emdash_types::{Ambient, CollectionName, Error, Result, Timestamp, slugify};
use serde_json::{Value, json};

use crate::DEFAULT_LOCALE;

/// What a new site is to be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteSeed {
    /// Title.
    pub title: String,
    /// A few words about it.
    pub tagline: String,
    /// Public address, without a slash at its end.
    pub url: String,
}

/// Gives a site its collections `posts` and `pages`, its taxonomies `category` and `tag`, and its options. What
/// is there already stays as it is, so it can be called again at any time.
///
/// # Errors
/// When the store cannot be written; nothing is stored then.
pub async fn seed_default(store: &Arc<dyn SiteStore>, ambient: &Ambient, site: &SiteSeed) -> Result<()> {
    let mut transaction = store.write().await?;
    let known: Vec<CollectionName> =
        transaction.collection_list().await?.into_iter().map(|collection| collection.name).collect();
    let now = ambient.now();
    for collection in [posts(ambient, now)?, pages(ambient, now)?] {
        if !known.contains(&collection.name) {
            transaction.collection_add(&collection).await?;
        }
    }
    for taxonomy in taxonomies()? {
        transaction.taxonomy_add(&taxonomy).await?;
    }
    let url = site.url.trim_end_matches('/');
    for (name, value) in
        [("site:title", site.title.as_str()), ("site:tagline", &site.tagline), ("emdash:site_url", url)]
    {
        if transaction.option_lookup(name).await?.is_none() {
            transaction.option_set(name, &json!(value)).await?;
        }
    }
    transaction.commit().await
}

/// Gives a user the author credit that stands in where an entry of theirs has none. A user who has one keeps it.
///
/// # Errors
/// When the store cannot be written.
pub async fn seed_byline(store: &Arc<dyn SiteStore>, ambient: &Ambient, user: &User) -> Result<Byline> {
    let mut transaction = store.write().await?;
    if let Some(byline) = transaction.byline_find_by_user(&user.id).await? {
        return Ok(byline);
    }
    // Without a name, the part of the address that identifies the mailbox is the least that can be shown.
    let mailbox = user.email.split('@').next().unwrap_or_default();
    let display_name = user.name.clone().unwrap_or_else(|| mailbox.to_owned());
    let byline = Byline {
        id: ambient.id(),
        slug: free_byline_slug(transaction.as_mut(), &display_name).await?,
        display_name,
        bio: None,
        website_url: None,
        user_id: Some(user.id.clone()),
        is_guest: false,
        locale: DEFAULT_LOCALE.to_owned(),
    };
    transaction.byline_add(&byline).await?;
    transaction.commit().await?;
    Ok(byline)
}

/// A free byline slug made from a name: only `a-z`, `0-9` and `-`.
pub(crate) async fn free_byline_slug(transaction: &mut dyn SiteTransaction, name: &str) -> Result<String> {
    let base = ascii_slug(name);
    let mut slug = base.clone();
    let mut suffix = 1_u32;
    while transaction.byline_find_by_slug(&slug).await?.is_some() {
        slug = format!("{base}-{suffix}");
        suffix += 1;
    }
    Ok(slug)
}

fn ascii_slug(name: &str) -> String {
    let slug: String = slugify(name).chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let slug = slug.trim_matches('-');
    if slug.is_empty() { "author".to_owned() } else { slug.to_owned() }
}

fn posts(ambient: &Ambient, now: Timestamp) -> Result<Collection> {
    let mut fields = common_fields();
    fields.insert(2, FieldSeed::new("excerpt", "Excerpt", FieldKind::Text));
    collection(ambient, now, ("posts", "Posts", "Post", "/posts/{slug}"), fields)
}

fn pages(ambient: &Ambient, now: Timestamp) -> Result<Collection> {
    let mut fields = common_fields();
    fields.insert(2, FieldSeed::new("excerpt", "Excerpt", FieldKind::Text));
    let mut parent = FieldSeed::new("parent", "Parent page", FieldKind::Reference);
    parent.options = json!({"collection": "pages"});
    parent.indexed = true;
    let mut position = FieldSeed::new("menu_order", "Position", FieldKind::Integer);
    position.indexed = true;
    fields.extend([parent, position]);
    collection(ambient, now, ("pages", "Pages", "Page", "/{slug}"), fields)
}

fn common_fields() -> Vec<FieldSeed> {
    let mut title = FieldSeed::new("title", "Title", FieldKind::String);
    title.required = true;
    title.searchable = true;
    let mut content = FieldSeed::new("content", "Content", FieldKind::PortableText);
    content.searchable = true;
    vec![title, content, FieldSeed::new("featured_image", "Featured image", FieldKind::Image)]
}

struct FieldSeed {
    slug: &'static str,
    label: &'static str,
    kind: FieldKind,
    required: bool,
    searchable: bool,
    indexed: bool,
    options: Value,
}

impl FieldSeed {
    fn new(slug: &'static str, label: &'static str, kind: FieldKind) -> Self {
        Self { slug, label, kind, required: false, searchable: false, indexed: false, options: json!({}) }
    }

    fn build(self, ambient: &Ambient, sort_order: i64) -> Result<Field> {
        Ok(Field {
            id: ambient.ulid(),
            slug: name(self.slug)?,
            label: self.label.to_owned(),
            kind: self.kind,
            required: self.required,
            unique: false,
            searchable: self.searchable,
            indexed: self.indexed,
            default_value: None,
            validation: json!({}),
            options: self.options,
            sort_order,
        })
    }
}

fn collection(
    ambient: &Ambient,
    now: Timestamp,
    (slug, label, label_singular, url_pattern): (&str, &str, &str, &str),
    fields: Vec<FieldSeed>,
) -> Result<Collection> {
    let fields = (0_i64..).zip(fields).map(|(position, field)| field.build(ambient, position));
    Ok(Collection {
        id: ambient.ulid(),
        name: name(slug)?,
        label: label.to_owned(),
        label_singular: label_singular.to_owned(),
        description: None,
        supports: ["drafts", "revisions", "search", "scheduling", "preview", "seo"]
            .map(String::from)
            .to_vec(),
        url_pattern: Some(url_pattern.to_owned()),
        has_seo: true,
        routable: true,
        fields: fields.collect::<Result<_>>()?,
        created_at: now,
        updated_at: now,
    })
}

fn taxonomies() -> Result<[Taxonomy; 2]> {
    let taxonomy = |slug: &str, label: &str, label_singular: &str, hierarchical| {
        Ok(Taxonomy {
            id: format!("taxdef_{slug}"),
            name: name(slug)?,
            label: label.to_owned(),
            label_singular: label_singular.to_owned(),
            hierarchical,
            collections: vec![name("posts")?],
            locale: DEFAULT_LOCALE.to_owned(),
        })
    };
    Ok([taxonomy("category", "Categories", "Category", true)?, taxonomy("tag", "Tags", "Tag", false)?])
}

fn name(text: &str) -> Result<CollectionName> {
    CollectionName::parse(text).map_err(Error::internal)
}
