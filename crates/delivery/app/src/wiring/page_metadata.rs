//! `site::PageMetadata` over the plugin host.

use async_trait::async_trait;
use emdash_plugins::{Contribution as FromPlugin, PluginHost};
use emdash_site::{Contribution, PageMetadata, PublicPageContext};

pub(crate) struct PluginPageMetadata(pub(crate) PluginHost);

#[async_trait]
impl PageMetadata for PluginPageMetadata {
    async fn contributions(&self, page: &PublicPageContext) -> Vec<Contribution> {
        if !self.0.listens(emdash_manifest::Hook::PageMetadata) {
            return Vec::new();
        }
        let Ok(page) = serde_json::to_value(page) else { return Vec::new() };
        self.0.page_metadata(&page).await.into_iter().map(convert).collect()
    }
}

fn convert(contribution: FromPlugin) -> Contribution {
    match contribution {
        FromPlugin::Meta { name, content, key } => Contribution::Meta { name, content, key },
        FromPlugin::Property { property, content, key } => Contribution::Property { property, content, key },
        FromPlugin::Link { rel, href, hreflang, key } => Contribution::Link { rel, href, hreflang, key },
        FromPlugin::JsonLd { id, graph } => Contribution::JsonLd { id, graph },
    }
}
