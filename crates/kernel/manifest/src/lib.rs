#![doc = include_str!("../README.md")]

mod access;
mod budgets;
mod bundle;
mod capability;
mod code;
mod database;
mod embed;
mod entry;
mod hook;
mod host_call;
mod host_pattern;
mod imports;
mod issue;
mod manifest;
mod marketplace;
mod read;
mod suggest;
mod write;

pub use access::AccessDiff;
pub use budgets::Budgets;
pub use bundle::{Bundle, BundleLimits, Screenshot};
pub use capability::{Capability, CapabilitySet};
pub use code::PluginCode;
pub use database::{DatabaseDeclaration, Migration};
pub use embed::{EmbedCapability, EmbedDeclaration, EmbedPermission, EmbedSandbox};
pub use entry::{EntryHook, EntryRoute, EntryShape, EntryTool};
pub use hook::{Hook, HookMode};
pub use host_call::HostCallName;
pub use host_pattern::HostPattern;
pub use imports::{Import, imports};
pub use issue::{ManifestErrors, ManifestIssue};
pub use manifest::{
    Admin, AdminPage, AdminWidget, BodyMode, ErrorPolicy, FieldWidget, HookDeclaration, Listing, Manifest,
    ManifestForm, McpTool, RouteBody, RouteDeclaration, Setting, SettingKind, StorageCollection, Unsupported,
    WidgetSize,
};
pub use read::{Author, AuthoringManifest, SecurityContact};
