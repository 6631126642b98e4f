//! What `plugin-manifest.json` declares for the embed channel (C3–C7), kept as data.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
        }

        impl $name {
            /// Every one, in table order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in manifests.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

words! {
    /// A surface the plugin can be mounted on or called through (C5).
    EmbedCapability {
        ToolbarButton = "embed:toolbar-button";
        AdminPanel = "embed:admin-panel";
        FormSubmitWebhook = "webhook:form-submit";
        AiResponseWebhook = "webhook:ai-response";
    }
}

words! {
    /// Data of the host platform the plugin may use (C6).
    EmbedPermission {
        ReadFormSchemas = "read:form-schemas";
        WriteFormEntries = "write:form-entries";
        ReadUserContext = "read:user-context";
    }
}

words! {
    /// How the embed is kept apart from the page (C7).
    EmbedSandbox {
        ShadowDom = "shadow-dom";
    }
}

/// The embed part of a v2 manifest. Every field is mandatory there (C11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbedDeclaration {
    /// The platform it is made for.
    pub target_platform: String,
    /// The surfaces it supports.
    pub capabilities: Vec<EmbedCapability>,
    /// The data it asks for.
    pub permissions: Vec<EmbedPermission>,
    /// How it is kept apart.
    pub sandbox: EmbedSandbox,
    /// Longest message between embed and host.
    pub max_payload_bytes: u32,
}

impl EmbedDeclaration {
    /// The most `maxPayloadBytes` may be (C7).
    pub const MAX_PAYLOAD_BYTES: u32 = 524_288;
}
