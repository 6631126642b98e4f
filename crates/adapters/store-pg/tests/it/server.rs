//! A PostgreSQL server for the tests, shared by all test processes that run at the same time and gone after them.
//!
//! Whoever tests holds a shared lock on a file. The first one starts the server and, beside it, a shell that waits until
//! nobody holds the lock, stops the server and removes its data; so nothing is left even of a killed test.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use emdash_types::Secret;
use tokio_postgres::NoTls;

/// The right to use the server, until dropped.
pub struct Server {
    home: PathBuf,
    _in_use: File,
}

impl Server {
    /// The running server; starts it where nobody did.
    pub fn shared() -> Self {
        let locks = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let mut hasher = DefaultHasher::new();
        locks.hash(&mut hasher);
        // In the directory for temporary files, because a socket's path is short and the server's user must reach it.
        let home = std::env::temp_dir().join(format!("emdash-test-pg-{:x}", hasher.finish()));
        let users = locks.join("postgres-users.lock");
        let in_use = open(&users);
        in_use.lock_shared().unwrap();
        let starting = open(&locks.join("postgres-start.lock"));
        starting.lock().unwrap();
        if UnixStream::connect(home.join(".s.PGSQL.5432")).is_err() {
            start(&home, &users);
        }
        Self { home, _in_use: in_use }
    }

    fn url(&self, database: &str) -> String {
        format!("host={} user=emdash dbname={database}", self.home.display())
    }

    /// An empty database.
    pub async fn fresh_database(&self) -> Secret {
        static SERIAL: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}_{}", std::process::id(), SERIAL.fetch_add(1, Ordering::Relaxed));
        let (client, connection) = tokio_postgres::connect(&self.url("postgres"), NoTls).await.unwrap();
        let connection = tokio::spawn(connection);
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {name}")).await.unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        drop(client);
        connection.await.unwrap().unwrap();
        Secret::new(self.url(&name))
    }
}

fn open(path: &Path) -> File {
    File::options().create(true).truncate(false).write(true).open(path).unwrap()
}

fn start(home: &Path, users: &Path) {
    let binaries = binaries();
    if home.exists() {
        fs::remove_dir_all(home).unwrap();
    }
    fs::create_dir(home).unwrap();
    fs::set_permissions(home, fs::Permissions::from_mode(0o700)).unwrap();
    let user = unprivileged_user();
    if let Some(user) = user {
        run(Command::new("chown").arg(user).arg(home));
    }
    let data = home.join("data");
    run(as_user(user, &binaries.join("initdb"))
        .args(["--username=emdash", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "-D"])
        .arg(&data));
    let settings = format!(
        "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off -c max_connections=300 \
         -c shared_buffers=64MB -c listen_addresses='' -c unix_socket_directories='{}'",
        home.display()
    );
    let control = binaries.join("pg_ctl");
    let log = home.join("log");
    run(as_user(user, &control)
        .arg("-D")
        .arg(&data)
        .arg("-l")
        .arg(&log)
        .args(["-w", "-t", "60", "-o"])
        .arg(settings)
        .arg("start"));
    let stop = format!(
        "{} -m immediate -D {} stop; rm -rf {}",
        shell(as_user(user, &control)),
        data.display(),
        home.display()
    );
    let users = users.display();
    let watch = format!(
        "while :; do flock -x '{users}' true; sleep 2; flock -n -x '{users}' sh -c \"{stop}\" && exit; done"
    );
    run(Command::new("setsid").args(["--fork", "sh", "-c", &watch]).current_dir("/").stdin(Stdio::null()));
}

/// The directory of the newest PostgreSQL.
fn binaries() -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, path)| path.join("initdb").exists())
        .collect();
    found.sort();
    if let Some((_, path)) = found.pop() {
        return path;
    }
    let which = Command::new("sh").args(["-c", "command -v initdb"]).output().unwrap();
    let path = PathBuf::from(String::from_utf8(which.stdout).unwrap().trim());
    match path.parent() {
        Some(directory) if path.is_absolute() => directory.to_owned(),
        _ => panic!(
            "These tests need the PostgreSQL server programs (initdb, pg_ctl, postgres) in the PATH or in \
             /usr/lib/postgresql; `cargo xtask test` installs them, or: apt-get install postgresql"
        ),
    }
}

/// The user to run the server as, where this process is root: PostgreSQL refuses to run as root.
fn unprivileged_user() -> Option<&'static str> {
    let id = |arguments: &[&str]| Command::new("id").args(arguments).output().unwrap();
    if id(&["-u"]).stdout.trim_ascii() != b"0" {
        return None;
    }
    ["postgres", "nobody"].into_iter().find(|user| id(&["-u", user]).status.success())
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    let mut command = match user {
        None => Command::new(program),
        Some(user) => {
            let group = Command::new("id").args(["-g", user]).output().unwrap();
            let group = String::from_utf8(group.stdout).unwrap();
            let mut command = Command::new("setpriv");
            command
                .arg(format!("--reuid={user}"))
                .arg(format!("--regid={}", group.trim()))
                .arg("--clear-groups")
                .arg(program);
            command
        }
    };
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// A command as words for a shell; none of ours has a character a shell would take for its own.
fn shell(command: Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
}

/// Runs to the end. Output goes to a file: a server that inherited a pipe would keep it open.
fn run(command: &mut Command) {
    let output = tempfile::tempfile().unwrap();
    command.stdout(output.try_clone().unwrap()).stderr(output.try_clone().unwrap());
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    if !status.success() {
        use std::io::{Read, Seek};
        let mut text = String::new();
        let mut output = output;
        output.rewind().unwrap();
        output.read_to_string(&mut text).unwrap();
        panic!("{command:?}: {status}\n{text}");
    }
}
