//! What did not survive unchanged.

/// What happened to a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NoteKind {
    /// It is gone.
    Dropped,
    /// Its words are there, something about them is not.
    Simplified,
    /// It is there as raw HTML.
    KeptAsHtml,
}

/// One kind of thing that did not survive unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What happened.
    pub kind: NoteKind,
    /// To what: `core/archives`, `<abbr>`, `[contact-form]`.
    pub what: String,
    /// More about it: settings, an excerpt.
    pub detail: String,
    /// How often.
    pub count: u32,
}

#[derive(Default)]
pub(super) struct Report(Vec<Note>);

impl Report {
    pub(super) fn dropped(&mut self, what: &str, detail: &str) {
        self.add(NoteKind::Dropped, what, detail);
    }

    pub(super) fn simplified(&mut self, what: &str, detail: &str) {
        self.add(NoteKind::Simplified, what, detail);
    }

    pub(super) fn kept(&mut self, what: &str, detail: &str) {
        self.add(NoteKind::KeptAsHtml, what, detail);
    }

    fn add(&mut self, kind: NoteKind, what: &str, detail: &str) {
        /// Beyond this, notes of one kind about one thing share a line.
        const MOST: usize = 200;
        let full = self.0.len() >= MOST;
        let same =
            |note: &&mut Note| note.kind == kind && note.what == what && (full || note.detail == detail);
        match self.0.iter_mut().find(same) {
            Some(note) => note.count += 1,
            None => self.0.push(Note { kind, what: what.to_owned(), detail: detail.to_owned(), count: 1 }),
        }
    }

    pub(super) fn into_notes(self) -> Vec<Note> {
        self.0
    }
}
