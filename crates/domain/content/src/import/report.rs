//! What an import did, item by item.

use std::collections::BTreeMap;

use serde::Serialize;

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// It is here now.
    Imported,
    /// An earlier run brought it, and it is the same at its source.
    Unchanged,
    /// It is here already and differs from its source; nothing was overwritten.
    Exists,
    /// It was left out on purpose; a note says why.
    Skipped,
    /// It could not be stored; a note says why. The others are.
    Failed,
}

/// What happened to a part of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// It is not here.
    Dropped,
    /// Its words are here, something about them is not.
    Simplified,
    /// It is here as raw HTML.
    KeptAsHtml,
    /// It is here with another value.
    Changed,
}

/// One thing that did not arrive unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportNote {
    /// What happened.
    pub effect: Effect,
    /// To what; the totals are counted by it.
    pub what: String,
    /// More about it.
    pub detail: String,
    /// How often.
    pub count: u32,
}

impl ImportNote {
    pub(super) fn new(effect: Effect, what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { effect, what: what.into(), detail: detail.into(), count: 1 }
    }

    pub(super) fn dropped(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Effect::Dropped, what, detail)
    }

    pub(super) fn changed(what: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(Effect::Changed, what, detail)
    }
}

/// One item of the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemReport {
    /// `author`, the name of a taxonomy, `attachment`, or the item's post type.
    pub kind: String,
    /// What the source calls it.
    pub external_id: String,
    /// Its title or name.
    pub title: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Its id here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its address at the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Its path here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What did not arrive unchanged.
    pub notes: Vec<ImportNote>,
}

/// Where an import came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportSource {
    /// The site's title; the title of this site stays.
    pub title: String,
    /// The site's tagline; the tagline of this site stays.
    pub description: String,
    /// The site's address, under which its items are remembered.
    pub url: String,
    /// The site's language; imported entries get the locale of this site.
    pub language: String,
}

/// The report in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportTotals {
    /// Items by kind and outcome.
    pub items: BTreeMap<String, BTreeMap<Outcome, u64>>,
    /// Notes by effect and thing.
    pub notes: BTreeMap<Effect, BTreeMap<String, u64>>,
}

impl ImportTotals {
    /// Items of a kind with an outcome.
    #[must_use]
    pub fn count(&self, kind: &str, outcome: Outcome) -> u64 {
        self.items.get(kind).and_then(|outcomes| outcomes.get(&outcome)).copied().unwrap_or_default()
    }

    /// Items of every kind with an outcome.
    #[must_use]
    pub fn all(&self, outcome: Outcome) -> u64 {
        self.items.values().filter_map(|outcomes| outcomes.get(&outcome)).sum()
    }
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// Where it came from.
    pub source: ImportSource,
    /// In numbers.
    pub totals: ImportTotals,
    /// Every item, in the order it was dealt with.
    pub items: Vec<ItemReport>,
}

/// Whoever watches an import.
pub trait ImportProgress: Send {
    /// The source was surveyed: this many items will be reported.
    fn begin(&mut self, total: u64);

    /// One item is done; where it was stored, durably so.
    fn item(&mut self, item: &ItemReport);
}

/// Nobody watches.
impl ImportProgress for () {
    fn begin(&mut self, _total: u64) {}

    fn item(&mut self, _item: &ItemReport) {}
}

/// The report in the making, and who watches it grow.
pub(super) struct Reporter<'a> {
    report: ImportReport,
    progress: &'a mut dyn ImportProgress,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(source: ImportSource, progress: &'a mut dyn ImportProgress) -> Self {
        Self { report: ImportReport { source, ..ImportReport::default() }, progress }
    }

    pub(super) fn begin(&mut self, total: u64) {
        self.progress.begin(total);
    }

    pub(super) fn add(&mut self, item: ItemReport) {
        let outcomes = self.report.totals.items.entry(item.kind.clone()).or_default();
        *outcomes.entry(item.outcome).or_default() += 1;
        for note in &item.notes {
            let things = self.report.totals.notes.entry(note.effect).or_default();
            *things.entry(note.what.clone()).or_default() += u64::from(note.count);
        }
        self.progress.item(&item);
        self.report.items.push(item);
    }

    pub(super) fn totals(&self) -> &ImportTotals {
        &self.report.totals
    }

    pub(super) fn finish(self) -> ImportReport {
        self.report
    }
}
