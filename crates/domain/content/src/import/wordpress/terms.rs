//! Categories, tags and the terms of taxonomies that exist here.

use std::collections::{HashMap, HashSet};

use emdash_document::render::raw_text;
use emdash_document::wxr;
use emdash_store::SiteTransaction;
use emdash_store::content::{Taxonomy, Term};
use emdash_types::{CollectionName, Result, TermId, slugify};

use super::Run;
use super::identity::{Identity, Kind};
use super::plan::decoded;
use crate::DEFAULT_LOCALE;
use crate::import::report::{ImportNote, ItemReport, Outcome};

/// Terms here by WordPress taxonomy and slug there.
#[derive(Default)]
pub(super) struct Terms {
    ids: HashMap<(String, String), (CollectionName, TermId)>,
    applies: HashSet<(CollectionName, CollectionName)>,
}

impl Terms {
    /// The term here and its taxonomy.
    pub(super) fn find(&self, domain: &str, slug: &str) -> Option<&(CollectionName, TermId)> {
        self.ids.get(&(domain.to_owned(), slug.to_owned()))
    }

    /// Whether a taxonomy applies to a collection.
    pub(super) fn applies(&self, taxonomy: &CollectionName, collection: &CollectionName) -> bool {
        self.applies.contains(&(taxonomy.clone(), collection.clone()))
    }
}

/// The name a WordPress taxonomy has here.
fn local_name(domain: &str) -> &str {
    if domain == "post_tag" { "tag" } else { domain }
}

impl Run<'_> {
    /// Stores the terms that are not here yet, parents first.
    pub(super) async fn import_terms(&mut self, terms: &[wxr::Term]) -> Result<Terms> {
        let taxonomies = self.service.store.read().await?.taxonomy_list().await?;
        let mut known = Terms::default();
        for taxonomy in &taxonomies {
            for collection in &taxonomy.collections {
                known.applies.insert((taxonomy.name.clone(), collection.clone()));
            }
        }
        let ordered = parents_first(terms);
        for batch in ordered.chunks(super::BATCH) {
            let mut transaction = self.service.store.write().await?;
            let mut reports = Vec::with_capacity(batch.len());
            for term in batch {
                let name = local_name(&term.taxonomy);
                let taxonomy = taxonomies.iter().find(|taxonomy| taxonomy.name.as_str() == name);
                reports.push(match taxonomy {
                    Some(taxonomy) => {
                        self.import_term(transaction.as_mut(), &mut known, taxonomy, term).await?
                    }
                    None => skipped(term),
                });
            }
            self.commit(transaction, reports).await?;
        }
        Ok(known)
    }

    async fn import_term(
        &self,
        transaction: &mut dyn SiteTransaction,
        known: &mut Terms,
        taxonomy: &Taxonomy,
        term: &wxr::Term,
    ) -> Result<ItemReport> {
        let external_id = format!("{}/{}", term.taxonomy, term.slug);
        let traits = [&term.name, &term.description, term.parent.as_ref().unwrap_or(&term.slug)];
        let mut identity = self.memory.identify(Kind::Term, &external_id, None, &traits.map(String::as_str));
        let mut report = report(term, Outcome::Imported);
        if !term.meta.is_empty() {
            report.notes.push(ImportNote::dropped("term meta", keys(term)));
        }
        if self.memory.known(Kind::Term, &external_id).is_some() {
            report.outcome = self.repeated(&identity);
        } else {
            self.add_term(transaction, known, taxonomy, term, &mut identity, &mut report).await?;
            self.memory.remember(transaction, &identity).await?;
        }
        report.id = Some(identity.id.clone());
        // A term that was removed here since stays removed.
        if transaction.term_lookup(&TermId::from(identity.id.as_str())).await?.is_some() {
            let key = (term.taxonomy.clone(), term.slug.clone());
            known.ids.insert(key, (taxonomy.name.clone(), TermId::from(identity.id)));
        }
        Ok(report)
    }

    async fn add_term(
        &self,
        transaction: &mut dyn SiteTransaction,
        known: &Terms,
        taxonomy: &Taxonomy,
        term: &wxr::Term,
        identity: &mut Identity,
        report: &mut ItemReport,
    ) -> Result<()> {
        let label = raw_text(&term.name);
        let label = if label.is_empty() { term.slug.clone() } else { label };
        let slug =
            Some(decoded(&term.slug)).filter(|slug| !slug.is_empty()).unwrap_or_else(|| slugify(&label));
        if let Some(existing) = transaction.term_find_by_slug(&taxonomy.name, &slug).await? {
            report.outcome = Outcome::Exists;
            identity.id = existing.id.to_string();
            return Ok(());
        }
        let parent = term.parent.as_deref().filter(|parent| !parent.is_empty());
        let parent_id =
            parent.and_then(|parent| known.find(&term.taxonomy, parent)).map(|(_, id)| id.clone());
        if parent.is_some() && (parent_id.is_none() || !taxonomy.hierarchical) {
            report.notes.push(ImportNote::dropped("parent term", parent.unwrap_or_default()));
        }
        let row = Term {
            id: TermId::from(identity.id.as_str()),
            translation_group: TermId::from(identity.id.as_str()),
            taxonomy: taxonomy.name.clone(),
            slug,
            label,
            parent_id: parent_id.filter(|_| taxonomy.hierarchical),
            description: Some(term.description.trim().to_owned()).filter(|text| !text.is_empty()),
            locale: DEFAULT_LOCALE.to_owned(),
            sort_order: 0,
        };
        transaction.term_add(&row).await
    }
}

