//! `emdash plugin dev`: a plugin's folder, loaded into a running site whenever it changes (C35).

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use emdash_manifest::Bundle;
use emdash_plugins::{LogLine, PluginHost};
use emdash_ports::runtime::PluginRuntime;
use emdash_types::{Caller, Error, ErrorCode, PluginId, Result, Secret, Timestamp};
use notify::{RecursiveMode, Watcher};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;

use super::bundle::build;
use crate::remote::Remote;
use crate::sandbox::temporary_sandbox;
use crate::{DataDir, Role, ServeConfig, Server, ambient};

/// An editor writes a file in several steps; after this long without another one it is done.
const QUIET: Duration = Duration::from_millis(25);
/// Time between two looks at the plugin's log.
const LOG_INTERVAL: Duration = Duration::from_millis(200);

/// Where the plugin is loaded.
#[derive(Clone, Debug)]
pub enum DevTarget {
    /// A server started with `--dev`.
    Server {
        /// Its address.
        url: String,
        /// Personal access token.
        token: Secret,
    },
    /// A data directory; a server for it is started here.
    Data {
        /// The directory.
        data: DataDir,
        /// Where to listen.
        listen: std::net::SocketAddr,
    },
}

/// What happens, as it happens.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum DevEvent {
    /// A server was started for the data directory.
    Serving {
        /// Where.
        url: String,
    },
    /// The plugin runs as it is in the folder.
    Loaded {
        /// Id.
        plugin: PluginId,
        /// Version.
        version: String,
        /// From the change on disk to the new generation, milliseconds.
        millis: i64,
        /// Hooks it answers.
        hooks: Vec<String>,
        /// Routes it answers.
        routes: Vec<String>,
    },
    /// What is in the folder cannot run; what ran before goes on.
    Failed {
        /// Code.
        code: &'static str,
        /// What is wrong.
        message: String,
        /// Where, one line each: `backend.js:3:7: …`.
        places: Vec<String>,
        /// What helps.
        hint: Option<String>,
    },
    /// A line of the plugin's log.
    Log {
        /// When.
        at: Timestamp,
        /// Level.
        level: String,
        /// The hook or route that ran.
        during: String,
        /// The plugin's words.
        message: String,
        /// Its data; of a failure the stack.
        data: Option<Value>,
    },
}

