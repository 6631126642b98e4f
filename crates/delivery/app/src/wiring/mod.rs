//! Traits that one domain owns, implemented over another.

mod content_access;
mod cron;
mod dry_run;
mod events;
mod foreign_writes;
mod hooks;
mod page_metadata;
mod readiness;
mod release_watch;
mod site_info;
mod sweep;
mod theme_watch;
mod users;

pub(crate) use content_access::PluginContent;
pub(crate) use cron::CronTasks;
pub(crate) use dry_run::SandboxDryRun;
pub(crate) use events::ContentEvents;
pub(crate) use foreign_writes::{ForeignWrites, leave_mark};
pub(crate) use hooks::PluginHooks;
pub(crate) use page_metadata::PluginPageMetadata;
pub(crate) use readiness::{DatabaseReady, JobsReady, PluginsReady, SchedulerReady};
pub(crate) use release_watch::ReleaseWatch;
pub(crate) use site_info::{SiteSettings, URL_OPTION};
pub(crate) use sweep::PublicationSweep;
pub(crate) use theme_watch::ThemeWatch;
pub(crate) use users::PluginUsers;
