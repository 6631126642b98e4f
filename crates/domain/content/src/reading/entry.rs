//! An entry with everything a page shows of it.

use std::collections::{BTreeMap, HashMap};

use emdash_document::{PortableText, render};
use emdash_store::content::{
    Byline, BylineCredit, Collection, Entry, FieldKind, Media, MediaStatus, Seo, Term,
};
use emdash_types::{EntryId, JsonMap, MediaId, Result, UserId};
use serde_json::Value;

use super::{PublicView, path};

/// Words of a derived excerpt.
const EXCERPT_WORDS: usize = 45;
/// Characters of a derived excerpt, for texts without spaces.
const EXCERPT_CHARACTERS: usize = 320;

/// A picture with its address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicImage {
    /// Address: absolute, or a path of the site.
    pub url: String,
    /// Text alternative.
    pub alt: Option<String>,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
}

/// A published entry, ready to be shown.
#[derive(Clone, Debug)]
pub struct PublicEntry {
    /// The row; its rich text stands in `document` instead of `entry.data`.
    pub entry: Entry,
    /// Public path, encoded.
    pub path: String,
    /// Title, never empty.
    pub title: String,
    /// The excerpt its author wrote.
    pub standfirst: Option<String>,
    /// The author's excerpt, or the first words; may be empty.
    pub excerpt: String,
    /// The rich text.
    pub document: PortableText,
    /// Terms, by taxonomy and label.
    pub terms: Vec<Term>,
    /// Authors, in credit order. Without a credit, the author whose account owns the entry (CMS contract §4.4).
    pub bylines: Vec<BylineCredit>,
    /// SEO data; read for single entries only.
    pub seo: Seo,
    /// The picture that stands for the entry.
    pub image: Option<PublicImage>,
    /// The library's pictures in `document`, by media id; read for single entries, and by [`PublicView::add_media`].
    pub media: BTreeMap<String, PublicImage>,
}

/// The title in field values, or a stand-in.
pub(super) fn title_of(data: &JsonMap) -> String {
    let title = ["title", "name"].iter().find_map(|field| text(data, field));
    title.unwrap_or("Untitled").to_owned()
}

fn text<'a>(data: &'a JsonMap, field: &str) -> Option<&'a str> {
    data.get(field).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// The field with the text of an entry: `content`, or the first rich text.
fn content_field(collection: &Collection) -> Option<&str> {
    let mut rich = collection.fields.iter().filter(|field| field.kind == FieldKind::PortableText);
    let first = rich.clone().next();
    rich.find(|field| field.slug.as_str() == "content").or(first).map(|field| field.slug.as_str())
}

fn derived_excerpt(document: &PortableText) -> String {
    let words = render::excerpt(document, EXCERPT_WORDS);
    match words.char_indices().nth(EXCERPT_CHARACTERS) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}

impl PublicEntry {
    fn of(collection: &Collection, mut entry: Entry) -> Self {
        let value = content_field(collection).and_then(|field| entry.data.remove(field));
        // Stored text was validated when it was saved; if it is unreadable now, the page stands without it.
        let document = value.and_then(|value| PortableText::parse(value, "content").ok()).unwrap_or_default();
        let standfirst = text(&entry.data, "excerpt").map(ToOwned::to_owned);
        let slug = entry.slug.as_deref().unwrap_or(entry.id.as_str());
        Self {
            path: path::path_of(collection, slug),
            title: title_of(&entry.data),
            excerpt: standfirst.clone().unwrap_or_else(|| derived_excerpt(&document)),
            standfirst,
            document,
            terms: Vec::new(),
            bylines: Vec::new(),
            seo: Seo::default(),
            image: None,
            media: BTreeMap::new(),
            entry,
        }
    }

    /// Its terms in one taxonomy.
    pub fn terms_in(&self, taxonomy: &str) -> impl Iterator<Item = &Term> {
        self.terms.iter().filter(move |term| term.taxonomy.as_str() == taxonomy)
    }
}

/// A media item as a page refers to it. One whose file was never fetched is shown from where it came.
fn image_of(media: Media) -> PublicImage {
    let away = media.status != MediaStatus::Ready
        && (media.storage_key.starts_with("https://") || media.storage_key.starts_with("http://"));
    let url = if away {
        media.storage_key
    } else {
        format!("/_emdash/api/media/file/{}", path::encode_path(&media.storage_key))
    };
    let size = |pixels: Option<i64>| pixels.and_then(|pixels| u32::try_from(pixels).ok());
    PublicImage { url, alt: media.alt, width: size(media.width), height: size(media.height) }
}

/// Whether a reference is an id of the library, not an address.
fn is_media_id(reference: &str) -> bool {
    !reference.is_empty() && !reference.contains(['/', ':'])
}

