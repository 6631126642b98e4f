//! Installed plugins and the way to new ones (plugin contract §7.2, CMS contract §3.13).

mod catalogue;
mod cron;
mod develop;
mod disable;
mod enable;
mod get;
mod install;
mod list;
mod log;
mod mcp;
mod requests;
mod rollback;
mod settings_get;
mod settings_panel;
mod settings_put;
mod statistics;
mod uninstall;
mod update;
mod updates;
mod violations;

use axum::Router;
use axum::routing::{get, post, put};
use emdash_plugins::PluginInfo;
use emdash_types::{Error, PluginId, Result};
use serde::Serialize;

use crate::AppState;

pub fn routes() -> Router<AppState> {
    let base = "/_emdash/api/admin/plugins";
    let at = |path: &str| format!("{base}/{path}");
    Router::new()
        .route(base, get(list::handler))
        .route(&at("cron"), get(cron::all))
        .route(&at("violations"), get(violations::handler))
        .route(&at("marketplace"), get(catalogue::list))
        .route(&at("marketplace/{id}"), get(catalogue::detail))
        .route(&at("marketplace/{id}/icon"), get(catalogue::icon))
        .route(&at("marketplace/{id}/install"), post(install::handler))
        .route(&at("requests"), get(requests::list::handler).post(requests::create::handler))
        .route(&at("requests/{id}/grant"), post(requests::grant::handler))
        .route(&at("requests/{id}/decline"), post(requests::decline::handler))
        .route(&at("develop"), post(develop::handler))
        .route(&at("updates"), get(updates::handler))
        .route(&at("{id}"), get(get::handler))
        .route(&at("{id}/enable"), post(enable::handler))
        .route(&at("{id}/disable"), post(disable::handler))
        .route(&at("{id}/uninstall"), post(uninstall::handler))
        .route(&at("{id}/update"), post(update::handler))
        .route(&at("{id}/rollback"), post(rollback::handler))
        .route(&at("{id}/cron"), get(cron::of_plugin))
        .route(&at("{id}/mcp"), put(mcp::handler))
        .route(&at("{id}/log"), get(log::handler))
        .route(&at("{id}/statistics"), get(statistics::handler))
        .route(&at("{id}/settings"), get(settings_get::handler).put(settings_put::handler))
        .route(&at("{id}/settings-panel"), post(settings_panel::handler))
}

/// `{item}`.
#[derive(Serialize)]
pub struct ItemAnswer {
    item: PluginInfo,
}

/// A plugin id from a path; one that breaks the grammar cannot be installed, so it is not found.
pub fn plugin_id(text: &str) -> Result<PluginId> {
    PluginId::parse(text).map_err(|_| Error::not_found("Plugin", text))
}
