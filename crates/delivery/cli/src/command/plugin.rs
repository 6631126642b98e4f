//! `emdash plugin …`.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use emdash_app::DataDir;
use emdash_app::command::{self, PluginCommand, PluginTarget, ReplaySource, SettingsEdit};
use emdash_types::{Error, ErrorCode, Result, Secret};

use crate::arguments::{Plugin, Target};
use crate::output;

/// Runs a plugin command; a part that was refused makes it fail.
///
/// # Errors
/// Its refusal or failure.
pub async fn run(plugin: Plugin, json: bool) -> Result<ExitCode> {
    let (target, marketplace, command) = match plugin {
        Plugin::Bundle { directory, out } => {
            output::success(&command::bundle(&directory, out).await?, json);
            return Ok(ExitCode::SUCCESS);
        }
        Plugin::Publish { bundle, marketplace, token } => {
            output::success(&command::publish(&bundle, &marketplace, Secret::new(token)).await?, json);
            return Ok(ExitCode::SUCCESS);
        }
        Plugin::Calls { plugin, limit, target } => {
            let target = place(target, None)?;
            output::success(&command::plugin_calls(target, plugin.as_deref(), limit).await?, json);
            return Ok(ExitCode::SUCCESS);
        }
        Plugin::Replay { call, bundle, save, target } => {
            return replay(call, bundle, save, place(target, None)?, json).await;
        }
        Plugin::Recording { errors, sample, target } => {
            let target = place(target, None)?;
            output::success(&command::plugin_recording(target, errors, sample).await?, json);
            return Ok(ExitCode::SUCCESS);
        }
        Plugin::Settings { plugin, set, unset, secret, bind, target } => {
            let secret = secret.map(|key| Ok::<_, Error>((key, read_secret()?))).transpose()?;
            let edit = SettingsEdit { set, unset, secret, bind };
            let target = place(target, None)?;
            output::success(&command::plugin_settings(target, &plugin, edit).await?, json);
            return Ok(ExitCode::SUCCESS);
        }
        Plugin::Install { plugin, yes, marketplace, target } => {
            (target, marketplace, PluginCommand::Install { plugin, yes })
        }
        Plugin::Update { plugin, all: _, check, yes, marketplace, target } => {
            let command = match plugin {
                Some(plugin) => PluginCommand::Update { plugin, yes },
                None if check => PluginCommand::Updates,
                None => PluginCommand::UpdateAll { yes },
            };
            (target, marketplace, command)
        }
        Plugin::Dev { directory, listen, target } => {
            super::dev::run(&directory, target, listen, json).await?;
            return Ok(ExitCode::SUCCESS);
        }
        Plugin::Request { plugin, note, target } => (target, None, PluginCommand::Request { plugin, note }),
        Plugin::Requests { target } => (target, None, PluginCommand::Requests),
        Plugin::Grant { request, yes, target } => (target, None, PluginCommand::Grant { request, yes }),
        Plugin::Decline { request, reason, target } => {
            (target, None, PluginCommand::Decline { request, reason })
        }
        Plugin::Rollback { plugin, target } => (target, None, PluginCommand::Rollback(plugin)),
        Plugin::List { target } => (target, None, PluginCommand::List),
        Plugin::Enable { plugin, target } => (target, None, PluginCommand::Enable(plugin)),
        Plugin::Disable { plugin, target } => (target, None, PluginCommand::Disable(plugin)),
        Plugin::Uninstall { plugin, delete_data, target } => {
            (target, None, PluginCommand::Uninstall { plugin, delete_data })
        }
    };
    let target = place(target, marketplace)?;
    let result = match command::manage(target.clone(), command.clone()).await {
        Err(error) if !json && agrees(&error) => command::manage(target, agreed(command)).await?,
        outcome => outcome?,
    };
    output::success(&result, json);
    Ok(if result.has_failures() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn replay(
    call: String,
    bundle: Option<PathBuf>,
    save: Option<PathBuf>,
    target: PluginTarget,
    json: bool,
) -> Result<ExitCode> {
    if let Some(file) = save {
        command::plugin_call_save(target, &call, &file).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let source = match bundle {
        Some(bundle) => ReplaySource::File { recording: call.into(), bundle },
        None => ReplaySource::Call(call),
    };
    let replayed = command::plugin_replay(target, source).await?;
    output::success(&replayed, json);
    Ok(if replayed.identical { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A secret never stands on a command line, where every process could read it.
fn read_secret() -> Result<Secret> {
    if std::io::stdin().is_terminal() {
        eprint!("Secret: ");
    }
    let mut text = String::new();
    std::io::stdin().read_line(&mut text).map_err(Error::internal)?;
    Ok(Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// Refusals a person can answer.
const ASKING: [ErrorCode; 4] = [
    ErrorCode::ConsentRequired,
    ErrorCode::CapabilityEscalation,
    ErrorCode::RouteVisibilityEscalation,
    ErrorCode::McpToolConsentRequired,
];

/// Shows a person what the plugin asks for and asks for their word; a program has to say `--yes`.
fn agrees(error: &Error) -> bool {
    if !ASKING.contains(&error.code()) || !std::io::stdin().is_terminal() {
        return false;
    }
    let lines =
        error.details_value().and_then(|details| details.get("lines")).and_then(|lines| lines.as_array());
    eprintln!("It asks to:");
    for line in lines.into_iter().flatten().filter_map(|line| line.as_str()) {
        eprintln!("  · {line}");
    }
    eprint!("Agree? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

fn agreed(command: PluginCommand) -> PluginCommand {
    match command {
        PluginCommand::Install { plugin, .. } => PluginCommand::Install { plugin, yes: true },
        PluginCommand::Update { plugin, .. } => PluginCommand::Update { plugin, yes: true },
        PluginCommand::Grant { request, .. } => PluginCommand::Grant { request, yes: true },
        other => other,
    }
}

fn place(target: Target, marketplace: Option<String>) -> Result<PluginTarget> {
    let Some(url) = target.url else {
        return Ok(PluginTarget::Data { data: DataDir::new(target.data.data), marketplace });
    };
    Ok(PluginTarget::Server { url, token: token(target.token)? })
}

/// The token that goes with an address.
pub(super) fn token(text: Option<String>) -> Result<Secret> {
    text.map(Secret::new).ok_or_else(|| {
        Error::field("token", "is needed to talk to a server")
            .hint("Pass --token or set EMDASH_TOKEN; `emdash token create` makes one.")
    })
}
