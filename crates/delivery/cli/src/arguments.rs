//! The command line. Its names are a contract with people's scripts.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
pub enum Plugin {
    /// Make a bundle from a plugin's folder.
    #[command(
        after_help = "Example:\n  emdash plugin bundle node_modules/@emdash-cms/plugin-audit-log --out audit-log.tar.gz"
    )]
    Bundle {
        /// Folder with plugin.json, emdash-plugin.jsonc, manifest.json or package.json.
        directory: PathBuf,
        /// Where to write the bundle; `<id>-<version>.tar.gz` where nothing is said.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Publish a bundle on a marketplace.
    #[command(
        after_help = "Example:\n  emdash plugin publish audit-log-0.2.0.tar.gz --marketplace http://127.0.0.1:4321 --token ec_pub_…"
    )]
    Publish {
        /// The bundle.
        bundle: PathBuf,
        /// The marketplace.
        #[arg(long, env = "EMDASH_MARKETPLACE", default_value = "http://127.0.0.1:4321")]
        marketplace: String,
        /// Publisher token (`emdash publisher add` makes one).
        #[arg(long, env = "EMDASH_PUBLISHER_TOKEN", hide_env_values = true)]
        token: String,
    },
    /// Install a plugin from the marketplace and switch it on.
    #[command(
        after_help = "Examples:\n  emdash plugin install audit-log --url http://127.0.0.1:4321 --token ec_pat_… --yes\n  emdash plugin install audit-log@0.2.0 --data ./data --marketplace https://market.example"
    )]
    Install {
        /// `id` or `id@version`.
        plugin: String,
        /// Agree to what the plugin asks for.
        #[arg(long)]
        yes: bool,
        /// The marketplace, where a data directory is worked on.
        #[arg(long, env = "EMDASH_MARKETPLACE")]
        marketplace: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Bring a plugin to another version; it stays on or off, and goes back by itself where the new one fails.
    #[command(
        after_help = "Examples:\n  emdash plugin update audit-log --url http://127.0.0.1:4321 --token ec_pat_…\n  emdash plugin update audit-log@0.3.0 --yes --data ./data --marketplace https://market.example\n  emdash plugin update --all --data ./data"
    )]
    Update {
        /// `id`, for the latest version, or `id@version`.
        #[arg(required_unless_present_any = ["all", "check"])]
        plugin: Option<String>,
        /// Bring everything to its latest version.
        #[arg(long, conflicts_with = "plugin")]
        all: bool,
        /// Change nothing; list what could be updated.
        #[arg(long, conflicts_with_all = ["plugin", "all"])]
        check: bool,
        /// Agree to what it asks for beyond the installed version.
        #[arg(long)]
        yes: bool,
        /// The marketplace, where a data directory is worked on.
        #[arg(long, env = "EMDASH_MARKETPLACE")]
        marketplace: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Go back to the version before the last update, code and data together.
    #[command(
        after_help = "Example:\n  emdash plugin rollback audit-log --url http://127.0.0.1:4321 --token ec_pat_…"
    )]
    Rollback {
        /// Its id.
        plugin: String,
        #[command(flatten)]
        target: Target,
    },
    /// List the installed plugins.
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Switch a plugin on.
    Enable {
        /// Its id.
        plugin: String,
        #[command(flatten)]
        target: Target,
    },
    /// Switch a plugin off; its data is kept.
    Disable {
        /// Its id.
        plugin: String,
        #[command(flatten)]
        target: Target,
    },
    /// Show a plugin's settings, or change some.
    #[command(
        after_help = "Examples:\n  emdash plugin settings auto-blog --set provider=openai --set postsPerDay=3\n  emdash plugin settings auto-blog --secret apiKey --bind apiKey=api.openai.com < key.txt"
    )]
    Settings {
        /// Its id.
        plugin: String,
        /// A new value, `KEY=VALUE`; may be repeated.
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// A setting to forget; may be repeated.
        #[arg(long, value_name = "KEY")]
        unset: Vec<String>,
        /// A secret to store; its value is read from standard input.
        #[arg(long, value_name = "KEY")]
        secret: Option<String>,
        /// Hosts a secret may be sent to, `KEY=HOST,HOST`; may be repeated.
        #[arg(long, value_name = "KEY=HOSTS")]
        bind: Vec<String>,
        #[command(flatten)]
        target: Target,
    },
    /// Remove a plugin; its data is kept unless you say otherwise.
    Uninstall {
        /// Its id.
        plugin: String,
        /// Delete what it stored, too.
        #[arg(long)]
        delete_data: bool,
        #[command(flatten)]
        target: Target,
    },
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