impl fmt::Display for DevEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Serving { url } => write!(f, "Serving {url}. Stop with Ctrl-C."),
            Self::Loaded { plugin, version, millis, hooks, routes } => {
                write!(f, "✓ {plugin} {version} runs ({millis} ms)")?;
                for (what, names) in [("hooks", hooks), ("routes", routes)] {
                    if !names.is_empty() {
                        write!(f, " · {what}: {}", names.join(", "))?;
                    }
                }
                Ok(())
            }
            Self::Failed { code, message, places, hint } => {
                write!(f, "✗ {message} ({code}); what ran before goes on.")?;
                places.iter().try_for_each(|place| write!(f, "\n    {place}"))?;
                hint.iter().try_for_each(|hint| write!(f, "\n  hint: {hint}"))
            }
            Self::Log { level, during, message, data, .. } => {
                write!(f, "  [{level}] {during}: {message}")?;
                match data {
                    Some(Value::Object(members)) if members.contains_key("stack") => {
                        let stack = members["stack"].as_str().unwrap_or_default();
                        stack.lines().try_for_each(|line| write!(f, "\n      {}", line.trim()))
                    }
                    Some(data) => write!(f, " {data}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Loads the plugin of a folder and again whenever it changes, until `stop` completes. Everything that happens is told
/// to `tell`; what is wrong with the folder ends nothing.
///
/// # Errors
/// When the site cannot be reached or started, or the folder not watched.
pub async fn dev(
    directory: &Path,
    target: DevTarget,
    mut tell: impl FnMut(DevEvent),
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let runtime = temporary_sandbox()?;
    match target {
        DevTarget::Server { url, token } => {
            let site = DevSite::Remote(Remote::new(&url, Some(token))?);
            tokio::select! {
                outcome = follow(directory, runtime, &site, &mut tell) => outcome,
                () = stop => Ok(()),
            }
        }
        DevTarget::Data { data, listen } => {
            let server = Server::start(ServeConfig {
                data,
                listen,
                public_url: None,
                role: Role::All,
                marketplace: None,
                static_hosts: Vec::new(),
                development: true,
            })
            .await?;
            let url = server.started().site_url.clone().unwrap_or_default();
            let plugins = server.plugins().ok_or_else(|| Error::internal("the server has no site"))?;
            tell(DevEvent::Serving { url });
            let running = server.run(stop);
            let site = DevSite::Local(plugins);
            tokio::select! {
                outcome = running => outcome,
                outcome = follow(directory, runtime, &site, &mut tell) => outcome,
            }
        }
    }
}

/// The site a plugin is loaded into.
enum DevSite {
    Remote(Remote),
    Local(PluginHost),
}

const BASE: &str = "_emdash/api/admin/plugins";

impl DevSite {
    async fn load(&self, bundle: Vec<u8>) -> Result<()> {
        match self {
            Self::Local(plugins) => plugins.develop(&Caller::System, bundle.into()).await.map(drop),
            Self::Remote(remote) => {
                let content = Some(("application/gzip".to_owned(), Bytes::from(bundle)));
                let answer = remote.send("POST", &format!("{BASE}/develop"), content).await?;
                match answer.status {
                    ..400 => Ok(()),
                    status => {
                        let body = serde_json::from_slice(&answer.body).unwrap_or_default();
                        Err(crate::remote::refusal(status, &body))
                    }
                }
            }
        }
    }

    /// The lines after this one.
    async fn log(&self, plugin: &PluginId, after: u64) -> Result<Vec<LogLine>> {
        match self {
            Self::Local(plugins) => plugins.log(&Caller::System, plugin, after),
            Self::Remote(remote) => {
                let path = format!("{BASE}/{plugin}/log?after={after}");
                let mut answer = remote.call("GET", &path, None).await?;
                serde_json::from_value(answer["items"].take()).map_err(Error::internal)
            }
        }
    }
}

async fn follow(
    directory: &Path,
    runtime: Arc<impl PluginRuntime>,
    site: &DevSite,
    tell: &mut impl FnMut(DevEvent),
) -> Result<()> {
    let ambient = ambient::system();
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let _watcher = watch(directory, changed)?;
    let mut plugin: Option<PluginId> = None;
    let mut line = 0;
    let mut last: Option<String> = None;
    let mut since = ambient.now();
    loop {
        match load(directory, runtime.as_ref(), site, &mut last).await {
            Ok(None) => {}
            Ok(Some(bundle)) => {
                let manifest = bundle.manifest;
                tell(DevEvent::Loaded {
                    plugin: manifest.id.clone(),
                    version: manifest.version.to_string(),
                    millis: ambient.now().as_millis() - since.as_millis(),
                    hooks: manifest.hooks.iter().map(|declared| declared.hook.to_string()).collect(),
                    routes: manifest.routes.iter().map(|route| route.name.clone()).collect(),
                });
                plugin = Some(manifest.id);
            }
            // The site has to be there; the folder may be anything.
            Err(error) if error.code() == ErrorCode::NetworkFailed => return Err(error),
            Err(error) => tell(failed(&error)),
        }
        while tokio::time::timeout(LOG_INTERVAL, changes.recv()).await.is_err() {
            if let Some(plugin) = &plugin {
                for entry in site.log(plugin, line).await? {
                    line = line.max(entry.number);
                    let LogLine { at, level, during, message, data, .. } = entry;
                    tell(DevEvent::Log { at, level, during, message, data });
                }
            }
        }
        since = ambient.now();
        while let Ok(Some(())) = tokio::time::timeout(QUIET, changes.recv()).await {}
    }
}

/// Builds and loads what is in the folder; `None` where it is what was tried last.
async fn load(
    directory: &Path,
    runtime: &dyn PluginRuntime,
    site: &DevSite,
    last: &mut Option<String>,
) -> Result<Option<Bundle>> {
    let (archive, bundle) = build(directory, runtime).await?;
    if last.as_ref() == Some(&bundle.checksum) {
        return Ok(None);
    }
    *last = Some(bundle.checksum.clone());
    site.load(archive).await?;
    Ok(Some(bundle))
}

fn watch(directory: &Path, changed: mpsc::Sender<()>) -> Result<impl Watcher> {
    let tell = move |event: notify::Result<notify::Event>| {
        // Reading the folder is no change of it. A change that is waiting to be seen stands for all.
        if event.is_ok_and(|event| !event.kind.is_access()) {
            let _ = changed.try_send(());
        }
    };
    let unwatched = |error: notify::Error| {
        let message = format!("{} cannot be watched: {error}.", directory.display());
        Error::new(ErrorCode::InvalidBundle, message)
    };
    let mut watcher = notify::recommended_watcher(tell).map_err(unwatched)?;
    watcher.watch(&PathBuf::from(directory), RecursiveMode::Recursive).map_err(unwatched)?;
    Ok(watcher)
}

fn failed(error: &Error) -> DevEvent {
    let issues = error.details_value().and_then(|details| details.get("issues")).and_then(Value::as_array);
    let places = issues.into_iter().flatten().map(|issue| {
        let text =
            |key: &str| issue.get(key).map(|value| value.as_str().map_or(value.to_string(), str::to_owned));
        let place: Vec<String> = ["file", "line", "column"].into_iter().filter_map(text).collect();
        let message = text("message").unwrap_or_else(|| issue.as_str().unwrap_or_default().to_owned());
        if place.is_empty() { message } else { format!("{}: {message}", place.join(":")) }
    });
    DevEvent::Failed {
        code: error.code().name(),
        message: error.message().trim_end_matches('.').to_owned(),
        places: places.collect(),
        hint: error.hint_text().map(str::to_owned),
    }
}
