//! Hooks after the fact (plugin contract §4.6): off the request path, one plugin after another.

use emdash_manifest::Hook;
use serde_json::Value;

use super::{HookSession, event};

impl HookSession {
    /// Runs a deferred hook: one plugin after another, in the instances of this session. Failures are logged and
    /// counted per plugin and do not keep the next one from running. `event` is the whole event of plugin contract
    /// §4.2; a plugin without the capability sees it reduced (decision 0004). Returns how many plugins failed.
    pub async fn deferred(&mut self, hook: Hook, event: &Value) -> usize {
        let mut failed = 0;
        for listener in self.listeners(hook) {
            let input = event::deferred(listener.hook.access, event);
            if let Err(()) = self.call_and_settle(&listener, input).await {
                failed += 1;
            }
        }
        failed
    }
}
