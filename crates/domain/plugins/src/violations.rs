//! Refusals on record (A33): a row per plugin call and code with a count, and one more for what a call is refused
//! after its answer.

use emdash_store::plugins::Violation;
use emdash_types::{Error, ErrorCode, Result};

use crate::generation::LoadedPlugin;
use crate::host::Site;
use crate::words::shown;

/// Refusals of one code during one call.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: ErrorCode,
    /// What was tried first.
    pub(crate) message: String,
    pub(crate) count: u64,
}

/// Whether a refusal means that a plugin reached beyond its grants or budgets. Its mistakes (a wrong argument, a
/// stale cursor) and other people's failures (a server that does not answer) are not.
pub(crate) fn is_violation(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::CapabilityMissing
            | ErrorCode::CollectionUndeclared
            | ErrorCode::FieldNotIndexed
            | ErrorCode::HostNotAllowed
            | ErrorCode::AddressBlocked
            | ErrorCode::TooManyRedirects
            | ErrorCode::ResponseTooLarge
            | ErrorCode::HostCallLimit
            | ErrorCode::NetworkCallLimit
            | ErrorCode::LogLimit
            | ErrorCode::QuotaExceeded
            | ErrorCode::SqlRefused
            | ErrorCode::SqlLimit
            | ErrorCode::PayloadTooLarge
            | ErrorCode::PluginCpuLimit
            | ErrorCode::PluginTimeLimit
            | ErrorCode::PluginMemoryLimit
            | ErrorCode::PluginNeverSettles
            | ErrorCode::PluginCrashed
            | ErrorCode::PluginOutputInvalid
    )
}

/// Adds a refusal to those of its call.
pub(crate) fn note(refusals: &mut Vec<Refusal>, error: &Error) {
    if !is_violation(error.code()) {
        return;
    }
    match refusals.iter_mut().find(|refusal| refusal.code == error.code()) {
        Some(refusal) => refusal.count += 1,
        None => {
            let mut message = shown(error.message());
            let number = |name: &str| error.details_value().and_then(|details| details.get(name)).cloned();
            if let (Some(limit), Some(used)) = (number("limit"), number("used")) {
                message.push_str(&format!(" (limit {limit}, used {used})"));
            }
            refusals.push(Refusal { code: error.code(), message, count: 1 });
        }
    }
}

impl Site {
    /// Counts and logs the refusals of a call, and keeps them for [`Site::write_violations`].
    pub(crate) fn record(&self, plugin: &LoadedPlugin, during: &str, refusals: Vec<Refusal>) {
        if refusals.is_empty() {
            return;
        }
        let rows = refusals.into_iter().map(|refusal| {
            plugin.meters.count_violations(during, refusal.count);
            let code = refusal.code.name();
            tracing::warn!(plugin = %plugin.label(), during, code, count = refusal.count, "{}", refusal.message);
            let message = match refusal.count {
                1 => refusal.message,
                count => format!("{} ({count} times)", refusal.message),
            };
            Violation {
                id: self.parts.ambient.id(),
                plugin_id: plugin.id.clone(),
                version: plugin.version.clone(),
                during: during.to_owned(),
                code: code.to_owned(),
                message,
                at: self.parts.ambient.now(),
            }
        });
        let rows: Vec<_> = rows.collect();
        self.unwritten.lock().extend(rows);
    }

    /// Writes what was recorded, if anything was.
    pub(crate) async fn write_violations(&self) {
        if !self.unwritten.lock().is_empty() {
            self.flush_violations().await;
        }
    }

    /// Writes what was recorded, and waits for whoever is at it. Rows that cannot be written stay for the next time.
    pub(crate) async fn flush_violations(&self) {
        let _writing = self.writing.lock().await;
        let rows = std::mem::take(&mut *self.unwritten.lock());
        if rows.is_empty() {
            return;
        }
        if let Err(error) = self.write_rows(&rows).await {
            tracing::error!(%error, "refusals of plugins cannot be recorded yet");
            self.unwritten.lock().splice(0..0, rows);
        }
    }

    async fn write_rows(&self, rows: &[Violation]) -> Result<()> {
        let mut transaction = self.parts.store.write().await?;
        for row in rows {
            transaction.violation_add(row).await?;
        }
        transaction.commit().await
    }
}
