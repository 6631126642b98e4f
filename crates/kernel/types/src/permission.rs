//! Roles, permissions and token scopes: one diffable table (CMS contract §2.1).

use serde::{Deserialize, Serialize};

/// A user's role. A higher role may do everything a lower one may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Role {
    /// Reads what is published.
    Subscriber = 10,
    /// Writes drafts.
    Contributor = 20,
    /// Publishes their own entries.
    Author = 30,
    /// Edits and publishes everybody's entries.
    Editor = 40,
    /// Runs the site.
    Admin = 50,
}

impl Role {
    /// Every role, lowest first.
    pub const ALL: [Self; 5] = [Self::Subscriber, Self::Contributor, Self::Author, Self::Editor, Self::Admin];

    /// The number used on the wire and in the database.
    #[must_use]
    pub fn level(self) -> u8 {
        match self {
            Self::Subscriber => 10,
            Self::Contributor => 20,
            Self::Author => 30,
            Self::Editor => 40,
            Self::Admin => 50,
        }
    }
}

impl TryFrom<u8> for Role {
    type Error = String;
    fn try_from(level: u8) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.level() == level)
            .ok_or_else(|| format!("{level} is not a role: use 10, 20, 30, 40 or 50"))
    }
}

impl From<Role> for u8 {
    fn from(role: Role) -> Self {
        role.level()
    }
}

macro_rules! permissions {
    ($($variant:ident = $text:literal, $role:ident;)+) => {
        /// Something a caller may be allowed to do; each needs a minimum role.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission {
            $(#[doc = concat!("`", $text, "`, from ", stringify!($role), " up.")] $variant,)+
        }

        impl Permission {
            /// Every permission, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name used in manifests and on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The lowest role that has it.
            #[must_use]
            pub fn minimum_role(self) -> Role {
                match self { $(Self::$variant => Role::$role,)+ }
            }
        }
    };
}

permissions! {
    ContentRead = "content:read", Subscriber;
    ContentReadDrafts = "content:read_drafts", Contributor;
    ContentCreate = "content:create", Contributor;
    ContentEditOwn = "content:edit_own", Author;
    ContentEditAny = "content:edit_any", Editor;
    ContentDeleteOwn = "content:delete_own", Author;
    ContentDeleteAny = "content:delete_any", Editor;
    ContentDeletePermanent = "content:delete_permanent", Admin;
    ContentPublishOwn = "content:publish_own", Author;
    ContentPublishAny = "content:publish_any", Editor;
    MediaRead = "media:read", Subscriber;
    MediaUpload = "media:upload", Contributor;
    MediaEditOwn = "media:edit_own", Author;
    MediaEditAny = "media:edit_any", Editor;
    MediaDeleteOwn = "media:delete_own", Author;
    MediaDeleteAny = "media:delete_any", Editor;
    TaxonomiesRead = "taxonomies:read", Subscriber;
    TaxonomiesManage = "taxonomies:manage", Editor;
    CommentsRead = "comments:read", Subscriber;
    CommentsModerate = "comments:moderate", Editor;
    CommentsDelete = "comments:delete", Admin;
    CommentsSettings = "comments:settings", Admin;
    MenusRead = "menus:read", Subscriber;
    MenusManage = "menus:manage", Editor;
    BylinesRead = "bylines:read", Subscriber;
    BylinesManage = "bylines:manage", Editor;
    WidgetsRead = "widgets:read", Subscriber;
    WidgetsManage = "widgets:manage", Editor;
    SectionsRead = "sections:read", Subscriber;
    SectionsManage = "sections:manage", Editor;
    RedirectsRead = "redirects:read", Editor;
    RedirectsManage = "redirects:manage", Admin;
    UsersRead = "users:read", Admin;
    UsersInvite = "users:invite", Admin;
    UsersManage = "users:manage", Admin;
    SettingsRead = "settings:read", Editor;
    SettingsManage = "settings:manage", Admin;
    SchemaRead = "schema:read", Editor;
    SchemaManage = "schema:manage", Admin;
    PluginsRead = "plugins:read", Editor;
    PluginsRequest = "plugins:request", Editor;
    PluginsManage = "plugins:manage", Admin;
    ImportExecute = "import:execute", Admin;
    BackupsManage = "backups:manage", Admin;
    SearchRead = "search:read", Subscriber;
    SearchManage = "search:manage", Admin;
    AuthManageOwnCredentials = "auth:manage_own_credentials", Subscriber;
    AuthManageConnections = "auth:manage_connections", Admin;
}

