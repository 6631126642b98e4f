//! The world `wit/next` in Rust.

wasmtime::component::bindgen!({
    path: "../../../wit/next",
    world: "plugin",
    imports: {
        "emdash:plugin/log.write": trappable,
        "emdash:plugin/random.bytes": trappable,
        "emdash:plugin/clock.now": trappable,
        "emdash:plugin/site.about": trappable,
        "emdash:plugin/host.all": async | trappable,
        default: async,
    },
    exports: { default: async },
});
