//! Personal access tokens (CMS contract §2.9).

use emdash_store::identity::ApiToken;
use emdash_types::{Caller, Error, ErrorCode, Permission, Result, Scope, Secret, Timestamp, TokenId, UserId};

use crate::IdentityService;
use crate::service::hash;

/// Begins every personal access token.
const PREFIX: &str = "ec_pat_";
/// Random characters shown to recognise a token.
const SHOWN: usize = 4;
/// Longest name, in characters.
const NAME_MAX: usize = 100;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Name for people, 1–100 characters.
    pub name: String,
    /// At least one.
    pub scopes: Vec<Scope>,
    /// Never, or in the future.
    pub expires_at: Option<Timestamp>,
}

/// A token as its owner sees it.
pub type TokenInfo = ApiToken;

impl IdentityService {
    /// Makes a token for the calling administrator; its text is shown this once.
    ///
    /// # Errors
    /// `FORBIDDEN` below the administrator's role, `VALIDATION_ERROR` for a bad name, scope list or expiry.
    pub async fn token_create(&self, caller: &Caller, new: NewToken) -> Result<(Secret, TokenInfo)> {
        let owner = administrator(caller)?.clone();
        self.token_issue(&owner, new).await
    }

    /// Makes a token for a user, without asking who wants it: command line and setup only.
    ///
    /// # Errors
    /// As [`IdentityService::token_create`], but for the role.
    pub async fn token_issue(&self, owner: &UserId, new: NewToken) -> Result<(Secret, TokenInfo)> {
        let now = self.ambient.now();
        let name = new.name.trim().to_owned();
        let length = name.chars().count();
        if length == 0 || length > NAME_MAX {
            return Err(Error::field("name", format!("must have 1 to {NAME_MAX} characters, has {length}")));
        }
        if new.scopes.is_empty() {
            return Err(Error::field("scopes", "must name at least one scope"));
        }
        if new.expires_at.is_some_and(|at| at <= now) {
            return Err(Error::field("expiresAt", "must be in the future"));
        }
        let text = self.secret(PREFIX);
        let token = ApiToken {
            id: self.ambient.id(),
            name,
            token_hash: hash(&text),
            prefix: text.expose().chars().take(PREFIX.len() + SHOWN).collect(),
            user_id: owner.clone(),
            scopes: new.scopes,
            expires_at: new.expires_at,
            last_used_at: None,
            created_at: now,
        };
        let mut transaction = self.store.write().await?;
        transaction.token_add(&token).await?;
        transaction.commit().await?;
        Ok((text, token))
    }

    /// The calling administrator's tokens, newest first.
    ///
    /// # Errors
    /// `FORBIDDEN` below the administrator's role.
    pub async fn token_list(&self, caller: &Caller) -> Result<Vec<TokenInfo>> {
        let owner = administrator(caller)?;
        self.store.read().await?.token_list(owner).await
    }

    /// Revokes one of the calling administrator's tokens.
    ///
    /// # Errors
    /// `NOT_FOUND`, and `FORBIDDEN` below the administrator's role.
    pub async fn token_revoke(&self, caller: &Caller, id: &TokenId) -> Result<()> {
        let owner = administrator(caller)?;
        let mut transaction = self.store.write().await?;
        if !transaction.token_delete(owner, id).await? {
            return Err(Error::not_found("Token", id));
        }
        transaction.commit().await
    }
}

fn administrator(caller: &Caller) -> Result<&UserId> {
    caller.require(Permission::UsersManage)?;
    caller.user_id().ok_or_else(|| Error::new(ErrorCode::Forbidden, "Tokens belong to users."))
}
