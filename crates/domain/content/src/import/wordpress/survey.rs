//! The first reading: who refers to what. Items are read again, one at a time, when they are stored.

use std::collections::{HashMap, HashSet};
use std::io::BufRead;

use emdash_document::wxr::{Author, Item, Site, Term, Wxr};
use emdash_types::{Result, Timestamp};

use super::identity::external_id;

/// What is to become of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// An entry of this collection.
    Entry(&'static str),
    /// An item of the media library.
    Attachment,
    /// Left out, for this reason.
    Skip(&'static str),
}

/// Decides by post type and status.
pub(super) fn fate(item: &Item) -> Fate {
    if item.status == "trash" {
        return Fate::Skip("it is in the trash");
    }
    if item.status == "auto-draft" {
        return Fate::Skip("it was never saved by its author");
    }
    match item.post_type.as_str() {
        "post" => Fate::Entry("posts"),
        "page" => Fate::Entry("pages"),
        "attachment" => Fate::Attachment,
        "nav_menu_item" => Fate::Skip("menus are not imported"),
        _ => Fate::Skip("items of this type are not imported"),
    }
}

/// Finds items whose id stood in the export before: the first one counts, in both readings.
#[derive(Default)]
pub(super) struct Repeats(HashSet<String>);

impl Repeats {
    pub(super) fn repeats(&mut self, item: &Item) -> bool {
        !self.0.insert(external_id(item))
    }
}

/// An entry to be, as others refer to it.
pub(super) struct Outline {
    pub external_id: String,
    pub wordpress_id: Option<u64>,
    pub collection: &'static str,
    pub name: String,
    pub title: String,
    pub link: String,
    pub guid: String,
    pub at: Option<Timestamp>,
}

/// The export without the contents of its entries.
pub(super) struct Survey {
    pub site: Site,
    pub authors: Vec<Author>,
    pub terms: Vec<Term>,
    pub attachments: Vec<Item>,
    pub outlines: Vec<Outline>,
    /// Ids of the attachments of an item, in gallery order.
    pub galleries: HashMap<u64, Vec<u64>>,
    /// Everything that will be reported.
    pub total: u64,
}

/// The login in a creator element. Some exports were edited by hand and carry a stray angle bracket, which no
/// login of WordPress can hold.
pub(super) fn login(creator: &str) -> &str {
    creator.trim_matches(|c: char| c.is_whitespace() || c == '<' || c == '>')
}

/// Reads an export to its end.
///
/// # Errors
/// `INVALID_IMPORT` with line and column.
pub(super) fn survey<R: BufRead>(input: R) -> Result<Survey> {
    let mut wxr = Wxr::open(input)?;
    let mut survey = Survey {
        site: wxr.site().clone(),
        authors: wxr.authors().to_vec(),
        terms: Vec::new(),
        attachments: Vec::new(),
        outlines: Vec::new(),
        galleries: HashMap::new(),
        total: 0,
    };
    let mut terms_seen = HashSet::new();
    for term in wxr.terms() {
        survey.add_term(&mut terms_seen, term.clone());
    }
    let mut logins = HashSet::new();
    survey.authors.retain(|author| logins.insert(author.login.clone()));
    let (mut items, mut repeats) = (0_u64, Repeats::default());
    while let Some(item) = wxr.next_item()? {
        items += 1;
        if !repeats.repeats(&item) {
            survey.note(&mut terms_seen, item);
        }
    }
    let members = survey.authors.len() + survey.terms.len();
    survey.total = items + members as u64;
    survey.attachments.sort_by_key(|item| (item.menu_order, item.id));
    for item in &survey.attachments {
        if let (Some(parent), Some(id)) = (item.parent, item.id) {
            survey.galleries.entry(parent).or_default().push(id);
        }
    }
    Ok(survey)
}

impl Survey {
    fn note(&mut self, terms_seen: &mut HashSet<(String, String)>, item: Item) {
        let fate = fate(&item);
        if matches!(fate, Fate::Skip(_)) {
            return;
        }
        // An export of a part of a site may name authors and terms it does not describe.
        let login = login(&item.creator);
        if !login.is_empty() && !self.authors.iter().any(|author| author.login == login) {
            self.authors.push(Author { login: login.to_owned(), ..Author::default() });
        }
        for term in item.terms.iter().filter(|term| term.domain != "post_format") {
            let term = Term {
                taxonomy: term.domain.clone(),
                slug: term.slug.clone(),
                name: term.name.clone(),
                ..Term::default()
            };
            self.add_term(terms_seen, term);
        }
        match fate {
            Fate::Entry(collection) => self.outlines.push(Outline {
                external_id: external_id(&item),
                wordpress_id: item.id,
                collection,
                at: item.published(),
                name: item.name,
                title: item.title,
                link: item.link,
                guid: item.guid,
            }),
            _ => self.attachments.push(item),
        }
    }

    fn add_term(&mut self, seen: &mut HashSet<(String, String)>, term: Term) {
        if seen.insert((term.taxonomy.clone(), term.slug.clone())) {
            self.terms.push(term);
        }
    }
}
