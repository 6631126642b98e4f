//! The save pipeline (plugin contract §4.6): authorise, lock check, hooks, validation, one transaction, events.

use emdash_store::content::{Collection, Entry, EntryStatus, Revision};
use emdash_types::{Caller, Error, JsonMap, Permission, Result};

use super::parts;
use super::view::{self, Detail};
use super::work::Work;
use super::{ContentService, reload, resolve};
use crate::hooks::ContentHook;
use crate::validate::{Extent, Reference, validate};
use crate::{
    ContentItem, ContentPatch, CreditInput, DEFAULT_LOCALE, NewContent, Rev, RevisedItem, Target, fields,
};

/// Revisions kept of one entry.
const KEPT_REVISIONS: u32 = 50;
/// Longest locale tag, RFC 5646 §4.4.1.
const MAX_LOCALE: usize = 35;

impl ContentService {
    /// Stores a new draft.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`, `SLUG_CONFLICT`, `SAVE_REJECTED` and the plugin errors: nothing is stored.
    pub async fn create(
        &self,
        caller: &Caller,
        collection: &str,
        mut new: NewContent,
    ) -> Result<RevisedItem> {
        caller.require(Permission::ContentCreate)?;
        if new.published_at.is_some() || new.created_at.is_some() {
            caller.require(Permission::ContentPublishAny)?;
        }
        check_status(new.status)?;
        let collection = self.collection(collection).await?;
        let locale = checked_locale(new.locale.as_deref())?;
        if let Some(slug) = &new.slug {
            parts::check_slug(slug)?;
        }
        let mut session = self.session(caller);
        let mut data = session.before_save(&collection.name, None, std::mem::take(&mut new.data)).await?;
        let references = validate(&collection, &mut data, Extent::Full)?;
        let mut work = self.begin(caller).await?;
        self.check_references(&mut work, &references).await?;
        let entry = work.add_entry(&collection, locale, data, &new).await?;
        let item =
            view::full(work.transaction.as_mut(), &collection, entry.clone(), Detail::Everything).await?;
        work.announce(ContentHook::AfterSave { is_new: true }, &item).await?;
        work.finish(session).await?;
        Ok(RevisedItem { rev: Rev::of(&entry), item })
    }

    /// Changes an entry: into its draft where the collection has revisions, else at once.
    ///
    /// # Errors
    /// `NOT_FOUND`, `CONFLICT` for a `_rev` that is not current, and as for [`ContentService::create`].
    pub async fn update(
        &self,
        caller: &Caller,
        target: Target<'_>,
        mut patch: ContentPatch,
    ) -> Result<RevisedItem> {
        check_status(patch.status)?;
        let collection = self.collection(target.collection).await?;
        let mut transaction = self.store.read().await?;
        let entry = resolve(transaction.as_mut(), &collection, target).await?;
        drop(transaction);
        authorise(caller, &entry, &patch)?;
        Rev::check(patch.rev.as_deref(), &entry)?;
        if let Some(slug) = &patch.slug {
            parts::check_slug(slug)?;
        }
        let mut session = self.session(caller);
        let mut references = Vec::new();
        if let Some(data) = patch.data.take() {
            let mut data = session.before_save(&collection.name, Some(&entry.id), data).await?;
            references = validate(&collection, &mut data, Extent::Partial)?;
            patch.data = Some(data);
        }
        let mut work = self.begin(caller).await?;
        // The hooks took their time: everything is judged again on the state that is changed.
        let entry = reload(work.transaction.as_mut(), &collection, &entry.id).await?;
        authorise(caller, &entry, &patch)?;
        Rev::check(patch.rev.as_deref(), &entry)?;
        self.check_references(&mut work, &references).await?;
        let entry = work.change_entry(&collection, entry, patch).await?;
        let item =
            view::full(work.transaction.as_mut(), &collection, entry.clone(), Detail::Everything).await?;
        work.announce(ContentHook::AfterSave { is_new: false }, &item).await?;
        work.finish(session).await?;
        Ok(RevisedItem { rev: Rev::of(&entry), item })
    }

