//! `{"success":true,"data":…}` (CMS contract §1.1).

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// Answers are never stored by shared caches.
pub(super) const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-store");

#[derive(Serialize)]
struct Envelope<T> {
    success: bool,
    data: T,
}

/// 200 with data.
pub struct Done<T>(pub T);

/// 201 with data.
pub struct Created<T>(pub T);

impl<T: Serialize> IntoResponse for Done<T> {
    fn into_response(self) -> Response {
        wrap(StatusCode::OK, self.0)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        wrap(StatusCode::CREATED, self.0)
    }
}

fn wrap<T: Serialize>(status: StatusCode, data: T) -> Response {
    let envelope = Json(Envelope { success: true, data });
    (status, [(header::CACHE_CONTROL, PRIVATE)], envelope).into_response()
}
