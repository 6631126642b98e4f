//! Tools for MCP clients (plugin contract §2.4, §5.7): private routes with a description and schemas.

use emdash_manifest::McpTool;
use emdash_types::{Caller, Error, ErrorCode, Permission, PluginId, Result};
use serde_json::{Value, json};

use super::{RequestMeta, RouteReply, RouteRequest, RouteUser};
use crate::PluginHost;
use crate::generation::LoadedPlugin;

/// A tool that a live plugin offers.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedTool {
    /// `<plugin>__<tool>`, the name clients see.
    pub name: String,
    /// The plugin.
    pub plugin: PluginId,
    /// What it does.
    pub description: String,
    /// What a caller needs.
    pub permission: Permission,
    /// Whether it destroys something (`destructiveHint`).
    pub destructive: bool,
    /// JSON Schema of the input.
    pub input_schema: Value,
    /// JSON Schema of the output; the result is then an object.
    pub output_schema: Option<Value>,
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// `<plugin>__<tool>`.
    pub name: String,
    /// The input, already checked against the schema.
    pub input: Value,
    /// Where it came from.
    pub meta: RequestMeta,
    /// The user behind it, as plugins see one.
    pub user: Option<RouteUser>,
}

/// A tool is offered where its route exists, is private, and needs what the tool says it needs.
fn is_consistent(plugin: &LoadedPlugin, tool: &McpTool) -> bool {
    plugin
        .route(&tool.route)
        .is_some_and(|route| !route.public && route.permission == tool.permission && route.answers("POST"))
}

fn exposed(plugin: &PluginId, tool: &McpTool) -> String {
    format!("{plugin}__{}", tool.name)
}

impl PluginHost {
    /// The tools of all live plugins. Whether an administrator has switched a plugin's tools on is for whoever
    /// exposes them to ask.
    #[must_use]
    pub fn mcp_tools(&self) -> Vec<OfferedTool> {
        let generation = self.site.generation();
        let mut offered = Vec::new();
        for plugin in generation.plugins() {
            for tool in plugin.manifest.mcp_tools.iter().filter(|tool| is_consistent(plugin, tool)) {
                offered.push(OfferedTool {
                    name: exposed(&plugin.id, tool),
                    plugin: plugin.id.clone(),
                    description: tool.description.clone(),
                    permission: tool.permission,
                    destructive: tool.destructive,
                    input_schema: tool.input_schema.clone(),
                    output_schema: tool.output_schema.clone(),
                });
            }
        }
        offered
    }

    /// Calls a tool and writes down that it was called, by whom, and how it ended.
    ///
    /// # Errors
    /// `NOT_FOUND`; the caller's missing permission; `PLUGIN_OUTPUT_INVALID` where an output schema is declared and
    /// the answer is no object; what [`Route::call`](crate::Route::call) refuses.
    pub async fn call_tool(&self, caller: &Caller, call: ToolCall) -> Result<Value> {
        let unknown = || Error::new(ErrorCode::NotFound, format!("There is no tool called {}.", call.name));
        let generation = self.site.generation();
        let found = generation.plugins().iter().find_map(|plugin| {
            let tools = plugin.manifest.mcp_tools.iter().filter(|tool| is_consistent(plugin, tool));
            tools.into_iter().find(|tool| exposed(&plugin.id, tool) == call.name).map(|tool| (plugin, tool))
        });
        let (plugin, tool) = found.ok_or_else(unknown)?;
        let (id, name) = (plugin.id.clone(), call.name.clone());
        let outcome = match caller.require(tool.permission) {
            Ok(()) => self.run_tool(&plugin.id, tool, call).await,
            Err(error) => Err(error),
        };
        let status = match &outcome {
            Ok(_) => "success",
            Err(error) if matches!(error.code(), ErrorCode::Forbidden | ErrorCode::NotAuthenticated) => {
                "denied"
            }
            Err(_) => "failure",
        };
        let mut audit = self.site.audit(caller, "tool_invoke", &id, json!({"status": status}));
        audit.resource = format!("plugin_mcp_tool/{name}");
        let mut transaction = self.site.parts.store.write().await?;
        transaction.audit_add(&audit).await?;
        transaction.commit().await?;
        outcome
    }

    async fn run_tool(&self, plugin: &PluginId, tool: &McpTool, call: ToolCall) -> Result<Value> {
        let facts = self.site.parts.site.facts().await?;
        let request = RouteRequest {
            method: "POST".to_owned(),
            url: format!("{}/_emdash/api/plugins/{plugin}/{}", facts.url.trim_end_matches('/'), tool.route),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            input: Some(call.input),
            meta: call.meta,
            user: call.user,
            ..RouteRequest::default()
        };
        let invalid = |reason: &str| {
            Err(Error::new(ErrorCode::PluginOutputInvalid, format!("The tool {} {reason}.", call.name)))
        };
        let route = self
            .route(plugin, &tool.route)
            .ok_or_else(|| Error::new(ErrorCode::NotFound, "Plugin route not found"))?;
        match route.call(request).await? {
            RouteReply::Data { json, .. } => {
                let value: Value =
                    serde_json::from_str(json.as_deref().unwrap_or("null")).map_err(Error::internal)?;
                if tool.output_schema.is_some() && !value.is_object() {
                    return invalid("declares an output schema and did not answer an object");
                }
                Ok(value)
            }
            RouteReply::Refused { message, .. } => Err(Error::new(ErrorCode::RouteError, message)),
            RouteReply::Response { .. } => {
                invalid("answered with a Response, which clients of tools cannot read")
            }
        }
    }
}
