//! A client with one identity.

use http::{HeaderName, Method, Request, header};
use serde_json::Value;
use ureq::Agent;

use crate::Answer;
use crate::wait::DEADLINE;

/// Largest answer read, bytes.
const MAX_ANSWER: u64 = 64 * 1024 * 1024;

/// Talks to one server as somebody. Follows no redirects.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
    base: String,
    headers: Vec<(HeaderName, String)>,
}

impl Client {
    /// Nobody in particular; the address is without trailing slash.
    #[must_use]
    pub fn anonymous(base: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .timeout_global(Some(DEADLINE))
            .build();
        Self { agent: config.into(), base: base.to_owned(), headers: Vec::new() }
    }

    /// The same with a token.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Self {
        self.with_header(header::AUTHORIZATION, &format!("Bearer {token}"))
    }

    /// The same with one header more.
    #[must_use]
    pub fn with_header(&self, name: HeaderName, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.to_owned()));
        client
    }

    /// Reads.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None)
    }

    /// Posts JSON.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body))
    }

    /// Posts nothing.
    #[track_caller]
    pub fn act(&self, path: &str) -> Answer {
        self.send(Method::POST, path, None)
    }

    /// Puts JSON.
    #[track_caller]
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some(body))
    }

    /// Deletes.
    #[track_caller]
    pub fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None)
    }

    /// Any method, with JSON or without a body.
    #[track_caller]
    pub fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        match body {
            Some(body) => self.send_bytes(method, path, "application/json", body.to_string().into_bytes()),
            None => self.send_bytes(method, path, "", Vec::new()),
        }
    }

    /// Any method, with any body.
    ///
    /// # Panics
    /// When the server cannot be reached or breaks off.
    #[track_caller]
    pub fn send_bytes(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.try_send(method.clone(), path, content_type, body)
            .unwrap_or_else(|fault| panic!("{method} {path} failed: {fault}"))
    }

    /// As [`Client::send_bytes`], for a server that may be gone.
    ///
    /// # Errors
    /// When the server cannot be reached or breaks off.
    pub fn try_send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<Answer, ureq::Error> {
        let request_line = format!("{method} {path}");
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if !content_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let mut response = if body.is_empty() {
            self.agent.run(request.body(())?)?
        } else {
            self.agent.run(request.body(body)?)?
        };
        let body = response.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()?;
        let (parts, _) = response.into_parts();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body, request: request_line })
    }
}
