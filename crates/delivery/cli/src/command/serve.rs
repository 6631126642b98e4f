//! `emdash serve`.

use std::io::Write;

use emdash_app::{DataDir, Role, ServeConfig, Server, Started, parse_static_host, parse_url};
use emdash_types::Result;

use crate::arguments::{RoleName, Serve};

pub async fn run(serve: Serve, json: bool) -> Result<()> {
    let config = ServeConfig {
        data: DataDir::new(serve.data.data),
        listen: serve.listen,
        public_url: serve.url.as_deref().map(parse_url).transpose()?,
        role: match serve.role {
            RoleName::All => Role::All,
            RoleName::Site => Role::Site,
            RoleName::Marketplace => Role::Marketplace,
        },
        marketplace: serve.marketplace.as_deref().map(parse_url).transpose()?,
        static_hosts: serve
            .outbound_host
            .iter()
            .map(|text| parse_static_host(text))
            .collect::<Result<_>>()?,
        development: serve.dev,
    };
    let server = Server::start(config).await?;
    announce(server.started(), json);
    server.run(stop_signal()).await
}

fn announce(started: &Started, json: bool) {
    if json {
        let line = serde_json::json!({
            "listening": started.address.to_string(),
            "site": started.site_url,
            "marketplace": started.marketplace_url,
            "setup": started.setup_url,
        });
        println!("{line}");
    } else {
        let lines = [
            ("Site", &started.site_url),
            ("Marketplace", &started.marketplace_url),
            ("Set up (works once)", &started.setup_url),
        ];
        for (name, url) in lines {
            if let Some(url) = url {
                println!("{name:<20} {url}");
            }
        }
        println!("Listening on {}. Stop with Ctrl-C.", started.address);
    }
    // Whoever started this may wait for the line; a closed pipe is no reason to stop.
    let _ = std::io::stdout().flush();
}

/// Completes on Ctrl-C or SIGTERM.
pub(super) async fn stop_signal() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
