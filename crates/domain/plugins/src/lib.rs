#![doc = include_str!("../README.md")]

mod access;
mod broker;
mod content_access;
mod cron;
mod generation;
mod host;
mod lifecycle;
mod page_metadata;
mod recordings;
mod routes;
mod session;
mod settings;
mod sight;
mod users;
mod violations;
mod words;

pub use access::{Access, Consent, ToolAccess, consent_lines};
pub use content_access::{ContentAccess, ContentCreation, ContentPage, ContentQuery};
pub use cron::CronTaskInfo;
pub use emdash_manifest::{BodyMode, RouteBody};
pub use emdash_ports::recording::ReplayReport;
pub use host::{LoadReport, PluginHost, PluginHostParts, SiteFacts, SiteInfo};
pub use lifecycle::{
    CapabilityChanges, DatabaseInfo, DevelopOutcome, HookInfo, InstallOutcome, InstallRequest, LogLine,
    MigrationInfo, PluginHealth, PluginInfo, RollbackOutcome, RouteInfo, UpdateCheck, UpdateConsent,
    UpdateOutcome, UpdateRequest,
};
pub use page_metadata::Contribution;
pub use recordings::{CallInfo, CallRecording, RecordingPolicy};
pub use routes::{
    OfferedTool, RawBody, RequestMeta, Route, RouteAccess, RouteReply, RouteRequest, RouteUser, ToolCall,
};
pub use session::{BeforeDelete, BeforeSave, HookSession};
pub use settings::{PluginSettings, SettingsChange};
pub use sight::{CallStatistics, PluginStatistics, WALL_BUCKETS_MS};
pub use users::{UserDirectory, UserPage};
