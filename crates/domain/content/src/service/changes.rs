//! What a save writes: a new entry, or a change of one, staged or live.

use emdash_store::content::{Collection, Entry, EntryFilter, EntryStatus, Revision};
use emdash_types::{EntryId, Error, ErrorCode, JsonMap, Permission, Result, UserId};

use super::lifecycle::check_publishable;
use super::save::Creation;
use super::work::Work;
use super::{parts, reload};
use crate::{ContentPatch, NewContent, fields};

/// Revisions kept of one entry.
const KEPT_REVISIONS: u32 = 50;

impl Work<'_> {
    pub(super) async fn add_entry(&mut self, collection: &Collection, creation: Creation) -> Result<Entry> {
        let Creation { locale, data, new, .. } = creation;
        let slug = match (&new.slug, fields::title(&data)) {
            (Some(slug), _) => Some(slug.clone()),
            (None, Some(title)) => {
                Some(parts::free_slug(self.transaction.as_mut(), collection, &locale, title).await?)
            }
            (None, None) => None,
        };
        let id = self.service.ambient.ulid();
        let translation_group = match &new.translation_of {
            Some(original) => self.group_of(collection, original, &locale).await?,
            None => id.clone(),
        };
        let mut entry = Entry {
            id: id.as_str().into(),
            collection: collection.name.clone(),
            slug,
            status: EntryStatus::Draft,
            author_id: self.owner_of(&new).await?,
            primary_byline_id: None,
            created_at: new.created_at.unwrap_or(self.now),
            updated_at: self.now,
            published_at: new.published_at,
            scheduled_at: None,
            deleted_at: None,
            version: 1,
            live_revision_id: None,
            draft_revision_id: None,
            locale,
            translation_group,
            data: fields::visible(&data),
        };
        let transaction = self.transaction.as_mut();
        let credits = parts::checked_credits(transaction, new.bylines.as_deref().unwrap_or_default()).await?;
        entry.primary_byline_id = credits.first().map(|(byline, _)| byline.clone());
        transaction.entry_add(collection, &entry).await?;
        if !credits.is_empty() {
            transaction.entry_bylines_set(&collection.name, &entry.id, &credits).await?;
        }
        if let Some(seo) = &new.seo {
            parts::change_seo(transaction, collection, &entry, seo).await?;
        }
        if let Some(taxonomies) = &new.taxonomies {
            parts::set_terms_by_slug(transaction, &entry, taxonomies).await?;
        }
        self.audit("create", &entry).await?;
        Ok(entry)
    }

    /// The translation group of an entry that is to be translated into a locale.
    async fn group_of(
        &mut self,
        collection: &Collection,
        original: &EntryId,
        locale: &str,
    ) -> Result<String> {
        let group = reload(self.transaction.as_mut(), collection, original).await?.translation_group;
        let filter = EntryFilter {
            translation_group: Some(group.clone()),
            locale: Some(locale.to_owned()),
            ..EntryFilter::default()
        };
        if self.transaction.entry_count(collection, &filter).await? == 0 {
            return Ok(group);
        }
        let message = format!("The entry {original} has a translation in '{locale}' already.");
        Err(Error::new(ErrorCode::Conflict, message)
            .hint("Update that translation, or choose another locale."))
    }

    /// Who is to own a new entry: a user a plugin names, else whoever makes it.
    async fn owner_of(&mut self, new: &NewContent) -> Result<Option<UserId>> {
        match new.author_id.as_ref().filter(|_| self.caller.may(Permission::ContentEditAny)) {
            Some(owner) => self.known_user(owner).await.map(Some),
            None => Ok(self.caller.user_id().cloned()),
        }
    }

    async fn known_user(&mut self, id: &UserId) -> Result<UserId> {
        match self.transaction.user_lookup(id).await? {
            Some(user) => Ok(user.id),
            None => Err(Error::field("authorId", format!("unknown user '{id}'"))),
        }
    }

    pub(super) async fn change_entry(
        &mut self,
        collection: &Collection,
        mut entry: Entry,
        patch: ContentPatch,
    ) -> Result<Entry> {
        let expected = entry.version;
        let replaced = entry.draft_revision_id.clone();
        entry.version += 1;
        let mut live = self.change_parts(collection, &mut entry, &patch).await?;
        if patch.data.is_some() || patch.slug.is_some() {
            if collection.supports("revisions") {
                self.stage(collection, &mut entry, patch.data, patch.slug.as_deref()).await?;
            } else {
                live = true;
                fields::merge(&mut entry.data, patch.data.unwrap_or_default());
                entry.slug = patch.slug.or(entry.slug.take());
            }
        }
        if live {
            entry.updated_at = self.now;
        }
        self.transaction.entry_update(collection, &entry, expected).await?;
        if replaced != entry.draft_revision_id {
            if let Some(replaced) = replaced.filter(|_| patch.skip_revision) {
                self.transaction.revision_delete(&replaced).await?;
            }
            self.prune(&entry).await?;
        }
        if live {
            self.index(collection, &entry).await?;
        }
        self.audit("update", &entry).await?;
        Ok(entry)
    }

    /// Writes what never waits for publication; says whether there was anything.
    async fn change_parts(
        &mut self,
        collection: &Collection,
        entry: &mut Entry,
        patch: &ContentPatch,
    ) -> Result<bool> {
        let mut live = false;
        if let Some(owner) = &patch.author_id
            && self.caller.may(Permission::ContentEditAny)
            && entry.author_id.as_ref() != Some(owner)
        {
            entry.author_id = Some(self.known_user(owner).await?);
            live = true;
        }
        if patch.clear_slug && entry.slug.is_some() {
            if entry.status != EntryStatus::Draft {
                check_publishable(collection, None)?;
            }
            entry.slug = None;
            live = true;
        }
        let transaction = self.transaction.as_mut();
        if patch.published_at.is_some() {
            entry.published_at = patch.published_at;
            live = true;
        }
        if let Some(credits) = &patch.bylines {
            let credits = parts::checked_credits(transaction, credits).await?;
            entry.primary_byline_id = credits.first().map(|(byline, _)| byline.clone());
            transaction.entry_bylines_set(&collection.name, &entry.id, &credits).await?;
            live = true;
        }
        if let Some(seo) = &patch.seo {
            parts::change_seo(transaction, collection, entry, seo).await?;
            live = true;
        }
        if let Some(taxonomies) = &patch.taxonomies {
            parts::set_terms_by_slug(transaction, entry, taxonomies).await?;
            live = true;
        }
        Ok(live)
    }

    /// Lays a change over the draft, or over the live values where there is none, as a new draft revision.
    async fn stage(
        &mut self,
        collection: &Collection,
        entry: &mut Entry,
        data: Option<JsonMap>,
        slug: Option<&str>,
    ) -> Result<()> {
        let draft = match &entry.draft_revision_id {
            Some(id) => self.transaction.revision_lookup(id).await?,
            None => None,
        };
        let base = draft.map_or_else(|| entry.data.clone(), |draft| draft.data);
        let mut staged = base.clone();
        fields::merge(&mut staged, data.unwrap_or_default());
        if let Some(slug) = slug {
            if entry.slug.as_deref() != Some(slug) {
                parts::check_slug_free(self.transaction.as_mut(), collection, &entry.locale, slug).await?;
            }
            fields::stage_slug(&mut staged, slug, entry.slug.as_deref());
        }
        if staged != base {
            let author = self.caller.user_id().cloned();
            let revision = self.add_revision(entry, staged, author).await?;
            entry.draft_revision_id = Some(revision.id);
        }
        Ok(())
    }

    /// Stores field values as a revision.
    pub(super) async fn add_revision(
        &mut self,
        entry: &Entry,
        data: JsonMap,
        author_id: Option<UserId>,
    ) -> Result<Revision> {
        let revision = Revision {
            id: self.service.ambient.id(),
            collection: entry.collection.clone(),
            entry_id: entry.id.clone(),
            data,
            author_id,
            created_at: self.now,
        };
        self.transaction.revision_add(&revision).await?;
        Ok(revision)
    }

    /// Forgets the oldest revisions; after the entry points at its current ones.
    pub(super) async fn prune(&mut self, entry: &Entry) -> Result<()> {
        self.transaction.revision_prune(&entry.collection, &entry.id, KEPT_REVISIONS).await
    }
}
