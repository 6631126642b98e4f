//! From a URL and a policy to the addresses that may be connected to, or a refusal.

use std::net::{IpAddr, SocketAddr};

use emdash_ports::outbound::EgressHosts;
use emdash_types::{Error, ErrorCode, Result};
use url::{Host, Url};

use crate::addresses::{is_internal_name, is_public};
use crate::client::StaticHost;
use crate::network::Network;

/// A hop that passed every check: only these addresses may be connected to.
#[derive(Debug)]
pub(crate) struct Destination {
    /// The host, lower case, without trailing dot or brackets.
    pub(crate) host: String,
    /// Never empty.
    pub(crate) addresses: Vec<SocketAddr>,
}

/// Checks one hop and resolves its host, once.
pub(crate) async fn vet(
    url: &Url,
    hosts: &EgressHosts,
    static_hosts: &[StaticHost],
    network: &dyn Network,
) -> Result<Destination> {
    let (host, port) = host_and_port(url)?;
    let literal = literal_address(url);
    let mapped = static_hosts.iter().find(|known| known.host == host).map(|known| known.address);
    let trusted = mapped.is_some() || matches!(hosts, EgressHosts::Operator(_));
    if !trusted && (is_internal_name(&host) || literal.is_some_and(|address| !is_public(address))) {
        return Err(blocked(&host));
    }
    check_policy(url, &host, hosts)?;
    if let Some(address) = mapped {
        return Ok(Destination { host, addresses: vec![address] });
    }
    let addresses = match literal {
        Some(address) => vec![address],
        None => resolve(&host, network).await?,
    };
    if let Some(internal) = addresses.iter().find(|&&address| !trusted && !is_public(address)) {
        return Err(blocked(&host).caused_by(format!("{host} resolves to {internal}")));
    }
    Ok(Destination { host, addresses: addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect() })
}

/// A host as the checks compare it.
pub(crate) fn normalise(host: &str) -> String {
    host.trim_end_matches('.').trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase()
}

fn host_and_port(url: &Url) -> Result<(String, u16)> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::field("url", format!("Unsupported scheme: {}:", url.scheme()))
            .hint("Use an http: or https: address."));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::field("url", "an address must not carry a user name or password")
            .hint("Send credentials in an Authorization header."));
    }
    match (url.host_str().map(normalise), url.port_or_known_default()) {
        (Some(host), Some(port)) if !host.is_empty() => Ok((host, port)),
        _ => Err(Error::field("url", "the address has no host")),
    }
}

fn literal_address(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
    }
}

fn check_policy(url: &Url, host: &str, hosts: &EgressHosts) -> Result<()> {
    match hosts {
        EgressHosts::AnyPublic => Ok(()),
        EgressHosts::Listed(patterns) if patterns.is_empty() => Err(Error::new(
            ErrorCode::HostNotAllowed,
            "Plugin has no allowed hosts configured. Add hosts to allowedHosts to enable HTTP requests.",
        )),
        EgressHosts::Listed(patterns) if patterns.iter().any(|pattern| pattern.matches(host)) => Ok(()),
        EgressHosts::Listed(patterns) => {
            let allowed: Vec<_> = patterns.iter().map(|pattern| pattern.as_str()).collect();
            Err(not_allowed(host).hint(format!(
                "Add the host to allowedHosts of the plugin. Allowed now: {}.",
                allowed.join(", ")
            )))
        }
        EgressHosts::Operator(configured) if configured.origin() == url.origin() => Ok(()),
        EgressHosts::Operator(configured) => Err(not_allowed(host).hint(format!(
            "Requests must stay on {}, the configured address.",
            configured.origin().ascii_serialization()
        ))),
    }
}

async fn resolve(host: &str, network: &dyn Network) -> Result<Vec<IpAddr>> {
    let found = network.resolve(host).await.map_err(|cause| host_not_found(host).caused_by(cause))?;
    if found.is_empty() { Err(host_not_found(host)) } else { Ok(found) }
}

fn host_not_found(host: &str) -> Error {
    Error::new(ErrorCode::NetworkFailed, format!("Host not found: {host}"))
        .hint("Check the spelling of the host and the server's name resolution.")
}

fn not_allowed(host: &str) -> Error {
    Error::new(ErrorCode::HostNotAllowed, format!("Host not allowed: {host}"))
}

fn blocked(host: &str) -> Error {
    Error::new(ErrorCode::AddressBlocked, format!("Blocked fetch to internal host: {host}")).hint(
        "Only public addresses can be reached. The operator can map an internal service's name by hand as a static host.",
    )
}
