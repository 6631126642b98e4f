//! Time and bytes.

use std::io::Write;
use std::time::Duration;

use emdash_ports::outbound::{EgressHosts, EgressPolicy, GuardedHttp, OutboundResponse};
use emdash_types::{ErrorCode, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::harness::{Server, client, get, policy, site};

const LIMIT: usize = 10_000;

async fn fetch(server: &Server) -> Result<OutboundResponse> {
    let policy = EgressPolicy { max_response_bytes: LIMIT, ..policy(EgressHosts::AnyPublic) };
    client(&site(server)).send(get("http://site.example/"), &policy).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn gzip_answer(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_server_that_stalls_before_or_within_its_answer_runs_into_the_deadline() {
    for start in ["", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab"] {
        let server = Server::stalling_after(start).await;
        let policy = EgressPolicy { deadline: Duration::from_millis(20), ..policy(EgressHosts::AnyPublic) };
        let failed = client(&site(&server)).send(get("http://site.example/"), &policy).await.unwrap_err();
        assert_eq!(failed.code(), ErrorCode::NetworkFailed);
        assert_eq!(failed.message(), "site.example did not answer in full within 20ms");
    }
}

#[tokio::test]
async fn a_body_of_the_limit_arrives_and_one_byte_more_does_not() {
    let body = "x".repeat(LIMIT);
    let chunked = |body: &str| {
        format!(
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        )
    };
    let announced = |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let until_close = |body: &str| format!("HTTP/1.0 200 OK\r\n\r\n{body}");
    for (fits, exceeds) in [
        (chunked(&body), chunked(&format!("{body}x"))),
        (announced(&body), announced(&format!("{body}x"))),
        (until_close(&body), until_close(&format!("{body}x"))),
    ] {
        let server = Server::answering([fits.as_str(), exceeds.as_str()]).await;
        assert_eq!(fetch(&server).await.unwrap().body.len(), LIMIT);
        let refused = fetch(&server).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ResponseTooLarge);
        assert_eq!(refused.message(), "The answer of site.example is larger than 10000 bytes");
    }
}

#[tokio::test]
async fn gzip_is_undone_and_the_headers_describe_the_decoded_body() {
    let body = "words ".repeat(LIMIT / 6);
    let server = Server::answering_bytes(vec![gzip_answer(&gzip(body.as_bytes()))]).await;
    let response = fetch(&server).await.unwrap();
    assert_eq!(response.body, body);
    assert!(response.headers.is_empty(), "{:?}", response.headers);
}

#[tokio::test]
async fn a_gzip_bomb_bursts_at_the_limit() {
    let bomb = gzip(&vec![0; LIMIT * 500]);
    assert!(bomb.len() < LIMIT);
    let nested_members = gzip(&[0; 100]).repeat(LIMIT / 40);
    let empty_members = gzip(b"").repeat(LIMIT);
    let unannounced = [b"HTTP/1.0 200 OK\r\nContent-Encoding: gzip\r\n\r\n", &empty_members[..]].concat();
    for answer in [gzip_answer(&bomb), gzip_answer(&nested_members), unannounced] {
        let server = Server::answering_bytes(vec![answer]).await;
        let refused = fetch(&server).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ResponseTooLarge);
    }
}

#[tokio::test]
async fn broken_gzip_is_a_failure_of_the_remote_server() {
    let whole = gzip(b"some words");
    for body in [&whole[..whole.len() - 3], b"not gzip"] {
        let server = Server::answering_bytes(vec![gzip_answer(body)]).await;
        let failed = fetch(&server).await.unwrap_err();
        assert_eq!(failed.code(), ErrorCode::NetworkFailed);
        assert!(failed.message().contains("not the gzip it claims to be"), "{failed}");
    }
}

#[tokio::test]
async fn an_answer_without_a_body_needs_none() {
    for answer in [
        "HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n",
    ] {
        let server = Server::answering([answer]).await;
        assert!(fetch(&server).await.unwrap().body.is_empty());
    }
}

#[tokio::test]
async fn endless_headers_and_answers_that_are_not_http_are_failures() {
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(500));
    let wide = format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "y".repeat(200_000));
    let cut_off = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc";
    for answer in [many.as_str(), wide.as_str(), cut_off, "SSH-2.0-OpenSSH_9.6\r\n", ""] {
        let server = Server::answering([answer]).await;
        let failed = fetch(&server).await.unwrap_err();
        assert_eq!(failed.code(), ErrorCode::NetworkFailed);
        assert!(failed.message().contains("The answer of site.example broke off"), "{failed}");
    }
}
