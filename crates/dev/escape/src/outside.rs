//! A server out there: the host `outside.test`.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Answers everybody and remembers what was asked for.
pub(crate) struct Outside {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Outside {
    /// On a free port; `canary` is the port nobody may reach.
    pub(crate) fn start(canary: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        // Ends with the process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A client that hangs up early has seen enough.
                let _ = answer(stream, canary, &kept);
            }
        });
        Self { address, seen }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The request lines so far, without the protocol's version.
    pub(crate) fn request_lines(&self) -> Vec<String> {
        self.seen.lock().expect("nobody panicked").clone()
    }
}

/// Where `/redirect/<name>` leads.
fn target(name: &str, canary: u16) -> Option<String> {
    Some(match name {
        "loopback" => format!("http://127.0.0.1:{canary}/"),
        "loopback-v6" => format!("http://[::1]:{canary}/"),
        "localhost" => format!("http://localhost:{canary}/"),
        "metadata" => "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file" => "file:///etc/passwd".to_owned(),
        "undeclared" => "http://elsewhere.test/".to_owned(),
        "round" => "/redirect/round".to_owned(),
        _ => return None,
    })
}

fn answer(stream: TcpStream, canary: u16, kept: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 || line.trim_end().is_empty() {
            break;
        }
    }
    let request_line = first.rsplit_once(' ').map(|(request, _)| request.to_owned())?;
    let path = request_line.split_once(' ').map(|(_, path)| path).unwrap_or_default();
    let location = path.strip_prefix("/redirect/").and_then(|name| target(name, canary));
    let reply = match location {
        Some(location) => format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"),
        None if path == "/bomb" => bomb(),
        None => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok".to_owned(),
    };
    // Kept before the client can know that it was heard.
    kept.lock().expect("nobody panicked").push(request_line);
    reader.get_mut().write_all(reply.as_bytes()).ok()
}

/// More than a plugin may receive.
fn bomb() -> String {
    let body = "x".repeat(11 << 20);
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}
