//! A network whose names are scripted and whose public addresses lead to loopback listeners.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use emdash_manifest::HostPattern;
use emdash_outbound::{GuardedClient, Network, OutboundConfig};
use emdash_ports::outbound::{EgressHosts, EgressPolicy, GuardedHttp, OutboundRequest, OutboundResponse};
use emdash_types::Result;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An address outside every internal range; nothing is ever sent there.
pub const PUBLIC: &str = "93.184.215.14";

/// Names with the answers of each resolution in turn (the last one stays), addresses with their listener.
#[derive(Default)]
pub struct ScriptedNetwork {
    answers: Mutex<HashMap<String, Vec<Vec<IpAddr>>>>,
    listeners: Mutex<HashMap<IpAddr, SocketAddr>>,
    pub resolved: Mutex<Vec<String>>,
    pub dialled: Mutex<Vec<SocketAddr>>,
}

impl ScriptedNetwork {
    /// The answers a name gives, one list of addresses per resolution.
    pub fn name(&self, host: &str, answers: &[&[&str]]) {
        let answers = answers.iter().map(|answer| answer.iter().map(|ip| ip.parse().unwrap()).collect());
        self.answers.lock().insert(host.to_owned(), answers.collect());
    }

    /// Lets an address lead to a listener.
    pub fn address(&self, ip: &str, listener: SocketAddr) {
        self.listeners.lock().insert(ip.parse().unwrap(), listener);
    }
}

#[async_trait]
impl Network for ScriptedNetwork {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        self.resolved.lock().push(host.to_owned());
        let mut answers = self.answers.lock();
        let script = answers.get_mut(host).ok_or(io::ErrorKind::NotFound)?;
        Ok(if script.len() > 1 { script.remove(0) } else { script[0].clone() })
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        self.dialled.lock().push(address);
        let listener = self.listeners.lock().get(&address.ip()).copied();
        TcpStream::connect(listener.ok_or(io::ErrorKind::ConnectionRefused)?).await
    }
}

/// A listener that gives its answers in turn, one per connection (the last one stays), and keeps what it was sent.
pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub async fn answering<const N: usize>(answers: [&str; N]) -> Self {
        Self::answering_bytes(answers.iter().map(|answer| answer.as_bytes().to_vec()).collect()).await
    }

    pub async fn answering_bytes(mut answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read_request(&mut stream).await;
                seen.lock().push(request);
                let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
                // A client that has read enough may be gone already.
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { address, requests }
    }

    /// Answers with the start of a response and then falls silent, holding the connection.
    pub async fn stalling_after(start: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                stream.write_all(start.as_bytes()).await.unwrap();
                held.push(stream);
            }
        });
        Self { address, requests: Arc::default() }
    }

    /// What arrived so far, heads in lower case.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().clone()
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return format!("{head}\r\n\r\n{body}");
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap() == 0 {
            return text;
        }
    }
}

/// A network with one public name, `site.example`, that leads to a server.
pub fn site(server: &Server) -> Arc<ScriptedNetwork> {
    let network = Arc::new(ScriptedNetwork::default());
    network.name("site.example", &[&[PUBLIC]]);
    network.address(PUBLIC, server.address);
    network
}

pub fn client(network: &Arc<ScriptedNetwork>) -> GuardedClient {
    let network: Arc<dyn Network> = Arc::<ScriptedNetwork>::clone(network);
    GuardedClient::with_network(OutboundConfig::default(), network).unwrap()
}

pub fn policy(hosts: EgressHosts) -> EgressPolicy {
    EgressPolicy { hosts, max_redirects: 5, max_response_bytes: 1 << 20, deadline: Duration::from_secs(30) }
}

pub fn listed(patterns: &[&str]) -> EgressHosts {
    EgressHosts::Listed(patterns.iter().map(|pattern| HostPattern::parse(pattern).unwrap()).collect())
}

pub fn get(url: &str) -> OutboundRequest {
    OutboundRequest {
        method: "GET".to_owned(),
        url: url.parse().unwrap(),
        headers: Vec::new(),
        body: Bytes::new(),
    }
}

pub fn with_headers(mut request: OutboundRequest, headers: &[(&str, &str)]) -> OutboundRequest {
    request.headers.extend(headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())));
    request
}

/// Sends to any public host.
pub async fn send(network: &Arc<ScriptedNetwork>, request: OutboundRequest) -> Result<OutboundResponse> {
    client(network).send(request, &policy(EgressHosts::AnyPublic)).await
}
