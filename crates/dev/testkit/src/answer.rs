//! What a server answered.

use http::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
    /// Method and path, for the words of a failing test.
    pub(crate) request: String,
}

impl Answer {
    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> String {
        let value = self.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|fault| panic!("{} answered no JSON ({fault}): {self}", self.request))
    }

    /// The same answer, which must have a status below 400.
    ///
    /// # Panics
    /// When it has not.
    #[track_caller]
    pub fn accepted(self) -> Self {
        assert!(self.status < 400, "{} was refused: {self}", self.request);
        self
    }

    /// `data` of the envelope of a successful answer.
    ///
    /// # Panics
    /// When the answer is no success in an envelope.
    #[must_use]
    #[track_caller]
    pub fn data(&self) -> Value {
        assert!(self.status < 400, "{} was refused: {self}", self.request);
        let mut body = self.json();
        assert_eq!(body["success"], Value::Bool(true), "{} answered without envelope: {self}", self.request);
        body["data"].take()
    }

    /// `error` of the envelope of a refusal, which must have this status and code.
    ///
    /// # Panics
    /// When the answer is anything else.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) -> Value {
        let mut body = self.json();
        assert_eq!(
            (self.status, body["error"]["code"].as_str()),
            (status, Some(code)),
            "{} answered {self}",
            self.request
        );
        assert_eq!(body["success"], Value::Bool(false), "{} answered without envelope: {self}", self.request);
        body["error"].take()
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, self.text().chars().take(2_000).collect::<String>())
    }
}
