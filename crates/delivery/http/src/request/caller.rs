//! Who is calling (CMS contract §2.12): bearer token first, then the session cookie with its CSRF rule.

use axum::extract::FromRequestParts;
use emdash_types::{Caller, Error, ErrorCode, Result, Scope, Secret, UserCaller};
use http::request::Parts;
use http::{HeaderMap, Method, header};

use crate::AppState;
use crate::respond::Failure;

/// Name of the session cookie.
pub const SESSION_COOKIE: &str = "emdash_session";

/// A caller with credentials whose token covers the path; anybody else is refused.
pub struct Authenticated(pub Caller);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let caller = identify(parts, state).await?;
        if caller == Caller::Anonymous {
            return Err(Failure(Error::new(ErrorCode::NotAuthenticated, "Not authenticated")));
        }
        require_csrf_header(&parts.method, &parts.headers, &caller)?;
        caller.require_scope(&scope_of(parts.uri.path(), &parts.method))?;
        Ok(Self(caller))
    }
}

/// Names the caller. Wrong credentials are refused, none make an anonymous caller.
///
/// # Errors
/// `INVALID_TOKEN`, `NOT_AUTHENTICATED`, `ACCOUNT_DISABLED`.
pub async fn identify(parts: &Parts, state: &AppState) -> Result<Caller> {
    if let Some(authorization) = parts.headers.get(header::AUTHORIZATION) {
        let text = authorization.to_str().unwrap_or_default();
        let bearer = text.strip_prefix("Bearer ").unwrap_or_default().trim();
        let secret = Secret::new(bearer.to_owned());
        return Ok(Caller::User(state.identity.authenticate_bearer(&secret).await?));
    }
    match session_cookie(&parts.headers) {
        Some(secret) => Ok(Caller::User(state.identity.authenticate_session(&secret).await?)),
        None => Ok(Caller::Anonymous),
    }
}

fn session_cookie(headers: &HeaderMap) -> Option<Secret> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == SESSION_COOKIE).map(|(_, text)| Secret::new(text.to_owned()))
}

/// A browser sends its cookie by itself; only our own scripts can add the header (CMS contract §1.3).
///
/// # Errors
/// `CSRF_REJECTED` for an unsafe method by session without the header.
fn require_csrf_header(method: &Method, headers: &HeaderMap, caller: &Caller) -> Result<()> {
    let by_session = matches!(caller, Caller::User(UserCaller { scopes: None, .. }));
    let safe = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if !by_session || safe || has_csrf_header(headers) {
        return Ok(());
    }
    Err(csrf_refusal())
}

/// Whether the request carries `X-EmDash-Request: 1`.
#[must_use]
pub fn has_csrf_header(headers: &HeaderMap) -> bool {
    headers.get("x-emdash-request").is_some_and(|value| value == "1")
}

/// The refusal of a request without that header.
#[must_use]
pub fn csrf_refusal() -> Error {
    Error::new(ErrorCode::CsrfRejected, "Missing required header")
        .hint("Send X-EmDash-Request: 1 with requests that are signed in by cookie.")
}

/// The scope a token needs for a path (CMS contract §2.1); anything not listed needs `admin`.
fn scope_of(path: &str, method: &Method) -> Scope {
    let rest = path.strip_prefix("/_emdash/api").unwrap_or(path);
    let area = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
    let write = matches!(*method, Method::POST | Method::PUT | Method::PATCH | Method::DELETE);
    if !write && *method != Method::GET {
        return Scope::Admin;
    }
    match (area, write) {
        (
            "content" | "revisions" | "sections" | "widget-areas" | "search" | "taxonomies" | "menus",
            false,
        ) => Scope::ContentRead,
        ("content" | "revisions" | "sections" | "widget-areas", true) => Scope::ContentWrite,
        ("taxonomies", true) => Scope::TaxonomiesManage,
        ("menus", true) => Scope::MenusManage,
        ("media", false) => Scope::MediaRead,
        ("media", true) => Scope::MediaWrite,
        ("schema", false) => Scope::SchemaRead,
        ("schema", true) => Scope::SchemaWrite,
        ("settings", false) => Scope::SettingsRead,
        ("settings", true) => Scope::SettingsManage,
        _ => Scope::Admin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_not_listed_needs_the_admin_scope() {
        for (method, path, scope) in [
            (Method::GET, "/_emdash/api/content/posts", Scope::ContentRead),
            (Method::PUT, "/_emdash/api/content/posts/1", Scope::ContentWrite),
            (Method::HEAD, "/_emdash/api/content/posts", Scope::Admin),
            (Method::GET, "/_emdash/api/admin/plugins", Scope::Admin),
            (Method::POST, "/_emdash/api/search", Scope::Admin),
            (Method::GET, "/_emdash/api/auth/me", Scope::Admin),
            (Method::GET, "/api/plugins/audit-log/recent", Scope::Admin),
        ] {
            assert_eq!(scope_of(path, &method), scope, "{method} {path}");
        }
    }
}
