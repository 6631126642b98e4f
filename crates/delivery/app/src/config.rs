//! Configuration, read once by the binary and passed down as values.

use std::net::SocketAddr;

use emdash_outbound::StaticHost;
use emdash_types::{Error, Result};
use url::Url;

use crate::DataDir;

/// What a process answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Role {
    /// A site and a marketplace.
    #[default]
    All,
    /// A site only.
    Site,
    /// A marketplace only.
    Marketplace,
}

/// Configuration of `emdash serve`.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// Where everything is kept.
    pub data: DataDir,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the site is reached from outside; the listening address where nothing is said.
    pub public_url: Option<Url>,
    /// What to answer.
    pub role: Role,
    /// The marketplace to install from; this process itself where it is one and nothing is said.
    pub marketplace: Option<Url>,
    /// Host names the operator maps by hand, for plugins' requests.
    pub static_hosts: Vec<StaticHost>,
    /// Whether `emdash plugin dev` may load plugins into it.
    pub development: bool,
}

/// Reads the address of a server.
///
/// # Errors
/// `VALIDATION_ERROR` for anything but an http or https address.
pub fn parse_url(text: &str) -> Result<Url> {
    crate::remote::parse_base(text)
}

/// Reads `name=ip:port`.
///
/// # Errors
/// `VALIDATION_ERROR`.
pub fn parse_static_host(text: &str) -> Result<StaticHost> {
    let parts =
        text.split_once('=').and_then(|(host, address)| Some((host.trim(), address.trim().parse().ok()?)));
    match parts {
        Some((host, address)) if !host.is_empty() => Ok(StaticHost { host: host.to_owned(), address }),
        _ => Err(Error::field("outbound-host", format!("\"{text}\" is not of the form name=ip:port"))),
    }
}
