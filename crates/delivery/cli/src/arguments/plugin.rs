//! `emdash plugin …`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Subcommand;

use super::Target;

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
    /// Load a plugin's folder into a running site, and again whenever it changes.
    #[command(
        after_help = "Examples:\n  emdash plugin dev ./my-plugin --data ./data\n  emdash plugin dev ./my-plugin --url http://127.0.0.1:4321 --token ec_pat_…"
    )]
    Dev {
        /// The plugin's folder.
        directory: PathBuf,
        /// Where the server listens that is started for a data directory.
        #[arg(long, default_value = "127.0.0.1:4321")]
        listen: SocketAddr,
        #[command(flatten)]
        target: Target,
    },
    /// Ask whoever may install plugins for one.
    #[command(
        after_help = "Example:\n  emdash plugin request shop --note 'For the summer sale.' --url http://127.0.0.1:4321 --token ec_pat_…"
    )]
    Request {
        /// Its id in the marketplace.
        plugin: String,
        /// What for.
        #[arg(long)]
        note: Option<String>,
        #[command(flatten)]
        target: Target,
    },
    /// List who asked for which plugin, and what became of it.
    Requests {
        #[command(flatten)]
        target: Target,
    },
    /// Install what somebody asked for.
    Grant {
        /// The request's id.
        request: String,
        /// Agree to what the plugin asks for.
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        target: Target,
    },
    /// Say no to what somebody asked for.
    Decline {
        /// The request's id.
        request: String,
        /// Why.
        #[arg(long)]
        reason: Option<String>,
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
    /// List recorded calls, newest first.
    #[command(after_help = "Example:\n  emdash plugin calls auto-blog --limit 10")]
    Calls {
        /// Only those of this plugin.
        plugin: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
        #[command(flatten)]
        target: Target,
    },
    /// Play a recorded call again, bit for bit and offline, and show what happened in it.
    #[command(
        after_help = "Examples:\n  emdash plugin replay 01M7… --url http://127.0.0.1:4321 --token ec_pat_…\n  emdash plugin replay 01M7… --save call.json\n  emdash plugin replay call.json --bundle auto-blog-1.2.0.tar.gz"
    )]
    Replay {
        /// A recorded call's id, or a file `--save` wrote.
        call: String,
        /// The code to play a file with.
        #[arg(long)]
        bundle: Option<PathBuf>,
        /// Write the recording to this file instead of playing it.
        #[arg(long, conflicts_with = "bundle")]
        save: Option<PathBuf>,
        #[command(flatten)]
        target: Target,
    },
    /// Show which calls are recorded, or change it.
    #[command(after_help = "Example:\n  emdash plugin recording --errors true --sample 0.01")]
    Recording {
        /// Whether calls that fail are.
        #[arg(long)]
        errors: Option<bool>,
        /// The share of all calls that is, 0 to 1.
        #[arg(long)]
        sample: Option<f64>,
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
