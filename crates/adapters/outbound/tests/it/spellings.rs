//! Every way to write an internal address is refused before anything is resolved or dialled.

use std::sync::Arc;

use emdash_ports::outbound::{EgressHosts, GuardedHttp};
use emdash_types::ErrorCode;

use crate::harness::{ScriptedNetwork, client, get, listed, policy, send};

/// URL, and the host as the refusal names it.
const INTERNAL: &[(&str, &str)] = &[
    // IPv4 in every spelling the URL standard reads
    ("http://127.0.0.1/", "127.0.0.1"),
    ("https://127.0.0.1:8443/", "127.0.0.1"),
    ("http://127.0.0.1./", "127.0.0.1"),
    ("http://127.1/", "127.0.0.1"),
    ("http://127.0.1/", "127.0.0.1"),
    ("http://0177.0.0.1/", "127.0.0.1"),
    ("http://017700000001/", "127.0.0.1"),
    ("http://0x7f.0.0.1/", "127.0.0.1"),
    ("http://0x7F.0x0.0x0.0x1/", "127.0.0.1"),
    ("http://0x7f000001/", "127.0.0.1"),
    ("http://2130706433/", "127.0.0.1"),
    ("http://%31%32%37.0.0.1/", "127.0.0.1"),
    ("http://１２７.０.０.１/", "127.0.0.1"),
    ("http://127。0。0。1/", "127.0.0.1"),
    ("http:\\\\127.0.0.1\\", "127.0.0.1"),
    ("http://127.255.255.254/", "127.255.255.254"),
    ("http://0/", "0.0.0.0"),
    ("http://0.1.2.3/", "0.1.2.3"),
    ("http://10.0.0.1/", "10.0.0.1"),
    ("http://012.0.0.1/", "10.0.0.1"),
    ("http://100.64.0.1/", "100.64.0.1"),
    ("http://100.100.100.200/", "100.100.100.200"),
    ("http://168.63.129.16/", "168.63.129.16"),
    ("http://169.254.169.254/latest/meta-data/", "169.254.169.254"),
    ("http://0xa9fea9fe/", "169.254.169.254"),
    ("http://2852039166/", "169.254.169.254"),
    ("http://169.16689662/", "169.254.169.254"),
    ("http://172.16.0.1/", "172.16.0.1"),
    ("http://172.31.255.255/", "172.31.255.255"),
    ("http://192.0.0.192/", "192.0.0.192"),
    ("http://192.0.2.1/", "192.0.2.1"),
    ("http://192.168.1.1/", "192.168.1.1"),
    ("http://198.19.0.1/", "198.19.0.1"),
    ("http://224.0.0.1/", "224.0.0.1"),
    ("http://240.0.0.1/", "240.0.0.1"),
    ("http://255.255.255.255/", "255.255.255.255"),
    // IPv6, alone and with an IPv4 address inside
    ("http://[::]/", "::"),
    ("http://[::1]/", "::1"),
    ("http://[0:0:0:0:0:0:0:1]:8080/", "::1"),
    ("http://[::127.0.0.1]/", "::7f00:1"),
    ("http://[::ffff:127.0.0.1]/", "::ffff:7f00:1"),
    ("http://[::FFFF:7F00:1]/", "::ffff:7f00:1"),
    ("http://[::ffff:169.254.169.254]/", "::ffff:a9fe:a9fe"),
    ("http://[::ffff:0:127.0.0.1]/", "::ffff:0:7f00:1"),
    ("http://[64:ff9b::127.0.0.1]/", "64:ff9b::7f00:1"),
    ("http://[64:ff9b:1::10.0.0.1]/", "64:ff9b:1::a00:1"),
    ("http://[2002:7f00:1::1]/", "2002:7f00:1::1"),
    ("http://[2001:0:7f00:1::1]/", "2001:0:7f00:1::1"),
    ("http://[2001:db8::1]/", "2001:db8::1"),
    ("http://[100::1]/", "100::1"),
    ("http://[fc00::1]/", "fc00::1"),
    ("http://[fd00:ec2::254]/", "fd00:ec2::254"),
    ("http://[fe80::1]/", "fe80::1"),
    ("http://[fec0::1]/", "fec0::1"),
    ("http://[ff02::1]/", "ff02::1"),
    // names
    ("http://localhost/", "localhost"),
    ("http://LOCALHOST:3000/", "localhost"),
    ("http://localhost./", "localhost"),
    ("http://ⓛocalhost/", "localhost"),
    ("http://db.localhost/", "db.localhost"),
    ("http://metadata.google.internal/computeMetadata/v1/", "metadata.google.internal"),
    ("http://Metadata.Google.Internal./", "metadata.google.internal"),
    ("http://metadata.google/", "metadata.google"),
    ("http://metadata/", "metadata"),
    ("http://vault.internal/", "vault.internal"),
    ("http://127.0.0.1.nip.io/", "127.0.0.1.nip.io"),
    ("http://10-0-0-1.sslip.io/", "10-0-0-1.sslip.io"),
    ("http://xip.io/", "xip.io"),
    ("http://app.traefik.me/", "app.traefik.me"),
    ("http://lvh.me/", "lvh.me"),
    ("http://www.localtest.me/", "www.localtest.me"),
];

#[tokio::test]
async fn every_spelling_of_an_internal_target_is_refused_without_touching_the_network() {
    let network = Arc::new(ScriptedNetwork::default());
    for hosts in [EgressHosts::AnyPublic, listed(&["*"])] {
        for (url, host) in INTERNAL {
            let refused = client(&network).send(get(url), &policy(hosts.clone())).await.unwrap_err();
            assert_eq!(refused.code(), ErrorCode::AddressBlocked, "{url}");
            assert_eq!(refused.message(), format!("Blocked fetch to internal host: {host}"), "{url}");
        }
    }
    assert!(network.resolved.lock().is_empty());
    assert!(network.dialled.lock().is_empty());
}

#[tokio::test]
async fn a_name_is_refused_when_any_of_its_addresses_is_internal() {
    let answers: &[&[&str]] = &[
        &["127.0.0.1"],
        &["93.184.215.14", "10.0.0.1"],
        &["169.254.169.254", "93.184.215.14"],
        &["2606:2800:21f::1", "::1"],
        &["::ffff:192.168.0.1"],
        &["64:ff9b::a00:1"],
    ];
    for answer in answers {
        let network = Arc::new(ScriptedNetwork::default());
        network.name("innocent.example", &[answer]);
        let refused = send(&network, get("http://innocent.example/")).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::AddressBlocked, "{answer:?}");
        assert_eq!(refused.message(), "Blocked fetch to internal host: innocent.example");
        assert!(network.dialled.lock().is_empty(), "{answer:?}");
    }
}

#[tokio::test]
async fn other_schemes_and_addresses_with_credentials_are_refused() {
    let network = Arc::new(ScriptedNetwork::default());
    let rows = [
        ("ftp://site.example/", "Unsupported scheme: ftp:"),
        ("file:///etc/passwd", "Unsupported scheme: file:"),
        ("data:text/plain,x", "Unsupported scheme: data:"),
        ("ws://site.example/", "Unsupported scheme: ws:"),
        ("http://user:secret@site.example/", "user name or password"),
        ("http://site.example@127.0.0.1/", "user name or password"),
    ];
    for (url, words) in rows {
        let refused = send(&network, get(url)).await.unwrap_err();
        assert!(refused.message().contains(words), "{url}: {refused}");
        assert!(!refused.message().contains("secret"), "{url}: {refused}");
    }
}
