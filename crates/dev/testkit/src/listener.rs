//! Somebody else's server, as plugins call it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value;

use crate::wait::eventually;

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// `POST /hook HTTP/1.1`.
    pub request_line: String,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Received {
    /// A header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a webhook carries JSON")
    }
}

/// Answers requests and remembers them.
pub struct WebhookListener {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
}

impl WebhookListener {
    /// On a free port of this machine, with 200 for everything.
    #[must_use]
    pub fn start() -> Self {
        Self::answering(|_| (200, b"ok".to_vec()))
    }

    /// On a free port of this machine, with status and body made from the request.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn answering(reply: impl Fn(&Received) -> (u16, Vec<u8>) + Send + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(request) = answer(stream, &reply) {
                    kept.lock().expect("nobody panicked").push(request);
                }
            }
        });
        Self { address, received }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What has arrived so far.
    ///
    /// # Panics
    /// Never, unless its thread did.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("nobody panicked").clone()
    }

    /// Waits until that many requests have arrived.
    #[must_use]
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        eventually("requests arrive", || Some(self.received()).filter(|received| received.len() >= count))
    }
}

fn answer(stream: TcpStream, reply: impl Fn(&Received) -> (u16, Vec<u8>)) -> Option<Received> {
    let mut reader = BufReader::new(stream);
    let request_line = line(&mut reader)?;
    let mut headers = Vec::new();
    loop {
        let text = line(&mut reader)?;
        let Some((name, value)) = text.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").map(|(_, value)| value.parse());
    let mut body = vec![0; length.transpose().ok()?.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let received = Received { request_line, headers, body };
    let (status, body) = reply(&received);
    let head = format!("HTTP/1.1 {status} -\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    // Whoever hangs up early asked all the same.
    let _ = reader.get_mut().write_all(&[head.as_bytes(), &body].concat());
    Some(received)
}

/// A line without its end; `None` at the end of the stream.
fn line(reader: &mut impl BufRead) -> Option<String> {
    let mut text = String::new();
    let read = reader.read_line(&mut text).ok()?;
    (read > 0).then(|| text.trim_end().to_owned())
}
