//! Tasks that plugins schedule for later (plugin contract §3.11, §4.8; A5, B16).
//!
//! A task is a row that is due at an instant. Whoever runs tasks claims due ones of the live plugins with a lease, calls
//! the plugin's `cron` hook, and settles: a recurring task is due again at its next instant *from now*, so runs missed
//! while the server was down come to one; a one-shot that fails is tried again and then forgotten. A plugin that is off
//! keeps its tasks, which rest; its uninstallation takes them along. `scheduler:tick` is a task the host schedules
//! for a plugin, under a name no plugin can use.

mod claim;
mod info;
mod run;
mod schedule;

pub use info::CronTaskInfo;
pub(crate) use schedule::Schedule;

/// The name of the task behind `scheduler:tick`.
pub(crate) const TICK: &str = "scheduler:tick";

/// Whether a plugin may give a task this name.
pub(crate) fn is_task_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}
