//! The terms of an entry.

use emdash_store::SiteTransaction;
use emdash_store::content::{Collection, Entry, EntryStatus, Taxonomy, Term};
use emdash_types::{Caller, CollectionName, EntryId, Error, Permission, Result, TermId};

use super::{ContentService, not_found, parts, resolve};
use crate::{DEFAULT_LOCALE, EntryTerms, Target, TermItem};

impl ContentService {
    /// The taxonomies of the site.
    ///
    /// # Errors
    /// When the caller may not read them.
    pub async fn taxonomies(&self, caller: &Caller) -> Result<Vec<Taxonomy>> {
        caller.require(Permission::TaxonomiesRead)?;
        self.store.read().await?.taxonomy_list().await
    }

    /// The terms of a taxonomy, in one locale or in all; none for a taxonomy that does not exist.
    ///
    /// # Errors
    /// When the caller may not read them.
    pub async fn term_translations(
        &self,
        caller: &Caller,
        taxonomy: &str,
        locale: Option<&str>,
    ) -> Result<Vec<Term>> {
        caller.require(Permission::TaxonomiesRead)?;
        let Ok(taxonomy) = CollectionName::parse(taxonomy) else { return Ok(Vec::new()) };
        self.store.read().await?.term_translations(&taxonomy, locale).await
    }

    /// The terms an entry has, in one locale or in all they are translated into; none for an entry that does not exist.
    ///
    /// # Errors
    /// `COLLECTION_NOT_FOUND`.
    pub async fn entry_term_translations(
        &self,
        caller: &Caller,
        target: Target<'_>,
        taxonomy: Option<&str>,
        locale: Option<&str>,
    ) -> Result<Vec<Term>> {
        caller.require(Permission::TaxonomiesRead)?;
        let collection = self.collection(target.collection).await?;
        let Ok(taxonomy) = taxonomy.map(CollectionName::parse).transpose() else { return Ok(Vec::new()) };
        let (mut transaction, entry) = (self.store.read().await?, EntryId::from(target.id));
        transaction.entry_term_translations(&collection.name, &entry, taxonomy.as_ref(), locale).await
    }

    /// The terms an entry has in one taxonomy.
    ///
    /// # Errors
    /// `NOT_FOUND`; `VALIDATION_ERROR` for a taxonomy the collection does not have.
    pub async fn terms(&self, caller: &Caller, target: Target<'_>, taxonomy: &str) -> Result<EntryTerms> {
        caller.require(Permission::ContentRead)?;
        let collection = self.collection(target.collection).await?;
        let mut transaction = self.store.read().await?;
        let entry = resolve(caller, transaction.as_mut(), &collection, target).await?;
        if entry.status != EntryStatus::Published && !caller.may(Permission::ContentReadDrafts) {
            return Err(not_found(target.id));
        }
        let taxonomy = parts::taxonomy_for(transaction.as_mut(), &collection.name, taxonomy).await?;
        terms_of(transaction.as_mut(), &collection, &entry, &taxonomy).await
    }

    /// Replaces the terms an entry has in one taxonomy.
    ///
    /// # Errors
    /// As for [`ContentService::terms`]; `VALIDATION_ERROR` for a term of another taxonomy.
    pub async fn terms_set(
        &self,
        caller: &Caller,
        target: Target<'_>,
        taxonomy: &str,
        terms: &[TermId],
    ) -> Result<EntryTerms> {
        let collection = self.collection(target.collection).await?;
        let mut work = self.begin(caller).await?;
        let transaction = work.transaction.as_mut();
        let entry = resolve(caller, transaction, &collection, target).await?;
        caller.require_owned(
            entry.author_id.as_ref(),
            Permission::ContentEditOwn,
            Permission::ContentEditAny,
        )?;
        let taxonomy = parts::taxonomy_for(transaction, &collection.name, taxonomy).await?;
        parts::check_count("termIds", terms.len(), parts::MAX_TERMS)?;
        for id in terms {
            let term = transaction.term_lookup(id).await?;
            if term.is_none_or(|term| term.taxonomy != taxonomy.name) {
                return Err(Error::field("termIds", format!("'{id}' is no term of '{}'", taxonomy.name)));
            }
        }
        transaction.entry_terms_set(&collection.name, &entry.id, &taxonomy.name, terms).await?;
        let answer = terms_of(transaction, &collection, &entry, &taxonomy).await?;
        work.audit("terms_set", &entry).await?;
        let session = self.session(caller);
        work.finish(session).await?;
        Ok(answer)
    }
}

async fn terms_of(
    transaction: &mut dyn SiteTransaction,
    collection: &Collection,
    entry: &Entry,
    taxonomy: &Taxonomy,
) -> Result<EntryTerms> {
    let rows = transaction.entry_terms(&collection.name, std::slice::from_ref(&entry.id)).await?;
    let terms = rows
        .into_iter()
        .map(|(_, term)| term)
        .filter(|term| term.taxonomy == taxonomy.name)
        .map(TermItem::from)
        .collect();
    Ok(EntryTerms {
        terms,
        unresolved: Vec::new(),
        entry_locale: entry.locale.clone(),
        default_locale: DEFAULT_LOCALE,
        implicit_default_locale: true,
    })
}
