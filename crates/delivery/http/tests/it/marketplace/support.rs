#![expect(clippy::unwrap_used, reason = "helpers of tests stand outside test functions")]

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use emdash_http::{Health, MarketplaceState, Parts, router};
use emdash_manifest::Bundle;
use emdash_registry::testing::ScriptedDryRun;
use emdash_registry::{RegistryService, testing};
use emdash_types::testing::ManualClock;
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt;

pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n picture";

pub struct Market {
    router: Router,
    pub registry: Arc<RegistryService>,
    pub dry_run: Arc<ScriptedDryRun>,
    pub clock: Arc<ManualClock>,
    pub token: String,
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Market {
    pub async fn new() -> Self {
        let (ambient, clock) = emdash_types::testing::ambient(7);
        let (registry, dry_run) = testing::registry(ambient.clone());
        let (_, token) = registry.publisher_add("Ada", "ada@example.com").await.unwrap();
        let state = MarketplaceState {
            registry: Arc::clone(&registry),
            public_url: Arc::from("https://plugins.example"),
        };
        let health = Health { parts: Arc::new([]), stopping: Arc::default(), recent: Arc::default() };
        let router = router(Parts { ambient, health, site: None, marketplace: Some(state) });
        Self { router, registry, dry_run, clock, token: token.expose().to_owned() }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        self.clock.advance_millis(1000);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer { status: head.status, headers: head.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn write(&self, method: &str, path: &str, token: &str, body: &Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, token);
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    pub async fn upload(&self, id: &str, token: &str, field: &str, bytes: &[u8]) -> Answer {
        let mut body =
            format!("--b\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"x.tar.gz\"\r\n\r\n")
                .into_bytes();
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--b--\r\n");
        let request = Request::post(format!("/api/v1/plugins/{id}/versions"))
            .header(header::AUTHORIZATION, token)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Publishes as Ada.
    pub async fn publish(&self, manifest: &Value, more: &[(&str, &[u8])]) -> Answer {
        let id = manifest["id"].as_str().unwrap();
        self.upload(id, &format!("Bearer {}", self.token), "bundle", &bundle(manifest, more)).await
    }
}

pub fn manifest(id: &str, version: &str) -> Value {
    json!({
        "id": id, "version": version, "capabilities": [], "allowedHosts": [],
        "storage": {}, "hooks": [], "routes": [], "admin": {},
    })
}

pub fn bundle(manifest: &Value, more: &[(&str, &[u8])]) -> Vec<u8> {
    let text = manifest.to_string();
    let files = [("manifest.json", text.as_bytes()), ("backend.js", b"export default {};".as_slice())];
    Bundle::write(files.into_iter().chain(more.iter().copied())).unwrap()
}
