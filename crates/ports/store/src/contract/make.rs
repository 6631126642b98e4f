//! Things to store.

use std::sync::Arc;

use emdash_types::testing::{ManualClock, ambient};
use emdash_types::{Ambient, CollectionName, EntryId, JsonMap, Timestamp, UserId};
use serde_json::{Value, json};

use crate::SiteStore;
use crate::content::{Byline, Collection, Entry, EntryStatus, Field, FieldKind, Taxonomy, Term};
use crate::identity::User;
use crate::operations::{Job, JobStatus};

/// Makes things with fresh ids; the clock advances with each, so that "newest" is never a tie.
pub struct Make {
    /// Where ids and instants come from.
    pub ambient: Ambient,
    clock: Arc<ManualClock>,
}

impl Default for Make {
    fn default() -> Self {
        let (ambient, clock) = ambient(7);
        Self { ambient, clock }
    }
}

/// A name that is known to be one.
pub(crate) fn name(text: &str) -> CollectionName {
    CollectionName::parse(text).unwrap()
}

/// A JSON object.
pub(crate) fn object(value: Value) -> JsonMap {
    value.as_object().unwrap().clone()
}

impl Make {
    /// The next instant.
    pub fn instant(&self) -> Timestamp {
        self.clock.advance_millis(1000);
        self.ambient.now()
    }

    /// A small random number.
    pub(crate) fn below(&self, bound: u8) -> u8 {
        self.ambient.bytes::<1>()[0] % bound
    }

    /// A collection with fields of the given names and kinds.
    pub(crate) fn collection(&self, collection: &str, fields: &[(&str, FieldKind)]) -> Collection {
        let at = self.instant();
        let field = |(position, (slug, kind)): (usize, &(&str, FieldKind))| Field {
            id: self.ambient.ulid(),
            slug: name(slug),
            label: slug.to_uppercase(),
            kind: *kind,
            required: position == 0,
            unique: *slug == "code",
            searchable: *slug == "title",
            indexed: *slug == "rating",
            default_value: (*slug == "rating").then(|| json!(2.5)),
            validation: json!({"maxLength": 100}),
            options: json!({}),
            sort_order: i64::try_from(position).unwrap(),
        };
        Collection {
            id: self.ambient.ulid(),
            name: name(collection),
            label: "Posts".to_owned(),
            label_singular: "Post".to_owned(),
            description: Some("What's new".to_owned()),
            supports: vec!["drafts".to_owned(), "search".to_owned()],
            url_pattern: Some("/{slug}".to_owned()),
            has_seo: true,
            routable: true,
            fields: fields.iter().enumerate().map(field).collect(),
            created_at: at,
            updated_at: at,
        }
    }

    /// The collection most laws use.
    pub(crate) fn posts(&self) -> Collection {
        self.collection(
            "posts",
            &[
                ("title", FieldKind::String),
                ("code", FieldKind::String),
                ("rating", FieldKind::Number),
                ("place", FieldKind::Integer),
                ("pinned", FieldKind::Boolean),
            ],
        )
    }

    /// That collection, stored.
    pub(crate) async fn stored_posts(&self, store: &dyn SiteStore) -> Collection {
        let posts = self.posts();
        let mut write = store.write().await.unwrap();
        write.collection_add(&posts).await.unwrap();
        write.commit().await.unwrap();
        posts
    }

    /// A published entry.
    pub(crate) fn entry(&self, collection: &Collection, slug: &str, data: Value) -> Entry {
        let at = self.instant();
        let id: EntryId = self.ambient.id();
        Entry {
            id: id.clone(),
            collection: collection.name.clone(),
            slug: Some(slug.to_owned()),
            status: EntryStatus::Published,
            author_id: None,
            primary_byline_id: None,
            created_at: at,
            updated_at: at,
            published_at: Some(at),
            scheduled_at: None,
            deleted_at: None,
            version: 1,
            live_revision_id: None,
            draft_revision_id: None,
            locale: "en".to_owned(),
            translation_group: id.to_string(),
            data: object(data),
        }
    }

    /// That entry, stored.
    pub(crate) async fn stored_entry(
        &self,
        store: &dyn SiteStore,
        collection: &Collection,
        slug: &str,
        data: Value,
    ) -> Entry {
        let entry = self.entry(collection, slug, data);
        let mut write = store.write().await.unwrap();
        write.entry_add(collection, &entry).await.unwrap();
        write.commit().await.unwrap();
        entry
    }

    pub(crate) fn user(&self, email: &str) -> User {
        User {
            id: self.ambient.id(),
            email: email.to_owned(),
            name: None,
            role: emdash_types::Role::Editor,
            disabled: false,
            created_at: self.instant(),
        }
    }

    pub(crate) fn taxonomy(&self, taxonomy: &str) -> Taxonomy {
        Taxonomy {
            id: format!("taxdef_{taxonomy}"),
            name: name(taxonomy),
            label: "Categories".to_owned(),
            label_singular: "Category".to_owned(),
            hierarchical: true,
            collections: vec![name("posts")],
            locale: "en".to_owned(),
        }
    }

    pub(crate) fn term(&self, taxonomy: &str, slug: &str) -> Term {
        let id: emdash_types::TermId = self.ambient.id();
        Term {
            translation_group: id.clone(),
            id,
            taxonomy: name(taxonomy),
            slug: slug.to_owned(),
            label: slug.to_uppercase(),
            parent_id: None,
            description: None,
            locale: "en".to_owned(),
            sort_order: 0,
        }
    }

    pub(crate) fn byline(&self, slug: &str, user: Option<&UserId>) -> Byline {
        Byline {
            id: self.ambient.id(),
            slug: slug.to_owned(),
            display_name: slug.to_uppercase(),
            bio: Some("Writes.".to_owned()),
            website_url: None,
            user_id: user.cloned(),
            is_guest: user.is_none(),
            locale: "en".to_owned(),
        }
    }

    /// A job that is due at once.
    pub(crate) fn job(&self, dedupe_key: Option<&str>) -> Job {
        let at = self.instant();
        Job {
            id: self.ambient.id(),
            kind: "content.after_save".to_owned(),
            payload: json!({"id": 1}),
            dedupe_key: dedupe_key.map(str::to_owned),
            status: JobStatus::Queued,
            attempts: 0,
            max_attempts: 3,
            run_at: at,
            lease_until: None,
            last_error: None,
            created_at: at,
        }
    }
}
