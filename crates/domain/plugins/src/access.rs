//! What a plugin may do on this site, and what an administrator agreed to.

use std::collections::BTreeSet;

use emdash_manifest::{Capability, CapabilitySet, Hook, HostPattern, Manifest, McpTool};
use emdash_types::PluginId;
use semver::Version;
use serde::{Deserialize, Serialize};

/// Everything a plugin asks for, as it is agreed to (plugin contract §7.7).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Access {
    /// Capabilities, closed under implication.
    pub capabilities: CapabilitySet,
    /// Hosts it may send requests to.
    pub hosts: BTreeSet<HostPattern>,
    /// Routes that answer without sign-in.
    pub public_routes: BTreeSet<String>,
    /// Tools it offers to MCP clients.
    pub mcp_tools: BTreeSet<ToolAccess>,
}

/// A tool for MCP clients, as it is agreed to.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ToolAccess {
    /// Name.
    pub name: String,
    /// What it does, in the plugin's words.
    pub description: String,
    /// The route that answers.
    pub route: String,
    /// What a caller needs.
    pub permission: String,
    /// Whether it destroys something.
    pub destructive: bool,
}

impl From<&McpTool> for ToolAccess {
    fn from(tool: &McpTool) -> Self {
        Self {
            name: tool.name.clone(),
            description: tool.description.clone(),
            route: tool.route.clone(),
            permission: tool.permission.name().to_owned(),
            destructive: tool.destructive,
        }
    }
}

impl Access {
    /// What a manifest asks for.
    #[must_use]
    pub fn asked_by(manifest: &Manifest) -> Self {
        let Grants { capabilities, hosts } = Grants::asked_by(manifest);
        let public = manifest.routes.iter().filter(|route| route.public);
        Self {
            capabilities,
            hosts,
            public_routes: public.map(|route| route.name.clone()).collect(),
            mcp_tools: manifest.mcp_tools.iter().map(ToolAccess::from).collect(),
        }
    }

    /// Whether it is nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a plugin was granted: what the broker and the hooks go by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Grants {
    pub(crate) capabilities: CapabilitySet,
    pub(crate) hosts: BTreeSet<HostPattern>,
}

impl Grants {
    /// What granting everything a manifest asks for comes to.
    pub(crate) fn asked_by(manifest: &Manifest) -> Self {
        Self {
            capabilities: manifest.capabilities.clone(),
            hosts: manifest.listed_hosts().iter().cloned().collect(),
        }
    }

    /// What a stored state grants. Names this version does not know grant nothing.
    pub(crate) fn stored(capabilities: &[String], hosts: &[String]) -> Self {
        Self {
            capabilities: capabilities.iter().filter_map(|name| Capability::by_name(name)).collect(),
            hosts: hosts.iter().filter_map(|host| HostPattern::parse(host).ok()).collect(),
        }
    }

    /// The canonical names of the capabilities, as they are stored.
    pub(crate) fn capability_names(&self) -> Vec<String> {
        self.capabilities.names().into_iter().map(str::to_owned).collect()
    }

    /// The hosts, as they are stored.
    pub(crate) fn host_names(&self) -> Vec<String> {
        self.hosts.iter().map(ToString::to_string).collect()
    }

    /// A manifest with these grants, whatever the given one asks for; without one, of nothing else.
    pub(crate) fn as_manifest(&self, manifest: Option<Manifest>, id: &PluginId) -> Manifest {
        let base = manifest.unwrap_or_else(|| {
            Manifest::new(emdash_manifest::ManifestForm::Bundle, id.clone(), Version::new(0, 0, 0))
        });
        Manifest {
            capabilities: self.capabilities.clone(),
            allowed_hosts: self.hosts.iter().cloned().collect(),
            ..base
        }
    }
}

/// What the caller of an installation agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing was said. Enough for a plugin that asks for nothing, and from a browser session, whose dialogue
    /// showed what the marketplace lists, for exactly that (decision 0004).
    NotGiven,
    /// Whatever the bundle asks for: `confirm: true`, `--yes`.
    Everything,
    /// Exactly this.
    Exactly(Access),
}

/// What a hook is worth under a plugin's grants (decision 0004).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HookAccess {
    /// Sees the event and may answer.
    Full,
    /// Sees the event; its answer is not used. A failure still counts (A16).
    Observer,
    /// Learns that it happened and to what; its answer is not used. A failure still counts.
    Identity,
    /// Is not called.
    Skipped,
}

