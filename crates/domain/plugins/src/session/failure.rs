//! Why a call into a plugin did not end well.

use emdash_ports::runtime::{GuestException, GuestStop, GuestTarget};
use emdash_types::{Error, ErrorCode};
use serde_json::{Value, json};

use crate::generation::LoadedPlugin;
use crate::words::{cut, shown};

/// Longest code of a plugin's own in an answer.
const MAX_CODE_BYTES: usize = 64;
/// Errors the language itself throws.
const ENGINE_ERRORS: [&str; 5] =
    ["TypeError", "ReferenceError", "RangeError", "SyntaxError", "InternalError"];

#[derive(Debug)]
pub(crate) enum Failure {
    /// The plugin threw.
    Threw(Box<GuestException>),
    /// The runtime stopped it.
    Stopped(GuestStop),
    /// It answered what the hook does not allow.
    Output(String),
    /// The host could not run it, or refuses to.
    Host(Error),
}

impl Failure {
    pub(crate) fn no_instance() -> Self {
        Self::Host(Error::new(ErrorCode::SandboxNotAvailable, "There is no instance to call."))
    }

    /// Whether it is a mistake of the plugin's code, rather than its answer: a hook refuses and a route answers by
    /// throwing an error of its own.
    pub(crate) fn is_fault(&self, target: GuestTarget) -> bool {
        match self {
            Self::Stopped(_) | Self::Output(_) => true,
            Self::Host(_) => false,
            Self::Threw(exception) => {
                let route = target == GuestTarget::Route && exception.status.is_none();
                route || ENGINE_ERRORS.contains(&exception.name.as_str())
            }
        }
    }

    /// The failure as a refusal of what needed the call.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Host(error) => error,
            Self::Threw(_) => Error::new(ErrorCode::HookError, self.reason()),
            Self::Stopped(ref stop) => Error::new(stop_code(stop), self.reason()),
            Self::Output(reason) => Error::new(ErrorCode::PluginOutputInvalid, reason),
        }
    }

    /// The code, as details name it. A plugin's own stands for itself.
    pub(crate) fn code(&self) -> &str {
        match self {
            Self::Threw(exception) => match exception.code.as_deref() {
                Some(code) if !code.is_empty() => cut(code, MAX_CODE_BYTES),
                _ => ErrorCode::HookError.name(),
            },
            Self::Stopped(stop) => stop_code(stop).name(),
            Self::Output(_) => ErrorCode::PluginOutputInvalid.name(),
            Self::Host(error) => error.code().name(),
        }
    }

    /// What happened, for whoever has to do with it.
    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Threw(exception) if exception.message.is_empty() => {
                format!("threw {} without a message", shown(&exception.name))
            }
            Self::Threw(exception) => shown(&exception.message),
            Self::Stopped(stop) => stop_reason(stop),
            Self::Output(reason) => reason.clone(),
            Self::Host(error) => error.message().to_owned(),
        }
    }

    /// Limit and use, where it was a limit.
    pub(crate) fn limit_and_use(&self) -> (Option<Value>, Option<Value>) {
        match self {
            Self::Stopped(GuestStop::CpuLimit { limit, used }) => {
                (Some(json!(millis(limit))), Some(json!(millis(used))))
            }
            Self::Stopped(GuestStop::TimeLimit { limit }) => (Some(json!(millis(limit))), None),
            Self::Stopped(GuestStop::MemoryLimit { limit }) => (Some(json!(limit)), None),
            Self::Threw(exception) => {
                let number = |name: &str| {
                    exception.details.as_ref()?.get(name).filter(|value| value.is_number()).cloned()
                };
                (number("limit"), number("used"))
            }
            _ => (None, None),
        }
    }

    /// The refusal to put on record, where the plugin overstepped a limit.
    pub(crate) fn violation(&self) -> Option<Error> {
        let code = match self {
            Self::Stopped(stop) => stop_code(stop),
            Self::Output(_) => ErrorCode::PluginOutputInvalid,
            Self::Threw(_) | Self::Host(_) => return None,
        };
        Some(Error::new(code, self.reason()))
    }

    /// `{plugin, version, hook, code, reason, limit?, used?}`.
    pub(crate) fn details(&self, plugin: &LoadedPlugin, kind: &str, name: &str) -> Value {
        let mut details = json!({
            "plugin": plugin.id,
            "version": plugin.version,
            kind: name,
            "code": self.code(),
            "reason": self.reason(),
        });
        let (limit, used) = self.limit_and_use();
        for (key, value) in [("limit", limit), ("used", used)] {
            if let (Some(value), Some(object)) = (value, details.as_object_mut()) {
                object.insert(key.to_owned(), value);
            }
        }
        details
    }
}

pub(crate) fn stop_code(stop: &GuestStop) -> ErrorCode {
    match stop {
        GuestStop::CpuLimit { .. } => ErrorCode::PluginCpuLimit,
        GuestStop::TimeLimit { .. } => ErrorCode::PluginTimeLimit,
        GuestStop::MemoryLimit { .. } => ErrorCode::PluginMemoryLimit,
        GuestStop::NeverSettles => ErrorCode::PluginNeverSettles,
        GuestStop::OutputInvalid { .. } => ErrorCode::PluginOutputInvalid,
        GuestStop::Forbidden { .. } => ErrorCode::CapabilityMissing,
        GuestStop::Crashed { .. } => ErrorCode::PluginCrashed,
    }
}

fn stop_reason(stop: &GuestStop) -> String {
    match stop {
        GuestStop::CpuLimit { limit, used } => {
            format!("used {} ms of CPU time; its limit is {} ms", millis(used), millis(limit))
        }
        GuestStop::TimeLimit { limit } => format!("exceeded wall-time limit of {}ms", millis(limit)),
        GuestStop::MemoryLimit { limit } => format!("needs more memory than its limit of {limit} bytes"),
        GuestStop::NeverSettles => "waits for something that can never happen".to_owned(),
        GuestStop::OutputInvalid { reason } => format!("answered something unusable: {}", shown(reason)),
        GuestStop::Forbidden { what } => format!("called {}, which plugins do not have", shown(what)),
        GuestStop::Crashed { .. } => "crashed and was discarded".to_owned(),
    }
}

fn millis(duration: &std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
