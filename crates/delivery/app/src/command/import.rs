//! `emdash import wordpress`. A server may be running on the same data directory.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use emdash_content::import::{ImportReport, Outcome};
use emdash_content::seed::{SiteSeed, seed_default};
use emdash_content::{ContentService, NoHooks};
use emdash_types::{Caller, Error, ErrorCode, Result};
use serde::Serialize;

pub use emdash_content::import::{ImportProgress, ItemReport};

use crate::DataDir;
use crate::ambient;
use crate::stores::open_existing_site;
use crate::wiring::leave_mark;

/// What an import did.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ImportOutcome(pub ImportReport);

const OUTCOMES: [(Outcome, &str); 5] = [
    (Outcome::Imported, "imported"),
    (Outcome::Unchanged, "unchanged"),
    (Outcome::Exists, "here already, differing from the file"),
    (Outcome::Skipped, "skipped"),
    (Outcome::Failed, "failed"),
];

impl fmt::Display for ImportOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.0;
        for item in
            report.items.iter().filter(|item| !item.notes.is_empty() || item.outcome == Outcome::Failed)
        {
            let place = item.path.as_deref().or(item.link.as_deref()).unwrap_or_default();
            writeln!(f, "{} {} \"{}\" {place}", item.kind, item.external_id, item.title)?;
            for note in &item.notes {
                let times = if note.count > 1 { format!(" ×{}", note.count) } else { String::new() };
                let detail =
                    if note.detail.is_empty() { String::new() } else { format!(": {}", note.detail) };
                writeln!(f, "  {:?} {}{times}{detail}", note.effect, note.what)?;
            }
        }
        writeln!(f, "\nFrom {} ({})", report.source.title, report.source.url)?;
        for (kind, outcomes) in &report.totals.items {
            let counts = OUTCOMES.iter().filter_map(|(outcome, words)| Some((outcomes.get(outcome)?, words)));
            let counts: Vec<String> = counts.map(|(count, words)| format!("{count} {words}")).collect();
            writeln!(f, "  {kind}: {}", counts.join(", "))?;
        }
        let notes: u64 = report.totals.notes.values().flat_map(|things| things.values()).sum();
        write!(f, "{notes} things did not arrive unchanged; they are listed above and, in full, with --json.")
    }
}

/// Imports a WordPress export file. Running it again adds what is new and duplicates nothing.
///
/// # Errors
/// `INVALID_IMPORT` for a file that cannot be read, with line and column; `NOT_FOUND` without a site.
pub async fn import_wordpress(
    data: &DataDir,
    file: &Path,
    progress: &mut dyn ImportProgress,
) -> Result<ImportOutcome> {
    let opened = File::open(file).map_err(|error| {
        Error::new(ErrorCode::InvalidImport, format!("{}: {error}.", file.display()))
            .hint("In WordPress: Tools → Export → All content gives the file.")
    })?;
    let store = open_existing_site(data)?;
    let ambient = ambient::system();
    let seed = SiteSeed { title: "EmDash".to_owned(), tagline: String::new(), url: String::new() };
    seed_default(&store, &ambient, &seed).await?;
    let content = ContentService::new(Arc::clone(&store), Arc::new(NoHooks), ambient.clone());
    let mut input = BufReader::with_capacity(1 << 16, opened);
    let report = content.import_wordpress(&Caller::System, &mut input, progress).await?;
    leave_mark(store.as_ref(), &ambient).await?;
    Ok(ImportOutcome(report))
}
