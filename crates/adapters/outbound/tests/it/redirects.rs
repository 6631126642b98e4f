//! Every hop is a request of its own to the guard.

use bytes::Bytes;
use emdash_ports::outbound::{EgressHosts, GuardedHttp};
use emdash_types::ErrorCode;

use crate::harness::{Server, client, get, listed, policy, send, site, with_headers};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi";

fn redirect(status: u16, location: &str) -> String {
    format!("HTTP/1.1 {status} Elsewhere\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n")
}

#[tokio::test]
async fn a_redirect_to_anything_internal_is_refused() {
    for location in [
        "http://127.0.0.1/admin",
        "//169.254.169.254/latest",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://localhost/",
        "http://inside.example/",
    ] {
        let server = Server::answering([redirect(302, location).as_str(), OK]).await;
        let network = site(&server);
        network.name("inside.example", &[&["10.1.2.3"]]);
        let refused = send(&network, get("http://site.example/")).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::AddressBlocked, "{location}");
        assert_eq!(network.dialled.lock().len(), 1, "{location}");
    }
}

#[tokio::test]
async fn a_redirect_off_the_list_or_to_another_scheme_is_refused() {
    for (location, words) in [
        ("http://evil.example/", "Host not allowed: evil.example"),
        ("file:///etc/passwd", "Unsupported scheme: file:"),
        ("http://a:b@site.example/", "user name or password"),
        ("http://[broken/", "redirects to something that is no address"),
    ] {
        let server = Server::answering([redirect(301, location).as_str(), OK]).await;
        let refused = client(&site(&server))
            .send(get("http://site.example/"), &policy(listed(&["site.example"])))
            .await
            .unwrap_err();
        assert!(refused.message().contains(words), "{location}: {refused}");
        assert_eq!(server.requests().len(), 1, "{location}");
    }
}

#[tokio::test]
async fn the_operators_address_cannot_send_the_server_elsewhere() {
    let server = Server::answering([redirect(302, "http://site.example:81/").as_str(), OK]).await;
    let hosts = EgressHosts::Operator("http://site.example/".parse().unwrap());
    let refused =
        client(&site(&server)).send(get("http://site.example/a"), &policy(hosts)).await.unwrap_err();
    assert_eq!(refused.message(), "Host not allowed: site.example");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_loop_ends_after_five_redirects() {
    let server = Server::answering([redirect(307, "/again").as_str()]).await;
    let refused = send(&site(&server), get("http://site.example/")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::TooManyRedirects);
    assert_eq!(refused.message(), "Too many redirects (max 5)");
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn five_redirects_are_followed_and_the_last_address_is_told() {
    let hop = redirect(308, "next?a=1#part");
    let server = Server::answering([&hop, &hop, &hop, &hop, &hop, OK]).await;
    let response = send(&site(&server), get("http://site.example/first/page")).await.unwrap();
    assert_eq!(response.body, "hi");
    assert_eq!(response.url.as_str(), "http://site.example/first/next?a=1");
}

#[tokio::test]
async fn method_and_body_survive_every_kind_of_redirect() {
    for status in [301, 302, 303, 307, 308] {
        let server = Server::answering([redirect(status, "/moved").as_str(), OK]).await;
        let mut request = get("http://site.example/");
        request.method = "PATCH".to_owned();
        request.body = Bytes::from_static(b"payload");
        send(&site(&server), request).await.unwrap();
        let second = &server.requests()[1];
        assert!(
            second.starts_with("patch /moved ") && second.ends_with("\r\n\r\npayload"),
            "{status}: {second}"
        );
    }
}

#[tokio::test]
async fn a_redirect_without_a_location_and_a_304_are_answers() {
    for answer in [
        "HTTP/1.1 302 Found\r\ncontent-length: 2\r\n\r\nhi",
        "HTTP/1.1 304 Not Modified\r\nlocation: /x\r\n\r\n",
    ] {
        let server = Server::answering([answer]).await;
        let response = send(&site(&server), get("http://site.example/")).await.unwrap();
        assert!(matches!(response.status, 302 | 304));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn credentials_stay_on_their_origin_and_do_not_come_back() {
    const CREDENTIALS: [&str; 3] = ["authorization: bearer t", "cookie: s=1", "proxy-authorization: basic p"];
    let hops = [
        redirect(302, "/same-origin"),
        redirect(302, "http://site.example:81/other-origin"),
        redirect(302, "http://site.example/back"),
    ];
    let server = Server::answering([&hops[0], &hops[1], &hops[2], OK]).await;
    let headers = [
        ("Authorization", "Bearer t"),
        ("Cookie", "s=1"),
        ("Proxy-Authorization", "Basic p"),
        ("X-Kept", "1"),
    ];
    send(&site(&server), with_headers(get("http://site.example/"), &headers)).await.unwrap();

    let requests = server.requests();
    for (request, carries) in requests.iter().zip([true, true, false, false]) {
        assert!(CREDENTIALS.iter().all(|header| request.contains(header) == carries), "{request}");
        assert!(request.contains("x-kept: 1"), "{request}");
    }
    assert_eq!(requests.len(), 4);
}
