//! The real binary as a child process, which can be killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::Value;

use crate::wait::eventually;
use crate::{Serving, TestData};

/// `emdash serve` on a free port.
pub struct ChildServer {
    child: Child,
    announced: Value,
    base: String,
    // Only `stop` and `kill` take it.
    data: Option<TestData>,
}

impl ChildServer {
    /// Starts the binary over a data directory, with more arguments for `serve`.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    #[track_caller]
    pub fn start(binary: &Path, data: TestData, arguments: &[&str]) -> Self {
        let mut child = command(binary)
            .args(["serve", "--json", "--listen", "127.0.0.1:0", "--data"])
            .arg(data.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary can be started");
        let mut line = String::new();
        let output = child.stdout.take().expect("it is piped");
        BufReader::new(output).read_line(&mut line).expect("it can be read");
        let announced: Value = serde_json::from_str(&line)
            .unwrap_or_else(|fault| panic!("serve announced no JSON ({fault}): {line:?}"));
        let address = announced["listening"].as_str().expect("it says where it listens");
        let base = format!("http://{address}");
        Self { child, announced, base, data: Some(data) }
    }

    /// The line it printed when it had started.
    #[must_use]
    pub fn announced(&self) -> &Value {
        &self.announced
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as an operator does, and returns at once.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn terminate(&self) {
        let kill = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(kill.is_ok_and(|status| status.success()), "the server cannot be asked to stop");
    }

    /// Waits for its end.
    ///
    /// # Panics
    /// When it does not end.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        let child = &mut self.child;
        eventually("the server ends", || child.try_wait().expect("it can be asked"))
    }

    /// Stops it in order, checks that no job was given up, and gives its data back.
    ///
    /// # Panics
    /// When it fails.
    #[track_caller]
    pub fn stop(mut self) -> TestData {
        self.terminate();
        let status = self.wait();
        assert!(status.success(), "the server ended with {status}");
        let data = self.data.take().expect("taken once");
        data.assert_no_dead_jobs();
        data
    }

    /// Ends it at once, as a power cut does, and gives its data back.
    ///
    /// # Panics
    /// When it cannot be killed.
    #[track_caller]
    pub fn kill(mut self) -> TestData {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
        self.data.take().expect("taken once")
    }
}

/// The binary without settings of the surrounding shell.
#[must_use]
pub fn command(binary: &Path) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().stdin(Stdio::null());
    command
}

impl Serving for ChildServer {
    fn base(&self) -> &str {
        &self.base
    }

    fn data(&self) -> &TestData {
        self.data.as_ref().expect("taken by `stop` and `kill` only")
    }
}

impl Drop for ChildServer {
    fn drop(&mut self) {
        let Some(data) = &self.data else { return };
        if std::thread::panicking() {
            // The test has failed already; nothing of it may stay.
            let _ = self.child.kill();
            let _ = self.child.wait();
            return;
        }
        if self.child.try_wait().expect("it can be asked").is_none() {
            self.terminate();
        }
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "the server ended with {status}");
        data.assert_no_dead_jobs();
    }
}
