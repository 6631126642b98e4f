//! Taxonomies, their terms, and which entries have them (CMS contract §3.6, §4.4).

use async_trait::async_trait;
use emdash_types::{CollectionName, EntryId, Result, TermId};

/// A taxonomy definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Taxonomy {
    /// Row id; `taxdef_category` and `taxdef_tag` for the built-in ones.
    pub id: String,
    /// Name, as in URLs.
    pub name: CollectionName,
    /// Name for people, plural.
    pub label: String,
    /// Name for people, singular.
    pub label_singular: String,
    /// Whether terms have parents.
    pub hierarchical: bool,
    /// Collections it applies to.
    pub collections: Vec<CollectionName>,
    /// Locale.
    pub locale: String,
}

/// A term.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Id.
    pub id: TermId,
    /// Shared by all translations; the id of the first.
    pub translation_group: TermId,
    /// The taxonomy's name.
    pub taxonomy: CollectionName,
    /// Slug, unique per taxonomy and locale.
    pub slug: String,
    /// Name for people.
    pub label: String,
    /// Parent term.
    pub parent_id: Option<TermId>,
    /// What it is about.
    pub description: Option<String>,
    /// Locale.
    pub locale: String,
    /// Position among its siblings.
    pub sort_order: i64,
}

/// A term and the number of published entries that have it.
#[derive(Clone, Debug, PartialEq)]
pub struct TermCount {
    /// The term.
    pub term: Term,
    /// Published entries with it, all collections together.
    pub count: u64,
}

/// Taxonomies of one site.
#[async_trait]
pub trait TaxonomyRepository {
    /// All definitions, by name.
    async fn taxonomy_list(&mut self) -> Result<Vec<Taxonomy>>;

    /// Stores a definition; one with the same name and locale is left alone.
    async fn taxonomy_add(&mut self, taxonomy: &Taxonomy) -> Result<()>;

    /// A term by id.
    async fn term_lookup(&mut self, id: &TermId) -> Result<Option<Term>>;

    /// A term by slug.
    async fn term_find_by_slug(&mut self, taxonomy: &CollectionName, slug: &str) -> Result<Option<Term>>;

    /// All terms of a taxonomy with their counts, by position, label and id.
    async fn term_list(&mut self, taxonomy: &CollectionName) -> Result<Vec<TermCount>>;

    /// Stores a term.
    ///
    /// # Errors
    /// `SLUG_CONFLICT` when the slug is taken in the taxonomy.
    async fn term_add(&mut self, term: &Term) -> Result<()>;

    /// Changes label, parent, description and position.
    async fn term_update(&mut self, term: &Term) -> Result<()>;

    /// All terms of a taxonomy in this locale, or in every one, by position, label and id.
    async fn term_translations(
        &mut self,
        taxonomy: &CollectionName,
        locale: Option<&str>,
    ) -> Result<Vec<Term>>;

    /// The terms of an entry, of one taxonomy or of all, in this locale or in every one they are translated into, by
    /// locale, taxonomy, label and id.
    async fn entry_term_translations(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        taxonomy: Option<&CollectionName>,
        locale: Option<&str>,
    ) -> Result<Vec<Term>>;

    /// The terms of several entries at once, by taxonomy and label.
    async fn entry_terms(
        &mut self,
        collection: &CollectionName,
        entries: &[EntryId],
    ) -> Result<Vec<(EntryId, Term)>>;

    /// Replaces an entry's terms of one taxonomy. Its translations have the same terms, since assignments name the
    /// translation group (CMS contract §4.4). Ids of other taxonomies are left out.
    async fn entry_terms_set(
        &mut self,
        collection: &CollectionName,
        entry: &EntryId,
        taxonomy: &CollectionName,
        terms: &[TermId],
    ) -> Result<()>;
}
