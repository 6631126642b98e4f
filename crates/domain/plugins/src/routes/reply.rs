//! What a route did, as an answer (plugin contract §2.3, §5.5).

use std::sync::Arc;

use emdash_ports::runtime::{GuestException, GuestResponse, GuestStop};
use emdash_types::{Error, ErrorCode, Result};

use super::{RouteAccess, RouteReply};
use crate::generation::LoadedPlugin;
use crate::session::{Answer, Failure, stop_code};
use crate::words::{cut, shown};

/// Headers a plugin may set on its own `Response`.
const ALLOWED: [&str; 7] = [
    "content-disposition",
    "content-language",
    "content-type",
    "etag",
    "last-modified",
    "location",
    "retry-after",
];

/// A plugin's page is shown on the site's own origin: no script of it may run there, and nothing of it may pass
/// for what it is not.
const GUARDS: [(&str, &str); 2] = [
    (
        "content-security-policy",
        "sandbox allow-forms allow-popups; default-src 'none'; img-src https: data:; style-src 'unsafe-inline'",
    ),
    ("x-content-type-options", "nosniff"),
];

const MAX_CODE_BYTES: usize = 64;

/// A route that was called.
pub(super) struct Called<'a> {
    pub(super) plugin: &'a Arc<LoadedPlugin>,
    pub(super) route: &'a str,
    pub(super) access: &'a RouteAccess,
    /// Whether the method only reads.
    pub(super) reads: bool,
}

impl Called<'_> {
    pub(super) fn reply(&self, outcome: Result<Answer, Failure>) -> Result<RouteReply> {
        match outcome {
            Ok(Answer::Value(json)) => Ok(RouteReply::Data { json, cache_control: self.cache_control() }),
            Ok(Answer::Response(response)) => Ok(self.response(response)),
            Err(Failure::Threw(exception)) => self.thrown(*exception),
            Err(Failure::Stopped(stop)) => Err(self.stopped(stop)),
            Err(Failure::Output(reason)) => Err(self.error(ErrorCode::PluginOutputInvalid, &reason)),
            Err(Failure::Host(error)) => Err(error),
        }
    }

    fn cache_control(&self) -> Option<String> {
        self.access.cache_control.clone().filter(|_| self.access.public && self.reads)
    }

    fn response(&self, response: GuestResponse) -> RouteReply {
        let GuestResponse { status, headers, body, .. } = response;
        let redirects = (300..=399).contains(&status);
        let mut kept: Vec<(String, String)> = headers
            .into_iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .filter(|(name, _)| ALLOWED.contains(&name.as_str()) && (name != "location" || redirects))
            .collect();
        kept.extend(GUARDS.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let cache = self.cache_control().filter(|_| status == 200);
        kept.extend(cache.map(|value| ("cache-control".to_owned(), value)));
        RouteReply::Response { status, headers: kept, body }
    }

    /// An error with a status is the plugin's answer, meant to be read; any other is an accident.
    fn thrown(&self, exception: GuestException) -> Result<RouteReply> {
        let GuestException { message, code, status, details, .. } = exception;
        match (status.filter(|status| (400..=599).contains(status)), code) {
            (Some(status), Some(code)) => Ok(RouteReply::Refused {
                status,
                code: cut(&code, MAX_CODE_BYTES).to_owned(),
                message: shown(&message),
                details,
            }),
            _ if self.access.public => {
                Err(Error::new(ErrorCode::RouteError, "The plugin could not answer.").caused_by(message))
            }
            _ => Err(self.error(ErrorCode::RouteError, &shown(&message))),
        }
    }

    fn stopped(&self, stop: GuestStop) -> Error {
        let code = stop_code(&stop);
        let failure = Failure::Stopped(stop);
        if self.access.public {
            return Error::new(code, "The plugin could not answer.").caused_by(failure.reason());
        }
        let message = format!("Plugin {} {} during route:{}", self.plugin.id, failure.reason(), self.route);
        Error::new(code, message).details(failure.details(self.plugin, "route", self.route))
    }

    fn error(&self, code: ErrorCode, reason: &str) -> Error {
        if self.access.public {
            return Error::new(code, "The plugin could not answer.").caused_by(reason);
        }
        let (plugin, route) = (self.plugin, self.route);
        Error::new(code, format!("Plugin {} route {route} failed: {reason}", plugin.label()))
    }
}
