//! A request as a route sees it (plugin contract §2.3, §5.3).

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::Value;

use super::{RawBody, RequestMeta, RouteAccess, RouteRequest, RouteUser};

/// Headers no plugin sees: they carry somebody's credentials.
const HIDDEN: [&str; 8] = [
    "cookie",
    "set-cookie",
    "authorization",
    "proxy-authorization",
    "cf-access-jwt-assertion",
    "cf-access-client-id",
    "cf-access-client-secret",
    "x-emdash-request",
];

#[derive(Serialize)]
struct Raw {
    form: bool,
    #[serde(rename = "type")]
    content_type: String,
    /// Base64.
    bytes: String,
}

#[derive(Serialize)]
struct Context {
    #[serde(skip_serializing_if = "Option::is_none")]
    raw: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Value>,
    request: Request,
}

#[derive(Serialize)]
struct Request {
    url: String,
    method: String,
    headers: BTreeMap<String, String>,
    meta: RequestMeta,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<RouteUser>,
}

impl RouteRequest {
    /// Whether the method only reads.
    pub(super) fn reads(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }
}

/// The route context, JSON. A public route sees no user, even where somebody is signed in.
pub(super) fn context(request: RouteRequest, access: &RouteAccess) -> String {
    let declared =
        |name: &str| access.headers.as_ref().is_none_or(|names| names.iter().any(|known| known == name));
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers {
        let name = name.to_ascii_lowercase();
        if HIDDEN.contains(&name.as_str()) || !declared(&name) {
            continue;
        }
        headers
            .entry(name)
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert(value);
    }
    let raw = request.raw.map(|RawBody { form, content_type, bytes }| Raw {
        form,
        content_type,
        bytes: STANDARD.encode(bytes),
    });
    let context = Context {
        raw,
        input: request.input,
        request: Request {
            url: request.url,
            method: request.method,
            headers,
            meta: request.meta,
            user: request.user.filter(|_| !access.public),
        },
    };
    serde_json::to_string(&context).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> RouteRequest {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        RouteRequest {
            method: "POST".into(),
            url: "https://a.com/x".into(),
            headers: vec![
                pair("Cookie", "session=1"),
                pair("AUTHORIZATION", "Bearer x"),
                pair("X-EmDash-Request", "1"),
                pair("X-Signature", "s"),
                pair("accept", "a"),
                pair("Accept", "b"),
            ],
            user: Some(RouteUser {
                id: "u".into(),
                email: "a@b.c".into(),
                name: None,
                role: 50,
                created_at: "2026-11-20T10:00:00.000Z".into(),
            }),
            ..RouteRequest::default()
        }
    }

    fn access(public: bool) -> RouteAccess {
        RouteAccess::of(&emdash_manifest::RouteDeclaration {
            public,
            ..emdash_manifest::RouteDeclaration::new("r")
        })
    }

    #[test]
    fn a_route_that_lists_headers_sees_no_others() {
        let listed =
            RouteAccess { headers: Some(vec!["x-signature".into(), "cookie".into()]), ..access(true) };
        let seen: Value = serde_json::from_str(&context(request(), &listed)).unwrap();
        assert_eq!(seen["request"]["headers"], serde_json::json!({"x-signature": "s"}));
    }

    #[test]
    fn credentials_never_reach_a_plugin_and_repeated_headers_are_joined() {
        insta::assert_snapshot!(context(request(), &access(true)), @r#"{"request":{"url":"https://a.com/x","method":"POST","headers":{"accept":"a, b","x-signature":"s"},"meta":{"ip":null,"userAgent":null,"referer":null,"geo":null}}}"#);
    }

    #[test]
    fn only_a_private_route_learns_who_is_signed_in() {
        let private: Value = serde_json::from_str(&context(request(), &access(false))).unwrap();
        assert_eq!(private["request"]["user"]["role"], 50);
        assert!(private.get("input").is_none(), "undefined, not null");
    }
}
