//! `POST /plugins/{id}/versions`: multipart with the file field `bundle`.

use axum::Json;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, post};
use bytes::{Bytes, BytesMut};
use emdash_registry::Review;
use emdash_store::registry::{Release, ReleaseStatus};
use emdash_types::{Error, ErrorCode};
use http::StatusCode;
use serde_json::json;

use crate::marketplace::MarketplaceState;
use crate::marketplace::publisher::Publishing;
use crate::marketplace::refusal::Refusal;

/// Most bytes of an upload (plugin contract §1.3). What a site would not install is refused after it, by name.
const UPLOAD_MAX: usize = 10 * 1024 * 1024;
/// Room for the multipart framing.
const FRAMING: usize = 64 * 1024;

pub fn route() -> MethodRouter<MarketplaceState> {
    post(submit).layer(DefaultBodyLimit::max(UPLOAD_MAX + FRAMING))
}

async fn submit(
    State(state): State<MarketplaceState>,
    Publishing(publisher): Publishing,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let bytes = read_bundle(request).await?;
    let release =
        state.registry.submit(&publisher, &id, bytes).await.map_err(|error| match error.code() {
            ErrorCode::PluginIdConflict => Refusal::with_status(error, StatusCode::FORBIDDEN),
            _ => error.into(),
        })?;
    match release.status {
        ReleaseStatus::Rejected => Err(rejection(&release)),
        status => {
            let body = json!({
                "version": release.version,
                "bundleSize": release.bundle_size,
                "checksum": release.checksum,
                "publishedAt": release.published_at,
                "status": status.as_str(),
            });
            Ok((StatusCode::CREATED, Json(body)).into_response())
        }
    }
}

/// The release is kept, but the publisher has to know that nobody will see it.
fn rejection(release: &Release) -> Refusal {
    let review = Review::of(release);
    let reasons = review.iter().flat_map(Review::reasons).collect::<Vec<_>>().join(" ");
    let message = format!("{}@{} was rejected: {reasons}", release.plugin_id, release.version);
    let error = Error::new(ErrorCode::AuditFailed, message)
        .hint("Mend it and publish it under the next version.")
        .details(json!({
            "version": release.version,
            "bundleSize": release.bundle_size,
            "checksum": release.checksum,
            "publishedAt": null,
            "status": release.status.as_str(),
            "checks": review.map(|review| review.checks),
        }));
    Refusal::with_status(error, StatusCode::UNPROCESSABLE_ENTITY)
}

/// The file field, read piece by piece and no further than the limit.
async fn read_bundle(request: Request) -> Result<Bytes, Refusal> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|rejection| {
        Error::new(ErrorCode::ValidationError, rejection.body_text())
            .hint("Send multipart/form-data with the file field \"bundle\".")
    })?;
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("bundle") {
            return read_field(field).await;
        }
    }
    Err(Error::new(ErrorCode::ValidationError, "Bundle file is required").into())
}

async fn read_field(mut field: Field<'_>) -> Result<Bytes, Refusal> {
    let mut bytes = BytesMut::new();
    while let Some(piece) = field.chunk().await.map_err(broken)? {
        if bytes.len() + piece.len() > UPLOAD_MAX {
            return Err(too_large());
        }
        bytes.extend_from_slice(&piece);
    }
    if bytes.is_empty() {
        return Err(Error::new(ErrorCode::ValidationError, "Bundle file is empty").into());
    }
    Ok(bytes.freeze())
}

fn too_large() -> Refusal {
    Error::new(ErrorCode::PayloadTooLarge, format!("Bundle exceeds {UPLOAD_MAX} byte limit")).into()
}

fn broken(fault: MultipartError) -> Refusal {
    if fault.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Error::new(ErrorCode::ValidationError, format!("The upload is broken: {}", fault.body_text())).into()
}
