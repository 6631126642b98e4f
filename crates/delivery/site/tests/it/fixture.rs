//! A site to look at and to test with: the theme's gallery, awkward posts, nested terms and pages.

use std::path::Path;
use std::sync::Arc;

use emdash_content::reading::PublicReader;
use emdash_content::{Generation, seed};
use emdash_site::{NoMetadata, PageMetadata, SiteOptions, SiteRenderer};
use emdash_store::content::{
    Byline, Collection, Entry, EntryStatus, Media, MediaStatus, SearchDocument, Seo, Term,
};
use emdash_store::{SiteStore, SiteTransaction};
use emdash_store_sqlite::SqliteSiteStore;
use emdash_types::testing::ambient;
use emdash_types::{Ambient, CollectionName, EntryId, Timestamp};
use serde_json::{Value, json};

/// The theme's gallery: one of every block.
pub const GALLERY: &str = include_str!("gallery.json");
/// Where the sample site stands.
pub const BASE: &str = "https://notes.example";

/// A site in a folder of its own.
pub struct Site {
    _folder: tempfile::TempDir,
    pub store: Arc<dyn SiteStore>,
    pub generation: Generation,
    pub ambient: Ambient,
}

/// A post or page to be stored.
pub struct Draft<'a> {
    pub collection: &'a str,
    pub slug: &'a str,
    pub data: Value,
    pub published: &'a str,
    pub terms: &'a [(&'a str, &'a str)],
    pub byline: Option<&'a str>,
    pub status: EntryStatus,
    pub seo: Option<Seo>,
}

impl Default for Draft<'_> {
    fn default() -> Self {
        Self {
            collection: "posts",
            slug: "post",
            data: json!({}),
            published: "2026-11-01T09:00:00Z",
            terms: &[],
            byline: None,
            status: EntryStatus::Published,
            seo: None,
        }
    }
}

pub fn name(text: &str) -> CollectionName {
    CollectionName::parse(text).unwrap()
}

pub fn paragraph(text: &str) -> Value {
    json!([{"_type": "block", "style": "normal", "markDefs": [],
        "children": [{"_type": "span", "text": text, "marks": []}]}])
}

async fn collection_of(transaction: &mut dyn SiteTransaction, wanted: &str) -> Collection {
    let known = transaction.collection_list().await.unwrap();
    known.into_iter().find(|collection| collection.name.as_str() == wanted).unwrap()
}

