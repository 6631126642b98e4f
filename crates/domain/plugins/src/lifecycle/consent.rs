//! Whether what a plugin asks for was agreed to (plugin contract §7.2, §7.3, §7.5, §7.7; decisions 0004 and 0010).

use emdash_manifest::{AccessDiff, CapabilitySet, Manifest};
use emdash_types::{Caller, Error, ErrorCode, Result, UserCaller};
use serde_json::{Value, json};

use crate::access::{Access, Consent, ToolAccess, consent_lines};

/// How it was agreed to, for the audit record. `tools` says that somebody agreed to the tools for MCP clients.
///
/// # Errors
/// `CONSENT_REQUIRED` with everything the plugin asks for; `MCP_TOOL_CONSENT_REQUIRED` where only its tools were not
/// agreed to.
pub(super) fn check(
    caller: &Caller,
    consent: &Consent,
    tools: bool,
    listed: Option<&CapabilitySet>,
    manifest: &Manifest,
) -> Result<&'static str> {
    let asked = Access::asked_by(manifest);
    match consent {
        _ if asked.is_empty() => Ok("nothing asked"),
        Consent::Everything => Ok("everything"),
        Consent::Exactly(agreed) if *agreed == asked => Ok("exactly"),
        Consent::NotGiven if dialogue_covers(caller, listed, &asked) => {
            if tools || asked.mcp_tools.is_empty() { Ok("dialogue") } else { Err(tools_required(manifest)) }
        }
        Consent::Exactly(_) => Err(required(manifest, &asked, "asks for other access than was agreed to")),
        Consent::NotGiven => Err(required(manifest, &asked, "asks for access nobody agreed to yet")),
    }
}

/// Upstream's admin asks in the browser and sends nothing of it. What it showed is what the marketplace lists, which
/// is capabilities and no more; so much is agreed to, and only by somebody sitting at a browser.
fn dialogue_covers(caller: &Caller, listed: Option<&CapabilitySet>, asked: &Access) -> bool {
    let by_session = matches!(caller, Caller::User(UserCaller { scopes: None, .. }));
    let shown = listed.is_some_and(|listed| asked.capabilities.iter().all(|one| listed.contains(one)));
    by_session && shown && asked.hosts.is_empty() && asked.public_routes.is_empty()
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

fn tools_required(manifest: &Manifest) -> Error {
    let tools: Vec<ToolAccess> = manifest.mcp_tools.iter().map(ToolAccess::from).collect();
    let lines: Vec<String> = manifest.mcp_tools.iter().map(emdash_manifest::McpTool::consent_line).collect();
    let message = format!("{} offers tools to MCP clients: {}", manifest.label(), lines.join(" "));
    Error::new(ErrorCode::McpToolConsentRequired, message)
        .hint("Agree to them by sending `confirmMcpTools: true`; on the command line --yes.")
        .details(json!({
            "plugin": manifest.id,
            "version": manifest.version.to_string(),
            "mcpTools": tools,
            "lines": lines,
        }))
}

/// What somebody agreed to before an update (plugin contract §7.2).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateConsent {
    /// To more capabilities and hosts.
    pub capabilities: bool,
    /// To routes that answer without sign-in.
    pub routes: bool,
    /// To new or changed tools for MCP clients.
    pub mcp_tools: bool,
    /// To exactly this, as everything the new version asks for.
    pub access: Option<Access>,
}

impl UpdateConsent {
    /// To whatever the new version asks for: `confirm: true`, `--yes`.
    #[must_use]
    pub fn everything() -> Self {
        Self { capabilities: true, routes: true, mcp_tools: true, access: None }
    }
}

/// Checks that whatever a release asks for beyond the one before it was agreed to.
///
/// # Errors
/// `CAPABILITY_ESCALATION`, `ROUTE_VISIBILITY_ESCALATION`, `MCP_TOOL_CONSENT_REQUIRED`, each with the whole difference;
/// `CONSENT_REQUIRED` where something else was agreed to.
pub(super) fn check_update(
    consent: &UpdateConsent,
    difference: &AccessDiff,
    old: &Manifest,
    new: &Manifest,
) -> Result<&'static str> {
    if !difference.is_escalation() {
        return Ok("nothing more asked");
    }
    let asked = Access::asked_by(new);
    match &consent.access {
        Some(agreed) if *agreed == asked => return Ok("exactly"),
        Some(_) => return Err(required(new, &asked, "asks for other access than was agreed to")),
        None => {}
    }
    let before = consent_lines(old);
    let lines: Vec<String> = consent_lines(new).into_iter().filter(|line| !before.contains(line)).collect();
    let refuse = |code: ErrorCode, what: &str, flag: &str| {
        let message = format!("{} {what} than {}: {}", new.label(), old.version, lines.join(" "));
        let mut details = changes(difference);
        for (key, value) in [
            ("plugin", json!(new.id)),
            ("version", json!(new.version.to_string())),
            ("access", json!(asked)),
            ("mcpTools", json!(asked.mcp_tools)),
            ("lines", json!(lines)),
        ] {
            details[key] = value;
        }
        let hint = format!(
            "Agree to it by sending `{flag}: true`, or `access` as in the details; on the command line --yes."
        );
        Err(Error::new(code, message).hint(hint).details(details))
    };
    if !(consent.capabilities
        || difference.added_capabilities.is_empty() && difference.added_hosts.is_empty())
    {
        return refuse(ErrorCode::CapabilityEscalation, "asks for more", "confirmCapabilityChanges");
    }
    if !(consent.routes || difference.newly_public_routes.is_empty()) {
        let flag = "confirmRouteVisibilityChanges";
        return refuse(ErrorCode::RouteVisibilityEscalation, "answers more without sign-in", flag);
    }
    if !(consent.mcp_tools || difference.changed_mcp_tools.is_empty()) {
        return refuse(ErrorCode::McpToolConsentRequired, "offers other tools", "confirmMcpTools");
    }
    Ok("confirmed")
}

