//! `plugin-manifest.json` with `apiVersion` "v2" (C3–C7). Every field is mandatory; nothing has a silent
//! default (C11). Ids are compared in lower case, as the published names mix cases (C41).

use emdash_types::PluginId;

use super::parts;
use super::source::{Fields, Node};
use crate::{EmbedCapability, EmbedDeclaration, EmbedPermission, EmbedSandbox, Manifest, ManifestForm};

const MAX_TARGET: usize = 64;
const MAX_PATH: usize = 256;

pub(super) fn read(fields: &Fields<'_>) -> Option<Manifest> {
    fields.only(&[
        "apiVersion",
        "id",
        "name",
        "version",
        "targetPlatform",
        "minHostVersion",
        "capabilities",
        "permissions",
        "runtime",
        "description",
    ]);
    if let Some(node) = fields.required("apiVersion") {
        node.matching(16, "this host knows apiVersion \"v2\"", |text| text == "v2");
    }
    let id = fields.required("id").and_then(|node| {
        let text = node.line(MAX_PATH)?.to_ascii_lowercase();
        PluginId::parse(&text).map_err(|error| node.fail(error.to_string())).ok()
    });
    let version = fields.required("version").and_then(|node| parts::version(&node));
    let name = fields.required("name").and_then(|_| parts::name(fields));
    let target_platform = fields.required("targetPlatform").and_then(|node| node.line(MAX_TARGET));
    let minimum_host = fields.required("minHostVersion").and_then(|node| parts::minimum_host(&node));
    let capabilities = fields.required("capabilities").map(|node| {
        let list = words(&node, "embed capability", EmbedCapability::ALL, EmbedCapability::name);
        if list.is_empty() {
            node.fail("must declare at least one capability");
        }
        list
    });
    let permissions = fields
        .required("permissions")
        .map(|node| words(&node, "embed permission", EmbedPermission::ALL, EmbedPermission::name));
    let runtime = fields.required("runtime").and_then(|node| runtime(&node));
    let description = parts::description(fields);

    let (sandbox, max_payload_bytes, wasm) = runtime?;
    let embed = EmbedDeclaration {
        target_platform: target_platform?,
        capabilities: capabilities?,
        permissions: permissions?,
        sandbox,
        max_payload_bytes,
    };
    Some(Manifest {
        name: Some(name?),
        description,
        minimum_host: Some(minimum_host?),
        embed: Some(embed),
        wasm,
        ..Manifest::new(ManifestForm::Embed, id?, version?)
    })
}

fn words<T: Copy + PartialEq>(node: &Node<'_>, what: &str, all: &[T], name: fn(T) -> &'static str) -> Vec<T> {
    let mut list = Vec::new();
    for item in node.items(all.len()) {
        let find = |text: &str| all.iter().copied().find(|word| name(*word) == text);
        match item.known(what, find, all.iter().map(|word| name(*word))) {
            Some(word) if list.contains(&word) => item.fail("is listed twice"),
            Some(word) => list.push(word),
            None => {}
        }
    }
    list
}

fn runtime(node: &Node<'_>) -> Option<(EmbedSandbox, u32, Option<String>)> {
    let fields = node.object()?;
    fields.only(&["sandbox", "maxPayloadBytes", "wasm"]);
    let sandbox = fields.required("sandbox").and_then(|node| {
        let find = |text: &str| EmbedSandbox::ALL.iter().copied().find(|word| word.name() == text);
        node.known("embed sandbox", find, EmbedSandbox::ALL.iter().map(|word| word.name()))
    });
    let bounds = 1..=i64::from(EmbedDeclaration::MAX_PAYLOAD_BYTES);
    let bytes = fields.required("maxPayloadBytes").and_then(|node| node.integer(bounds));
    let wasm = parts::wasm(&fields);
    Some((sandbox?, u32::try_from(bytes?).ok()?, wasm))
}
