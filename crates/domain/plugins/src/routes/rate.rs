//! How often one address may call a plugin's public routes (plugin contract §5.6).

use std::collections::HashMap;
use std::net::IpAddr;

use emdash_types::{Error, ErrorCode, PluginId, Result, Timestamp};
use parking_lot::Mutex;

const WINDOW_MS: i64 = 60_000;
/// Addresses remembered at once; more than call in a minute before something else gives way.
const MOST_KEPT: usize = 100_000;

/// Calls of the minute under way, by plugin and address.
#[derive(Default)]
pub(crate) struct PublicCalls(Mutex<Window>);

#[derive(Default)]
struct Window {
    began: i64,
    calls: HashMap<(PluginId, IpAddr), u32>,
}

impl PublicCalls {
    /// Counts a call. Where the connection came from this machine a proxy stands there, behind which many people
    /// are one address, so those are not limited here.
    ///
    /// # Errors
    /// `RATE_LIMITED`.
    pub(crate) fn admit(
        &self,
        plugin: &PluginId,
        peer: Option<IpAddr>,
        limit: u32,
        now: Timestamp,
    ) -> Result<()> {
        let Some(peer) = peer.filter(|peer| !peer.is_loopback()) else { return Ok(()) };
        let now = now.as_millis();
        let mut window = self.0.lock();
        if now - window.began >= WINDOW_MS || window.calls.len() >= MOST_KEPT {
            *window = Window { began: now, calls: HashMap::new() };
        }
        let calls = window.calls.entry((plugin.clone(), peer)).or_default();
        *calls = calls.saturating_add(1);
        if *calls <= limit {
            return Ok(());
        }
        let left = (window.began + WINDOW_MS - now).max(0) / 1000 + 1;
        let message = format!("More than {limit} calls of this plugin's public routes in a minute.");
        Err(Error::new(ErrorCode::RateLimited, message).hint(format!("Try again in {left} seconds.")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_held_back_and_the_next_minute_begins_anew() {
        let calls = PublicCalls::default();
        let plugin = PluginId::parse("p").unwrap();
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let busy: IpAddr = "203.0.113.7".parse().unwrap();
        let (first, later) = (at("2026-11-20T10:00:00.000Z"), at("2026-11-20T10:01:00.000Z"));
        assert!(calls.admit(&plugin, Some(busy), 2, first).is_ok());
        assert!(calls.admit(&plugin, Some(busy), 2, first).is_ok());
        let refused = calls.admit(&plugin, Some(busy), 2, first).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::RateLimited);
        assert!(calls.admit(&plugin, Some("203.0.113.8".parse().unwrap()), 2, first).is_ok());
        assert!(calls.admit(&PluginId::parse("q").unwrap(), Some(busy), 2, first).is_ok());
        assert!(calls.admit(&plugin, Some(busy), 2, later).is_ok());
    }

    #[test]
    fn a_proxy_on_this_machine_is_not_one_caller() {
        let calls = PublicCalls::default();
        let plugin = PluginId::parse("p").unwrap();
        let now = Timestamp::parse("2026-11-20T10:00:00.000Z").unwrap();
        for _ in 0..5 {
            assert!(calls.admit(&plugin, Some("127.0.0.1".parse().unwrap()), 2, now).is_ok());
            assert!(calls.admit(&plugin, None, 2, now).is_ok());
        }
    }
}
