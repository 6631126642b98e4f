//! `emdash plugin …`.

use emdash_app::DataDir;
use emdash_app::command::{self, PluginCommand, PluginTarget};
use emdash_types::{Error, Result, Secret};

use crate::arguments::{Plugin, Target};
use crate::output;

pub async fn run(plugin: Plugin, json: bool) -> Result<()> {
    let (target, marketplace, command) = match plugin {
        Plugin::Bundle { directory, out } => {
            output::success(&command::bundle(&directory, out).await?, json);
            return Ok(());
        }
        Plugin::Publish { bundle, marketplace, token } => {
            output::success(&command::publish(&bundle, &marketplace, Secret::new(token)).await?, json);
            return Ok(());
        }
        Plugin::Install { plugin, yes, marketplace, target } => {
            (target, marketplace, PluginCommand::Install { plugin, yes })
        }
        Plugin::List { target } => (target, None, PluginCommand::List),
        Plugin::Enable { plugin, target } => (target, None, PluginCommand::Enable(plugin)),
        Plugin::Disable { plugin, target } => (target, None, PluginCommand::Disable(plugin)),
        Plugin::Uninstall { plugin, delete_data, target } => {
            (target, None, PluginCommand::Uninstall { plugin, delete_data })
        }
    };
    output::success(&command::manage(place(target, marketplace)?, command).await?, json);
    Ok(())
}

fn place(target: Target, marketplace: Option<String>) -> Result<PluginTarget> {
    let Some(url) = target.url else {
        return Ok(PluginTarget::Data { data: DataDir::new(target.data.data), marketplace });
    };
    let token = target.token.ok_or_else(|| {
        Error::field("token", "is needed to talk to a server")
            .hint("Pass --token or set EMDASH_TOKEN; `emdash token create` makes one.")
    })?;
    Ok(PluginTarget::Server { url, token: Secret::new(token) })
}