    /// Copies an entry as a new draft: its values as an editor sees them, credits, terms and SEO data without the
    /// canonical address.
    ///
    /// # Errors
    /// As for [`ContentService::create`].
    pub async fn duplicate(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        let collection = self.collection(target.collection).await?;
        let mut transaction = self.store.read().await?;
        let entry = resolve(transaction.as_mut(), &collection, target).await?;
        caller.require(Permission::ContentCreate)?;
        caller.require_owned(
            entry.author_id.as_ref(),
            Permission::ContentEditOwn,
            Permission::ContentEditAny,
        )?;
        let ids = [entry.id.clone()];
        let credits = transaction.entry_bylines(&collection.name, &ids).await?;
        let terms = transaction.entry_terms(&collection.name, &ids).await?;
        let source = view::full(transaction.as_mut(), &collection, entry, Detail::Everything).await?;
        drop(transaction);
        let credits = credits
            .into_iter()
            .map(|(_, credit)| CreditInput { byline_id: credit.byline.id, role_label: credit.role_label });
        let mut new = NewContent {
            data: copied(source.data),
            bylines: Some(credits.collect()),
            locale: Some(source.locale),
            seo: source.seo.map(|seo| seo_copy(&seo)).transpose()?,
            ..NewContent::default()
        };
        for (_, term) in terms {
            let taxonomies = new.taxonomies.get_or_insert_default();
            taxonomies.entry(term.taxonomy.into()).or_default().push(term.slug);
        }
        Ok(self.create(caller, target.collection, new).await?.item)
    }

    async fn check_references(&self, work: &mut Work<'_>, references: &[Reference]) -> Result<()> {
        if references.is_empty() {
            return Ok(());
        }
        // The list was read before the transaction was opened, so this is served from memory.
        let collections = self.all_collections().await?;
        parts::check_references(work.transaction.as_mut(), &collections, references).await
    }
}

impl Work<'_> {
    async fn add_entry(
        &mut self,
        collection: &Collection,
        locale: String,
        data: JsonMap,
        new: &NewContent,
    ) -> Result<Entry> {
        let slug = match (&new.slug, fields::title(&data)) {
            (Some(slug), _) => Some(slug.clone()),
            (None, Some(title)) => {
                Some(parts::free_slug(self.transaction.as_mut(), collection, &locale, title).await?)
            }
            (None, None) => None,
        };
        let id = self.service.ambient.ulid();
        let mut entry = Entry {
            id: id.as_str().into(),
            collection: collection.name.clone(),
            slug,
            status: EntryStatus::Draft,
            author_id: self.caller.user_id().cloned(),
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
            translation_group: id,
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

    async fn change_entry(
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
        let transaction = self.transaction.as_mut();
        let mut live = false;
        if let Some(owner) = &patch.author_id
            && self.caller.may(Permission::ContentEditAny)
            && entry.author_id.as_ref() != Some(owner)
        {
            if transaction.user_lookup(owner).await?.is_none() {
                return Err(Error::field("authorId", format!("unknown user '{owner}'")));
            }
            entry.author_id = Some(owner.clone());
            live = true;
        }
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
        author_id: Option<emdash_types::UserId>,
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

fn authorise(caller: &Caller, entry: &Entry, patch: &ContentPatch) -> Result<()> {
    let owner = entry.author_id.as_ref();
    caller.require_owned(owner, Permission::ContentEditOwn, Permission::ContentEditAny)?;
    if patch.published_at.is_some() {
        caller.require(Permission::ContentPublishAny)?;
    }
    Ok(())
}

fn check_status(status: Option<EntryStatus>) -> Result<()> {
    match status {
        None | Some(EntryStatus::Draft) => Ok(()),
        Some(_) => {
            Err(Error::field("status", "only draft can be saved; publish and schedule are their own calls"))
        }
    }
}

fn checked_locale(given: Option<&str>) -> Result<String> {
    let locale = given.unwrap_or(DEFAULT_LOCALE);
    let valid = !locale.is_empty()
        && locale.len() <= MAX_LOCALE
        && locale.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if valid {
        Ok(locale.to_owned())
    } else {
        Err(Error::field("locale", "expected a tag such as en or pt-BR"))
    }
}

/// The values of a copy: its title says that it is one.
fn copied(mut data: JsonMap) -> JsonMap {
    let field = ["title", "name"]
        .into_iter()
        .find(|field| data.get(*field).is_some_and(serde_json::Value::is_string));
    if let Some(serde_json::Value::String(title)) = field.and_then(|field| data.get_mut(field)) {
        title.push_str(" (Copy)");
    }
    data
}

fn seo_copy(seo: &emdash_store::content::Seo) -> Result<JsonMap> {
    let mut copy = serde_json::to_value(seo).map_err(Error::internal)?;
    let mut map = copy.as_object_mut().map(std::mem::take).unwrap_or_default();
    map.shift_remove("canonical");
    Ok(map)
}
