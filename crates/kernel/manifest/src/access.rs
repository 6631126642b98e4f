//! What a release may reach, in plain words and against another release (plugin contract §7.5, §7.7).

use serde::Serialize;

use crate::{Capability, HostPattern, Manifest, McpTool};

/// The difference in access between two releases of a plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessDiff {
    /// Capabilities only the new release has.
    pub added_capabilities: Vec<Capability>,
    /// Capabilities only the old release had.
    pub removed_capabilities: Vec<Capability>,
    /// Patterns of the new release that reach hosts the old one could not.
    pub added_hosts: Vec<HostPattern>,
    /// Patterns of the old release that reached hosts the new one cannot.
    pub removed_hosts: Vec<HostPattern>,
    /// Routes that answer without sign-in and did not before.
    pub newly_public_routes: Vec<String>,
    /// Names of the tools for MCP clients that the old release did not offer, or offered otherwise: schemas,
    /// permission and words count.
    pub changed_mcp_tools: Vec<String>,
}

impl AccessDiff {
    /// Compares two releases.
    #[must_use]
    pub fn between(old: &Manifest, new: &Manifest) -> Self {
        let capabilities = |of: &Manifest, but: &Manifest| {
            of.capabilities.iter().filter(|capability| !but.capabilities.contains(*capability)).collect()
        };
        let hosts = |of: &Manifest, but: &Manifest| {
            of.listed_hosts().iter().filter(|pattern| !but.reaches(pattern)).cloned().collect()
        };
        let was_public = |name: &str| old.route(name).is_some_and(|route| route.public);
        let public = new.routes.iter().filter(|route| route.public && !was_public(&route.name));
        let tools = new.mcp_tools.iter().filter(|tool| !old.mcp_tools.contains(tool));
        Self {
            added_capabilities: capabilities(new, old),
            removed_capabilities: capabilities(old, new),
            added_hosts: hosts(new, old),
            removed_hosts: hosts(old, new),
            newly_public_routes: public.map(|route| route.name.clone()).collect(),
            changed_mcp_tools: tools.map(|tool| tool.name.clone()).collect(),
        }
    }

    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the new release may reach more, or offers tools nobody has seen, so that somebody has to agree first.
    #[must_use]
    pub fn is_escalation(&self) -> bool {
        !(self.added_capabilities.is_empty()
            && self.added_hosts.is_empty()
            && self.newly_public_routes.is_empty()
            && self.changed_mcp_tools.is_empty())
    }
}

impl Manifest {
    /// Whether it may reach any public host.
    #[must_use]
    pub fn reaches_any_host(&self) -> bool {
        self.capabilities.contains(Capability::NetworkRequestUnrestricted)
    }

    /// The patterns that count: none without `network:request`, none where every host is open anyway.
    #[must_use]
    pub fn listed_hosts(&self) -> &[HostPattern] {
        let counts = self.capabilities.contains(Capability::NetworkRequest) && !self.reaches_any_host();
        if counts { &self.allowed_hosts } else { &[] }
    }

    fn reaches(&self, pattern: &HostPattern) -> bool {
        self.reaches_any_host() || self.listed_hosts().iter().any(|own| own.covers(pattern))
    }

    /// What installing it allows, one sentence each, for the person who decides.
    #[must_use]
    pub fn consent_lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for capability in self.capabilities.iter() {
            match capability {
                Capability::NetworkRequest if self.reaches_any_host() => {}
                Capability::NetworkRequest if self.allowed_hosts.is_empty() => {
                    lines.push("Asks for network access but lists no host, so it reaches none.".to_owned());
                }
                Capability::NetworkRequest => lines.push(format!(
                    "Send data to and fetch data from these hosts: {}.",
                    list(self.allowed_hosts.iter().map(HostPattern::as_str))
                )),
                other => lines.push(other.consent_line().to_owned()),
            }
        }
        let mut public =
            self.routes.iter().filter(|route| route.public).map(|route| route.name.as_str()).peekable();
        if public.peek().is_some() {
            lines.push(format!("Answer requests from anybody, without sign-in, at: {}.", list(public)));
        }
        lines.extend(self.mcp_tools.iter().map(McpTool::consent_line));
        if !self.unsupported.capabilities.is_empty() {
            let names = list(self.unsupported.capabilities.iter().map(String::as_str));
            lines.push(format!(
                "Asks for what this version of the host does not know and does not grant: {names}."
            ));
        }
        lines
    }
}

