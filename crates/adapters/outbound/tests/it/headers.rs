//! What callers may say in a request's head.

use std::sync::Arc;

use bytes::Bytes;
use emdash_types::ErrorCode;

use crate::harness::{ScriptedNetwork, Server, get, send, site, with_headers};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

#[tokio::test]
async fn a_header_that_could_smuggle_a_second_request_is_refused() {
    let network = Arc::new(ScriptedNetwork::default());
    let rows = [
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "1\n"),
        ("X-A", "\0"),
        ("X-A", "\u{2028}"),
        ("X-A: 1\r\nX-B", "2"),
        ("X A", "1"),
        ("", "1"),
        ("Host", "internal"),
        ("hOsT", "internal"),
        ("Content-Length", "0"),
        ("Content-Length", "4, 4"),
        ("Transfer-Encoding", "chunked"),
        ("Connection", "upgrade"),
        ("Keep-Alive", "timeout=5"),
        ("Proxy-Connection", "keep-alive"),
        ("Upgrade", "websocket"),
        ("Expect", "100-continue"),
        ("TE", "trailers"),
        ("Trailer", "X-A"),
    ];
    for (name, value) in rows {
        let mut request = with_headers(get("http://site.example/"), &[(name, value)]);
        request.body = Bytes::from_static(b"body");
        let refused = send(&network, request).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ValidationError, "{name:?}: {value:?}");
        assert!(refused.message().starts_with("headers: "), "{refused}");
    }
    assert!(network.resolved.lock().is_empty());
}

#[tokio::test]
async fn too_many_or_too_large_headers_are_refused() {
    let network = Arc::new(ScriptedNetwork::default());
    let wide = "x".repeat(40_000);
    for headers in [vec![("x", "y"); 101], vec![("x", wide.as_str())]] {
        let refused = send(&network, with_headers(get("http://site.example/"), &headers)).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ValidationError);
        assert!(refused.message().contains("at most 100 of 32768 bytes"), "{refused}");
    }
}

#[tokio::test]
async fn methods_that_change_the_connection_are_refused() {
    let network = Arc::new(ScriptedNetwork::default());
    for method in ["CONNECT", "TRACE", "TRACK", "GET / HTTP/1.1\r\nX:", ""] {
        let mut request = get("http://site.example/");
        request.method = method.to_owned();
        let refused = send(&network, request).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ValidationError, "{method:?}");
    }
}

#[tokio::test]
async fn the_servers_own_headers_are_added_and_the_callers_kept() {
    let server = Server::answering([OK]).await;
    let network = site(&server);
    send(&network, get("http://site.example/")).await.unwrap();
    let headers = [
        ("User-Agent", "feed/1"),
        ("Accept", "text/html"),
        ("Accept-Encoding", "br"),
        ("X-A", "1"),
        ("X-A", "2"),
    ];
    let mut request = with_headers(get("http://site.example/"), &headers);
    request.method = "POST".to_owned();
    request.body = Bytes::from_static(b"body");
    send(&network, with_headers(request, &[("Content-Length", "4")])).await.unwrap();

    let [plain, own] = <[String; 2]>::try_from(server.requests()).unwrap();
    let agent = format!("user-agent: emdash/{}\r\n", env!("CARGO_PKG_VERSION"));
    for line in [agent.as_str(), "accept: */*\r\n", "accept-encoding: gzip\r\n", "host: site.example\r\n"] {
        assert!(plain.contains(line), "{line}: {plain}");
    }
    for line in [
        "user-agent: feed/1\r\n",
        "accept: text/html\r\n",
        "accept-encoding: gzip\r\n",
        "x-a: 1\r\nx-a: 2\r\n",
    ] {
        assert!(own.contains(line), "{line}: {own}");
    }
    assert_eq!(own.matches("content-length: 4").count(), 1, "{own}");
    assert!(own.ends_with("\r\n\r\nbody"), "{own}");
}
