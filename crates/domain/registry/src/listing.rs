//! Listings made and changed by hand (plugin contract §8.4).

use emdash_manifest::{Capability, CapabilitySet};
use emdash_store::registry::{Listing, Publisher};
use emdash_types::{Error, ErrorCode, PluginId, Result};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::RegistryService;
use crate::service::plugin_not_found;

/// Longest id in the marketplace, in characters.
const ID_MAX: usize = 64;
const NAME_MAX: usize = 100;
pub(crate) const DESCRIPTION_MAX: usize = 200;
const LICENSE_MAX: usize = 64;
const URL_MAX: usize = 1024;
const KEYWORDS_MAX: usize = 20;
const KEYWORD_MAX: usize = 50;

/// A listing to be made before its first release.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewListing {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// One or two sentences.
    pub description: Option<String>,
    /// Source code.
    pub repository_url: Option<String>,
    /// More about it.
    pub homepage_url: Option<String>,
    /// SPDX expression.
    pub license: Option<String>,
    /// Capabilities, in either spelling. A plugin without any is welcome.
    #[serde(default)]
    pub capabilities: Vec<String>,
    /// Words to be found by.
    #[serde(default)]
    pub keywords: Vec<String>,
}

/// What is to be different; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListingChange {
    /// Name for people.
    pub name: Option<String>,
    /// One or two sentences.
    pub description: Option<String>,
    /// Source code.
    pub repository_url: Option<String>,
    /// More about it.
    pub homepage_url: Option<String>,
    /// SPDX expression.
    pub license: Option<String>,
    /// Words to be found by.
    pub keywords: Option<Vec<String>>,
}

impl RegistryService {
    /// Claims an id and makes its listing, which stays out of lists until its first release.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming every field, `PLUGIN_ID_CONFLICT` when the id is taken.
    pub async fn listing_register(&self, publisher: &Publisher, new: NewListing) -> Result<Listing> {
        let now = self.ambient.now();
        let mut issues = Issues::default();
        let id = issues.id(&new.id);
        let capabilities = issues.capabilities(&new.capabilities);
        let change = ListingChange {
            name: Some(new.name),
            description: new.description,
            repository_url: new.repository_url,
            homepage_url: new.homepage_url,
            license: new.license,
            keywords: Some(new.keywords),
        };
        issues.change(&change);
        let id = issues.finish(id)?;
        let mut listing = Listing {
            id,
            publisher_id: publisher.id.clone(),
            name: String::new(),
            description: None,
            repository_url: None,
            homepage_url: None,
            license: None,
            keywords: Vec::new(),
            capabilities,
            install_count: 0,
            created_at: now,
            updated_at: now,
        };
        apply(change, &mut listing);
        let mut transaction = self.store.write().await?;
        if transaction.listing_lookup(&listing.id).await?.is_some() {
            return Err(Error::new(ErrorCode::PluginIdConflict, "Plugin ID already exists"));
        }
        transaction.listing_add(&listing).await?;
        transaction.commit().await?;
        Ok(listing)
    }

    /// Changes a listing of the publisher's own.
    ///
    /// # Errors
    /// `NOT_FOUND`, `FORBIDDEN` for somebody else's, `VALIDATION_ERROR` naming every field.
    pub async fn listing_update(
        &self,
        publisher: &Publisher,
        id: &PluginId,
        change: ListingChange,
    ) -> Result<Listing> {
        let mut issues = Issues::default();
        issues.change(&change);
        issues.finish(Some(()))?;
        let mut transaction = self.store.write().await?;
        let mut listing = transaction.listing_lookup(id).await?.ok_or_else(|| plugin_not_found(id))?;
        if listing.publisher_id != publisher.id {
            return Err(Error::new(ErrorCode::Forbidden, "Not authorized to update this plugin"));
        }
        apply(change, &mut listing);
        listing.updated_at = self.ambient.now();
        transaction.listing_update(&listing).await?;
        transaction.commit().await?;
        Ok(listing)
    }
}

fn apply(change: ListingChange, listing: &mut Listing) {
    let ListingChange { name, description, repository_url, homepage_url, license, keywords } = change;
    let put = |to: &mut Option<String>, from: Option<String>| {
        if from.is_some() {
            *to = from;
        }
    };
    if let Some(name) = name {
        listing.name = name;
    }
    put(&mut listing.description, description);
    put(&mut listing.repository_url, repository_url);
    put(&mut listing.homepage_url, homepage_url);
    put(&mut listing.license, license);
    if let Some(keywords) = keywords {
        listing.keywords = keywords;
    }
}

/// Everything wrong with a form.
#[derive(Default)]
struct Issues(Vec<Value>);

impl Issues {
    fn report(&mut self, path: &str, message: impl Into<String>) {
        self.0.push(json!({"path": path, "message": message.into()}));
    }

    fn id(&mut self, text: &str) -> Option<PluginId> {
        match PluginId::parse(text).ok().filter(|_| !text.contains('_') && text.len() <= ID_MAX) {
            None => {
                self.report("id", format!("must be a lower-case letter, then lower-case letters, digits and -, at most {ID_MAX} characters"));
                None
            }
            id => id,
        }
    }

    fn capabilities(&mut self, names: &[String]) -> Vec<String> {
        let mut set = CapabilitySet::default();
        for (index, name) in names.iter().enumerate() {
            match Capability::by_name(name) {
                Some(capability) => set.insert(capability),
                None => self.report(
                    &format!("capabilities[{index}]"),
                    format!("unknown capability; known are {}", known_capabilities()),
                ),
            }
        }
        set.names().into_iter().map(str::to_owned).collect()
    }

    fn change(&mut self, change: &ListingChange) {
        if let Some(name) = &change.name {
            self.line("name", name, 1, NAME_MAX);
        }
        if let Some(description) = &change.description {
            let length = description.chars().count();
            if length > DESCRIPTION_MAX {
                self.report(
                    "description",
                    format!("must have at most {DESCRIPTION_MAX} characters, has {length}"),
                );
            }
        }
        for (path, url) in [("repositoryUrl", &change.repository_url), ("homepageUrl", &change.homepage_url)]
        {
            if url.as_deref().is_some_and(|url| !is_web_url(url)) {
                self.report(
                    path,
                    format!("must begin with https:// or http://, at most {URL_MAX} characters"),
                );
            }
        }
        if let Some(license) = &change.license {
            self.line("license", license, 0, LICENSE_MAX);
        }
        let keywords = change.keywords.as_deref().unwrap_or_default();
        if keywords.len() > KEYWORDS_MAX {
            let count = keywords.len();
            self.report("keywords", format!("must be at most {KEYWORDS_MAX}, are {count}"));
        }
        for (index, keyword) in keywords.iter().enumerate() {
            self.line(&format!("keywords[{index}]"), keyword, 1, KEYWORD_MAX);
        }
    }

    fn line(&mut self, path: &str, text: &str, least: usize, most: usize) {
        let length = text.trim().chars().count();
        if length < least || length > most || text.chars().any(char::is_control) {
            self.report(path, format!("must be one line of {least} to {most} characters, has {length}"));
        }
    }

    fn finish<T>(self, value: Option<T>) -> Result<T> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => {
                Err(Error::new(ErrorCode::ValidationError, "Validation error")
                    .details(json!({"issues": self.0})))
            }
        }
    }
}

fn known_capabilities() -> String {
    Capability::ALL.iter().map(|capability| capability.name()).collect::<Vec<_>>().join(", ")
}

/// Whether a browser may be sent there: `javascript:` and `data:` are not places.
fn is_web_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let named = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    named && url.len() <= URL_MAX && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}
