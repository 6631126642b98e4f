//! The hooks of one request.

use emdash_manifest::Hook;
use emdash_types::{CollectionName, EntryId, JsonMap, Result};
use serde_json::Value;

use crate::{Contribution, PluginHost};

/// What is about to be saved.
#[derive(Clone, Debug, PartialEq)]
pub struct BeforeSave {
    /// Where to.
    pub collection: CollectionName,
    /// The entry; `None` for a new one.
    pub id: Option<EntryId>,
    /// The fields the editor sent: all of a new entry, the changed ones of an existing one.
    pub content: JsonMap,
}

/// What is about to be deleted.
#[derive(Clone, Debug, PartialEq)]
pub struct BeforeDelete {
    /// Where from.
    pub collection: CollectionName,
    /// The entry.
    pub id: EntryId,
}

/// The hooks of one request: one instance per plugin, made when first needed and shared by every hook of the
/// session (ruling 13). Keep it until the deferred hooks have run; dropping it forgets the instances.
pub struct HookSession {
    _host: PluginHost,
}

impl PluginHost {
    /// Begins the hooks of one request. Costs nothing until a plugin listens.
    #[must_use]
    pub fn session(&self) -> HookSession {
        HookSession { _host: self.clone() }
    }

    /// What the live plugins add to the head of a page (`page:metadata`), validated and without duplicates, in
    /// order of precedence. Failures contribute nothing.
    pub async fn page_metadata(&self, _page: &Value) -> Vec<Contribution> {
        Vec::new()
    }
}

impl HookSession {
    /// Whether any plugin of this session answers the hook.
    #[must_use]
    pub fn listens(&self, _hook: Hook) -> bool {
        false
    }

    /// Runs `content:beforeSave`, one plugin after another, 5 s for all (A14–A16); returns the content to save.
    ///
    /// # Errors
    /// `SAVE_REJECTED` with `{plugin, version, hook, code, reason, limit?, used?}`.
    pub async fn before_save(&mut self, save: BeforeSave) -> Result<JsonMap> {
        Ok(save.content)
    }

    /// Runs `content:beforeDelete`.
    ///
    /// # Errors
    /// `DELETE_BLOCKED` where a plugin answers `false` or fails.
    pub async fn before_delete(&mut self, _delete: &BeforeDelete) -> Result<()> {
        Ok(())
    }

    /// Runs a deferred hook: one plugin after another, in the instances of this session. Failures are logged and
    /// counted per plugin. `event` is the whole event of plugin contract §4.2; a plugin without the capability
    /// sees it reduced (decision 0004). Returns how many plugins failed.
    pub async fn deferred(&mut self, _hook: Hook, _event: &Value) -> usize {
        0
    }
}
