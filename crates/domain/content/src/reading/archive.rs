//! What the public can browse by: terms and authors.

use std::collections::HashSet;
use std::sync::Arc;

use emdash_store::content::{Byline, Taxonomy, Term, TermCount};
use emdash_types::{Result, TermId};

use super::{PublicView, Scope, name};

/// A term with its place among the others.
#[derive(Clone, Debug, PartialEq)]
pub struct TermArchive {
    /// The taxonomy.
    pub taxonomy: Taxonomy,
    /// The term.
    pub term: Term,
    /// Its ancestors, the topmost first.
    pub parents: Vec<Term>,
    /// The terms directly below it.
    pub children: Vec<Term>,
    /// It and every term below it: an entry of any of these belongs to the archive.
    pub covered: Vec<TermId>,
}

impl TermArchive {
    /// The entries of the archive.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Terms(self.covered.clone())
    }
}

/// An author.
#[derive(Clone, Debug, PartialEq)]
pub struct BylineArchive {
    /// The author.
    pub byline: Byline,
}

impl BylineArchive {
    /// The entries of the archive.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::Byline(self.byline.id.clone())
    }
}

impl PublicView {
    /// A term by the names in its URL.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn term(&mut self, taxonomy: &str, slug: &str) -> Result<Option<TermArchive>> {
        let Some(wanted) = name(taxonomy) else { return Ok(None) };
        let known = self.transaction.taxonomy_list().await?;
        let Some(taxonomy) = known.into_iter().find(|taxonomy| taxonomy.name == wanted) else {
            return Ok(None);
        };
        let Some(term) = self.transaction.term_find_by_slug(&wanted, slug).await? else { return Ok(None) };
        let all: Vec<Term> = if taxonomy.hierarchical {
            self.transaction.term_list(&wanted).await?.into_iter().map(|counted| counted.term).collect()
        } else {
            Vec::new()
        };
        Ok(Some(TermArchive {
            parents: ancestors(&all, &term),
            children: all
                .iter()
                .filter(|child| child.parent_id.as_ref() == Some(&term.id))
                .cloned()
                .collect(),
            covered: covered(&all, &term.id),
            taxonomy,
            term,
        }))
    }

    /// The terms of a taxonomy that have published entries, the busiest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn busiest_terms(&mut self, taxonomy: &str, limit: usize) -> Result<Vec<TermCount>> {
        let Some(taxonomy) = name(taxonomy) else { return Ok(Vec::new()) };
        let kept = self.frame.terms_in_use.lock().get(&taxonomy).cloned();
        let terms = match kept {
            Some(terms) => terms,
            None => {
                let mut terms = self.transaction.term_list(&taxonomy).await?;
                terms.retain(|counted| counted.count > 0);
                terms.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.term.label.cmp(&b.term.label)));
                let terms: Arc<[TermCount]> = terms.into();
                self.frame.terms_in_use.lock().insert(taxonomy, Arc::clone(&terms));
                terms
            }
        };
        Ok(terms.iter().take(limit).cloned().collect())
    }

    /// An author by the slug in their URL.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn byline(&mut self, slug: &str) -> Result<Option<BylineArchive>> {
        Ok(self.transaction.byline_find_by_slug(slug).await?.map(|byline| BylineArchive { byline }))
    }
}

/// A term that is its own ancestor is met once.
fn ancestors(all: &[Term], term: &Term) -> Vec<Term> {
    let mut chain: Vec<Term> = Vec::new();
    let mut parent = term.parent_id.as_ref();
    while let Some(found) = parent.and_then(|id| all.iter().find(|term| term.id == *id)) {
        if found.id == term.id || chain.iter().any(|known| known.id == found.id) {
            break;
        }
        chain.insert(0, found.clone());
        parent = found.parent_id.as_ref();
    }
    chain
}

fn covered(all: &[Term], top: &TermId) -> Vec<TermId> {
    let mut seen = HashSet::from([top.clone()]);
    let mut found = vec![top.clone()];
    let mut next = 0;
    while let Some(parent) = found.get(next).cloned() {
        let below = all.iter().filter(|term| term.parent_id.as_ref() == Some(&parent));
        found.extend(below.filter(|term| seen.insert(term.id.clone())).map(|term| term.id.clone()));
        next += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(id: &str, parent: Option<&str>) -> Term {
        Term {
            id: id.into(),
            translation_group: id.into(),
            taxonomy: name("category").unwrap(),
            slug: id.to_owned(),
            label: id.to_owned(),
            parent_id: parent.map(TermId::from),
            description: None,
            locale: "en".to_owned(),
            sort_order: 0,
        }
    }

    #[test]
    fn an_archive_covers_the_terms_below_it() {
        let all = [term("a", None), term("b", Some("a")), term("c", Some("b")), term("d", None)];
        let ids: Vec<String> = covered(&all, &"a".into()).iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["a", "b", "c"]);
        let names: Vec<String> = ancestors(&all, &all[2]).into_iter().map(|term| term.slug).collect();
        assert_eq!(names, ["a", "b"]);
    }

    #[test]
    fn terms_in_a_circle_end() {
        let all = [term("a", Some("b")), term("b", Some("a"))];
        assert_eq!(covered(&all, &"a".into()).len(), 2);
        assert_eq!(ancestors(&all, &all[0]).len(), 1);
    }
}
