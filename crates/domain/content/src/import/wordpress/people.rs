//! Authors become bylines of guests.

use std::collections::HashMap;

use emdash_document::wxr::Author;
use emdash_store::SiteTransaction;
use emdash_store::content::Byline;
use emdash_types::{BylineId, Result};

use super::Run;
use super::identity::Kind;
use crate::DEFAULT_LOCALE;
use crate::import::report::{ImportNote, ItemReport, Outcome};
use crate::seed::free_byline_slug;

/// Bylines by login.
pub(super) type Bylines = HashMap<String, BylineId>;

impl Run<'_> {
    /// Stores the authors that are not here yet.
    pub(super) async fn import_authors(&mut self, authors: &[Author]) -> Result<Bylines> {
        let mut bylines = Bylines::new();
        for batch in authors.chunks(super::BATCH) {
            let mut transaction = self.service.store.write().await?;
            let mut reports = Vec::with_capacity(batch.len());
            for author in batch {
                let (id, report) = self.import_author(transaction.as_mut(), author).await?;
                // A byline that was removed here since stays removed.
                if transaction.byline_lookup(&id).await?.is_some() {
                    bylines.insert(author.login.clone(), id);
                }
                reports.push(report);
            }
            self.commit(transaction, reports).await?;
        }
        Ok(bylines)
    }

    async fn import_author(
        &self,
        transaction: &mut dyn SiteTransaction,
        author: &Author,
    ) -> Result<(BylineId, ItemReport)> {
        let name = if author.display_name.trim().is_empty() { &author.login } else { &author.display_name };
        let identity = self.memory.identify(
            Kind::Author,
            &author.login,
            None,
            &[&author.display_name, &author.email, &author.first_name, &author.last_name],
        );
        let id = BylineId::from(identity.id.as_str());
        let mut notes = Vec::new();
        let outcome = if self.memory.known(Kind::Author, &author.login).is_some() {
            self.repeated(&identity)
        } else {
            let slug = free_byline_slug(transaction, &author.login).await?;
            if slug != author.login {
                notes.push(ImportNote::changed("author slug", format!("{} → {slug}", author.login)));
            }
            let byline = Byline {
                id: id.clone(),
                slug,
                display_name: name.trim().to_owned(),
                bio: None,
                website_url: None,
                user_id: None,
                is_guest: true,
                locale: DEFAULT_LOCALE.to_owned(),
            };
            transaction.byline_add(&byline).await?;
            self.memory.remember(transaction, &identity).await?;
            Outcome::Imported
        };
        // The account stays behind: an address in public author data would be a leak.
        for (what, value) in [
            ("author e-mail", &author.email),
            ("author first name", &author.first_name),
            ("author last name", &author.last_name),
        ] {
            if !value.is_empty() {
                notes.push(ImportNote::dropped(what, "a byline has a display name only"));
            }
        }
        let report = ItemReport {
            kind: "author".to_owned(),
            external_id: author.login.clone(),
            title: name.clone(),
            outcome,
            id: Some(identity.id),
            link: None,
            path: None,
            notes,
        };
        Ok((id, report))
    }
}
