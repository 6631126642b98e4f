//! One function per command: arguments in, printed result out.

mod dev;
mod import;
mod plugin;
mod serve;

use std::process::ExitCode;

use emdash_app::DataDir;
use emdash_app::command::{self, InitInput};
use emdash_types::Result;

use crate::arguments::{Arguments, Command, Import, Publisher, Token};
use crate::output;

/// Runs the command; says how the process ends.
///
/// # Errors
/// Its refusal or failure.
pub async fn run(arguments: Arguments) -> Result<ExitCode> {
    let json = arguments.json;
    match arguments.command {
        Command::Init(init) => {
            let input = InitInput { title: init.title, email: init.email, url: init.url };
            output::success(&command::init(&DataDir::new(init.data.data), input).await?, json);
        }
        Command::Serve(serve) => serve::run(serve, json).await?,
        Command::Doctor(data) => {
            let diagnosis = command::doctor(&DataDir::new(data.data)).await?;
            output::success(&diagnosis, json);
            if !diagnosis.healthy {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Import(Import::Wordpress { file, data }) => import::wordpress(&file, data, json).await?,
        Command::Plugin(plugin) => return plugin::run(plugin, json).await,
        Command::Publisher(Publisher::Add { name, email, data }) => {
            output::success(&command::publisher_add(&DataDir::new(data.data), &name, &email).await?, json);
        }
        Command::Token(Token::Create { email, name, scopes, data }) => {
            let made = command::token_create(&DataDir::new(data.data), &email, &name, &scopes).await?;
            output::success(&made, json);
        }
    }
    Ok(ExitCode::SUCCESS)
}
