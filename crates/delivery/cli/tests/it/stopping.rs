//! Health, and an end in order.

use std::io::{Read, Write};
use std::net::TcpStream;

use emdash_testkit::{ChildServer, Method, Plugin, Serving, TestData, TestServer, eventually};
use insta::assert_json_snapshot;

use crate::support::{POSTS, binary, emdash, path};

#[test]
fn a_server_says_that_it_is_alive_and_ready() {
    let server = TestServer::start();
    let health = |path: &str| server.anonymous().get(path).accepted().json();
    assert_json_snapshot!(health("/healthz"), @r#"
    {
      "status": "alive"
    }
    "#);
    assert_json_snapshot!(health("/readyz"), @r#"
    {
      "status": "ready",
      "checks": {
        "database": "ok",
        "plugins": "ok",
        "jobs": "ok",
        "scheduler": "ok"
      }
    }
    "#);
}

#[test]
fn a_request_under_way_is_answered_before_the_server_ends() {
    let mut server = ChildServer::start(binary(), TestData::with_site(), &[]);
    let slow = r#"export default { hooks: { "content:beforeSave": async (event, ctx) => {
        await ctx.kv.set("begun", true);
        await new Promise((resolve) => setTimeout(resolve, 1500));
        return event.content;
    } }, routes: { begun: async (_, ctx) => (await ctx.kv.get("begun")) ?? false } };"#;
    let plugin = Plugin::new("slow", slow)
        .capabilities(&["content:write"])
        .hooks(&["content:beforeSave"])
        .routes(&["begun"]);
    server.install(&plugin);
    let admin = server.administrator();
    let saving = {
        let admin = admin.clone();
        std::thread::spawn(move || {
            let body = br#"{"data":{"title":"Under way"}}"#.to_vec();
            admin.try_send(Method::POST, POSTS, "application/json", body)
        })
    };
    eventually("the save has begun", || {
        (admin.get("/_emdash/api/plugins/slow/begun").data() == true).then_some(())
    });
    server.terminate();
    let answer = saving.join().expect("the client does not panic").expect("the answer arrives");
    assert_eq!(answer.status, 201, "{answer}");
    assert!(server.wait().success());
    assert!(TcpStream::connect(server.base().trim_start_matches("http://")).is_err(), "it listens no more");
}

#[test]
fn a_connection_that_is_idle_does_not_hold_the_server_up() {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    let mut idle = TcpStream::connect(server.base().trim_start_matches("http://")).expect("it listens");
    idle.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").expect("it reads");
    let mut answer = [0; 12];
    idle.read_exact(&mut answer).expect("it answers");
    assert_eq!(&answer, b"HTTP/1.1 200");
    let data = server.stop();
    assert_eq!(emdash(&["doctor", "--data", path(&data), "--json"]).done()["healthy"], true);
}
