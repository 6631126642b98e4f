//! `emdash doctor`: names what is wrong and how to mend it.

use std::fmt;

use emdash_store::SiteStore;
use emdash_types::{Caller, Result};
use serde::Serialize;

use crate::site::{Site, SiteConfig};
use crate::stores::{open_existing_site, open_platform};
use crate::{DataDir, ambient};

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// What.
    pub check: String,
    /// Whether it is in order.
    pub ok: bool,
    /// What was seen.
    pub message: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

/// Everything that was looked at.
#[derive(Debug, Serialize)]
pub struct Diagnosis {
    /// Whether all of it is in order.
    pub healthy: bool,
    /// One by one.
    pub findings: Vec<Finding>,
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{} {}: {}", if finding.ok { "✓" } else { "✗" }, finding.check, finding.message)?;
            if let Some(mend) = &finding.mend {
                writeln!(f, "  mend: {mend}")?;
            }
        }
        f.write_str(if self.healthy { "Everything is in order." } else { "Something needs mending." })
    }
}

/// Looks at a data directory. A server may be running on it; then its plugins are left to that server.
///
/// # Errors
/// Only when nothing can be looked at; what is wrong is a finding.
pub async fn doctor(data: &DataDir) -> Result<Diagnosis> {
    let mut findings = Vec::new();
    let store = note(&mut findings, "site", open_existing_site(data), |_| {
        format!("{} holds a site", data.path().display())
    });
    if let Some(store) = store {
        note(&mut findings, "site database", store.ping().await, |()| "answers".to_owned());
        look_at_jobs(store.as_ref(), &mut findings).await;
        look_at_users(store.as_ref(), &mut findings).await;
        look_at_plugins(data, &mut findings).await;
    }
    if let Some(platform) =
        note(&mut findings, "marketplace", open_platform(data), |_| "has its database".to_owned())
    {
        note(&mut findings, "marketplace database", platform.ping().await, |()| "answers".to_owned());
    }
    Ok(Diagnosis { healthy: findings.iter().all(|finding| finding.ok), findings })
}

async fn look_at_jobs(store: &dyn SiteStore, findings: &mut Vec<Finding>) {
    let counts = match store.read().await {
        Ok(mut transaction) => transaction.job_counts().await,
        Err(error) => Err(error),
    };
    let Some((queued, running, dead)) = note(findings, "job queue", counts, |_| "can be read".to_owned())
    else {
        return;
    };
    let mend = "Look at the server's log for their errors; they stay in _emdash_jobs with status dead.";
    findings.push(Finding {
        check: "jobs".to_owned(),
        ok: dead == 0,
        message: format!("{queued} waiting, {running} running, {dead} given up"),
        mend: (dead > 0).then(|| mend.to_owned()),
    });
}

async fn look_at_users(store: &dyn SiteStore, findings: &mut Vec<Finding>) {
    let count = match store.read().await {
        Ok(mut transaction) => transaction.user_count().await,
        Err(error) => Err(error),
    };
    if let Some(count) = note(findings, "users", count, |count| format!("{count}")) {
        let mend = "Start the server and open the setup link it prints.";
        findings.push(Finding {
            check: "administrator".to_owned(),
            ok: count > 0,
            message: if count > 0 {
                "there is one".to_owned()
            } else {
                "nobody runs this site yet".to_owned()
            },
            mend: (count == 0).then(|| mend.to_owned()),
        });
    }
}

async fn look_at_plugins(data: &DataDir, findings: &mut Vec<Finding>) {
    let Ok(_claim) = data.claim("(doctor)") else {
        findings.push(Finding {
            check: "plugins".to_owned(),
            ok: true,
            message: "a server runs here; its /readyz and plugin list tell of them".to_owned(),
            mend: None,
        });
        return;
    };
    let Some(site) = note(
        findings,
        "plugin engine",
        Site::open(data, SiteConfig::default(), &ambient::system()).await,
        |_| "starts".to_owned(),
    ) else {
        return;
    };
    for plugin in site.plugins.list(&Caller::System).await.unwrap_or_default() {
        let reason = plugin.disabled_reason;
        findings.push(Finding {
            check: format!("plugin {} {}", plugin.id, plugin.version),
            ok: reason.is_none(),
            message: reason.clone().unwrap_or(plugin.status),
            mend: reason
                .map(|_| format!("Update or reinstall it, then: emdash plugin enable {}.", plugin.id)),
        });
    }
    site.close().await;
}

/// Adds a finding, and gives the value on where there is one.
fn note<T>(
    findings: &mut Vec<Finding>,
    check: &str,
    outcome: Result<T>,
    words: impl FnOnce(&T) -> String,
) -> Option<T> {
    let (ok, message, mend, value) = match outcome {
        Ok(value) => (true, words(&value), None, Some(value)),
        Err(error) => {
            let cause = error.cause().map(|cause| format!(" ({cause})")).unwrap_or_default();
            (false, format!("{}{cause}", error.message()), error.hint_text().map(str::to_owned), None)
        }
    };
    findings.push(Finding { check: check.to_owned(), ok, message, mend });
    value
}
