//! `/api/v1` (plugin contract §8.1–8.5), an endpoint per file.

mod audit;
mod body;
mod bundle;
mod detail;
mod icon;
mod install;
mod list;
mod register;
mod screenshot;
mod submit;
mod update;
mod versions;

use axum::Router;
use axum::routing::{get, post};
use emdash_types::{Error, ErrorCode, PluginId};
use http::{HeaderName, Method, header};
use tower_http::cors::{Any, CorsLayer};

use super::MarketplaceState;
use super::refusal::Refusal;

pub use list::Query as ListQuery;

/// SHA-256 of a bundle.
const CHECKSUM_HEADER: HeaderName = HeaderName::from_static("x-checksum-sha256");
/// A version's files never change.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

pub fn routes() -> Router<MarketplaceState> {
    Router::new()
        .route("/plugins", get(list::list).post(register::register))
        .route("/plugins/{id}", get(detail::detail).put(update::update))
        .route("/plugins/{id}/icon", get(icon::latest))
        .route("/plugins/{id}/installs", post(install::report))
        .route("/plugins/{id}/versions", get(versions::versions).merge(submit::route()))
        .route("/plugins/{id}/versions/{version}/bundle", get(bundle::bundle))
        .route("/plugins/{id}/versions/{version}/audit", get(audit::audit))
        .route("/plugins/{id}/versions/{version}/image-audit", get(audit::image_audit))
        .route("/plugins/{id}/versions/{version}/icon", get(icon::of_version))
        .route("/plugins/{id}/versions/{version}/screenshots/{name}", get(screenshot::screenshot))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(cors())
}

/// Anybody may read; tokens travel in a header that scripts set themselves, so no site can borrow one.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION])
        .expose_headers([header::ETAG, CHECKSUM_HEADER])
}

async fn unknown() -> Refusal {
    Error::new(ErrorCode::NotFound, "Not found").into()
}

async fn wrong_method(method: Method) -> Refusal {
    Error::new(ErrorCode::MethodNotAllowed, format!("This path does not answer {method}")).into()
}

/// The id in a path. What is no id is no plugin either.
fn plugin_id(text: &str) -> Result<PluginId, Refusal> {
    PluginId::parse(text).map_err(|_| Error::new(ErrorCode::NotFound, "Plugin not found").into())
}
