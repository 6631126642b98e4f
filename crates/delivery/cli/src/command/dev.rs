//! `emdash plugin dev`.

use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;

use emdash_app::DataDir;
use emdash_app::command::{self, DevEvent, DevTarget};
use emdash_types::Result;

use super::plugin::token;
use super::serve::stop_signal;
use crate::arguments::Target;

pub async fn run(directory: &Path, target: Target, listen: SocketAddr, json: bool) -> Result<()> {
    let target = match target.url {
        Some(url) => DevTarget::Server { url, token: token(target.token)? },
        None => DevTarget::Data { data: DataDir::new(target.data.data), listen },
    };
    command::dev(directory, target, |event| print(&event, json), stop_signal()).await
}

/// One line, or for people a few, per event.
fn print(event: &DevEvent, json: bool) {
    if json {
        println!("{}", serde_json::to_string(event).unwrap_or_default());
    } else {
        println!("{event}");
    }
    // Whoever reads along may have gone.
    let _ = std::io::stdout().flush();
}
