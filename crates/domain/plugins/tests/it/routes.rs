//! A plugin's own endpoints (plugin contract §5).

use std::time::Duration;

use emdash_plugins::{PluginHost, RequestMeta, RouteReply, RouteRequest, ToolCall};
use emdash_ports::runtime::{GuestException, GuestResponse, GuestStop};
use emdash_types::{ErrorCode, Permission};
use serde_json::{Value, json};

use crate::fixture::{Fixture, admin, fixture, id, manifest, with};
use crate::scripted::{End, Script, throw};

async fn site(routes: Value, script: Script) -> Fixture {
    let site = fixture();
    site.install(&with(manifest("p"), json!({"routes": routes})), script).await;
    site
}

async fn call(host: &PluginHost, route: &str, method: &str) -> emdash_types::Result<RouteReply> {
    host.route(&id("p"), route)
        .unwrap()
        .call(RouteRequest { method: method.into(), ..RouteRequest::default() })
        .await
}

#[tokio::test]
async fn the_manifest_decides_which_routes_there_are_and_who_may_call_them() {
    let routes = json!([{"name": "open/to-all", "public": true, "cacheControl": "max-age=5"}, {"name": "mine", "permission": "content:read"}, "plain"]);
    let answers = |script: Script, name: &str| script.route(name, |_, _| async { End::Undefined });
    let script = ["open/to-all", "mine", "plain", "undeclared"].into_iter().fold(Script::default(), answers);
    let site = site(routes, script).await;
    let access = |route: &str| site.access(&id("p"), route);
    assert!(access("open/to-all").unwrap().public);
    assert_eq!(access("mine").unwrap().permission, Permission::ContentRead);
    assert_eq!(access("plain").unwrap().permission, Permission::PluginsManage);
    for route in ["undeclared", "toString", "admin", ""] {
        assert_eq!(access(route), None);
    }
    assert_eq!(site.access(&id("other"), "plain"), None);
    let get = call(&site.host, "open/to-all", "GET").await.unwrap();
    assert_eq!(get, RouteReply::Data { json: None, cache_control: Some("max-age=5".into()) });
    let post = call(&site.host, "open/to-all", "POST").await.unwrap();
    assert_eq!(post, RouteReply::Data { json: None, cache_control: None });
}

#[tokio::test]
async fn public_routes_are_held_back_by_address_and_private_ones_are_not() {
    let routes = json!(["mine", {"name": "open", "public": true}]);
    let answer = |script: Script, name: &str| script.route(name, |_, _| async { End::Undefined });
    let site = site(routes, ["mine", "open"].into_iter().fold(Script::default(), answer)).await;
    let from = |route: &'static str| {
        let peer = "203.0.113.7".parse().ok();
        site.host.route(&id("p"), route).unwrap().call(RouteRequest {
            method: "GET".into(),
            peer,
            ..RouteRequest::default()
        })
    };
    for _ in 0..300 {
        from("open").await.unwrap();
    }
    assert_eq!(from("open").await.unwrap_err().code(), ErrorCode::RateLimited);
    assert!(from("mine").await.is_ok());
}

#[tokio::test]
async fn a_tool_is_a_private_route_with_its_permission_and_every_call_is_written_down() {
    let site = fixture();
    let tool = |name: &str, route: &str, permission: &str| json!({"name": name, "description": "d", "route": route, "permission": permission, "destructive": false, "inputSchema": {}});
    let changes = json!({
        "routes": [{"name": "find", "permission": "plugins:manage"}, {"name": "open", "public": true}],
        "mcp": {"tools": [tool("search", "find", "plugins:manage"), tool("weaker", "find", "content:read"), tool("public", "open", "plugins:manage")]},
    });
    let script = Script::default()
        .route("find", |_, event| async move { End::Value(json!({"asked": event["input"]})) })
        .route("open", |_, _| async { End::Undefined });
    site.install(&with(manifest("p"), changes), script).await;
    let names: Vec<String> = site.host.mcp_tools().into_iter().map(|tool| tool.name).collect();
    assert_eq!(names, ["p__search"]);

    let call = |name: &str| ToolCall {
        name: name.into(),
        input: json!({"q": 1}),
        meta: RequestMeta::default(),
        user: None,
    };
    let answer = site.host.call_tool(&admin(), call("p__search")).await.unwrap();
    assert_eq!(answer, json!({"asked": {"q": 1}}));
    let refused = site.host.call_tool(&emdash_types::Caller::Anonymous, call("p__search")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::NotAuthenticated);
    for name in ["p__weaker", "p__public", "q__search"] {
        assert_eq!(site.host.call_tool(&admin(), call(name)).await.unwrap_err().code(), ErrorCode::NotFound);
    }
}

#[tokio::test]
async fn a_plugin_with_pages_has_a_private_route_to_draw_them() {
    let site = fixture();
    let pages = json!({"admin": {"pages": [{"path": "/x", "label": "X"}]}});
    site.install(
        &with(manifest("p"), pages),
        Script::default().route("admin", |_, _| async { End::Value(json!(1)) }),
    )
    .await;
    assert!(!site.access(&id("p"), "admin").unwrap().public);
}

