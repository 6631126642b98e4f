//! WordPress, from its export file (CMS contract §7.2).
//!
//! The file is read twice: first to learn who refers to what, then item by item to store. Things are remembered
//! under the old site's address and their ids there, in the transaction that stores them, fifty to a transaction:
//! a run that was cut off leaves whole items behind, and the next run goes on where it stopped.

mod entry;
mod identity;
mod library;
mod notes;
mod people;
mod plan;
mod seo;
mod survey;
mod terms;

use std::io::{BufRead, Seek, SeekFrom};

use emdash_document::wxr::{Item, Wxr};
use emdash_store::SiteTransaction;
use emdash_store::operations::AuditRecord;
use emdash_types::{Caller, Error, ErrorCode, ErrorKind, Permission, Result, Timestamp};
use serde_json::json;

use self::entry::{Prepared, Surroundings, failed};
use self::identity::{Identity, Memory, external_id, source_of};
use self::plan::{Plan, Presence};
use self::survey::{Fate, Repeats, Survey, fate, survey};
use super::report::{ImportNote, ImportProgress, ImportReport, ImportSource, ItemReport, Outcome, Reporter};
use crate::{ContentService, search};

/// Items stored in one transaction.
const BATCH: usize = 50;

/// One run of an import.
struct Run<'a> {
    service: &'a ContentService,
    memory: Memory,
    reporter: Reporter<'a>,
    now: Timestamp,
}

impl ContentService {
    /// Imports a WordPress export. Running it again brings what is missing, duplicates nothing and overwrites
    /// nothing: what changed at its source is reported as [`Outcome::Exists`]. No hooks run.
    ///
    /// # Errors
    /// `INVALID_IMPORT` with line and column before anything is stored; else only when the store fails. An item that
    /// does not fit is reported as [`Outcome::Failed`] and holds up no other.
    pub async fn import_wordpress<R: BufRead + Seek + Send>(
        &self,
        caller: &Caller,
        input: &mut R,
        progress: &mut dyn ImportProgress,
    ) -> Result<ImportReport> {
        caller.require(Permission::ImportExecute)?;
        let survey = survey(&mut *input)?;
        input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        let source = ImportSource {
            title: survey.site.title.clone(),
            description: survey.site.description.clone(),
            url: source_of(&survey.site),
            language: survey.site.language.clone(),
        };
        let mut transaction = self.store.read().await?;
        let memory = Memory::load(transaction.as_mut(), source.url.clone()).await?;
        drop(transaction);
        let mut reporter = Reporter::new(source, progress);
        reporter.begin(survey.total);
        let mut run = Run { service: self, memory, reporter, now: self.ambient.now() };
        let around = run.prepare_surroundings(&survey).await?;
        drop(survey);
        run.import_items(&mut Wxr::open(input)?, &around).await?;
        run.conclude(caller).await
    }
}

fn unreadable(error: std::io::Error) -> Error {
    Error::new(ErrorCode::InvalidImport, "The export cannot be read a second time from its beginning.")
        .caused_by(error)
}

