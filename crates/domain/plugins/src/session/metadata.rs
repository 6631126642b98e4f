//! `page:metadata`, on the render path: all plugins at once, within a tight time.

use std::sync::Arc;
use std::time::Duration;

use emdash_manifest::Hook;
use emdash_ports::runtime::GuestCall;
use futures::future::join_all;
use serde_json::{Value, json};

use super::{Answer, Failure, Running};
use crate::PluginHost;
use crate::generation::Listener;
use crate::host::Site;
use crate::page_metadata::{Contribution, Contributions};

/// A page does not wait longer for its plugins, whatever they declare.
const PAGE_WALL: Duration = Duration::from_millis(500);
/// Longest answer of one plugin to one page, JSON: every visitor of the page loads it.
const ANSWER_BYTES: usize = 32 * 1024;

impl PluginHost {
    /// What the live plugins add to the head of a page (`page:metadata`), validated and without duplicates, in
    /// order of precedence. Failures contribute nothing.
    pub async fn page_metadata(&self, page: &Value) -> Vec<Contribution> {
        let generation = self.site.generation();
        let listeners = generation.listeners(Hook::PageMetadata);
        if listeners.is_empty() {
            return Vec::new();
        }
        let event = json!({"page": page}).to_string();
        let answers =
            join_all(listeners.iter().map(|listener| ask(&self.site, listener, event.clone()))).await;
        let mut contributions = Contributions::default();
        answers.into_iter().flatten().for_each(|answer| contributions.add(&answer));
        contributions.into_list()
    }
}

async fn ask(site: &Arc<Site>, listener: &Listener, event: String) -> Option<Value> {
    let mut running = match Running::start(site, &listener.plugin, &[]).await {
        Ok(running) => running,
        Err(failure) => {
            tracing::warn!(plugin = %listener.plugin.label(), "{}", failure.reason());
            return None;
        }
    };
    let call = GuestCall {
        target: listener.hook.target,
        name: listener.hook.name_in_module.clone(),
        input: event,
        cpu: listener.plugin.manifest.budgets.cpu.min(PAGE_WALL),
        wall: listener.hook.timeout.min(PAGE_WALL),
    };
    match running.call("hook page:metadata", call).await.0 {
        Ok(Answer::Value(Some(json))) if json.len() > ANSWER_BYTES => {
            let used = json.len();
            let reason = format!("added {used} bytes to a page; the limit is {ANSWER_BYTES}");
            running.refuse_output(Hook::PageMetadata, &Failure::Output(reason)).await;
            None
        }
        Ok(Answer::Value(Some(json))) => serde_json::from_str(&json).ok(),
        _ => None,
    }
}
