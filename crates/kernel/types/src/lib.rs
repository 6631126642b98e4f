#![doc = include_str!("../README.md")]

mod ambient;
mod caller;
mod error;
mod id;
mod page;
mod permission;
mod secret;
mod slug;
#[cfg(feature = "testing")]
pub mod testing;
mod timestamp;

pub use ambient::{Ambient, Clock, Entropy, ulid};
pub use caller::{Caller, PluginCaller, UserCaller};
pub use error::{Error, ErrorCode, ErrorKind, Result};
pub use id::{
    AuditId, BylineId, CallId, CollectionName, CronTaskId, EntryId, IdError, JobId, MediaId, PluginId,
    PluginRequestId, PublisherId, ReleaseId, RevisionId, SessionId, TermId, TokenId, UserId, ViolationId,
};
pub use page::{Cursor, Page, PageRequest};
pub use permission::{Permission, Role, Scope};
pub use secret::Secret;
pub use slug::slugify;
pub use timestamp::Timestamp;

/// A JSON object: the field map of an entry, an event, a plugin document.
pub type JsonMap = serde_json::Map<String, serde_json::Value>;
