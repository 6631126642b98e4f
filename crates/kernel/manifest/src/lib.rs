#![doc = include_str!("../README.md")]

mod budgets;
mod capability;
mod embed;
mod hook;
mod host_call;
mod host_pattern;
mod manifest;

pub use budgets::Budgets;
pub use capability::{Capability, CapabilitySet};
pub use embed::{EmbedCapability, EmbedDeclaration, EmbedPermission, EmbedSandbox};
pub use hook::{Hook, HookMode};
pub use host_call::HostCallName;
pub use host_pattern::HostPattern;
pub use manifest::{
    Admin, AdminPage, AdminWidget, ErrorPolicy, FieldWidget, HookDeclaration, Listing, Manifest,
    ManifestForm, McpTool, RouteDeclaration, Setting, SettingKind, StorageCollection, WidgetSize,
};