/// A difference in the words of the plugin contract §7.2, with hosts beside.
pub(super) fn changes(difference: &AccessDiff) -> Value {
    json!({
        "capabilityChanges": {
            "added": difference.added_capabilities,
            "removed": difference.removed_capabilities,
        },
        "hostChanges": {"added": difference.added_hosts, "removed": difference.removed_hosts},
        "routeVisibilityChanges": {"newlyPublic": difference.newly_public_routes},
        "mcpToolChanges": {"changed": difference.changed_mcp_tools},
    })
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
        let check =
            |access: &Access| check(&admin(None), &Consent::Exactly(access.clone()), false, None, &manifest);
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
        let check =
            |caller: &Caller, listed| check(caller, &Consent::NotGiven, false, listed, &manifest).is_ok();
        assert!(check(&admin(None), Some(&listed)));
        assert!(!check(&admin(None), Some(&less)), "the bundle asks for more than was shown");
        assert!(!check(&admin(None), None), "nothing was shown");
        assert!(!check(&admin(Some(vec![Scope::Admin])), Some(&listed)));
        assert!(!check(&Caller::System, Some(&listed)));
    }

    #[test]
    fn silence_is_not_enough_for_what_the_marketplace_does_not_list() {
        let listed: CapabilitySet = [Capability::NetworkRequest].into_iter().collect();
        let quiet = |manifest: &Manifest, tools: bool| {
            check(&admin(None), &Consent::NotGiven, tools, Some(&listed), manifest)
                .map_err(|error| error.code())
        };
        let hosts = manifest(&[Capability::NetworkRequest]);
        assert_eq!(quiet(&hosts, true), Err(ErrorCode::ConsentRequired), "hosts");
        let mut public = manifest(&[]);
        public.routes.push(emdash_manifest::RouteDeclaration {
            public: true,
            ..emdash_manifest::RouteDeclaration::new("feed")
        });
        assert_eq!(quiet(&public, true), Err(ErrorCode::ConsentRequired), "public routes");
        let mut tools = manifest(&[]);
        tools.mcp_tools.push(tool());
        assert_eq!(quiet(&tools, false), Err(ErrorCode::McpToolConsentRequired));
        assert_eq!(quiet(&tools, true), Ok("dialogue"));
    }

    #[test]
    fn each_kind_of_more_access_is_confirmed_by_its_own_word_and_in_order() {
        let old = manifest(&[]);
        let mut new = manifest(&[Capability::NetworkRequest]);
        new.routes.push(emdash_manifest::RouteDeclaration {
            public: true,
            ..emdash_manifest::RouteDeclaration::new("feed")
        });
        new.mcp_tools.push(tool());
        let difference = AccessDiff::between(&old, &new);
        let check = |consent: &UpdateConsent| {
            check_update(consent, &difference, &old, &new).map_err(|error| error.code())
        };
        let mut consent = UpdateConsent::default();
        assert_eq!(check(&consent), Err(ErrorCode::CapabilityEscalation));
        consent.capabilities = true;
        assert_eq!(check(&consent), Err(ErrorCode::RouteVisibilityEscalation));
        consent.routes = true;
        assert_eq!(check(&consent), Err(ErrorCode::McpToolConsentRequired));
        consent.mcp_tools = true;
        assert_eq!(check(&consent), Ok("confirmed"));
        let exactly = |access| UpdateConsent { access: Some(access), ..UpdateConsent::default() };
        assert_eq!(check(&exactly(Access::asked_by(&new))), Ok("exactly"));
        assert_eq!(check(&exactly(Access::asked_by(&old))), Err(ErrorCode::ConsentRequired));
        let less = check_update(&UpdateConsent::default(), &AccessDiff::between(&new, &old), &new, &old);
        assert_eq!(less.unwrap(), "nothing more asked");
    }

    fn tool() -> emdash_manifest::McpTool {
        emdash_manifest::McpTool {
            name: "purge".into(),
            description: "Purges.".into(),
            route: "purge".into(),
            permission: emdash_types::Permission::PluginsManage,
            destructive: true,
            input_schema: json!({}),
            output_schema: None,
        }
    }

    #[test]
    fn a_plugin_that_asks_for_nothing_needs_no_consent() {
        assert_eq!(
            check(&Caller::System, &Consent::NotGiven, false, None, &manifest(&[])).unwrap(),
            "nothing asked"
        );
    }

    #[test]
    fn a_refusal_lists_what_is_asked_for_in_words_and_to_be_sent_back() {
        let manifest = manifest(&[Capability::NetworkRequest]);
        let error = check(&Caller::System, &Consent::NotGiven, false, None, &manifest).unwrap_err();
        let details = error.details_value().unwrap();
        let back: Access = serde_json::from_value(details["access"].clone()).unwrap();
        assert_eq!(
            check(&Caller::System, &Consent::Exactly(back), false, None, &manifest).unwrap(),
            "exactly"
        );
        assert!(error.message().contains("api.example.com"), "{error}");
    }
}
