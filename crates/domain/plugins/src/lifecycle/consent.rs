//! Whether what a plugin asks for was agreed to (plugin contract §7.2, §7.3, §7.7; decision 0004).

use emdash_manifest::{CapabilitySet, Manifest};
use emdash_types::{Caller, Error, ErrorCode, Result, UserCaller};
use serde_json::json;

use crate::access::{Access, Consent, consent_lines};

/// How it was agreed to, for the audit record.
///
/// # Errors
/// `CONSENT_REQUIRED` with everything the plugin asks for.
pub(super) fn check(
    caller: &Caller,
    consent: &Consent,
    listed: Option<&CapabilitySet>,
    manifest: &Manifest,
) -> Result<&'static str> {
    let asked = Access::asked_by(manifest);
    match consent {
        _ if asked.is_empty() => Ok("nothing asked"),
        Consent::Everything => Ok("everything"),
        Consent::Exactly(agreed) if *agreed == asked => Ok("exactly"),
        Consent::NotGiven if dialogue_covers(caller, listed, &asked) => Ok("dialogue"),
        Consent::Exactly(_) => Err(required(manifest, &asked, "asks for other access than was agreed to")),
        Consent::NotGiven => Err(required(manifest, &asked, "asks for access nobody agreed to yet")),
    }
}

/// Upstream's admin asks in the browser and sends nothing of it. What it showed is what the marketplace lists, so
/// that much is agreed to, and only by somebody sitting at a browser.
fn dialogue_covers(caller: &Caller, listed: Option<&CapabilitySet>, asked: &Access) -> bool {
    let by_session = matches!(caller, Caller::User(UserCaller { scopes: None, .. }));
    let shown = listed.is_some_and(|listed| asked.capabilities.iter().all(|one| listed.contains(one)));
    by_session && shown
}

fn required(manifest: &Manifest, asked: &Access, what: &str) -> Error {
    let lines = consent_lines(manifest);
    let message = format!("{} {what}: {}", manifest.label(), lines.join(" "));
    Error::new(ErrorCode::ConsentRequired, message)
        .hint("Agree to it by sending `access` as in the details, or `confirm: true`; on the command line --yes.")
        .details(json!({
            "plugin": manifest.id,
            "version": manifest.version.to_string(),
            "access": asked,
            "lines": lines,
        }))
}

#[cfg(test)]
mod tests {
    use emdash_manifest::{Capability, HostPattern, ManifestForm};
    use emdash_types::{PluginId, Role, Scope};
    use semver::Version;

    use super::*;

    fn manifest(capabilities: &[Capability]) -> Manifest {
        Manifest {
            capabilities: capabilities.iter().copied().collect(),
            allowed_hosts: vec![HostPattern::parse("api.example.com").unwrap()],
            ..Manifest::new(ManifestForm::Bundle, PluginId::parse("p").unwrap(), Version::new(1, 0, 0))
        }
    }

    fn admin(scopes: Option<Vec<Scope>>) -> Caller {
        Caller::User(UserCaller { id: "u".into(), role: Role::Admin, scopes })
    }

    #[test]
    fn an_acknowledgement_has_to_name_exactly_what_is_asked_for() {
        let manifest = manifest(&[Capability::NetworkRequest]);
        let asked = Access::asked_by(&manifest);
        let check = |access: &Access| check(&admin(None), &Consent::Exactly(access.clone()), None, &manifest);
        assert_eq!(check(&asked).unwrap(), "exactly");
        assert!(check(&Access { hosts: Default::default(), ..asked.clone() }).is_err(), "a host is missing");
        let more = [Capability::NetworkRequest, Capability::ContentRead].into_iter().collect();
        assert!(check(&Access { capabilities: more, ..asked }).is_err(), "more than is asked for");
    }

    #[test]
    fn silence_is_enough_from_a_browser_for_what_the_marketplace_lists_and_from_nobody_else() {
        let manifest = manifest(&[Capability::ContentRead]);
        let listed = manifest.capabilities.clone();
        let less = CapabilitySet::default();
        let check = |caller: &Caller, listed| check(caller, &Consent::NotGiven, listed, &manifest).is_ok();
        assert!(check(&admin(None), Some(&listed)));
        assert!(!check(&admin(None), Some(&less)), "the bundle asks for more than was shown");
        assert!(!check(&admin(None), None), "nothing was shown");
        assert!(!check(&admin(Some(vec![Scope::Admin])), Some(&listed)));
        assert!(!check(&Caller::System, Some(&listed)));
    }

    #[test]
    fn a_plugin_that_asks_for_nothing_needs_no_consent() {
        assert_eq!(
            check(&Caller::System, &Consent::NotGiven, None, &manifest(&[])).unwrap(),
            "nothing asked"
        );
    }

    #[test]
    fn a_refusal_lists_what_is_asked_for_in_words_and_to_be_sent_back() {
        let manifest = manifest(&[Capability::NetworkRequest]);
        let error = check(&Caller::System, &Consent::NotGiven, None, &manifest).unwrap_err();
        let details = error.details_value().unwrap();
        let back: Access = serde_json::from_value(details["access"].clone()).unwrap();
        assert_eq!(check(&Caller::System, &Consent::Exactly(back), None, &manifest).unwrap(), "exactly");
        assert!(error.message().contains("api.example.com"), "{error}");
    }
}
