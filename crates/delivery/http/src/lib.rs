#![doc = include_str!("../README.md")]

mod api;
mod health;
mod marketplace;
mod metrics;
mod page;
mod plugin_route;
mod request;
mod respond;
mod setup;
mod state;

use std::net::SocketAddr;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::any;
use emdash_types::{Ambient, Error, ErrorCode};
use http::{HeaderValue, Method, Uri};
use tokio::net::TcpListener;

pub use health::{Health, Readiness};
pub use marketplace::MarketplaceState;
pub use page::PageCache;
pub use setup::SETUP_PATH;
pub use state::AppState;

/// What this process answers: a site, a marketplace, or both (`--role`).
pub struct Parts {
    /// Time and request ids.
    pub ambient: Ambient,
    /// `/healthz` and `/readyz`.
    pub health: Health,
    /// A site.
    pub site: Option<AppState>,
    /// A marketplace.
    pub marketplace: Option<MarketplaceState>,
}

/// Answers on a listener until `stop` completes, then drains what is under way.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    parts: Parts,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let service = router(parts).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await
}

/// Everything this process answers.
pub fn router(parts: Parts) -> Router {
    let router = Router::new().merge(health::routes(parts.health));
    let router = match parts.site {
        Some(site) => router.merge(site_routes().with_state(site)),
        None => router.fallback(unknown),
    };
    let router = match parts.marketplace {
        Some(marketplace) => router.merge(marketplace::routes().with_state(marketplace)),
        None => router,
    };
    router
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(secure))
        .layer(from_fn_with_state(parts.ambient, request::request_id::layer))
}

fn site_routes() -> Router<AppState> {
    Router::new()
        .merge(setup::routes())
        .merge(api::routes())
        .merge(metrics::routes())
        .merge(plugin_route::routes())
        .route("/_emdash/{*rest}", any(unknown))
        .fallback(page::handler)
}

async fn unknown(uri: Uri) -> respond::Failure {
    respond::Failure(Error::new(ErrorCode::NotFound, format!("There is nothing at {}.", uri.path())))
}

async fn wrong_method(method: Method, uri: Uri) -> respond::Failure {
    let message = format!("{} does not answer {method}.", uri.path());
    respond::Failure(Error::new(ErrorCode::MethodNotAllowed, message))
}

/// Headers every answer carries (C23, CMS contract §1.7); a handler that set its own keeps it.
async fn secure(request: axum::extract::Request, next: axum::middleware::Next) -> axum::response::Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (http::header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (http::header::X_FRAME_OPTIONS, "SAMEORIGIN"),
        (http::header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
