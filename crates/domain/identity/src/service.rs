//! Recognising a caller.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use emdash_store::SiteStore;
use emdash_store::identity::User;
use emdash_types::{
    Ambient, Caller, Cursor, Error, ErrorCode, Page, Permission, Result, Role, Secret, Timestamp, UserCaller,
    UserId,
};
use sha2::{Digest, Sha256};

/// A token's last use is noted at most this often.
const TOUCH_INTERVAL_MILLIS: i64 = 60_000;

/// Identity on one site.
#[derive(Clone)]
pub struct IdentityService {
    pub(crate) store: Arc<dyn SiteStore>,
    pub(crate) ambient: Ambient,
}

impl IdentityService {
    /// Over a site's store.
    #[must_use]
    pub fn new(store: Arc<dyn SiteStore>, ambient: Ambient) -> Self {
        Self { store, ambient }
    }

    /// The caller behind a bearer token.
    ///
    /// # Errors
    /// `INVALID_TOKEN` for a token that is unknown or expired, or whose owner is disabled.
    pub async fn authenticate_bearer(&self, text: &Secret) -> Result<UserCaller> {
        let refused = || Error::new(ErrorCode::InvalidToken, "Invalid or expired token");
        let now = self.ambient.now();
        let mut transaction = self.store.read().await?;
        let token = transaction.token_find_by_hash(&hash(text)).await?.ok_or_else(refused)?;
        if token.expires_at.is_some_and(|at| at <= now) {
            return Err(refused());
        }
        let user = transaction
            .user_lookup(&token.user_id)
            .await?
            .filter(|user| !user.disabled)
            .ok_or_else(refused)?;
        drop(transaction);
        if token.last_used_at.is_none_or(|at| stale(at, now)) {
            let mut transaction = self.store.write().await?;
            transaction.token_touch(&token.id, now).await?;
            transaction.commit().await?;
        }
        Ok(UserCaller { id: user.id, role: user.role, scopes: Some(token.scopes) })
    }

    /// The caller behind a session cookie.
    ///
    /// # Errors
    /// `NOT_AUTHENTICATED` for a session that is unknown or expired, `ACCOUNT_DISABLED` for a disabled user.
    pub async fn authenticate_session(&self, text: &Secret) -> Result<UserCaller> {
        let refused = || Error::new(ErrorCode::NotAuthenticated, "Not authenticated");
        let mut transaction = self.store.read().await?;
        let session = transaction.session_find_by_hash(&hash(text)).await?.ok_or_else(refused)?;
        if session.expires_at <= self.ambient.now() {
            return Err(refused());
        }
        let user = transaction.user_lookup(&session.user_id).await?.ok_or_else(refused)?;
        if user.disabled {
            return Err(Error::new(ErrorCode::AccountDisabled, "This account is disabled."));
        }
        Ok(UserCaller { id: user.id, role: user.role, scopes: None })
    }

    /// A user by id.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn user(&self, id: &UserId) -> Result<User> {
        let mut transaction = self.store.read().await?;
        transaction.user_lookup(id).await?.ok_or_else(|| Error::not_found("User", id))
    }

    /// A user by address, whatever its case.
    ///
    /// # Errors
    /// `NOT_FOUND`.
    pub async fn user_by_email(&self, email: &str) -> Result<User> {
        let mut transaction = self.store.read().await?;
        let found = transaction.user_find_by_email(&email.trim().to_lowercase()).await?;
        found.ok_or_else(|| Error::not_found("User", email))
    }

    /// A page of the users with a role, or of all, newest first, and the cursor of the next one.
    ///
    /// # Errors
    /// When the caller may not read users; `INVALID_CURSOR`.
    pub async fn users(
        &self,
        caller: &Caller,
        role: Option<Role>,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<(Vec<User>, Option<String>)> {
        caller.require(Permission::UsersRead)?;
        let after = cursor.map(Cursor::decode).transpose()?.map(|cursor| UserId::from(cursor.id));
        let mut transaction = self.store.read().await?;
        let found = transaction.user_page(role, after.as_ref(), limit.saturating_add(1)).await?;
        let page = Page::from_surplus(found, limit, |user| Cursor {
            order_value: String::new(),
            id: user.id.to_string(),
        });
        Ok((page.items, page.next.map(|cursor| cursor.encode())))
    }

    /// A fresh secret text: a prefix and 32 random bytes, base64url.
    pub(crate) fn secret(&self, prefix: &str) -> Secret {
        Secret::new(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(self.ambient.bytes::<32>())))
    }
}

fn stale(at: Timestamp, now: Timestamp) -> bool {
    now.as_millis() - at.as_millis() >= TOUCH_INTERVAL_MILLIS
}

/// What is stored of a secret text.
pub(crate) fn hash(text: &Secret) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.expose().as_bytes()))
}