impl HookAccess {
    pub(crate) fn under(granted: &CapabilitySet, hook: Hook) -> Self {
        match hook.required_capability() {
            None => return Self::Full,
            Some(needed) if granted.contains(needed) => return Self::Full,
            Some(_) => {}
        }
        match hook {
            Hook::ContentBeforeSave if granted.contains(Capability::ContentRead) => Self::Observer,
            Hook::MediaBeforeUpload if granted.contains(Capability::MediaRead) => Self::Observer,
            Hook::ContentBeforeSave
            | Hook::ContentBeforeDelete
            | Hook::ContentAfterSave
            | Hook::ContentAfterDelete
            | Hook::ContentAfterPublish
            | Hook::ContentAfterUnpublish
            | Hook::ContentAfterRestore
            | Hook::ContentAfterSchedule
            | Hook::ContentAfterUnschedule
            | Hook::MediaAfterUpload => Self::Identity,
            // Of mail, comments and uploads nothing can be told without telling what the capability protects.
            _ => Self::Skipped,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Observer => "observer",
            Self::Identity => "identity",
            Self::Skipped => "skipped",
        }
    }
}

/// What a manifest's wishes mean, one sentence each, for the person who decides: the capabilities, and what the
/// hooks come to under them.
#[must_use]
pub fn consent_lines(manifest: &Manifest) -> Vec<String> {
    let mut lines = manifest.consent_lines();
    for line in manifest.hooks.iter().filter_map(|declared| hook_line(declared.hook, &manifest.capabilities))
    {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn hook_line(hook: Hook, granted: &CapabilitySet) -> Option<String> {
    let line = match (hook, HookAccess::under(granted, hook)) {
        (Hook::ContentBeforeSave, HookAccess::Full) => "Refuse to let an entry be saved.",
        (Hook::ContentBeforeSave, HookAccess::Observer) => {
            "See entries while they are being saved, without changing them, and refuse to let one be saved."
        }
        (Hook::ContentBeforeSave, _) => {
            "Learn which entry is being saved, not what it says, and refuse to let it be saved."
        }
        (Hook::ContentBeforeDelete, HookAccess::Full) => "Refuse to let an entry be deleted.",
        (Hook::ContentBeforeDelete, _) => "Learn which entry is being deleted.",
        (Hook::MediaBeforeUpload, HookAccess::Observer) => {
            "See names and types of files while they are being uploaded, without changing them."
        }
        (Hook::MediaAfterUpload, HookAccess::Identity) => {
            "Learn the ids of uploaded files, nothing else of them."
        }
        (_, HookAccess::Identity) => {
            "Learn id, slug and status of entries that are saved, published or deleted, not what they say."
        }
        (_, HookAccess::Skipped) => {
            let needed = hook.required_capability().map(Capability::name).unwrap_or_default();
            return Some(format!("Asks to be called at {hook} without {needed}, and is not called."));
        }
        _ => return None,
    };
    Some(line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(names: &[&str]) -> CapabilitySet {
        names.iter().map(|name| Capability::by_name(name).unwrap()).collect()
    }

    #[test]
    fn published_bundles_work_with_what_they_declare() {
        let audit_log = granted(&["content:read"]);
        assert_eq!(HookAccess::under(&audit_log, Hook::ContentBeforeSave), HookAccess::Observer);
        assert_eq!(HookAccess::under(&audit_log, Hook::ContentAfterSave), HookAccess::Full);
        assert_eq!(HookAccess::under(&audit_log, Hook::MediaAfterUpload), HookAccess::Identity);
        let webhook = granted(&["network:request:unrestricted"]);
        assert_eq!(HookAccess::under(&webhook, Hook::ContentAfterSave), HookAccess::Identity);
    }

    #[test]
    fn mail_and_comments_are_never_shown_without_their_capability() {
        let much = granted(&["content:write", "media:write", "email:send", "network:request:unrestricted"]);
        for hook in Hook::ALL
            .iter()
            .filter(|hook| hook.name().starts_with("email:") || hook.name().starts_with("comment:"))
        {
            assert_eq!(HookAccess::under(&much, *hook), HookAccess::Skipped, "{hook}");
        }
    }
}
