//! Readers of the manifest forms. All give the same errors with file, line and column (ruling 4).

mod access;
mod admin;
mod authoring;
mod bundle_json;
mod embed_json;
mod package;
mod parts;
mod plugin_json;
mod routes;
mod source;

use crate::{Manifest, ManifestErrors, ManifestForm, ManifestIssue};
use source::Source;

pub use authoring::{Author, AuthoringManifest, SecurityContact};
pub(crate) use parts::{hook_timeout, unknown_hook};
pub(crate) use routes::{is_route_name, is_tool_name};

impl Manifest {
    /// File names [`Manifest::read`] knows.
    pub const FILE_NAMES: [&str; 3] = ["manifest.json", "plugin.json", "plugin-manifest.json"];

    /// Reads a manifest; the file's name decides the form.
    ///
    /// # Errors
    /// Everything wrong with it.
    pub fn read(bytes: &[u8], file_name: &str) -> Result<Self, ManifestErrors> {
        match file_name.rsplit(['/', '\\']).next().unwrap_or_default() {
            "manifest.json" => Source::read(bytes, file_name, ManifestForm::Bundle, bundle_json::read),
            "plugin.json" => Source::read(bytes, file_name, ManifestForm::PluginJson, plugin_json::read),
            "plugin-manifest.json" => Source::read(bytes, file_name, ManifestForm::Embed, embed_json::read),
            name => Err(ManifestErrors::new(vec![ManifestIssue {
                file: file_name.to_owned(),
                line: 1,
                column: 1,
                path: String::new(),
                message: format!("\"{name}\" is not a manifest; expected {}", Self::FILE_NAMES.join(", ")),
            }])),
        }
    }
}
