//! What plugins read of the site's users; the application wires it to identity.

use async_trait::async_trait;
use emdash_types::{PluginCaller, Result};

use crate::RouteUser;

/// One page of users.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserPage {
    /// The users, newest first.
    pub items: Vec<RouteUser>,
    /// Where the next page begins; `None` on the last one.
    pub next_cursor: Option<String>,
}

/// Users, as `ctx.users` shows them (plugin contract §3.9): never a password, a session or a token. The broker has
/// checked the grant.
#[async_trait]
pub trait UserDirectory: Send + Sync {
    /// A user by id.
    async fn get(&self, caller: &PluginCaller, id: &str) -> Result<Option<RouteUser>>;

    /// A user by address, whatever its case.
    async fn by_email(&self, caller: &PluginCaller, email: &str) -> Result<Option<RouteUser>>;

    /// A page of 1 to 100 users, of exactly this role level or of all.
    ///
    /// # Errors
    /// `INVALID_CURSOR`.
    async fn list(
        &self,
        caller: &PluginCaller,
        role: Option<i64>,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<UserPage>;
}