impl Site {
    /// A site with its collections and nothing in them.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store: Arc<dyn SiteStore> = SqliteSiteStore::open(&folder.path().join("site.db")).unwrap();
        let (ambient, _) = ambient(7);
        let site = seed::SiteSeed {
            title: "Field Notes".to_owned(),
            tagline: "Slow writing about rivers, tools and the people who keep them going".to_owned(),
            url: BASE.to_owned(),
        };
        seed::seed_default(&store, &ambient, &site).await.unwrap();
        Self { _folder: folder, store, generation: Generation::default(), ambient }
    }

    /// The site with everything in it.
    pub async fn sample() -> Self {
        let site = Self::empty().await;
        site.add_terms().await;
        site.add_authors().await;
        site.add_media().await;
        site.add_pages().await;
        site.add_posts().await;
        site
    }

    pub fn reader(&self) -> PublicReader {
        PublicReader::new(Arc::clone(&self.store), self.generation.clone())
    }

    pub fn renderer(&self) -> SiteRenderer {
        self.renderer_with(None, Arc::new(NoMetadata))
    }

    pub fn renderer_with(&self, theme: Option<&Path>, metadata: Arc<dyn PageMetadata>) -> SiteRenderer {
        let options = SiteOptions { theme_dir: theme.map(Path::to_path_buf) };
        SiteRenderer::new(options, self.reader(), metadata)
    }

    pub async fn set_option(&self, option: &str, value: Value) {
        let mut transaction = self.store.write().await.unwrap();
        transaction.option_set(option, &value).await.unwrap();
        transaction.commit().await.unwrap();
        self.generation.advance();
    }

    /// Stores an entry and indexes it for search.
    pub async fn add(&self, draft: Draft<'_>) -> EntryId {
        let mut transaction = self.store.write().await.unwrap();
        let id = self.add_in(transaction.as_mut(), draft).await;
        transaction.commit().await.unwrap();
        self.generation.advance();
        id
    }

    pub async fn add_in(&self, transaction: &mut dyn SiteTransaction, draft: Draft<'_>) -> EntryId {
        let collection = collection_of(transaction, draft.collection).await;
        let at = Timestamp::parse(draft.published).unwrap();
        let id: EntryId = self.ambient.id();
        let entry = Entry {
            id: id.clone(),
            collection: collection.name.clone(),
            slug: Some(draft.slug.to_owned()),
            status: draft.status,
            author_id: None,
            primary_byline_id: None,
            created_at: at,
            updated_at: at,
            published_at: (draft.status == EntryStatus::Published).then_some(at),
            scheduled_at: None,
            deleted_at: None,
            version: 1,
            live_revision_id: None,
            draft_revision_id: None,
            locale: "en".to_owned(),
            translation_group: id.to_string(),
            data: draft.data.as_object().unwrap().clone(),
        };
        transaction.entry_add(&collection, &entry).await.unwrap();
        for taxonomy in ["category", "tag"] {
            let mut terms = Vec::new();
            for (_, slug) in draft.terms.iter().filter(|(of, _)| *of == taxonomy) {
                let term = transaction.term_find_by_slug(&name(taxonomy), slug).await.unwrap();
                terms.push(term.unwrap().id);
            }
            let taxonomy = name(taxonomy);
            transaction.entry_terms_set(&collection.name, &id, &taxonomy, &terms).await.unwrap();
        }
        if let Some(byline) = draft.byline {
            let byline = transaction.byline_find_by_slug(byline).await.unwrap().unwrap();
            transaction.entry_bylines_set(&collection.name, &id, &[(byline.id, None)]).await.unwrap();
        }
        if let Some(seo) = &draft.seo {
            transaction.seo_set(&collection.name, &id, seo).await.unwrap();
        }
        if draft.status == EntryStatus::Published {
            let text =
                |field: &str| entry.data.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            let body = entry.data.get("content").map(ToString::to_string).unwrap_or_default();
            let document = SearchDocument {
                collection: collection.name.clone(),
                entry_id: id.clone(),
                locale: "en".to_owned(),
                title: text("title"),
                body,
            };
            transaction.search_index(&document).await.unwrap();
        }
        id
    }

    async fn add_terms(&self) {
        let mut transaction = self.store.write().await.unwrap();
        let tags: Vec<String> = (1..=40).map(|number| format!("tag number {number}")).collect();
        let categories = [
            ("nature", "Nature", None, Some("What grows and flows without us.")),
            ("rivers", "Rivers", Some("nature"), None),
            ("deltas", "Deltas", Some("rivers"), None),
            ("tools", "Tools & Workshops", None, None),
            ("unused", "Nobody writes about this", None, None),
        ];
        for (slug, label, parent, description) in categories {
            let term = Term {
                id: slug.into(),
                translation_group: slug.into(),
                taxonomy: name("category"),
                slug: slug.to_owned(),
                label: label.to_owned(),
                parent_id: parent.map(Into::into),
                description: description.map(ToOwned::to_owned),
                locale: "en".to_owned(),
                sort_order: 0,
            };
            transaction.term_add(&term).await.unwrap();
        }
        for tag in &tags {
            let slug = tag.replace(' ', "-");
            let term = Term {
                id: slug.as_str().into(),
                translation_group: slug.as_str().into(),
                taxonomy: name("tag"),
                slug,
                label: tag.clone(),
                parent_id: None,
                description: None,
                locale: "en".to_owned(),
                sort_order: 0,
            };
            transaction.term_add(&term).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    async fn add_authors(&self) {
        let mut transaction = self.store.write().await.unwrap();
        let authors = [
            (
                "ines-marlow",
                "Ines Marlow",
                Some("writes from a converted mill and repairs clocks in winter."),
            ),
            ("anonymous", "A. Nonymous", None),
        ];
        for (slug, display_name, bio) in authors {
            let byline = Byline {
                id: slug.into(),
                slug: slug.to_owned(),
                display_name: display_name.to_owned(),
                bio: bio.map(ToOwned::to_owned),
                website_url: Some("https://ines.example".to_owned()),
                user_id: None,
                is_guest: true,
                locale: "en".to_owned(),
            };
            transaction.byline_add(&byline).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    async fn add_media(&self) {
        let mut transaction = self.store.write().await.unwrap();
        for (id, key, width, height) in
            [("m1", "hills.svg", 1600, 900), ("m2", "tower.svg", 600, 900), ("m3", "square.svg", 500, 500)]
        {
            let media = Media {
                id: id.into(),
                filename: key.to_owned(),
                mime_type: "image/svg+xml".to_owned(),
                size: None,
                width: Some(width),
                height: Some(height),
                alt: Some("From the library".to_owned()),
                caption: None,
                storage_key: key.to_owned(),
                content_hash: None,
                status: MediaStatus::Ready,
                author_id: None,
                created_at: Timestamp::from_millis(0),
            };
            transaction.media_add(&media).await.unwrap();
        }
        transaction.commit().await.unwrap();
    }

    async fn add_pages(&self) {
        let mut parent: Option<EntryId> = None;
        for (slug, title, order, nested) in [
            ("about", "About", 1, false),
            ("colophon", "Colophon", 2, false),
            ("library", "The Library", 3, false),
            ("shelf-one", "Shelf One", 0, true),
            ("box-seven", "Box Seven", 0, true),
            ("contact", "Contact", 4, false),
        ] {
            let mut data = json!({
                "title": title, "menu_order": order,
                "content": paragraph("This page says what one would expect it to say, and no more than that."),
            });
            if let Some(parent) = parent.as_ref().filter(|_| nested) {
                data["parent"] = json!(parent.as_str());
            }
            parent = Some(self.add(Draft { collection: "pages", slug, data, ..Draft::default() }).await);
        }
    }

    async fn add_posts(&self) {
        let gallery: Value = serde_json::from_str(GALLERY).unwrap();
        let long = "Taumatawhakatangihangakoauauotamateaturipukakapikimaungahoronukupokaiwhenuakitanatahu";
        let text = "The river had been rising since noon, and by four o’clock the lower road was gone. Nobody in the \
                    village seemed to mind: they had built for this, as their grandparents had.";
        let many: Vec<String> = (1..=40).map(|number| format!("tag-number-{number}")).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|slug| ("tag", slug.as_str())).collect();
        let posts = [
            (
                "gallery",
                json!({"title": "Everything a page can hold", "content": gallery,
                "excerpt": "One of every block, so that a theme can be judged at a glance.",
                "featured_image": {"id": "m1", "alt": "Hills at dusk"}}),
                &[("category", "tools"), ("tag", "tag-number-1")][..],
            ),
            (
                "high-water",
                json!({"title": "High water, and what we keep above it", "content": paragraph(text),
                "featured_image": {"id": "m1"}}),
                &[("category", "rivers"), ("category", "nature")],
            ),
            (
                "delta",
                json!({"title": "Where the map gives up", "content": paragraph(text)}),
                &[("category", "deltas")],
            ),
            (
                "markup",
                json!({"title": "Markup: <em>With</em> <b>Mark<sup>up</sup></b> & \"quotes\" </script>", "content": paragraph("<script>alert(1)</script> is text.")}),
                &[],
            ),
            ("long-word", json!({"title": long, "content": paragraph(long)}), &[("category", "tools")]),
            (
                "long-title",
                json!({"title": "A title that goes on and on because somebody had a great deal to say and no editor to stop them, so that it takes four lines on a wide screen and a whole telephone", "content": paragraph(text)}),
                &[],
            ),
            ("untitled", json!({"content": paragraph(text)}), &[]),
            ("no-content", json!({"title": "No content"}), &[]),
            (
                "many-tags",
                json!({"title": "A post with forty tags", "content": paragraph(text), "featured_image": {"id": "m2"}}),
                &many[..],
            ),
            (
                "日本語",
                json!({"title": "日本語のタイトルはここに", "content": paragraph("日本語の段落です。文章は読みやすく、行の長さは適切であるべきです。")}),
                &[],
            ),
            (
                "arabic",
                json!({"title": "مرحبا بالعالم", "content": paragraph("هذه فقرة باللغة العربية لاختبار اتجاه النص من اليمين إلى اليسار.")}),
                &[],
            ),
        ];
        for (number, (slug, data, terms)) in posts.into_iter().enumerate() {
            let published = format!("2026-{:02}-1{}T09:30:00Z", 11 - number.min(10), number % 10);
            let byline = Some(if number % 3 == 0 { "ines-marlow" } else { "anonymous" });
            self.add(Draft { slug, data, published: &published, terms, byline, ..Draft::default() }).await;
        }
        for number in 1..=12 {
            let (slug, published) = (format!("older-{number}"), format!("2025-{number:02}-01T08:00:00Z"));
            let data =
                json!({"title": format!("An older post, number {number}"), "content": paragraph(text)});
            let terms = &[("category", "nature")];
            self.add(Draft { slug: &slug, data, published: &published, terms, ..Draft::default() }).await;
        }
        let hidden = Some(Seo { no_index: true, ..Seo::default() });
        let data = json!({"title": "Not for search engines", "content": paragraph(text)});
        self.add(Draft {
            slug: "hidden",
            data,
            published: "2024-01-01T00:00:00Z",
            seo: hidden,
            ..Draft::default()
        })
        .await;
        let data = json!({"title": "Secret draft", "content": paragraph("Nobody may read this.")});
        self.add(Draft { slug: "draft", data, status: EntryStatus::Draft, ..Draft::default() }).await;
    }
}
