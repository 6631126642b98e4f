//! `manifest.json` of a bundle (plugin contract §1.5). Unknown keys are ignored at every level.

use super::source::Fields;
use super::{access, admin, parts, routes};
use crate::{Manifest, ManifestForm, Unsupported};

pub(super) fn read(fields: &Fields<'_>) -> Option<Manifest> {
    let identity = parts::identity(fields);
    let flat = access::flat(fields.required("capabilities"), fields.required("allowedHosts"));
    let declared = fields.optional("declaredAccess").map(|node| access::declared(&node));
    let storage = fields.required("storage").map(|node| parts::storage(&node));
    let hooks = fields.required("hooks").map(|node| parts::hooks(&node));
    let routes = fields.required("routes").map(|node| routes::routes(&node));
    let tools = fields.optional("mcp").map(|node| routes::mcp_tools(&node));
    let admin = fields.required("admin").map(|node| admin::read(&node));
    let wasm = fields.optional("runtime").and_then(|node| parts::runtime(&node));
    let listing = parts::listing(fields);
    let minimum_host = fields.optional("minEmDashVersion").and_then(|node| parts::minimum_host(&node));

    let (id, version) = identity?;
    // What `declaredAccess` says replaces the flat fields (plugin contract §1.7).
    let (capabilities, allowed_hosts) = declared.unwrap_or(flat);
    let (name, description) = (parts::name(fields), parts::description(fields));
    let unsupported = Unsupported {
        capabilities: fields.node().passed_over("capability"),
        hooks: fields.node().passed_over("hook"),
        issues: fields.node().issues_passed_over(),
    };
    Some(Manifest {
        name,
        description,
        listing,
        minimum_host,
        capabilities,
        allowed_hosts,
        storage: storage?,
        hooks: hooks?,
        routes: routes?,
        mcp_tools: tools.unwrap_or_default(),
        admin: admin?,
        wasm,
        unsupported,
        ..Manifest::new(ManifestForm::Bundle, id, version)
    })
}