impl Run<'_> {
    async fn prepare_surroundings(&mut self, survey: &Survey) -> Result<Surroundings> {
        let bylines = self.import_authors(&survey.authors).await?;
        let terms = self.import_terms(&survey.terms).await?;
        let library = self.import_attachments(&survey.attachments).await?;
        let collections = self.service.collections(&Caller::System).await?;
        let mut transaction = self.service.store.read().await?;
        let plan = Plan::draw(transaction.as_mut(), &self.memory, &collections, survey).await?;
        Ok(Surroundings { plan, library, bylines, terms, galleries: survey.galleries.clone() })
    }

    async fn import_items<R: BufRead + Send>(
        &mut self,
        wxr: &mut Wxr<R>,
        around: &Surroundings,
    ) -> Result<()> {
        let mut batch = Vec::with_capacity(BATCH);
        let mut repeats = Repeats::default();
        while let Some(item) = wxr.next_item()? {
            let fate = match repeats.repeats(&item) {
                true => Fate::Skip("an item with the same id stands before it"),
                false => fate(&item),
            };
            match fate {
                Fate::Attachment => {}
                Fate::Skip(reason) => self.reporter.add(notes::skipped(&item, reason)),
                Fate::Entry(collection) => match self.judge(&item, around, collection) {
                    Ok(prepared) => batch.push(prepared),
                    Err(report) => self.reporter.add(*report),
                },
            }
            if batch.len() == BATCH {
                self.store(std::mem::take(&mut batch)).await?;
            }
        }
        self.store(batch).await
    }

    /// An entry to be stored, or why there is none.
    fn judge(
        &self,
        item: &Item,
        around: &Surroundings,
        collection: &str,
    ) -> Result<Prepared, Box<ItemReport>> {
        let Some(place) = around.plan.place(&external_id(item)) else {
            let missing =
                Error::new(ErrorCode::CollectionNotFound, format!("Collection '{collection}' not found"));
            return Err(Box::new(failed(item, &missing)));
        };
        if place.presence == Presence::New {
            return self.prepare(item, place, around).map_err(|error| Box::new(failed(item, &error)));
        }
        let outcome = match place.presence {
            Presence::Removed => Outcome::Skipped,
            _ => self.repeated(&self.entry_identity(item)),
        };
        let mut report = notes::report(item, outcome);
        report.id = Some(place.id.to_string());
        if outcome == Outcome::Skipped {
            report.notes.push(ImportNote::dropped(
                format!("{} removed here", item.post_type),
                "it was removed for good after an earlier import",
            ));
        } else {
            report.path = Some(place.path());
        }
        Err(Box::new(report))
    }

    /// The outcome of a thing an earlier run brought.
    fn repeated(&self, identity: &Identity) -> Outcome {
        if self.memory.unchanged(identity) { Outcome::Unchanged } else { Outcome::Exists }
    }

    /// Stores a batch; where one of it cannot be stored, each on its own.
    async fn store(&mut self, batch: Vec<Prepared>) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut transaction = self.service.store.write().await?;
        let mut refused = false;
        for prepared in &batch {
            match self.store_one(transaction.as_mut(), prepared).await {
                Ok(()) => {}
                Err(error) if fatal(&error) => return Err(error),
                Err(_) => {
                    refused = true;
                    break;
                }
            }
        }
        if !refused {
            let reports = batch.into_iter().map(|prepared| prepared.report).collect();
            return self.commit(transaction, reports).await;
        }
        drop(transaction);
        for mut prepared in batch {
            let mut transaction = self.service.store.write().await?;
            match self.store_one(transaction.as_mut(), &prepared).await {
                Ok(()) => self.commit(transaction, vec![prepared.report]).await?,
                Err(error) if fatal(&error) => return Err(error),
                Err(error) => {
                    prepared.report.outcome = Outcome::Failed;
                    let what = prepared.report.kind.clone();
                    prepared.report.notes = vec![ImportNote::dropped(what, error.message())];
                    self.reporter.add(prepared.report);
                }
            }
        }
        Ok(())
    }

    async fn store_one(&self, transaction: &mut dyn SiteTransaction, prepared: &Prepared) -> Result<()> {
        let Prepared { entry, collection, credit, terms, seo, identity, .. } = prepared;
        transaction.entry_add(collection, entry).await?;
        if let Some(credit) = credit {
            let credits = [(credit.clone(), None)];
            transaction.entry_bylines_set(&collection.name, &entry.id, &credits).await?;
        }
        for (taxonomy, ids) in terms {
            transaction.entry_terms_set(&collection.name, &entry.id, taxonomy, ids).await?;
        }
        if let Some(seo) = seo.as_ref().filter(|_| collection.has_seo) {
            transaction.seo_set(&collection.name, &entry.id, seo).await?;
        }
        if let Some(document) = search::document(collection, entry) {
            transaction.search_index(&document).await?;
        }
        self.memory.remember(transaction, identity).await
    }

    /// Makes a batch durable, then reports it.
    async fn commit(
        &mut self,
        transaction: Box<dyn SiteTransaction>,
        reports: Vec<ItemReport>,
    ) -> Result<()> {
        transaction.commit().await?;
        self.service.generation().advance();
        for report in reports {
            self.reporter.add(report);
        }
        Ok(())
    }

    async fn conclude(self, caller: &Caller) -> Result<ImportReport> {
        let record = AuditRecord {
            id: self.service.ambient.id(),
            at: self.service.ambient.now(),
            actor: caller.user_id().map_or_else(|| "system".to_owned(), |user| format!("user:{user}")),
            action: "import.wordpress".to_owned(),
            resource: "site".to_owned(),
            details: json!({"items": self.reporter.totals().items}),
        };
        let mut transaction = self.service.store.write().await?;
        transaction.audit_add(&record).await?;
        transaction.commit().await?;
        Ok(self.reporter.finish())
    }
}

/// Whether an error says that the store fails, not that an item does not fit.
fn fatal(error: &Error) -> bool {
    matches!(error.code().kind(), ErrorKind::Internal | ErrorKind::Unavailable)
}
