//! The descriptor a legacy plugin package computes about itself:
//! `{id, version, format, entrypoint, capabilities, allowedHosts?, storage?, adminPages?, adminWidgets?, …}`.

use emdash_types::PluginId;
use serde_json::Value;

use super::source::{Fields, Source};
use super::{access, admin, parts};
use crate::{Admin, Manifest, ManifestErrors, ManifestForm};

const MAX_ID: usize = 200;

impl Manifest {
    /// Reads the descriptor object of a legacy package. Hooks and routes are not part of it; see
    /// [`Manifest::adopt_entry`]. Issues name `file_name` and the path within the object.
    ///
    /// # Errors
    /// Everything wrong with it.
    pub fn from_package_descriptor(descriptor: &Value, file_name: &str) -> Result<Self, ManifestErrors> {
        Source::read(descriptor.to_string().as_bytes(), file_name, ManifestForm::Package, read)
    }
}

fn read(fields: &Fields<'_>) -> Option<Manifest> {
    if let Some(format) =
        fields.optional("format").filter(|node| node.text(MAX_ID).as_deref() == Some("native"))
    {
        format.fail(
            "a native plugin runs inside a Node.js host and cannot be sandboxed; publish a \"standard\" one",
        );
    }
    let id = fields.required("id").and_then(|node| {
        let text = node.line(MAX_ID)?;
        // `@scope/name` becomes `scope-name` (plugin contract §1.8).
        let slug = text.strip_prefix('@').unwrap_or(&text).replace('/', "-");
        PluginId::parse(&slug).map_err(|error| node.fail(error.to_string())).ok()
    });
    let version = fields.required("version").and_then(|node| parts::version(&node));
    let (capabilities, allowed_hosts) =
        access::flat(fields.optional("capabilities"), fields.optional("allowedHosts"));
    let storage = fields.optional("storage").map(|node| parts::storage(&node)).unwrap_or_default();
    let mut admin = fields.optional("admin").map(|node| admin::read(&node)).unwrap_or_default();
    let flat = Admin {
        pages: fields.optional("adminPages").map(|node| admin::pages(&node)).unwrap_or_default(),
        widgets: fields.optional("adminWidgets").map(|node| admin::widgets(&node)).unwrap_or_default(),
        ..Admin::default()
    };
    admin.pages.extend(flat.pages);
    admin.widgets.extend(flat.widgets);
    Some(Manifest {
        name: parts::name(fields),
        description: parts::description(fields),
        capabilities,
        allowed_hosts,
        storage,
        admin,
        ..Manifest::new(ManifestForm::Package, id?, version?)
    })
}
