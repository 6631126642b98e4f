//! The save pipeline (plugin contract §4.6): authorise, lock check, hooks, validation, one transaction, events.

use emdash_store::content::{Collection, Entry, EntryStatus};
use emdash_types::{Caller, EntryId, Error, JsonMap, Permission, Result};

use super::parts;
use super::view::{self, Detail};
use super::work::Work;
use super::{ContentService, reload, resolve};
use crate::hooks::{ContentHook, HookSession};
use crate::validate::{Extent, Reference, validate};
use crate::{ContentItem, ContentPatch, CreditInput, DEFAULT_LOCALE, NewContent, Rev, RevisedItem, Target};

/// Longest locale tag, RFC 5646 §4.4.1.
const MAX_LOCALE: usize = 35;

/// A new entry that hooks and validation let pass.
pub(super) struct Creation {
    pub(super) locale: String,
    pub(super) data: JsonMap,
    pub(super) new: NewContent,
    references: Vec<Reference>,
}

/// A change of an entry that hooks and validation let pass.
struct Change {
    id: EntryId,
    patch: ContentPatch,
    references: Vec<Reference>,
}

impl ContentService {
    /// Stores a new draft; a plugin may have it published at once.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`, `SLUG_CONFLICT`, `SAVE_REJECTED` and the plugin errors: nothing is stored. `NOT_FOUND` and
    /// `CONFLICT` for a translation of nothing, or into a locale that has one.
    pub async fn create(&self, caller: &Caller, collection: &str, new: NewContent) -> Result<RevisedItem> {
        only(self.create_many(caller, collection, vec![new]).await?)
    }

    /// Stores several new drafts, all or none.
    ///
    /// # Errors
    /// As for [`ContentService::create`].
    pub async fn create_many(
        &self,
        caller: &Caller,
        collection: &str,
        all: Vec<NewContent>,
    ) -> Result<Vec<RevisedItem>> {
        caller.require(Permission::ContentCreate)?;
        for new in &all {
            check_new(caller, new)?;
        }
        let collection = self.collection(collection).await?;
        let mut session = self.session(caller);
        let mut creations = Vec::with_capacity(all.len());
        for new in all {
            creations.push(prepare_new(session.as_mut(), &collection, new).await?);
        }
        let mut work = self.begin(caller).await?;
        let mut items = Vec::with_capacity(creations.len());
        for creation in creations {
            self.check_references(&mut work, &creation.references).await?;
            let status = creation.new.status;
            let entry = work.add_entry(&collection, creation).await?;
            items.push(work.saved(&collection, entry, true, status).await?);
        }
        work.finish(session).await?;
        Ok(items)
    }

    /// Changes an entry: into its draft where the collection has revisions, else at once.
    ///
    /// # Errors
    /// `NOT_FOUND`, `CONFLICT` for a `_rev` that is not current, and as for [`ContentService::create`].
    pub async fn update(
        &self,
        caller: &Caller,
        target: Target<'_>,
        patch: ContentPatch,
    ) -> Result<RevisedItem> {
        only(self.update_many(caller, target.collection, vec![(target, patch)]).await?)
    }

