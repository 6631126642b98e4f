//! The real server in this process.

use std::net::SocketAddr;
use std::thread::JoinHandle;

use emdash_app::{Role, ServeConfig, Server, Started, parse_static_host, parse_url};
use emdash_types::Result;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::{Serving, TestData};

/// What a server is started with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What it answers.
    pub role: Role,
    /// The marketplace to install from; itself where nothing is said.
    pub marketplace: Option<String>,
    /// `name=ip:port` of hosts plugins may reach though they are not public.
    pub hosts: Vec<String>,
    /// Whether plugins in the making may be loaded.
    pub development: bool,
}

/// The real server on a free port, stopped in order when the test ends.
pub struct TestServer {
    started: Started,
    base: String,
    options: Options,
    // Only `stop` takes these.
    data: Option<TestData>,
    running: Option<(oneshot::Sender<()>, JoinHandle<Result<()>>)>,
}

impl TestServer {
    /// With a new site.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        Self::start_with(TestData::with_site(), Options::default())
    }

    /// Over a data directory.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    #[track_caller]
    pub fn start_with(data: TestData, options: Options) -> Self {
        let config = config(&data, &options);
        let (announce, announced) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let runtime = Runtime::new().expect("a runtime can be started");
            runtime.block_on(async {
                let server = Server::start(config).await?;
                // Whoever waits for this is there until the server has started.
                let _ = announce.send(server.started().clone());
                server.run(async { drop(stopped.await) }).await
            })
        });
        let Ok(started) = announced.recv() else {
            panic!("the server does not start: {:?}", thread.join());
        };
        let base = format!("http://{}", started.address);
        Self { started, base, options, data: Some(data), running: Some((stop, thread)) }
    }

    /// What it announced.
    #[must_use]
    pub fn started(&self) -> &Started {
        &self.started
    }

    /// Stops it in order, checks that no job was given up, and gives its data back.
    ///
    /// # Panics
    /// When it failed.
    #[track_caller]
    pub fn stop(mut self) -> TestData {
        self.halt();
        let data = self.data.take().expect("taken once");
        data.assert_no_dead_jobs();
        data
    }

    /// Stops it and starts another one over the same data.
    #[must_use]
    #[track_caller]
    pub fn restart(self) -> Self {
        let options = self.options.clone();
        Self::start_with(self.stop(), options)
    }

    #[track_caller]
    fn halt(&mut self) {
        let Some((stop, thread)) = self.running.take() else { return };
        // A server that ended by itself hears nothing; then joining tells why.
        let _ = stop.send(());
        thread.join().expect("the server does not panic").expect("the server stops in order");
    }
}

impl Serving for TestServer {
    fn base(&self) -> &str {
        &self.base
    }

    fn data(&self) -> &TestData {
        self.data.as_ref().expect("taken by `stop` only")
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        self.halt();
        if let Some(data) = &self.data {
            data.assert_no_dead_jobs();
        }
    }
}

fn config(data: &TestData, options: &Options) -> ServeConfig {
    ServeConfig {
        data: data.dir(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        role: options.role,
        marketplace: options.marketplace.as_deref().map(|url| parse_url(url).expect("an address")),
        static_hosts: options
            .hosts
            .iter()
            .map(|text| parse_static_host(text).expect("name=ip:port"))
            .collect(),
        development: options.development,
    }
}
