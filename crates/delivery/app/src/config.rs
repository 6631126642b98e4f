//! Configuration, read once by the binary and passed down as values.

use std::net::SocketAddr;

use emdash_outbound::StaticHost;
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
}
