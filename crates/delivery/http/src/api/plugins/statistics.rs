//! `GET /admin/plugins/{id}/statistics`: what the plugin's calls came to, by hook and route.

use axum::extract::{Path, State};
use emdash_plugins::{PluginStatistics, WALL_BUCKETS_MS};
use serde::Serialize;

use super::plugin_id;
use crate::AppState;
use crate::request::Authenticated;
use crate::respond::{Done, Failure};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    #[serde(flatten)]
    statistics: PluginStatistics,
    /// Upper bounds of `wallBuckets`, milliseconds; the last bucket has none.
    wall_buckets_ms: [u64; WALL_BUCKETS_MS.len()],
}

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(id): Path<String>,
) -> Result<Done<Answer>, Failure> {
    let statistics = state.plugins.statistics_of(&caller, &plugin_id(&id)?)?;
    Ok(Done(Answer { statistics, wall_buckets_ms: WALL_BUCKETS_MS }))
}
