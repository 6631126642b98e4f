//! The command line. Its names are a contract with people's scripts.

mod plugin;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use plugin::Plugin;

/// A CMS that is a plugin marketplace: one binary for the site, the plugins and the marketplace.
#[derive(Parser)]
#[command(
    name = "emdash",
    version,
    after_help = "Exit codes: 0 success, 1 refused or failed, 2 wrong usage."
)]
pub struct Arguments {
    /// Print one JSON value instead of text.
    #[arg(long, global = true)]
    pub json: bool,

    /// What to log on standard error: error, warn, info, debug, trace, or directives such as `info,emdash_plugins=debug`.
    #[arg(long, global = true, env = "EMDASH_LOG", default_value = "warn")]
    pub log: String,

    /// Log as JSON lines.
    #[arg(long, global = true)]
    pub log_json: bool,

    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Create a site and its first administrator, and print an access token.
    #[command(after_help = "Example:\n  emdash init --data ./data --title 'My site' --email me@example.com")]
    Init(Init),
    /// Serve the site, the plugins and the marketplace.
    #[command(
        after_help = "Examples:\n  emdash serve --data ./data\n  emdash serve --data ./data --listen 0.0.0.0:80 --url https://example.com\n  emdash serve --data ./market --role marketplace"
    )]
    Serve(Serve),
    /// Look for what is wrong with a data directory, and say how to mend it.
    #[command(after_help = "Example:\n  emdash doctor --data ./data")]
    Doctor(Data),
    /// Bring content in from another system.
    #[command(subcommand)]
    Import(Import),
    /// Bundle, publish, install and look after plugins.
    #[command(subcommand)]
    Plugin(Plugin),
    /// Look after the publishers of this machine's marketplace.
    #[command(subcommand)]
    Publisher(Publisher),
    /// Look after access tokens.
    #[command(subcommand)]
    Token(Token),
}

/// The data directory.
#[derive(Args)]
pub struct Data {
    /// Directory that holds everything.
    #[arg(long, env = "EMDASH_DATA", default_value = "data")]
    pub data: PathBuf,
}

#[derive(Args)]
pub struct Init {
    #[command(flatten)]
    pub data: Data,
    /// Title of the site.
    #[arg(long)]
    pub title: String,
    /// E-mail address of the first administrator.
    #[arg(long)]
    pub email: String,
    /// Where the site will be reached, such as https://example.com.
    #[arg(long)]
    pub url: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum RoleName {
    /// A site and a marketplace.
    All,
    /// A site only.
    Site,
    /// A marketplace only.
    Marketplace,
}

#[derive(Args)]
pub struct Serve {
    #[command(flatten)]
    pub data: Data,
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, env = "EMDASH_LISTEN", default_value = "127.0.0.1:4321")]
    pub listen: SocketAddr,
    /// Where the site is reached from outside.
    #[arg(long, env = "EMDASH_SITE_URL")]
    pub url: Option<String>,
    /// What this process answers.
    #[arg(long, value_enum, default_value = "all")]
    pub role: RoleName,
    /// The marketplace to install from; this process itself where it is one.
    #[arg(long, env = "EMDASH_MARKETPLACE")]
    pub marketplace: Option<String>,
    /// Let `emdash plugin dev` load plugins in the making into this server.
    #[arg(long, env = "EMDASH_DEV")]
    pub dev: bool,
    /// Let plugins reach a host at an address of yours, `name=ip:port`; may be repeated.
    #[arg(long, value_name = "NAME=IP:PORT")]
    pub outbound_host: Vec<String>,
}

#[derive(Subcommand)]
pub enum Import {
    /// Import a WordPress export file (WXR). Running it again adds what is new and duplicates nothing.
    #[command(after_help = "Example:\n  emdash import wordpress export.xml --data ./data")]
    Wordpress {
        /// The export file.
        file: PathBuf,
        #[command(flatten)]
        data: Data,
    },
}

/// A running server to talk to, or the data directory of a stopped one.
#[derive(Args)]
pub struct Target {
    #[command(flatten)]
    pub data: Data,
    /// A running server; without it the data directory is worked on directly.
    #[arg(long, env = "EMDASH_URL")]
    pub url: Option<String>,
    /// Access token for that server.
    #[arg(long, env = "EMDASH_TOKEN", hide_env_values = true, requires = "url")]
    pub token: Option<String>,
}

#[derive(Subcommand)]
pub enum Publisher {
    /// Add a publisher, or make a further token for one, and print the token.
    #[command(
        after_help = "Example:\n  emdash publisher add --data ./data --name 'Acme' --email dev@acme.example"
    )]
    Add {
        /// Name for people.
        #[arg(long)]
        name: String,
        /// E-mail address.
        #[arg(long)]
        email: String,
        #[command(flatten)]
        data: Data,
    },
}

#[derive(Subcommand)]
pub enum Token {
    /// Make a personal access token for a user, and print it.
    #[command(
        after_help = "Example:\n  emdash token create --data ./data --email me@example.com --name laptop"
    )]
    Create {
        /// Whose token.
        #[arg(long)]
        email: String,
        /// Name for people.
        #[arg(long, default_value = "Command line")]
        name: String,
        /// What it may be used for; may be repeated.
        #[arg(long = "scope", default_value = "admin")]
        scopes: Vec<String>,
        #[command(flatten)]
        data: Data,
    },
}
