//! `emdash init`.

use std::fmt;

use emdash_content::seed::{SiteSeed, seed_byline, seed_default};
use emdash_identity::{IdentityService, NewAdministrator};
use emdash_types::{Error, ErrorCode, Result};
use serde::Serialize;

use crate::DataDir;
use crate::ambient;
use crate::remote::parse_base;
use crate::stores::open_site;

/// What a new site is made of.
#[derive(Clone, Debug)]
pub struct InitInput {
    /// Title.
    pub title: String,
    /// Address of the first administrator.
    pub email: String,
    /// Where the site will be reached.
    pub url: Option<String>,
}

/// A new site.
#[derive(Debug, Serialize)]
pub struct InitResult {
    /// Where it is kept.
    pub data: String,
    /// Its administrator.
    pub email: String,
    /// Personal access token, shown this once.
    pub token: String,
}

impl fmt::Display for InitResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The site is ready in {}.", self.data)?;
        writeln!(f, "Administrator: {}", self.email)?;
        writeln!(f, "Access token (shown this once): {}", self.token)?;
        write!(f, "Next: emdash serve --data {}", self.data)
    }
}

/// Creates the default site and its first administrator.
///
/// # Errors
/// `SETUP_COMPLETE` where there is one; `VALIDATION_ERROR` for a bad title, address or URL.
pub async fn init(data: &DataDir, input: InitInput) -> Result<InitResult> {
    let title = input.title.trim();
    if title.is_empty() {
        return Err(Error::field("title", "must not be empty"));
    }
    let url = input.url.as_deref().map(parse_base).transpose()?;
    let ambient = ambient::system();
    data.create()?;
    let store = open_site(data)?;
    let identity = IdentityService::new(store.clone(), ambient.clone());
    if !identity.setup_needed().await? {
        return Err(Error::new(
            ErrorCode::SetupComplete,
            format!("{} holds a site already.", data.path().display()),
        )
        .hint("Choose another directory, or make a token: emdash token create --email ADDRESS."));
    }
    let url = url.map(|url| url.as_str().trim_end_matches('/').to_owned());
    let seed = SiteSeed { title: title.to_owned(), tagline: String::new(), url: url.unwrap_or_default() };
    seed_default(&store, &ambient, &seed).await?;
    let outcome = identity.setup(NewAdministrator { email: input.email, name: None }).await?;
    seed_byline(&store, &ambient, &outcome.user).await?;
    Ok(InitResult {
        data: data.path().display().to_string(),
        email: outcome.user.email,
        token: outcome.token.expose().to_owned(),
    })
}
