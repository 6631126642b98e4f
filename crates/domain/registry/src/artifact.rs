//! What can be downloaded: bundles, icons, screenshots.

use bytes::Bytes;
use emdash_manifest::Bundle;
use emdash_store::registry::Release;
use emdash_types::{Error, ErrorCode, PluginId, Result};

use crate::RegistryService;

/// A bundle on its way to a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// The archive.
    pub bytes: Bytes,
    /// Its SHA-256, lower-case hex.
    pub checksum: String,
    /// Its size.
    pub size: u64,
}

/// An image of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The file.
    pub bytes: Bytes,
    /// `image/png` or `image/jpeg`.
    pub content_type: &'static str,
}

impl RegistryService {
    /// The bundle of a public release.
    ///
    /// # Errors
    /// `NO_VERSION`.
    pub async fn bundle(&self, id: &PluginId, version: &str) -> Result<Download> {
        let release = self.release(id, version).await?;
        let bytes = self.blob(&release.bundle_key).await?;
        Ok(Download { bytes, checksum: release.checksum, size: release.bundle_size })
    }

    /// The icon of the latest release, or of a given one; `None` where it has none.
    ///
    /// # Errors
    /// `NOT_FOUND`, `NO_VERSION`.
    pub async fn icon(&self, id: &PluginId, version: Option<&str>) -> Result<Option<Image>> {
        let release = match version {
            Some(version) => Some(self.release(id, version).await?),
            None => self.detail(id).await?.latest,
        };
        match release.and_then(|release| release.icon_key) {
            Some(key) => Ok(Some(Image { bytes: self.blob(&key).await?, content_type: "image/png" })),
            None => Ok(None),
        }
    }

    /// A screenshot of a public release, by the name [`screenshot_names`] gives it.
    ///
    /// # Errors
    /// `NO_VERSION`, `NOT_FOUND`.
    pub async fn screenshot(&self, id: &PluginId, version: &str, name: &str) -> Result<Image> {
        let release = self.release(id, version).await?;
        let found = release.screenshot_keys.iter().find(|key| file_name(key) == name);
        let key = found.ok_or_else(|| Error::new(ErrorCode::NotFound, "Screenshot not found"))?;
        let content_type = if name.ends_with(".png") { "image/png" } else { "image/jpeg" };
        Ok(Image { bytes: self.blob(key).await?, content_type })
    }

    async fn blob(&self, key: &str) -> Result<Bytes> {
        let found = self.blobs.get(key).await?;
        found.ok_or_else(|| Error::internal(format!("the blob {key} is missing")))
    }
}

/// The names of a release's screenshots.
pub fn screenshot_names(release: &Release) -> impl Iterator<Item = &str> {
    release.screenshot_keys.iter().map(|key| file_name(key))
}

fn file_name(key: &str) -> &str {
    key.rsplit_once('/').map_or(key, |(_, name)| name)
}

/// The blobs of a release. Keys carry the checksum: two bundles never share one, and none is ever overwritten.
pub(crate) struct ReleaseBlobs {
    pub(crate) bundle: (String, Bytes),
    pub(crate) icon: Option<(String, Bytes)>,
    pub(crate) screenshots: Vec<(String, Bytes)>,
}

impl ReleaseBlobs {
    pub(crate) fn of(bundle: &Bundle, compressed: Bytes) -> Self {
        let manifest = &bundle.manifest;
        let folder = format!("releases/{}/{}/{}", manifest.id, manifest.version, bundle.checksum);
        let screenshot = |(index, screenshot): (usize, &emdash_manifest::Screenshot)| {
            // Authors name files as they like; these names fit every store and URL.
            let extension =
                if screenshot.name.to_ascii_lowercase().ends_with(".png") { "png" } else { "jpg" };
            let key = format!("{folder}/screenshot-{index}.{extension}");
            (key, Bytes::copy_from_slice(&screenshot.bytes))
        };
        Self {
            bundle: (format!("{folder}/bundle.tar.gz"), compressed),
            icon: bundle
                .icon
                .as_ref()
                .map(|icon| (format!("{folder}/icon.png"), Bytes::copy_from_slice(icon))),
            screenshots: bundle.screenshots.iter().enumerate().map(screenshot).collect(),
        }
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &(String, Bytes)> {
        std::iter::once(&self.bundle).chain(&self.icon).chain(&self.screenshots)
    }
}
