//! `plugins::UserDirectory` over identity (plugin contract §3.9).

use async_trait::async_trait;
use emdash_identity::IdentityService;
use emdash_plugins::{RouteUser, UserDirectory, UserPage};
use emdash_store::identity::User;
use emdash_types::{Caller, ErrorCode, PluginCaller, Result, Role, UserId};

pub(crate) struct PluginUsers(pub(crate) IdentityService);

#[async_trait]
impl UserDirectory for PluginUsers {
    async fn get(&self, _: &PluginCaller, id: &str) -> Result<Option<RouteUser>> {
        found(self.0.user(&UserId::from(id)).await)
    }

    async fn by_email(&self, _: &PluginCaller, email: &str) -> Result<Option<RouteUser>> {
        found(self.0.user_by_email(email).await)
    }

    async fn list(
        &self,
        caller: &PluginCaller,
        role: Option<i64>,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<UserPage> {
        let role = match role {
            None => None,
            Some(level) => match u8::try_from(level).ok().and_then(|level| Role::try_from(level).ok()) {
                Some(role) => Some(role),
                // Nobody has a role there is not.
                None => return Ok(UserPage::default()),
            },
        };
        let caller = Caller::Plugin(caller.clone());
        let (users, next_cursor) = self.0.users(&caller, role, limit, cursor).await?;
        Ok(UserPage { items: users.into_iter().map(shown).collect(), next_cursor })
    }
}

fn found(outcome: Result<User>) -> Result<Option<RouteUser>> {
    match outcome {
        Ok(user) => Ok(Some(shown(user))),
        Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn shown(user: User) -> RouteUser {
    RouteUser {
        id: user.id.to_string(),
        email: user.email,
        name: user.name,
        role: user.role.level(),
        created_at: user.created_at.to_string(),
    }
}
