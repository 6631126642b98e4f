//! What a site's handlers share.

use std::sync::Arc;

use emdash_content::ContentService;
use emdash_identity::IdentityService;
use emdash_plugins::PluginHost;
use emdash_site::SiteRenderer;

use crate::PageCache;

/// The services behind a site's handlers. Cloning is cheap.
#[derive(Clone)]
pub struct AppState {
    /// Users, sessions, tokens.
    pub identity: IdentityService,
    /// Entries and their life.
    pub content: Arc<ContentService>,
    /// Installed plugins.
    pub plugins: PluginHost,
    /// Public pages.
    pub renderer: SiteRenderer,
    /// Rendered public pages.
    pub pages: PageCache,
    /// Where the site is reached from outside, without trailing slash.
    pub public_url: Arc<str>,
}