impl Permission {
    /// The permission of this name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|permission| permission.name() == name)
    }
}

/// What a bearer token may be used for, on top of its owner's role.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Scope {
    /// `content:read`.
    ContentRead,
    /// `content:write`; implies managing menus and taxonomies.
    ContentWrite,
    /// `media:read`.
    MediaRead,
    /// `media:write`.
    MediaWrite,
    /// `schema:read`.
    SchemaRead,
    /// `schema:write`.
    SchemaWrite,
    /// `taxonomies:manage`.
    TaxonomiesManage,
    /// `menus:manage`.
    MenusManage,
    /// `settings:read`.
    SettingsRead,
    /// `settings:manage`.
    SettingsManage,
    /// `mcp:tools`: the tools of every plugin.
    McpTools,
    /// `mcp:tools:<plugin>`: the tools of one plugin.
    McpToolsOf(String),
    /// `admin`: every scope but the MCP tools of plugins.
    Admin,
}

impl Scope {
    /// The scopes with a fixed name.
    pub const FIXED: [Self; 12] = [
        Self::ContentRead,
        Self::ContentWrite,
        Self::MediaRead,
        Self::MediaWrite,
        Self::SchemaRead,
        Self::SchemaWrite,
        Self::TaxonomiesManage,
        Self::MenusManage,
        Self::SettingsRead,
        Self::SettingsManage,
        Self::McpTools,
        Self::Admin,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::ContentRead => "content:read",
            Self::ContentWrite => "content:write",
            Self::MediaRead => "media:read",
            Self::MediaWrite => "media:write",
            Self::SchemaRead => "schema:read",
            Self::SchemaWrite => "schema:write",
            Self::TaxonomiesManage => "taxonomies:manage",
            Self::MenusManage => "menus:manage",
            Self::SettingsRead => "settings:read",
            Self::SettingsManage => "settings:manage",
            Self::McpTools => "mcp:tools",
            Self::McpToolsOf(plugin) => return format!("mcp:tools:{plugin}"),
            Self::Admin => "admin",
        }
        .to_owned()
    }

    /// Whether holding `self` is enough where `wanted` is asked for.
    #[must_use]
    pub fn covers(&self, wanted: &Self) -> bool {
        let is_mcp = matches!(wanted, Self::McpTools | Self::McpToolsOf(_));
        self == wanted
            || (*self == Self::Admin && !is_mcp)
            || (*self == Self::ContentWrite && matches!(wanted, Self::MenusManage | Self::TaxonomiesManage))
            || (*self == Self::McpTools && is_mcp)
    }
}

impl TryFrom<String> for Scope {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if let Some(scope) = Self::FIXED.into_iter().find(|scope| scope.name() == text) {
            return Ok(scope);
        }
        match text.strip_prefix("mcp:tools:").map(crate::PluginId::parse) {
            Some(Ok(plugin)) => Ok(Self::McpToolsOf(plugin.into())),
            _ => Err(format!("\"{text}\" is not a token scope")),
        }
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> Self {
        scope.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_scope_covers_everything_but_plugin_tools() {
        for scope in Scope::FIXED {
            assert_eq!(Scope::Admin.covers(&scope), scope != Scope::McpTools, "{}", scope.name());
        }
        assert!(!Scope::Admin.covers(&Scope::McpToolsOf("x".into())));
        assert!(!Scope::ContentWrite.covers(&Scope::ContentRead));
    }

    #[test]
    fn names_are_unique_and_read_back() {
        for permission in Permission::ALL {
            assert_eq!(Permission::by_name(permission.name()), Some(*permission));
        }
        for scope in Scope::FIXED {
            assert_eq!(Scope::try_from(scope.name()), Ok(scope));
        }
    }
}