impl McpTool {
    /// What offering it means, for the person who decides (plugin contract §7.7).
    #[must_use]
    pub fn consent_line(&self) -> String {
        let (name, needs) = (&self.name, self.permission.name());
        let marker = if self.destructive { ", and may destroy data" } else { "" };
        format!("Offer the tool {name} to MCP clients, where you switch that on: it needs {needs}{marker}.")
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use emdash_types::{Permission, PluginId};
    use semver::Version;

    use super::*;
    use crate::{ManifestForm, RouteDeclaration};

    fn manifest(capabilities: &[Capability], hosts: &[&str]) -> Manifest {
        Manifest {
            capabilities: capabilities.iter().copied().collect(),
            allowed_hosts: hosts.iter().map(|host| HostPattern::parse(host).unwrap()).collect(),
            ..Manifest::new(ManifestForm::Bundle, PluginId::parse("p").unwrap(), Version::new(1, 0, 0))
        }
    }

    #[test]
    fn another_host_is_an_escalation_and_a_narrower_one_is_not() {
        let network = [Capability::NetworkRequest];
        let old = manifest(&network, &["*.example.com"]);
        let narrower =
            AccessDiff::between(&old, &manifest(&network, &["api.example.com", "*.b.example.com"]));
        assert!(!narrower.is_escalation());
        assert_eq!(narrower.removed_hosts.len(), 1);

        let wider = AccessDiff::between(&old, &manifest(&network, &["*.example.com", "evil.net"]));
        assert_eq!(wider.added_hosts, [HostPattern::parse("evil.net").unwrap()]);
        assert!(wider.is_escalation());
        assert!(AccessDiff::between(&old, &manifest(&network, &["*"])).is_escalation());
    }

    #[test]
    fn hosts_listed_without_the_capability_do_not_count_until_it_comes() {
        let old = manifest(&[], &["evil.net"]);
        let new = manifest(&[Capability::NetworkRequest], &["evil.net"]);
        assert_eq!(AccessDiff::between(&old, &new).added_hosts.len(), 1);
        let unrestricted = manifest(&[Capability::NetworkRequestUnrestricted], &[]);
        assert!(!AccessDiff::between(&unrestricted, &new).is_escalation());
        assert!(AccessDiff::between(&new, &unrestricted).is_escalation());
    }

    #[test]
    fn a_route_that_turns_public_is_an_escalation_and_turning_private_is_not() {
        let mut old = manifest(&[], &[]);
        old.routes.push(RouteDeclaration::new("recent"));
        let mut new = old.clone();
        new.routes[0].public = true;
        assert_eq!(AccessDiff::between(&old, &new).newly_public_routes, ["recent"]);
        assert!(AccessDiff::between(&new, &old).is_empty());
    }

    #[test]
    fn a_tool_that_is_new_or_other_than_it_was_is_an_escalation_and_one_less_is_not() {
        let tool = |permission: Permission| McpTool {
            name: "purge".to_owned(),
            description: "Purges.".to_owned(),
            route: "purge".to_owned(),
            permission,
            destructive: true,
            input_schema: serde_json::Value::Null,
            output_schema: None,
        };
        let with = |tools: &[McpTool]| Manifest { mcp_tools: tools.to_vec(), ..manifest(&[], &[]) };
        let old = with(&[tool(Permission::PluginsManage)]);
        let other = AccessDiff::between(&old, &with(&[tool(Permission::ContentRead)]));
        assert_eq!(
            (other.changed_mcp_tools.as_slice(), other.is_escalation()),
            (&["purge".to_owned()][..], true)
        );
        assert!(!AccessDiff::between(&old, &with(&[])).is_escalation());
        assert_eq!(
            old.consent_lines(),
            [
                "Offer the tool purge to MCP clients, where you switch that on: it needs plugins:manage, and may destroy data."
            ]
        );
    }

    #[test]
    fn a_renamed_capability_is_no_difference() {
        let canonical = manifest(&[Capability::ContentWrite], &[]);
        let legacy = manifest(&[Capability::by_name("write:content").unwrap()], &[]);
        assert!(AccessDiff::between(&canonical, &legacy).is_empty());
    }

    #[test]
    fn every_capability_has_its_own_words() {
        let mut lines = manifest(Capability::ALL, &[]).consent_lines();
        // The restricted line is dropped where the unrestricted one stands.
        assert_eq!(lines.len(), Capability::ALL.len() - 1);
        lines.dedup();
        assert_eq!(lines.len(), Capability::ALL.len() - 1);
        for line in &lines {
            assert!(!line.contains(':') || line.contains("e-mail"), "{line}");
        }
    }

    #[test]
    fn consent_names_the_hosts_and_the_public_routes() {
        let mut plugin = manifest(&[Capability::NetworkRequest], &["api.example.com", "*.example.net"]);
        plugin.routes.push(RouteDeclaration { public: true, ..RouteDeclaration::new("feed") });
        assert_eq!(
            plugin.consent_lines(),
            [
                "Send data to and fetch data from these hosts: api.example.com, *.example.net.",
                "Answer requests from anybody, without sign-in, at: feed.",
            ]
        );
    }
}
