//! The first administrator: made once, by the command line or through the one-time setup link.

use emdash_store::SiteTransaction;
use emdash_store::identity::{Session, User};
use emdash_types::{Error, ErrorCode, Result, Role, Scope, Secret};
use serde_json::json;

use crate::IdentityService;
use crate::service::hash;
use crate::token::NewToken;

/// Holds the hash of the setup link's text until it is used.
const SETUP_OPTION: &str = "emdash:setup_state";
/// Set when a site has its administrator (CMS contract §2.4).
const COMPLETE_OPTION: &str = "emdash:setup_complete";
/// How long a browser stays signed in: 30 days.
const SESSION_MILLIS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Who is to run the site.
#[derive(Clone, Debug)]
pub struct NewAdministrator {
    /// Address.
    pub email: String,
    /// Name for people.
    pub name: Option<String>,
}

/// What setting up gives.
#[derive(Debug)]
pub struct SetupOutcome {
    /// The administrator.
    pub user: User,
    /// A personal access token with the scope `admin`, shown this once.
    pub token: Secret,
    /// The text of a session cookie.
    pub session: Secret,
}

impl IdentityService {
    /// Whether the site still lacks its administrator.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn setup_needed(&self) -> Result<bool> {
        Ok(self.store.read().await?.user_count().await? == 0)
    }

    /// Makes a new setup link's text; an earlier one stops working.
    ///
    /// # Errors
    /// `SETUP_COMPLETE` when there is an administrator.
    pub async fn setup_link(&self) -> Result<Secret> {
        let text = self.secret("");
        let mut transaction = self.store.write().await?;
        refuse_second(transaction.as_mut()).await?;
        transaction.option_set(SETUP_OPTION, &json!({"linkHash": hash(&text)})).await?;
        transaction.commit().await?;
        Ok(text)
    }

    /// Whether a text is the current setup link's.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn setup_link_valid(&self, text: &Secret) -> Result<bool> {
        let state = self.store.read().await?.option_lookup(SETUP_OPTION).await?;
        let stored = state.as_ref().and_then(|state| state.get("linkHash")).and_then(|hash| hash.as_str());
        // Hashes are compared, so the time taken tells nothing about the text.
        Ok(stored == Some(hash(text).as_str()))
    }

    /// Makes the administrator through the setup link, which works once.
    ///
    /// # Errors
    /// `INVALID_TOKEN` for another text, `SETUP_COMPLETE`, `VALIDATION_ERROR` for a bad address.
    pub async fn setup_with_link(&self, link: &Secret, new: NewAdministrator) -> Result<SetupOutcome> {
        if !self.setup_link_valid(link).await? {
            return Err(Error::new(ErrorCode::InvalidToken, "This setup link is not valid any more.")
                .hint("Start the server again: it prints a new link while the site has no administrator."));
        }
        self.setup(new).await
    }

    /// Makes the administrator with a token and a session.
    ///
    /// # Errors
    /// `SETUP_COMPLETE`, `VALIDATION_ERROR` for a bad address.
    pub async fn setup(&self, new: NewAdministrator) -> Result<SetupOutcome> {
        let email = new.email.trim().to_lowercase();
        check_address(&email)?;
        let now = self.ambient.now();
        let name = new.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let user =
            User { id: self.ambient.id(), email, name, role: Role::Admin, disabled: false, created_at: now };
        let session = self.secret("");
        let mut transaction = self.store.write().await?;
        refuse_second(transaction.as_mut()).await?;
        transaction.user_add(&user).await?;
        let row = Session {
            id: self.ambient.id(),
            secret_hash: hash(&session),
            user_id: user.id.clone(),
            expires_at: now.plus_millis(SESSION_MILLIS),
            created_at: now,
        };
        transaction.session_add(&row).await?;
        transaction.option_delete(SETUP_OPTION).await?;
        transaction.option_set(COMPLETE_OPTION, &json!(true)).await?;
        transaction.commit().await?;
        let new = NewToken { name: "First token".to_owned(), scopes: vec![Scope::Admin], expires_at: None };
        let (token, _) = self.token_issue(&user.id, new).await?;
        Ok(SetupOutcome { user, token, session })
    }
}

async fn refuse_second(transaction: &mut dyn SiteTransaction) -> Result<()> {
    if transaction.user_count().await? == 0 {
        return Ok(());
    }
    Err(Error::new(ErrorCode::SetupComplete, "The site already has its administrator.")
        .hint("`emdash token create --email ADDRESS` makes a new token for an existing user."))
}

/// Longest address, RFC 5321 §4.5.3.1.3.
const ADDRESS_MAX: usize = 254;

fn check_address(email: &str) -> Result<()> {
    let valid = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@') && !domain.starts_with('.')
    });
    if valid && email.len() <= ADDRESS_MAX && !email.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Ok(());
    }
    Err(Error::field("email", "must be an e-mail address such as owner@example.com"))
}
