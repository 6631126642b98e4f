//! A keep-alive HTTP/1.1 client on a blocking socket: nothing between the clock and the server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// One connection.
pub struct Client {
    stream: BufReader<TcpStream>,
    token: Option<String>,
}

/// An answer.
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as JSON; a status of 400 or more is an error.
    pub fn json(&self) -> Result<Value> {
        if self.status >= 400 {
            bail!("status {}: {}", self.status, String::from_utf8_lossy(&self.body));
        }
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Client {
    /// Connects.
    pub fn connect(address: &str, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| format!("{address} does not answer"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream: BufReader::new(stream), token: token.map(str::to_owned) })
    }

    /// Sends a request and reads the answer.
    pub fn request(&mut self, method: &str, path: &str, kind: &str, body: &[u8]) -> Result<Answer> {
        let token = self
            .token
            .as_deref()
            .map(|token| format!("authorization: Bearer {token}\r\n"))
            .unwrap_or_default();
        let mut message = format!(
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\n{token}content-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        message.extend_from_slice(body);
        self.stream.get_mut().write_all(&message)?;
        self.read()
    }

    /// `GET`.
    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.request("GET", path, "text/plain", b"")
    }

    /// `POST` with JSON; the answer's `data`.
    pub fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        let answer = self.request("POST", path, "application/json", body.to_string().as_bytes())?.json()?;
        Ok(answer.get("data").cloned().unwrap_or(answer))
    }

    fn read(&mut self) -> Result<Answer> {
        let status = self.line()?.split(' ').nth(1).context("no status")?.parse()?;
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
            chunked |= line.starts_with("transfer-encoding:") && line.contains("chunked");
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        while chunked {
            let size = usize::from_str_radix(self.line()?.trim(), 16)?;
            let start = body.len();
            body.resize(start + size + 2, 0);
            self.stream.read_exact(&mut body[start..])?;
            body.truncate(start + size);
            chunked = size > 0;
        }
        Ok(Answer { status, body })
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            bail!("the server closed the connection");
        }
        Ok(line.trim_end().to_owned())
    }
}

/// Times `runs` calls after `warm` uncounted ones: median and 99th percentile, microseconds.
pub fn sample(warm: usize, runs: usize, mut call: impl FnMut(usize) -> Result<()>) -> Result<Value> {
    let mut times = Vec::with_capacity(runs);
    for index in 0..warm + runs {
        let started = Instant::now();
        call(index)?;
        if index >= warm {
            times.push(started.elapsed());
        }
    }
    times.sort_unstable();
    let at = |share: usize| micros(times[(times.len() - 1) * share / 100]);
    Ok(serde_json::json!({"p50": at(50), "p99": at(99), "runs": runs}))
}

/// Microseconds with one decimal.
pub fn micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e7).round() / 10.0
}
