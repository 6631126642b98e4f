//! Plugins' own endpoints under both prefixes (B8, ruling 16; plugin contract §5), one dispatcher.

use std::net::SocketAddr;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use emdash_plugins::{
    BodyMode, RawBody, RequestMeta, RouteAccess, RouteBody, RouteReply, RouteRequest, RouteUser,
};
use emdash_types::{Caller, Error, ErrorCode, PluginId, Result, Scope, UserCaller};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::AppState;
use crate::request::{body, csrf_refusal, has_csrf_header, identify};
use crate::respond::Failure;

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/_emdash/api/plugins/{plugin}/{*route}", any(handler))
        .route("/api/plugins/{plugin}/{*route}", any(handler))
}

async fn handler(
    State(state): State<AppState>,
    Path((plugin, route)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    if parts.method == Method::OPTIONS {
        return Err(Failure(Error::new(ErrorCode::MethodNotAllowed, "Plugin routes do not answer OPTIONS.")));
    }
    let unknown = || Error::new(ErrorCode::NotFound, "Plugin route not found");
    let plugin = PluginId::parse(&plugin).map_err(|_| unknown())?;
    // The release that is found answers, whatever becomes of the plugin meanwhile.
    let route = state.plugins.route(&plugin, &route).ok_or_else(unknown)?;
    let access = route.access();
    if !access.answers(parts.method.as_str()) {
        return Ok(method_not_allowed(access));
    }
    let user = authorise(&state, &parts, access).await?;
    let (input, raw) = input(&parts, body, &access.body).await?;
    let request = RouteRequest {
        method: parts.method.as_str().to_owned(),
        url: format!("{}{}", state.public_url, parts.uri),
        headers: header_pairs(&parts.headers),
        input,
        raw,
        meta: request_meta(&parts.headers),
        peer: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip()),
        user,
    };
    let cacheable = route.access().public && matches!(parts.method, Method::GET | Method::HEAD);
    Ok(reply(route.call(request).await?, cacheable))
}

/// Who may call (plugin contract §5.2). A public route looks at nobody, even where somebody is signed in.
async fn authorise(state: &AppState, parts: &Parts, access: &RouteAccess) -> Result<Option<RouteUser>> {
    if access.public {
        return Ok(None);
    }
    let caller = identify(parts, state).await?;
    caller.require(access.permission)?;
    caller.require_scope(&Scope::Admin)?;
    let Caller::User(UserCaller { id, scopes, .. }) = &caller else { return Ok(None) };
    if scopes.is_none() && !has_csrf_header(&parts.headers) {
        return Err(csrf_refusal());
    }
    let user = state.identity.user(id).await?;
    Ok(Some(RouteUser {
        id: user.id.to_string(),
        email: user.email,
        name: user.name,
        role: user.role.level(),
        created_at: user.created_at.to_string(),
    }))
}

fn header_pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    headers.iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect()
}

fn method_not_allowed(access: &RouteAccess) -> Response {
    let message = format!("This route answers {}.", access.methods.join(", "));
    let mut response = Failure(Error::new(ErrorCode::MethodNotAllowed, message)).into_response();
    if let Ok(methods) = HeaderValue::from_str(&access.methods.join(", ")) {
        response.headers_mut().insert(header::ALLOW, methods);
    }
    response
}

/// `routeCtx.input`, or the bytes it is made of (plugin contract §5.3, §11).
async fn input(
    parts: &Parts,
    body: Body,
    mode: &RouteBody,
) -> Result<(Option<Value>, Option<RawBody>), Failure> {
    let RouteBody::Declared { mode, max_bytes } = *mode else {
        let bytes = body::read(body).await?;
        return Ok((usual_input(parts, &bytes), None));
    };
    if mode == BodyMode::None {
        return Ok((None, None));
    }
    let bytes = body::read(body).await?;
    if bytes.len() > max_bytes {
        let message = format!("The body has {} bytes; this route takes at most {max_bytes}.", bytes.len());
        return Err(Failure(Error::new(ErrorCode::PayloadTooLarge, message)));
    }
    let refused = |message: &str| Failure(Error::new(ErrorCode::ValidationError, message));
    Ok(match mode {
        BodyMode::None => (None, None),
        BodyMode::Json => {
            let value = serde_json::from_slice(&bytes).map_err(|_| refused("The body is not JSON."))?;
            (Some(value), None)
        }
        BodyMode::Text => {
            let text =
                String::from_utf8(bytes.to_vec()).map_err(|_| refused("The body is not UTF-8 text."))?;
            (Some(Value::String(text)), None)
        }
        BodyMode::Bytes | BodyMode::FormData => {
            let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let content_type = content_type.unwrap_or_default().to_owned();
            (None, Some(RawBody { form: mode == BodyMode::FormData, content_type, bytes: bytes.to_vec() }))
        }
    })
}

/// JSON where it is JSON, the query for methods that only read.
fn usual_input(parts: &Parts, body: &Bytes) -> Option<Value> {
    if matches!(parts.method, Method::POST | Method::PUT | Method::PATCH) {
        return serde_json::from_slice(body).ok();
    }
    let mut query = Map::new();
    for (key, value) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned()
    {
        match query.get_mut(&key) {
            None => drop(query.insert(key, Value::String(value))),
            Some(Value::Array(values)) => values.push(Value::String(value)),
            Some(single) => *single = json!([single.take(), value]),
        }
    }
    Some(Value::Object(query))
}

fn request_meta(headers: &HeaderMap) -> RequestMeta {
    let text = |name: HeaderName| {
        let value = headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    };
    // Addresses come from headers the operator trusts; none is configured yet.
    RequestMeta { ip: None, user_agent: text(header::USER_AGENT), referer: text(header::REFERER), geo: None }
}

const PRIVATE: &str = "private, no-store";

fn reply(reply: RouteReply, cacheable: bool) -> Response {
    match reply {
        RouteReply::Data { json, cache_control } => {
            let body = match json {
                Some(json) => format!(r#"{{"success":true,"data":{json}}}"#),
                None => r#"{"success":true}"#.to_owned(),
            };
            let cache =
                cache_control.filter(|_| cacheable).and_then(|text| HeaderValue::from_str(&text).ok());
            json_response(StatusCode::OK, body, cache)
        }
        RouteReply::Refused { status, code, message, details } => {
            let mut error = json!({"code": code, "message": message});
            if let (Some(details), Some(object)) = (details, error.as_object_mut()) {
                object.insert("details".to_owned(), details);
            }
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            json_response(status, json!({"success": false, "error": error}).to_string(), None)
        }
        RouteReply::Response { status, headers, body } => {
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(PRIVATE));
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                    response.headers_mut().insert(name, value);
                }
            }
            response
        }
    }
}

fn json_response(status: StatusCode, body: String, cache: Option<HeaderValue>) -> Response {
    let cache = cache.unwrap_or(HeaderValue::from_static(PRIVATE));
    let kind = HeaderValue::from_static("application/json");
    (status, [(header::CACHE_CONTROL, cache), (header::CONTENT_TYPE, kind)], body).into_response()
}