fn report(term: &wxr::Term, outcome: Outcome) -> ItemReport {
    ItemReport {
        kind: local_name(&term.taxonomy).to_owned(),
        external_id: format!("{}/{}", term.taxonomy, term.slug),
        title: term.name.clone(),
        outcome,
        id: None,
        link: None,
        path: None,
        notes: Vec::new(),
    }
}

fn skipped(term: &wxr::Term) -> ItemReport {
    let mut report = report(term, Outcome::Skipped);
    let what = format!("taxonomy {}", term.taxonomy);
    report.notes.push(ImportNote::dropped(what, "there is no such taxonomy here"));
    report
}

fn keys(term: &wxr::Term) -> String {
    term.meta.iter().map(|entry| entry.key.as_str()).collect::<Vec<_>>().join(", ")
}

/// Every term after its parent. Terms that are their own ancestors come where their circle is first met.
fn parents_first(terms: &[wxr::Term]) -> Vec<&wxr::Term> {
    let by_slug: HashMap<(&str, &str), &wxr::Term> =
        terms.iter().map(|term| ((term.taxonomy.as_str(), term.slug.as_str()), term)).collect();
    let mut placed: HashSet<(&str, &str)> = HashSet::new();
    let mut ordered = Vec::with_capacity(terms.len());
    for term in terms {
        let mut chain = Vec::new();
        let mut next = Some(term);
        while let Some(current) = next {
            if !placed.insert((&current.taxonomy, &current.slug)) {
                break;
            }
            chain.push(current);
            let parent = current.parent.as_deref();
            next = parent.and_then(|parent| by_slug.get(&(current.taxonomy.as_str(), parent)).copied());
        }
        ordered.extend(chain.into_iter().rev());
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(slug: &str, parent: Option<&str>) -> wxr::Term {
        wxr::Term {
            taxonomy: "category".to_owned(),
            slug: slug.to_owned(),
            parent: parent.map(str::to_owned),
            ..wxr::Term::default()
        }
    }

    #[test]
    fn parents_come_before_their_children_and_circles_end() {
        let terms = [
            term("c", Some("b")),
            term("b", Some("a")),
            term("a", None),
            term("x", Some("y")),
            term("y", Some("x")),
        ];
        let order: Vec<&str> = parents_first(&terms).into_iter().map(|term| term.slug.as_str()).collect();
        assert_eq!(order, ["a", "b", "c", "y", "x"]);
    }
}
