//! The REST API under `/_emdash/api` (CMS contract §3), an area per folder.

mod account;
mod content;
mod plugin_calls;
mod plugins;
mod tokens;

use axum::Router;

use crate::AppState;

pub fn routes() -> Router<AppState> {
    Router::new()
        .merge(account::routes())
        .merge(content::routes())
        .merge(plugin_calls::routes())
        .merge(plugins::routes())
        .merge(tokens::routes())
}