/// The picture an image field holds (CMS contract §4.3), with the library's facts where it lacks them.
fn field_image(value: &Value, library: &HashMap<String, PublicImage>) -> Option<PublicImage> {
    let known = value.get("id").and_then(Value::as_str).and_then(|id| library.get(id)).cloned();
    let own = |names: &[&str]| {
        let found = names.iter().find_map(|name| value.get(name).and_then(Value::as_str));
        found.filter(|text| !text.is_empty()).map(ToOwned::to_owned)
    };
    let size = |name: &str| value.get(name).and_then(Value::as_u64).and_then(|size| u32::try_from(size).ok());
    let known = known.unwrap_or_default();
    let url = own(&["src", "url"]).or_else(|| value.as_str().map(ToOwned::to_owned));
    let url = if known.url.is_empty() { url? } else { known.url };
    Some(PublicImage {
        url,
        alt: own(&["alt"]).or(known.alt),
        width: size("width").or(known.width),
        height: size("height").or(known.height),
    })
}

impl PublicView {
    /// Adds terms, authors and pictures to rows of one collection.
    pub(super) async fn hydrate(
        &mut self,
        collection: &Collection,
        rows: Vec<Entry>,
    ) -> Result<Vec<PublicEntry>> {
        let mut entries: Vec<PublicEntry> =
            rows.into_iter().map(|row| PublicEntry::of(collection, row)).collect();
        if entries.is_empty() {
            return Ok(entries);
        }
        let ids: Vec<EntryId> = entries.iter().map(|entry| entry.entry.id.clone()).collect();
        let positions: HashMap<EntryId, usize> =
            ids.iter().enumerate().map(|(position, id)| (id.clone(), position)).collect();
        for (id, term) in self.transaction.entry_terms(&collection.name, &ids).await? {
            if let Some(entry) = positions.get(&id).and_then(|position| entries.get_mut(*position)) {
                entry.terms.push(term);
            }
        }
        for (id, credit) in self.transaction.entry_bylines(&collection.name, &ids).await? {
            if let Some(entry) = positions.get(&id).and_then(|position| entries.get_mut(*position)) {
                entry.bylines.push(credit);
            }
        }
        self.infer_bylines(&mut entries).await?;
        self.find_images(&mut entries).await?;
        Ok(entries)
    }

    async fn infer_bylines(&mut self, entries: &mut [PublicEntry]) -> Result<()> {
        let uncredited =
            |entry: &&mut PublicEntry| entry.bylines.is_empty() && entry.entry.author_id.is_some();
        if !entries.iter_mut().any(|entry| uncredited(&entry)) {
            return Ok(());
        }
        let known = self.transaction.byline_list().await?.into_iter();
        let by_user: HashMap<UserId, Byline> =
            known.filter_map(|byline| Some((byline.user_id.clone()?, byline))).collect();
        for entry in entries.iter_mut().filter(uncredited) {
            let owner = entry.entry.author_id.as_ref().and_then(|user| by_user.get(user));
            entry
                .bylines
                .extend(owner.map(|byline| BylineCredit { byline: byline.clone(), role_label: None }));
        }
        Ok(())
    }

    async fn find_images(&mut self, entries: &mut [PublicEntry]) -> Result<()> {
        let field = |entry: &PublicEntry| entry.entry.data.get("featured_image").cloned();
        let ids = entries.iter().filter_map(field);
        let ids = ids.filter_map(|image| image.get("id").and_then(Value::as_str).map(ToOwned::to_owned));
        let library = self.library(ids.collect()).await?;
        for entry in entries.iter_mut() {
            entry.image = field(entry).and_then(|image| field_image(&image, &library));
        }
        Ok(())
    }

    async fn library(&mut self, references: Vec<String>) -> Result<HashMap<String, PublicImage>> {
        let ids: Vec<MediaId> =
            references.into_iter().filter(|id| is_media_id(id)).map(MediaId::from).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.transaction.media_lookup_many(&ids).await?;
        Ok(found.into_iter().map(|media| (media.id.to_string(), image_of(media))).collect())
    }

    /// Looks up the library's pictures in the texts of entries.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn add_media(&mut self, entries: &mut [PublicEntry]) -> Result<()> {
        let references = entries.iter().flat_map(|entry| entry.document.media_refs());
        let library = self.library(references.map(ToOwned::to_owned).collect()).await?;
        for entry in entries {
            let known = entry
                .document
                .media_refs()
                .into_iter()
                .filter_map(|reference| Some((reference.to_owned(), library.get(reference)?.clone())));
            entry.media = known.collect();
        }
        Ok(())
    }

    /// Adds to one row everything a list has, its SEO data and the pictures in its text.
    pub(super) async fn hydrate_whole(
        &mut self,
        collection: &Collection,
        row: Entry,
    ) -> Result<Option<PublicEntry>> {
        let mut entries = self.hydrate(collection, vec![row]).await?;
        self.add_media(&mut entries).await?;
        let Some(mut entry) = entries.pop() else { return Ok(None) };
        entry.seo = self.transaction.seo_lookup(&collection.name, &entry.entry.id).await?.unwrap_or_default();
        Ok(Some(entry))
    }
}
