//! Counting installs (plugin contract §8.4): without sign-in, so it must not be cheap to inflate.

use std::collections::HashMap;

use emdash_types::{Error, ErrorCode, PluginId, Result, Timestamp};
use parking_lot::Mutex;

use crate::RegistryService;
use crate::catalogue::is_public;
use crate::service::{plugin_not_found, version_not_found};

/// Longest site hash, in characters.
const SITE_HASH_MAX: usize = 128;
/// Longest version, in characters.
const VERSION_MAX: usize = 64;

impl RegistryService {
    /// Notes that a site has a version of a plugin; a site counts once per plugin. `reporter` is whoever
    /// reports, such as a network address; each may do so only so often. Returns the plugin's new count.
    ///
    /// # Errors
    /// `VALIDATION_ERROR`, `NOT_FOUND`, `NO_VERSION`, `RATE_LIMITED`.
    pub async fn report_install(
        &self,
        plugin: &PluginId,
        site_hash: &str,
        version: &str,
        reporter: &str,
    ) -> Result<u64> {
        check_length("siteHash", site_hash, SITE_HASH_MAX)?;
        check_length("version", version, VERSION_MAX)?;
        let now = self.ambient.now();
        self.install_limiter.take(reporter, now)?;
        // Nonsense is turned away without waiting for the writer.
        let mut transaction = self.store.read().await?;
        if transaction.listing_lookup(plugin).await?.is_none() {
            return Err(plugin_not_found(plugin));
        }
        let release = transaction.release_find(plugin, version).await?;
        if !release.is_some_and(|release| is_public(release.status)) {
            return Err(version_not_found(plugin, version));
        }
        drop(transaction);
        let mut transaction = self.store.write().await?;
        let count = transaction.install_put(plugin, site_hash, version, now).await?;
        transaction.commit().await?;
        Ok(count)
    }
}

fn check_length(field: &str, text: &str, most: usize) -> Result<()> {
    let length = text.chars().count();
    if (1..=most).contains(&length) {
        return Ok(());
    }
    Err(Error::field(field, format!("must have 1 to {most} characters, has {length}")))
}

/// A fixed window per reporter. Forgets everything with the process, which is enough against a loop.
#[derive(Default)]
pub(crate) struct InstallLimiter(Mutex<HashMap<String, Window>>);

struct Window {
    begun: Timestamp,
    used: u32,
}

impl InstallLimiter {
    const WINDOW_MILLIS: i64 = 60_000;
    /// An agency that sets up a fleet of sites behind one address stays below.
    const MOST: u32 = 120;
    /// Reporters remembered at once.
    const REPORTERS: usize = 10_000;

    fn take(&self, reporter: &str, now: Timestamp) -> Result<()> {
        let open = |window: &Window| now.as_millis() - window.begun.as_millis() < Self::WINDOW_MILLIS;
        let mut windows = self.0.lock();
        if windows.len() >= Self::REPORTERS && !windows.contains_key(reporter) {
            windows.retain(|_, window| open(window));
        }
        let crowded = windows.len() >= Self::REPORTERS && !windows.contains_key(reporter);
        let window = windows.get_mut(reporter);
        let used = match &window {
            Some(window) if open(window) => window.used,
            _ => 0,
        };
        if crowded || used >= Self::MOST {
            let most = Self::MOST;
            let message = format!("Too many install reports: at most {most} a minute from one address");
            return Err(Error::new(ErrorCode::RateLimited, message).hint("Try again in a minute."));
        }
        match window {
            Some(window) if used > 0 => window.used += 1,
            _ => {
                windows.insert(reporter.to_owned(), Window { begun: now, used: 1 });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reporter_gets_a_new_window_after_a_minute_and_others_are_not_touched() {
        let limiter = InstallLimiter::default();
        let start = Timestamp::from_millis(0);
        for _ in 0..InstallLimiter::MOST {
            limiter.take("a", start).unwrap();
        }
        assert_eq!(limiter.take("a", start).unwrap_err().code(), ErrorCode::RateLimited);
        limiter.take("b", start).unwrap();
        limiter.take("a", start.plus_millis(InstallLimiter::WINDOW_MILLIS)).unwrap();
    }

    #[test]
    fn memory_is_bounded_however_many_report() {
        let limiter = InstallLimiter::default();
        let start = Timestamp::from_millis(0);
        for reporter in 0..InstallLimiter::REPORTERS {
            limiter.take(&reporter.to_string(), start).unwrap();
        }
        assert!(limiter.take("one more", start).is_err());
        limiter.take("0", start).unwrap();
        limiter.take("one more", start.plus_millis(InstallLimiter::WINDOW_MILLIS)).unwrap();
        assert_eq!(limiter.0.lock().len(), 1);
    }
}
