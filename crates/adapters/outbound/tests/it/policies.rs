//! Host lists, the operator's own address, names mapped by hand, and addresses that change.

use std::sync::Arc;

use emdash_outbound::{GuardedClient, OutboundConfig, StaticHost};
use emdash_ports::outbound::{EgressHosts, GuardedHttp};
use emdash_types::ErrorCode;

use crate::harness::{PUBLIC, ScriptedNetwork, Server, client, get, listed, policy, send, site};

const OK: &str = "HTTP/1.1 200 Fine\r\ncontent-length: 2\r\n\r\nhi";

#[tokio::test]
async fn a_listed_host_is_reached_and_the_response_is_whole() {
    let server =
        Server::answering(["HTTP/1.1 418 Short and stout\r\nX-A: 1\r\nX-A: \u{e9}\r\n\r\nh\u{e9}"]).await;
    let request = get("http://Site.Example.:8080/a b?q=1#part");
    let response = client(&site(&server)).send(request, &policy(listed(&["*.example"]))).await.unwrap();

    assert_eq!((response.status, response.status_text.as_str()), (418, "Short and stout"));
    let utf8_as_bytes = "\u{c3}\u{a9}".to_owned();
    assert_eq!(response.headers, [("x-a".into(), "1".into()), ("x-a".into(), utf8_as_bytes)]);
    assert_eq!(response.body, "h\u{e9}");
    assert_eq!(response.url.as_str(), "http://site.example.:8080/a%20b?q=1");
    let sent = server.requests().join("");
    assert!(sent.starts_with("get /a%20b?q=1 http/1.1\r\n"), "{sent}");
    assert!(sent.contains("host: site.example.:8080\r\n"), "{sent}");
}

#[tokio::test]
async fn an_unlisted_host_is_refused_before_it_is_resolved() {
    let network = Arc::new(ScriptedNetwork::default());
    let refused = client(&network)
        .send(get("https://evil.example/"), &policy(listed(&["api.example", "*.cdn.example"])))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), ErrorCode::HostNotAllowed);
    assert_eq!(refused.message(), "Host not allowed: evil.example");
    assert!(refused.hint_text().unwrap().contains("api.example, *.cdn.example"));
    assert!(network.resolved.lock().is_empty());
}

#[tokio::test]
async fn an_empty_list_allows_nothing_and_says_so() {
    let network = Arc::new(ScriptedNetwork::default());
    let refused = client(&network).send(get("http://site.example/"), &policy(listed(&[]))).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::HostNotAllowed);
    assert!(refused.message().contains("no allowed hosts configured"), "{refused}");
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_dialled_where_it_was_vetted() {
    let server = Server::answering([OK]).await;
    let network = site(&server);
    network.name("site.example", &[&[PUBLIC], &["127.0.0.1"]]);

    send(&network, get("http://site.example:81/")).await.unwrap();
    assert_eq!(*network.resolved.lock(), ["site.example"]);
    assert_eq!(*network.dialled.lock(), [format!("{PUBLIC}:81").parse().unwrap()]);

    let refused = send(&network, get("http://site.example:81/")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::AddressBlocked);
    assert_eq!(network.dialled.lock().len(), 1);
}

#[tokio::test]
async fn a_dead_address_gives_way_to_the_next() {
    let server = Server::answering([OK]).await;
    let network = site(&server);
    network.name("site.example", &[&["2606:2800:21f::1", PUBLIC]]);
    assert_eq!(send(&network, get("http://site.example/")).await.unwrap().body, "hi");
}

#[tokio::test]
async fn an_unknown_name_a_dead_server_and_one_without_tls_are_named() {
    let server = Server::stalling_after("HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let network = site(&server);
    network.name("dead.example", &[&["93.184.215.15"]]);
    for (url, words) in [
        ("http://unknown.example/", "Host not found: unknown.example"),
        ("http://dead.example/", "Cannot connect to dead.example: connection refused"),
        ("https://site.example/", "No secure connection to site.example"),
    ] {
        let failed = send(&network, get(url)).await.unwrap_err();
        assert_eq!(failed.code(), ErrorCode::NetworkFailed);
        assert!(failed.message().contains(words), "{failed}");
    }
}

#[tokio::test]
async fn the_operators_address_may_be_private_but_no_other_origin_is_reached() {
    let server = Server::answering([OK]).await;
    let client = GuardedClient::new(OutboundConfig::default()).unwrap();
    let origin = format!("http://{}", server.address);
    let policy = policy(EgressHosts::Operator(format!("{origin}/market").parse().unwrap()));

    assert_eq!(client.send(get(&format!("{origin}/api/plugins")), &policy).await.unwrap().status, 200);

    let other_port = format!("http://127.0.0.1:{}/", server.address.port() ^ 1);
    let other_scheme = format!("https://{}/", server.address);
    let other_host = format!("http://localhost:{}/", server.address.port());
    for url in [other_port, other_scheme, other_host] {
        let refused = client.send(get(&url), &policy).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::HostNotAllowed, "{url}");
        assert!(refused.hint_text().unwrap().contains(&origin));
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_name_mapped_by_hand_leaves_the_address_filter_but_not_the_host_list() {
    let server = Server::answering([OK]).await;
    let static_host = StaticHost { host: "Hooks.Internal.".to_owned(), address: server.address };
    let client = GuardedClient::new(OutboundConfig { static_hosts: vec![static_host] }).unwrap();

    let request = get("http://hooks.internal/notify");
    client.send(request.clone(), &policy(listed(&["hooks.internal"]))).await.unwrap();
    let refused = client.send(request, &policy(listed(&["api.example"]))).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::HostNotAllowed);
    let neighbour = client.send(get("http://x.hooks.internal/"), &policy(listed(&["*"]))).await.unwrap_err();
    assert_eq!(neighbour.code(), ErrorCode::AddressBlocked);

    assert_eq!(server.requests().len(), 1);
    assert!(server.requests()[0].contains("host: hooks.internal\r\n"));
}
