//! The one-time setup page: makes the administrator, without a script.

use axum::extract::{Form, Path, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use emdash_document::render::escape;
use emdash_identity::NewAdministrator;
use emdash_types::{Error, ErrorCode, Secret};
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::AppState;
use crate::request::SESSION_COOKIE;
use crate::respond::{Done, Failure};

/// Path of the setup page; the link's text follows.
pub const SETUP_PATH: &str = "/_emdash/admin/setup";

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/_emdash/admin/setup/{link}", get(page).post(submit))
        .route("/_emdash/api/setup/status", get(status))
        .route("/_emdash/.well-known/auth", get(discovery))
}

/// CMS contract §2.4.
async fn status(State(state): State<AppState>) -> Result<Done<Value>, Failure> {
    let needed = state.identity.setup_needed().await?;
    Ok(Done(if needed { json!({"needsSetup": true, "step": "admin"}) } else { json!({"needsSetup": false}) }))
}

/// CMS contract §2.7: a bare object; tokens are the one way in so far.
async fn discovery() -> Json<Value> {
    Json(json!({
        "instance": {"name": "EmDash", "version": env!("CARGO_PKG_VERSION")},
        "auth": {"mode": "token", "methods": {"api_tokens": true}},
    }))
}

async fn page(State(state): State<AppState>, Path(link): Path<String>) -> Response {
    match state.identity.setup_link_valid(&Secret::new(link)).await {
        Ok(true) => html(StatusCode::OK, &form(None)),
        Ok(false) => html(StatusCode::NOT_FOUND, &gone()),
        Err(error) => Failure(error).into_response(),
    }
}

#[derive(Deserialize)]
struct Fields {
    email: String,
    name: Option<String>,
}

async fn submit(
    State(state): State<AppState>,
    Path(link): Path<String>,
    Form(fields): Form<Fields>,
) -> Response {
    let new = NewAdministrator { email: fields.email, name: fields.name };
    match state.identity.setup_with_link(&Secret::new(link), new).await {
        Ok(outcome) => {
            let body = finished(&outcome.user.email, outcome.token.expose());
            let mut response = html(StatusCode::OK, &body);
            let cookie = session_cookie(&outcome.session, &state.public_url);
            if let Ok(value) = HeaderValue::from_str(&cookie) {
                response.headers_mut().insert(header::SET_COOKIE, value);
            }
            response
        }
        Err(error) => refused(&error),
    }
}

/// `Secure` wherever the site is reached by https, so that the cookie never travels in the clear.
fn session_cookie(session: &Secret, public_url: &str) -> String {
    let secure = if public_url.starts_with("https:") { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={}; Path=/; HttpOnly; SameSite=Lax; Max-Age=2592000{secure}", session.expose())
}

fn refused(error: &Error) -> Response {
    match error.code() {
        ErrorCode::ValidationError => html(StatusCode::BAD_REQUEST, &form(Some(error.message()))),
        ErrorCode::InvalidToken | ErrorCode::SetupComplete => html(StatusCode::NOT_FOUND, &gone()),
        _ => html(StatusCode::INTERNAL_SERVER_ERROR, "<h1>Something went wrong</h1><p>Please try again.</p>"),
    }
}

fn html(status: StatusCode, body: &str) -> Response {
    let page = include_str!("setup.html").replace("<!--body-->", body);
    let headers = [
        (header::CACHE_CONTROL, "private, no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        // The link in the address must not travel to other sites.
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (status, headers, Html(page)).into_response()
}

fn form(problem: Option<&str>) -> String {
    let problem =
        problem.map(|text| format!("<p class=problem role=alert>{}</p>", escape(text))).unwrap_or_default();
    format!(
        "<h1>Set up your site</h1><p>Who will run it? This link works once.</p>{problem}\
         <form method=post><label for=email>E-mail address</label>\
         <input id=email name=email type=email autocomplete=email required maxlength=254 autofocus>\
         <label for=name>Name <span>(optional)</span></label><input id=name name=name autocomplete=name maxlength=100>\
         <button>Create administrator</button></form>"
    )
}

fn finished(email: &str, token: &str) -> String {
    format!(
        "<h1>Your site is ready</h1><p>{} is its administrator.</p>\
         <h2>Your access token</h2><p>Programs use it in your name. It is shown this once: keep it somewhere safe.</p>\
         <p><code>{}</code></p><p><a href=\"/\">See your site</a> · <a href=\"/marketplace\">Browse plugins</a></p>",
        escape(email),
        escape(token)
    )
}

fn gone() -> String {
    "<h1>This link has been used</h1><p>Or a newer one was made. While the site has no administrator, \
     the server prints a fresh link each time it starts.</p><p><a href=\"/\">Go to the site</a></p>"
        .to_owned()
}
