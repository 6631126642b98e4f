//! Users, tokens and sessions of one site (CMS contract §2.13).

use async_trait::async_trait;
use emdash_types::{Result, Role, Scope, SessionId, Timestamp, TokenId, UserId};

/// A user.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    /// Id.
    pub id: UserId,
    /// Address, lower case, unique.
    pub email: String,
    /// Name for people.
    pub name: Option<String>,
    /// Role.
    pub role: Role,
    /// Whether signing in is refused.
    pub disabled: bool,
    /// Made at.
    pub created_at: Timestamp,
}

/// Users of one site.
#[async_trait]
pub trait UserRepository {
    /// By id.
    async fn user_lookup(&mut self, id: &UserId) -> Result<Option<User>>;

    /// By address, lower case.
    async fn user_find_by_email(&mut self, email: &str) -> Result<Option<User>>;

    /// How many there are.
    async fn user_count(&mut self) -> Result<u64>;

    /// All, by address.
    async fn user_list(&mut self) -> Result<Vec<User>>;

    /// Those with a role, or all, newest id first, `limit` behind `before`.
    async fn user_page(
        &mut self,
        role: Option<Role>,
        before: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<User>>;

    /// Stores one.
    ///
    /// # Errors
    /// `CONFLICT` when the address is taken.
    async fn user_add(&mut self, user: &User) -> Result<()>;

    /// Writes every column.
    async fn user_update(&mut self, user: &User) -> Result<()>;
}

/// A personal access token, without its text.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiToken {
    /// Id.
    pub id: TokenId,
    /// Name for people.
    pub name: String,
    /// SHA-256 of the text, base64url.
    pub token_hash: String,
    /// First characters, to recognise it.
    pub prefix: String,
    /// Owner.
    pub user_id: UserId,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// Refused from then on.
    pub expires_at: Option<Timestamp>,
    /// Last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Made at.
    pub created_at: Timestamp,
}

/// Tokens of one site.
#[async_trait]
pub trait TokenRepository {
    /// By hash.
    async fn token_find_by_hash(&mut self, hash: &str) -> Result<Option<ApiToken>>;

    /// Those of a user, newest first.
    async fn token_list(&mut self, user: &UserId) -> Result<Vec<ApiToken>>;

    /// Stores one.
    async fn token_add(&mut self, token: &ApiToken) -> Result<()>;

    /// Notes the use.
    async fn token_touch(&mut self, id: &TokenId, at: Timestamp) -> Result<()>;

    /// Forgets one of a user's; says whether there was one.
    async fn token_delete(&mut self, user: &UserId, id: &TokenId) -> Result<bool>;
}

/// A browser session, without its cookie's text.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// SHA-256 of the cookie's text, base64url.
    pub secret_hash: String,
    /// User.
    pub user_id: UserId,
    /// Refused from then on.
    pub expires_at: Timestamp,
    /// Made at.
    pub created_at: Timestamp,
}

/// Sessions of one site.
#[async_trait]
pub trait SessionRepository {
    /// By hash.
    async fn session_find_by_hash(&mut self, hash: &str) -> Result<Option<Session>>;

    /// Stores one.
    async fn session_add(&mut self, session: &Session) -> Result<()>;

    /// Forgets one.
    async fn session_delete(&mut self, id: &SessionId) -> Result<()>;

    /// Forgets those that expired before; returns how many.
    async fn session_delete_expired(&mut self, before: Timestamp) -> Result<u64>;
}
