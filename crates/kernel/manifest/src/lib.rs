#![doc = include_str!("../README.md")]

mod access;
mod budgets;
mod capability;
mod embed;
mod entry;
mod hook;
mod host_call;
mod host_pattern;
mod issue;
mod manifest;
mod read;
mod suggest;
mod write;

pub use access::AccessDiff;
pub use budgets::Budgets;
pub use capability::{Capability, CapabilitySet};
pub use embed::{EmbedCapability, EmbedDeclaration, EmbedPermission, EmbedSandbox};
pub use entry::{EntryHook, EntryRoute};
pub use hook::{Hook, HookMode};
pub use host_call::HostCallName;
pub use host_pattern::HostPattern;
pub use issue::{ManifestErrors, ManifestIssue};
pub use manifest::{
    Admin, AdminPage, AdminWidget, ErrorPolicy, FieldWidget, HookDeclaration, Listing, Manifest,
    ManifestForm, McpTool, RouteDeclaration, Setting, SettingKind, StorageCollection, WidgetSize,
};
pub use read::{Author, AuthoringManifest, SecurityContact};
