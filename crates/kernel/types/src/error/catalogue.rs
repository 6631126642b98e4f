//! The closed catalogue: every code the program can answer with, its kind, and what it means.
//!
//! A code exists only where a client acts on it. The kind alone decides the status (`CMS contract §1.6`).

use super::ErrorKind;

macro_rules! catalogue {
    ($($variant:ident = $text:literal, $kind:ident, $meaning:literal;)+) => {
        /// A stable, documented error code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorCode {
            $(#[doc = $meaning] $variant,)+
        }

        impl ErrorCode {
            /// Every code, in catalogue order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The text on the wire.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The kind, from which the status follows.
            #[must_use]
            pub fn kind(self) -> ErrorKind {
                match self { $(Self::$variant => ErrorKind::$kind,)+ }
            }

            /// What it means, one sentence, for `docs/errors.md`.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

catalogue! {
    ValidationError = "VALIDATION_ERROR", Invalid, "The request does not fit the schema; `details.issues` names each field.";
    InvalidJson = "INVALID_JSON", Invalid, "The body is not JSON.";
    InvalidCursor = "INVALID_CURSOR", Invalid, "The pagination cursor was not issued by this list.";
    InvalidState = "INVALID_STATE", Invalid, "The thing is not in a state that allows this.";
    SetupComplete = "SETUP_COMPLETE", Invalid, "The site already has its administrator.";
    SaveRejected = "SAVE_REJECTED", Unprocessable, "A plugin refused the save; `details` names plugin, hook and reason. Nothing was stored.";
    McpToolConsentRequired = "MCP_TOOL_CONSENT_REQUIRED", Invalid, "The plugin offers tools to MCP clients that nobody agreed to; `details.mcpTools` lists them.";
    ManifestMismatch = "MANIFEST_MISMATCH", Invalid, "The bundle carries another plugin than the marketplace listed.";
    ManifestVersionMismatch = "MANIFEST_VERSION_MISMATCH", Invalid, "The bundle carries another version than the marketplace listed.";
    DeleteBlocked = "DELETE_BLOCKED", Invalid, "A plugin refused the deletion. Nothing was deleted.";

    NotAuthenticated = "NOT_AUTHENTICATED", Unauthenticated, "The request carries no credentials.";
    InvalidToken = "INVALID_TOKEN", Unauthenticated, "The token is unknown, expired or revoked.";
    Forbidden = "FORBIDDEN", Forbidden, "The caller's role lacks the permission.";
    InsufficientScope = "INSUFFICIENT_SCOPE", Forbidden, "The token lacks the scope.";
    CsrfRejected = "CSRF_REJECTED", Forbidden, "A browser request without the header X-EmDash-Request: 1.";
    AccountDisabled = "ACCOUNT_DISABLED", Forbidden, "The account is disabled.";

    NotFound = "NOT_FOUND", NotFound, "There is no such thing, or the caller may not know of it.";
    CollectionNotFound = "COLLECTION_NOT_FOUND", NotFound, "There is no such collection.";
    NoVersion = "NO_VERSION", NotFound, "The plugin has no such published version.";
    MethodNotAllowed = "METHOD_NOT_ALLOWED", MethodNotAllowed, "The path exists, but not for this method.";

    Conflict = "CONFLICT", Conflict, "Somebody else changed the thing meanwhile; load it again.";
    SlugConflict = "SLUG_CONFLICT", Conflict, "Another entry of the collection has this slug.";
    AlreadyInstalled = "ALREADY_INSTALLED", Conflict, "The plugin is installed already.";
    AlreadyUpToDate = "ALREADY_UP_TO_DATE", Conflict, "The plugin has this version already.";
    PluginIdConflict = "PLUGIN_ID_CONFLICT", Conflict, "Another publisher owns this plugin id.";
    VersionExists = "VERSION_EXISTS", Conflict, "The version was published before, or is not greater than the latest.";
    HostIncompatible = "ENV_INCOMPATIBLE", Conflict, "The plugin needs a newer host.";
    DatabaseInUse = "DATABASE_IN_USE", Conflict, "Another process works on the data directory.";

    PayloadTooLarge = "PAYLOAD_TOO_LARGE", TooLarge, "The body is larger than the endpoint takes.";
    ChecksumMismatch = "CHECKSUM_MISMATCH", Unprocessable, "The downloaded bundle is not the published one.";
    InvalidBundle = "INVALID_BUNDLE", Unprocessable, "The bundle breaks a rule; the message names entry, limit and value.";
    BundleExtractFailed = "BUNDLE_EXTRACT_FAILED", Unprocessable, "The bundle is not a readable tar.gz archive.";
    InvalidManifest = "INVALID_MANIFEST", Unprocessable, "The manifest breaks a rule; `details.issues` gives file, line and column.";
    PluginStartFailed = "PLUGIN_START_FAILED", Unprocessable, "The plugin's module could not be evaluated.";
    InvalidImport = "INVALID_IMPORT", Unprocessable, "The import file cannot be read; the message says where.";
    ConsentRequired = "CONSENT_REQUIRED", Forbidden, "The plugin asks for access that was not acknowledged; `details` lists it.";
    CapabilityEscalation = "CAPABILITY_ESCALATION", Forbidden, "The new version asks for more than the installed one; `details` lists it.";
    RouteVisibilityEscalation = "ROUTE_VISIBILITY_ESCALATION", Forbidden, "The new version answers at addresses without sign-in that the installed one did not; `details` lists them.";
    AuditFailed = "AUDIT_FAILED", Forbidden, "The release did not pass the marketplace's review.";

    RateLimited = "RATE_LIMITED", RateLimited, "Too many requests; wait as Retry-After says.";

    RouteError = "ROUTE_ERROR", Invalid, "The plugin's route threw; the message is the plugin's.";
    HookError = "HOOK_ERROR", Unprocessable, "A plugin's hook threw; the message is the plugin's.";
    PluginCpuLimit = "PLUGIN_CPU_LIMIT", Timeout, "A plugin call used up its CPU budget and was stopped.";
    PluginTimeLimit = "PLUGIN_TIME_LIMIT", Timeout, "A plugin call used up its wall-clock budget and was stopped.";
    PluginMemoryLimit = "PLUGIN_MEMORY_LIMIT", Unprocessable, "A plugin call asked for more memory than its budget.";
    PluginNeverSettles = "PLUGIN_NEVER_SETTLES", Unprocessable, "A plugin call waits for a promise that nothing can settle.";
    PluginCrashed = "PLUGIN_CRASHED", Unprocessable, "A plugin call trapped; its instance was discarded.";
    PluginOutputInvalid = "PLUGIN_OUTPUT_INVALID", Unprocessable, "A plugin answered with something its hook does not allow.";
    HostCallLimit = "HOST_CALL_LIMIT", RateLimited, "A plugin call made more host calls than its budget.";
    NetworkCallLimit = "NETWORK_CALL_LIMIT", RateLimited, "A plugin call made more network requests than its budget.";
    LogLimit = "LOG_LIMIT", RateLimited, "A plugin call logged more than its budget; the rest is dropped.";
    SecretUnreadable = "SECRET_UNREADABLE", Unavailable, "A stored secret cannot be opened with this installation's key; enter it again.";
    QuotaExceeded = "QUOTA_EXCEEDED", TooLarge, "A plugin's stored data would exceed its quota.";
    CapabilityMissing = "CAPABILITY_MISSING", Forbidden, "A plugin used an ability it does not declare or was not granted.";
    CollectionUndeclared = "COLLECTION_UNDECLARED", Forbidden, "A plugin used a storage collection it does not declare.";
    FieldNotIndexed = "FIELD_NOT_INDEXED", Invalid, "A plugin queried a field that no declared index covers.";
    SqlError = "SQL_ERROR", Invalid, "A plugin's statement failed; the message is the database's.";
    SqlRefused = "SQL_REFUSED", Forbidden, "A plugin's statement reached beyond the plugin's own database.";
    SqlLimit = "SQL_LIMIT", RateLimited, "A plugin's statement used up its budget of steps, time or memory and was undone.";
    MigrationFailed = "MIGRATION_FAILED", Unprocessable, "A migration of the plugin's database failed; the message names file and statement. The database is as it was.";
    HostNotAllowed = "HOST_NOT_ALLOWED", Forbidden, "A plugin asked for a network host it does not declare.";
    AddressBlocked = "ADDRESS_BLOCKED", Forbidden, "A request would reach a private or internal address.";
    TooManyRedirects = "TOO_MANY_REDIRECTS", BadGateway, "The remote server redirects too often.";
    NetworkFailed = "NETWORK_FAILED", BadGateway, "The remote server cannot be reached or broke off.";
    ResponseTooLarge = "RESPONSE_TOO_LARGE", BadGateway, "The remote server's answer exceeds the limit.";

    BundleDownloadFailed = "BUNDLE_DOWNLOAD_FAILED", BadGateway, "The marketplace did not deliver the bundle.";
    MarketplaceUnavailable = "MARKETPLACE_UNAVAILABLE", Unavailable, "The marketplace cannot be reached.";
    MarketplaceNotConfigured = "MARKETPLACE_NOT_CONFIGURED", Unavailable, "The site has no marketplace address.";
    SandboxNotAvailable = "SANDBOX_NOT_AVAILABLE", Unavailable, "The plugin engine is not ready.";
    DatabaseUnusable = "DATABASE_UNUSABLE", Unavailable, "The database is damaged, newer than the program, or cannot be reached; the message says which.";
    NotReady = "NOT_READY", Unavailable, "The server is starting or stopping.";
    NotImplemented = "NOT_IMPLEMENTED", NotImplemented, "The contract has this, the server not yet.";
    Internal = "INTERNAL_ERROR", Internal, "A fault of the server; the request id finds it in the log.";
}