    /// Changes several entries of one collection, all or none.
    ///
    /// # Errors
    /// As for [`ContentService::update`].
    pub async fn update_many(
        &self,
        caller: &Caller,
        collection: &str,
        all: Vec<(Target<'_>, ContentPatch)>,
    ) -> Result<Vec<RevisedItem>> {
        for (_, patch) in &all {
            check_status(caller, patch.status)?;
        }
        let collection = self.collection(collection).await?;
        let mut session = self.session(caller);
        let mut changes = Vec::with_capacity(all.len());
        for (target, patch) in all {
            changes.push(self.prepare_change(caller, session.as_mut(), &collection, target, patch).await?);
        }
        let mut work = self.begin(caller).await?;
        let mut items = Vec::with_capacity(changes.len());
        for Change { id, patch, references } in changes {
            // The hooks took their time: everything is judged again on the state that is changed.
            let entry = reload(work.transaction.as_mut(), &collection, &id).await?;
            authorise(caller, &entry, &patch)?;
            Rev::check(patch.rev.as_deref(), &entry)?;
            self.check_references(&mut work, &references).await?;
            let status = patch.status;
            let entry = work.change_entry(&collection, entry, patch).await?;
            items.push(work.saved(&collection, entry, false, status).await?);
        }
        work.finish(session).await?;
        Ok(items)
    }

    async fn prepare_change(
        &self,
        caller: &Caller,
        session: &mut dyn HookSession,
        collection: &Collection,
        target: Target<'_>,
        mut patch: ContentPatch,
    ) -> Result<Change> {
        let mut transaction = self.store.read().await?;
        let entry = resolve(caller, transaction.as_mut(), collection, target).await?;
        drop(transaction);
        authorise(caller, &entry, &patch)?;
        Rev::check(patch.rev.as_deref(), &entry)?;
        if let Some(slug) = &patch.slug {
            parts::check_slug(slug)?;
        }
        let mut references = Vec::new();
        if let Some(data) = patch.data.take() {
            let mut data = session.before_save(&collection.name, Some(&entry.id), data).await?;
            references = validate(collection, &mut data, Extent::Partial)?;
            patch.data = Some(data);
        }
        Ok(Change { id: entry.id, patch, references })
    }

    /// Copies an entry as a new draft: its values as an editor sees them, credits, terms and SEO data without the
    /// canonical address.
    ///
    /// # Errors
    /// As for [`ContentService::create`].
    pub async fn duplicate(&self, caller: &Caller, target: Target<'_>) -> Result<ContentItem> {
        let collection = self.collection(target.collection).await?;
        let mut transaction = self.store.read().await?;
        let entry = resolve(caller, transaction.as_mut(), &collection, target).await?;
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
    /// The end of a save: its event, then the step to the status that was asked for.
    async fn saved(
        &mut self,
        collection: &Collection,
        entry: Entry,
        is_new: bool,
        status: Option<EntryStatus>,
    ) -> Result<RevisedItem> {
        let item =
            view::full(self.transaction.as_mut(), collection, entry.clone(), Detail::Everything).await?;
        self.announce(ContentHook::AfterSave { is_new }, &item).await?;
        let status = status.filter(|_| matches!(self.caller, Caller::Plugin(_)));
        match self.reach(collection, entry.clone(), status).await? {
            None => Ok(RevisedItem { rev: Rev::of(&entry), item }),
            Some(entry) => {
                let rev = Rev::of(&entry);
                let item =
                    view::full(self.transaction.as_mut(), collection, entry, Detail::Everything).await?;
                Ok(RevisedItem { rev, item })
            }
        }
    }
}

async fn prepare_new(
    session: &mut dyn HookSession,
    collection: &Collection,
    mut new: NewContent,
) -> Result<Creation> {
    let locale = checked_locale(new.locale.as_deref())?;
    if let Some(slug) = &new.slug {
        parts::check_slug(slug)?;
    }
    let mut data = session.before_save(&collection.name, None, std::mem::take(&mut new.data)).await?;
    let references = validate(collection, &mut data, Extent::Full)?;
    Ok(Creation { locale, data, new, references })
}

/// What one save came to.
fn only(items: Vec<RevisedItem>) -> Result<RevisedItem> {
    items.into_iter().next().ok_or_else(|| Error::internal("a save came to nothing"))
}

fn check_new(caller: &Caller, new: &NewContent) -> Result<()> {
    if new.published_at.is_some() || new.created_at.is_some() {
        caller.require(Permission::ContentPublishAny)?;
    }
    check_status(caller, new.status)
}

fn authorise(caller: &Caller, entry: &Entry, patch: &ContentPatch) -> Result<()> {
    let owner = entry.author_id.as_ref();
    caller.require_owned(owner, Permission::ContentEditOwn, Permission::ContentEditAny)?;
    if patch.published_at.is_some() {
        caller.require(Permission::ContentPublishAny)?;
    }
    Ok(())
}

/// People publish by a call of its own; plugins may say it in the values they save (plugin contract §3.4).
fn check_status(caller: &Caller, status: Option<EntryStatus>) -> Result<()> {
    match status {
        None | Some(EntryStatus::Draft) => Ok(()),
        Some(_) if matches!(caller, Caller::Plugin(_)) => Ok(()),
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
