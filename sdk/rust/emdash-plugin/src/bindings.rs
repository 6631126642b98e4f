//! The world `wit/next`.
#![allow(missing_docs, clippy::all, reason = "generated")]

wit_bindgen::generate!({
    path: "../../../wit/next",
    world: "plugin",
    pub_export_macro: true,
    export_macro_name: "export_component",
    default_bindings_module: "emdash_plugin::bindings",
    runtime_path: "::wit_bindgen::rt",
});