#[tokio::test]
async fn an_accident_is_told_in_private_and_kept_to_ourselves_in_public() {
    let routes = json!(["private", {"name": "public", "public": true}]);
    let script = Script::default()
        .route("private", |_, _| async { throw("no column pw") })
        .route("public", |_, _| async { throw("no column pw") });
    let site = site(routes, script).await;
    let private = call(&site.host, "private", "GET").await.unwrap_err();
    assert_eq!(private.code(), ErrorCode::RouteError);
    assert_eq!(private.message(), "Plugin p@1.0.0 route private failed: no column pw");
    let public = call(&site.host, "public", "GET").await.unwrap_err();
    assert_eq!((public.code(), public.message()), (ErrorCode::RouteError, "The plugin could not answer."));
    assert!(public.details_value().is_none());
}

#[tokio::test]
async fn a_route_error_with_code_and_status_is_the_plugins_answer() {
    let refuses = |status: u16| {
        Script::default().route("r", move |_, _| async move {
            End::Throw(GuestException {
                name: "PluginRouteError".into(),
                message: "Not yours".into(),
                code: Some("FORBIDDEN".into()),
                status: Some(status),
                details: Some(json!({"a": 1})),
                stack: None,
            })
        })
    };
    let open = json!([{"name": "r", "public": true}]);
    let reply = call(&site(open.clone(), refuses(403)).await.host, "r", "GET").await.unwrap();
    let expected = RouteReply::Refused {
        status: 403,
        code: "FORBIDDEN".into(),
        message: "Not yours".into(),
        details: Some(json!({"a": 1})),
    };
    assert_eq!(reply, expected);
    assert!(call(&site(open, refuses(200)).await.host, "r", "GET").await.is_err(), "no refusal says 200");
}

#[tokio::test]
async fn a_response_keeps_status_and_body_and_loses_what_it_must_not_set() {
    let answers = |status: u16, thrown: bool| {
        Script::default().route("r", move |_, _| async move {
            let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            End::Respond(GuestResponse {
                thrown,
                status,
                headers: vec![
                    header("Content-Type", "text/html"),
                    header("Set-Cookie", "session=1"),
                    header("Location", "https://evil.example.com"),
                    header("Content-Security-Policy", "script-src *"),
                ],
                body: "<script>".into(),
            })
        })
    };
    let reply = call(&site(json!(["r"]), answers(418, true)).await.host, "r", "GET").await.unwrap();
    let RouteReply::Response { status, headers, body } = reply else { panic!("a response") };
    assert_eq!((status, body.as_slice()), (418, &b"<script>"[..]));
    let names: Vec<_> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["content-type", "content-security-policy", "x-content-type-options"]);
    assert!(headers[1].1.starts_with("sandbox "), "no script runs on the site's origin");

    let reply = call(&site(json!(["r"]), answers(302, false)).await.host, "r", "GET").await.unwrap();
    let RouteReply::Response { headers, .. } = reply else { panic!("a response") };
    assert!(headers.iter().any(|(name, _)| name == "location"));
    assert!(call(&site(json!(["r"]), answers(101, false)).await.host, "r", "GET").await.is_err());
}

#[tokio::test]
async fn a_route_that_runs_out_of_time_names_the_limit() {
    let script = Script {
        takes: Duration::from_secs(60),
        ..Script::default().route("slow", |_, _| async { End::Undefined })
    };
    let site = site(json!(["slow"]), script).await;
    let error = call(&site.host, "slow", "GET").await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::PluginTimeLimit);
    assert_eq!(error.message(), "Plugin p exceeded wall-time limit of 30000ms during route:slow");
    tokio::task::yield_now().await;
    assert_eq!(site.violations().await[0].during, "route slow");
}

#[tokio::test]
async fn a_call_under_way_goes_on_in_its_generation_when_the_plugin_is_switched_off() {
    let (entered, wait_entered) = tokio::sync::oneshot::channel();
    let (leave, wait_leave) = tokio::sync::oneshot::channel();
    let gates = std::sync::Arc::new(std::sync::Mutex::new(Some((entered, wait_leave))));
    let script = Script::default().route("r", move |guest, _| {
        let gates = gates.lock().unwrap().take();
        async move {
            let (entered, leave) = gates.unwrap();
            entered.send(()).unwrap();
            leave.await.unwrap();
            End::Value(guest.ask("kv.list", json!([""])).await.unwrap())
        }
    });
    let site = site(json!(["r"]), script).await;
    let host = site.host.clone();
    let running = tokio::spawn(async move { call(&host, "r", "GET").await });
    wait_entered.await.unwrap();
    site.host.disable(&emdash_types::Caller::System, &id("p")).await.unwrap();
    assert_eq!(site.access(&id("p"), "r"), None);
    leave.send(()).unwrap();
    assert!(running.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_stop_of_a_public_route_says_nothing_of_its_inside() {
    let script = Script::default()
        .route("r", |_, _| async { End::Stop(GuestStop::Crashed { reason: "0xdead".into() }) });
    let site = site(json!([{"name": "r", "public": true}]), script).await;
    let error = call(&site.host, "r", "GET").await.unwrap_err();
    assert_eq!((error.code(), error.message()), (ErrorCode::PluginCrashed, "The plugin could not answer."));
}
