//! Submitting a release.

mod gates;
mod review;

use bytes::Bytes;
use emdash_manifest::{Bundle, BundleLimits};
use emdash_store::registry::{Listing, Publisher, Release, ReleaseStatus};
use emdash_types::{Error, Result};

use crate::RegistryService;
use crate::artifact::ReleaseBlobs;
use crate::catalogue::stored_manifest;
use crate::listing::DESCRIPTION_MAX;
use crate::readme::{ReadmeSummary, shorten, title_from_id};

pub use review::{Check, DryRun, ModuleReport, Outcome, Review};

impl RegistryService {
    /// Takes a bundle through the gates. The first release of an id claims it and makes its listing.
    ///
    /// Code that does not run gives a release with the status `rejected`, whose review says why; it is kept, and
    /// its version is used up.
    ///
    /// # Errors
    /// What breaks a rule leaves no trace: `BUNDLE_EXTRACT_FAILED`, `INVALID_BUNDLE`, `INVALID_MANIFEST`,
    /// `PLUGIN_ID_CONFLICT`, `VERSION_EXISTS`, `CAPABILITY_ESCALATION`; and `SANDBOX_NOT_AVAILABLE` when the dry
    /// run cannot be made now.
    pub async fn submit(&self, publisher: &Publisher, plugin_id: &str, compressed: Bytes) -> Result<Release> {
        let bundle = Bundle::read(&compressed, &BundleLimits::STANDARD)?;
        gates::check_identity(&bundle, plugin_id)?;
        let manifest = &bundle.manifest;
        let standing = gates::standing(self.store.read().await?.as_mut(), publisher, manifest).await?;

        let review = review::review(self.dry_run.as_ref(), &bundle, &standing).await?;
        let blobs = ReleaseBlobs::of(&bundle, compressed);
        for (key, bytes) in blobs.all() {
            self.blobs.put(key, bytes.clone()).await?;
        }

        let release = self.release_of(&bundle, &blobs, &review)?;
        let mut transaction = self.store.write().await?;
        // The world may have changed during the dry run.
        let standing = gates::standing(transaction.as_mut(), publisher, manifest).await?;
        match standing.listing {
            None => transaction.listing_add(&self.new_listing(publisher, &bundle)).await?,
            Some(mut listing) if release.status == ReleaseStatus::Published => {
                self.renew_listing(&mut listing, &bundle);
                transaction.listing_update(&listing).await?;
            }
            Some(_) => {}
        }
        transaction.release_add(&release).await?;
        transaction.commit().await?;
        Ok(release)
    }

    fn release_of(&self, bundle: &Bundle, blobs: &ReleaseBlobs, review: &Review) -> Result<Release> {
        let manifest = &bundle.manifest;
        let now = self.ambient.now();
        let passed = review.passed();
        Ok(Release {
            id: self.ambient.id(),
            plugin_id: manifest.id.clone(),
            version: manifest.version.to_string(),
            bundle_key: blobs.bundle.0.clone(),
            bundle_size: u64::try_from(bundle.size).unwrap_or(u64::MAX),
            checksum: bundle.checksum.clone(),
            manifest: stored_manifest(bundle.manifest_file, &bundle.manifest_bytes),
            readme: bundle.readme.clone(),
            changelog: manifest.listing.changelog.clone(),
            min_host_version: manifest.minimum_host.as_ref().map(ToString::to_string),
            icon_key: blobs.icon.as_ref().map(|(key, _)| key.clone()),
            screenshot_keys: blobs.screenshots.iter().map(|(key, _)| key.clone()).collect(),
            capabilities: capability_names(bundle),
            status: if passed { ReleaseStatus::Published } else { ReleaseStatus::Rejected },
            review: Some(serde_json::to_value(review).map_err(Error::internal)?),
            created_at: now,
            published_at: passed.then_some(now),
        })
    }

    fn new_listing(&self, publisher: &Publisher, bundle: &Bundle) -> Listing {
        let now = self.ambient.now();
        let manifest = &bundle.manifest;
        let summary = bundle.readme.as_deref().map(ReadmeSummary::of).unwrap_or_default();
        // A README is often headed by the package's name, which is none for people.
        let title = summary.title.filter(|title| !title.contains(['/', '@']) && title.chars().count() <= 60);
        let name = manifest.name.clone().or(title).unwrap_or_else(|| title_from_id(manifest.id.as_str()));
        let description = manifest.description.clone().or(summary.paragraph);
        Listing {
            id: manifest.id.clone(),
            publisher_id: publisher.id.clone(),
            name,
            description: description.map(|text| shorten(&text, DESCRIPTION_MAX)),
            repository_url: manifest.listing.repository_url.clone(),
            homepage_url: manifest.listing.homepage_url.clone(),
            license: manifest.listing.license.clone(),
            keywords: manifest.listing.keywords.clone(),
            capabilities: capability_names(bundle),
            install_count: 0,
            created_at: now,
            updated_at: now,
        }
    }

    /// What the new release says replaces what was known; where it is silent, the listing stays.
    fn renew_listing(&self, listing: &mut Listing, bundle: &Bundle) {
        let manifest = &bundle.manifest;
        let renew = |old: &mut Option<String>, new: &Option<String>| {
            if new.is_some() {
                old.clone_from(new);
            }
        };
        if let Some(name) = &manifest.name {
            listing.name.clone_from(name);
        }
        renew(&mut listing.description, &manifest.description);
        renew(&mut listing.repository_url, &manifest.listing.repository_url);
        renew(&mut listing.homepage_url, &manifest.listing.homepage_url);
        renew(&mut listing.license, &manifest.listing.license);
        if !manifest.listing.keywords.is_empty() {
            listing.keywords.clone_from(&manifest.listing.keywords);
        }
        listing.capabilities = capability_names(bundle);
        listing.updated_at = self.ambient.now();
    }
}

fn capability_names(bundle: &Bundle) -> Vec<String> {
    bundle.manifest.capabilities.names().into_iter().map(str::to_owned).collect()
}
