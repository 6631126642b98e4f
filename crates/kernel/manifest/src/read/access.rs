//! Capabilities and hosts, flat or as `declaredAccess` (plugin contract §1.6, §1.7).

use super::source::{Fields, Node};
use crate::{Capability, CapabilitySet, HostPattern, ManifestForm};

const MAX_CAPABILITIES: usize = 32;
const MAX_HOSTS: usize = 64;

pub(super) type Access = (CapabilitySet, Vec<HostPattern>);

/// The flat fields.
pub(super) fn flat(names: Option<Node<'_>>, patterns: Option<Node<'_>>) -> Access {
    (
        names.map(|node| capabilities(&node)).unwrap_or_default(),
        patterns.map(|node| hosts(&node)).unwrap_or_default(),
    )
}

/// A list of capability names, in either vocabulary; an authoring file takes the canonical one only.
pub(super) fn capabilities(node: &Node<'_>) -> CapabilitySet {
    let read = |item: Node<'_>| {
        let names = Capability::ALL.iter().map(|capability| capability.name());
        let capability = item.known_or_newer("capability", Capability::by_name, names)?;
        let is_legacy = item.text(256).as_deref() != Some(capability.name());
        if is_legacy && item.form() == ManifestForm::Authoring {
            item.fail(format!("is the old name; write \"{capability}\""));
        }
        Some(capability)
    };
    node.items(MAX_CAPABILITIES).into_iter().filter_map(read).collect()
}

/// A list of host patterns; repeated ones are kept once.
pub(super) fn hosts(node: &Node<'_>) -> Vec<HostPattern> {
    let mut hosts = Vec::new();
    for item in node.items(MAX_HOSTS) {
        match item.line(HostPattern::MAX_LENGTH).map(|text| HostPattern::parse(&text)) {
            Some(Ok(pattern)) if !hosts.contains(&pattern) => hosts.push(pattern),
            Some(Err(message)) => item.fail(message),
            _ => {}
        }
    }
    hosts
}

/// `declaredAccess`: an object that is there is the grant; unknown members are reserved and ignored.
pub(super) fn declared(node: &Node<'_>) -> Access {
    const LEAVES: [(&str, &str, Capability); 9] = [
        ("content", "read", Capability::ContentRead),
        ("content", "write", Capability::ContentWrite),
        ("taxonomies", "read", Capability::TaxonomiesRead),
        ("media", "read", Capability::MediaRead),
        ("media", "write", Capability::MediaWrite),
        ("users", "read", Capability::UsersRead),
        ("email", "send", Capability::EmailSend),
        ("email", "events", Capability::EmailEventsRegister),
        ("email", "transport", Capability::EmailTransportRegister),
    ];
    let Some(access) = node.object() else { return Access::default() };
    let mut capabilities = CapabilitySet::default();
    for (category, operation, capability) in LEAVES {
        if leaf(&access, category, operation).is_some() {
            capabilities.insert(capability);
        }
    }
    if leaf(&access, "page", "fragments").is_some() {
        capabilities.insert(Capability::PageFragmentsRegister);
    }
    let mut allowed_hosts = Vec::new();
    if let Some(request) = leaf(&access, "network", "request") {
        // No list is any host, an empty list is a mistake: never widen by accident.
        match request.optional("allowedHosts") {
            None => capabilities.insert(Capability::NetworkRequestUnrestricted),
            Some(list) => {
                capabilities.insert(Capability::NetworkRequest);
                if list.items(MAX_HOSTS).is_empty() {
                    list.fail("must name at least one host; leave it out to ask for any host");
                }
                allowed_hosts = hosts(&list);
            }
        }
    }
    (capabilities, allowed_hosts)
}

fn leaf<'s>(access: &Fields<'s>, category: &str, operation: &str) -> Option<Fields<'s>> {
    access.optional(category)?.object()?.optional(operation)?.object()
}
