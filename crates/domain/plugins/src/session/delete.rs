//! `content:beforeDelete` (plugin contract §4.6).

use emdash_manifest::{ErrorPolicy, Hook};
use emdash_types::{Error, ErrorCode, Result};
use serde_json::json;

use super::{Answer, BeforeDelete, Chain, Failure, HookSession};
use crate::access::HookAccess;
use crate::generation::Listener;

impl HookSession {
    /// Runs `content:beforeDelete`.
    ///
    /// # Errors
    /// `DELETE_BLOCKED` where a plugin answers `false` or fails.
    pub async fn before_delete(&mut self, delete: &BeforeDelete) -> Result<()> {
        let mut chain = Chain::of_a_save();
        let event = json!({"id": delete.id, "collection": delete.collection, "permanent": false}).to_string();
        for listener in self.listeners(Hook::ContentBeforeDelete) {
            let (outcome, wall) = self.call(&listener, event.clone(), chain.left).await;
            chain.spend(wall);
            let failure = match outcome {
                Ok(Answer::Value(Some(answer)))
                    if answer == "false" && listener.hook.access == HookAccess::Full =>
                {
                    return Err(blocked(&listener, &Failure::Output("it answered false".to_owned())));
                }
                Ok(_) => continue,
                Err(failure) => failure,
            };
            if listener.hook.error_policy == ErrorPolicy::Abort {
                return Err(blocked(&listener, &failure));
            }
        }
        Ok(())
    }
}

fn blocked(listener: &Listener, failure: &Failure) -> Error {
    let plugin = &listener.plugin;
    let message = format!("Delete blocked by plugin hook: {}: {}", plugin.id, failure.reason());
    Error::new(ErrorCode::DeleteBlocked, message).details(failure.details(
        plugin,
        "hook",
        Hook::ContentBeforeDelete.name(),
    ))
}
