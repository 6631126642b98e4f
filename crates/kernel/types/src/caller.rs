//! Who asks for something to be done.

use crate::{Error, ErrorCode, Permission, PluginId, Result, Role, Scope, UserId};

/// A signed-in person, or a token acting for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserCaller {
    /// The user.
    pub id: UserId,
    /// Their role now.
    pub role: Role,
    /// The scopes of the token they came with; `None` for a browser session, which is not restricted.
    pub scopes: Option<Vec<Scope>>,
}

/// A plugin acting for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginCaller {
    /// The plugin.
    pub id: PluginId,
    /// The plugins whose writes led to this call, outermost first: none of them is called again on its account.
    pub within: Vec<PluginId>,
}

/// Whoever a service acts for. Every service method that changes or reveals anything takes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody in particular: the public.
    Anonymous,
    /// A person.
    User(UserCaller),
    /// A plugin, through the broker, which has already checked its grants.
    Plugin(PluginCaller),
    /// The program itself: command line, jobs, migrations.
    System,
}

impl Caller {
    /// A plugin, called by nobody's writes.
    #[must_use]
    pub fn plugin(id: PluginId) -> Self {
        Self::Plugin(PluginCaller { id, within: Vec::new() })
    }

    /// The user's id, where there is one.
    #[must_use]
    pub fn user_id(&self) -> Option<&UserId> {
        match self {
            Self::User(user) => Some(&user.id),
            _ => None,
        }
    }

    /// The plugins behind the call, outermost first: a plugin's own write must not come back to it, nor to those whose
    /// writes led to it.
    #[must_use]
    pub fn causes(&self) -> Vec<PluginId> {
        match self {
            Self::Plugin(plugin) => plugin.within.iter().chain([&plugin.id]).cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the caller's role has the permission. Plugins are judged by their grants, in the broker.
    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        match self {
            Self::System | Self::Plugin(_) => true,
            Self::User(user) => user.role >= permission.minimum_role(),
            Self::Anonymous => false,
        }
    }

    /// Refuses unless the caller has the permission.
    ///
    /// # Errors
    /// `NOT_AUTHENTICATED` for the public, `FORBIDDEN` for a role that is too low.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        if *self == Self::Anonymous {
            return Err(Error::new(ErrorCode::NotAuthenticated, "Not authenticated"));
        }
        Err(Error::new(ErrorCode::Forbidden, format!("This needs the permission {}.", permission.name()))
            .hint("Ask an administrator of the site for a role that has it."))
    }

    /// Refuses unless the caller owns the thing and has `own`, or has `any`. A thing without owner is nobody's own.
    ///
    /// # Errors
    /// As [`Caller::require`].
    pub fn require_owned(&self, owner: Option<&UserId>, own: Permission, any: Permission) -> Result<()> {
        let owns = owner.is_some() && owner == self.user_id();
        self.require(if owns { own } else { any })
    }

    /// Refuses unless the caller came without a token or its token covers the scope.
    ///
    /// # Errors
    /// `INSUFFICIENT_SCOPE`, naming the scope.
    pub fn require_scope(&self, wanted: &Scope) -> Result<()> {
        let Self::User(UserCaller { scopes: Some(scopes), .. }) = self else { return Ok(()) };
        if scopes.iter().any(|scope| scope.covers(wanted)) {
            return Ok(());
        }
        Err(Error::new(
            ErrorCode::InsufficientScope,
            format!("Token lacks required scope: {}", wanted.name()),
        ))
    }
}
