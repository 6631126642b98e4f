//! Routes, and the tools that stand on them (plugin contract §1.5, §2.3, §2.4, §11).

use std::collections::BTreeSet;

use emdash_types::Permission;

use super::parts::{MAX_DESCRIPTION, MAX_NAME};
use super::source::{Fields, Node};
use crate::{BodyMode, McpTool, RouteBody, RouteDeclaration};

const MAX_ROUTES: usize = 256;
const MAX_TOOLS: usize = 128;
const MAX_HEADERS: usize = 32;

/// Routes as a list of names or objects.
pub(super) fn routes(node: &Node<'_>) -> Vec<RouteDeclaration> {
    let mut seen = BTreeSet::new();
    let mut routes: Vec<RouteDeclaration> = Vec::new();
    for item in node.items(MAX_ROUTES) {
        let fields = if item.is_string() { None } else { item.object() };
        let name = match &fields {
            Some(fields) => fields.required("name").and_then(|node| route_name(&node)),
            None => item.is_string().then(|| route_name(&item)).flatten(),
        };
        let Some(name) = name else { continue };
        if !seen.insert(name.clone()) {
            item.fail(format!("the route \"{name}\" is declared twice"));
            continue;
        }
        let mut route = RouteDeclaration::new(name);
        if let Some(fields) = &fields {
            fill(&mut route, fields);
        }
        routes.push(route);
    }
    routes
}

fn fill(route: &mut RouteDeclaration, fields: &Fields<'_>) {
    fields.only(&["name", "public", "permission", "cacheControl", "methods", "request", "response"]);
    route.public = fields.flag("public");
    route.permission = fields.optional("permission").and_then(|node| permission(&node));
    route.cache_control = fields.optional("cacheControl").and_then(|node| node.line(MAX_NAME));
    let method = |node: &Node<'_>| {
        let find = |name: &str| RouteDeclaration::METHODS.into_iter().find(|known| *known == name);
        node.known("method", find, RouteDeclaration::METHODS).map(str::to_owned)
    };
    if let Some(methods) = fields.optional("methods") {
        route.methods = methods.items(RouteDeclaration::METHODS.len()).iter().filter_map(method).collect();
    }
    if let Some(request) = fields.optional("request").and_then(|node| node.object()) {
        request.only(&["body", "maxBytes", "headers"]);
        route.body = body(&request).unwrap_or_default();
        route.headers = request.optional("headers").map(|node| {
            node.items(MAX_HEADERS)
                .iter()
                .filter_map(|name| name.line(MAX_NAME))
                .map(|name| name.to_ascii_lowercase())
                .collect()
        });
    }
    let response = fields.optional("response");
    route.raw_response = response.is_some_and(|node| {
        node.known(
            "kind of response",
            |name| matches!(name, "json" | "raw").then_some(name == "raw"),
            ["json", "raw"],
        )
        .unwrap_or_default()
    });
}

/// `body` as a mode, or as `{mode, maxBytes}`.
fn body(request: &Fields<'_>) -> Option<RouteBody> {
    let node = request.optional("body")?;
    let inner = if node.is_string() { None } else { node.object() };
    let (mode, limit) = match &inner {
        Some(fields) => (fields.required("mode")?, fields.optional("maxBytes")),
        None => (node, request.optional("maxBytes")),
    };
    let mode = mode.known("body mode", BodyMode::by_name, BodyMode::ALL.map(BodyMode::name))?;
    let most = i64::try_from(RouteBody::MOST_BYTES).unwrap_or(i64::MAX);
    let max_bytes = match limit {
        Some(node) => usize::try_from(node.integer(1..=most)?).ok()?,
        None => RouteBody::MOST_BYTES,
    };
    Some(RouteBody::Declared { mode, max_bytes })
}

fn route_name(node: &Node<'_>) -> Option<String> {
    node.matching(
        MAX_NAME,
        "a route name is a letter or digit, then letters, digits, _, - and /",
        is_route_name,
    )
}

pub(crate) fn is_route_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '/'))
}

fn permission(node: &Node<'_>) -> Option<Permission> {
    node.known("permission", Permission::by_name, Permission::ALL.iter().map(|item| item.name()))
}

/// `mcp.tools`.
pub(super) fn mcp_tools(node: &Node<'_>) -> Vec<McpTool> {
    let Some(tools) = node.object().and_then(|fields| fields.required("tools")) else { return Vec::new() };
    let mut seen = BTreeSet::new();
    let mut read = |item: &Node<'_>| {
        let fields = item.object()?;
        let name = fields
            .required("name")
            .and_then(|node| node.matching(64, "a tool name is letters, digits, _ and -", is_tool_name));
        if let Some(name) = name.as_ref().filter(|name| !seen.insert((*name).clone())) {
            item.fail(format!("the tool \"{name}\" is declared twice"));
        }
        let description = fields.required("description").and_then(|node| node.text(MAX_DESCRIPTION * 4));
        let route = fields.required("route").and_then(|node| route_name(&node));
        let permission = fields.required("permission").and_then(|node| permission(&node));
        let destructive = fields.required("destructive").and_then(|node| node.boolean());
        let input_schema = fields.required("inputSchema").and_then(|node| node.json_object());
        let output_schema = fields.optional("outputSchema").and_then(|node| node.json_object());
        Some(McpTool {
            name: name?,
            description: description?,
            route: route?,
            permission: permission?,
            destructive: destructive?,
            input_schema: input_schema?,
            output_schema,
        })
    };
    tools.items(MAX_TOOLS).iter().filter_map(&mut read).collect()
}

pub(crate) fn is_tool_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}
