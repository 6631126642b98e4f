//! A marketplace that lies, and archives made to do harm: refused by name, with nothing half-installed.

use std::io::Write;
use std::sync::{Arc, Mutex};

use emdash_app::Role;
use emdash_manifest::Bundle;
use emdash_testkit::{Options, Plugin, Received, Serving, TestData, TestServer, WebhookListener, shape};
use flate2::Compression;
use flate2::write::GzEncoder;
use insta::assert_snapshot;
use serde_json::{Value, json};
use tar::{EntryType, Header};

use crate::lifecycle::assert_nothing_of;

/// What the marketplace says of its one plugin.
#[derive(Clone, Default)]
struct Lie {
    bundle: Vec<u8>,
    checksum: String,
    verdict: &'static str,
}

impl Lie {
    /// Only the bytes are bad.
    fn honest_about(bundle: Vec<u8>) -> Self {
        Self { checksum: Bundle::checksum(&bundle), bundle, verdict: "pass" }
    }

    fn answer(&self, request: &Received) -> (u16, Vec<u8>) {
        if request.request_line.contains("/bundle") {
            return (200, self.bundle.clone());
        }
        let version = json!({
            "version": "1.0.0", "checksum": self.checksum, "status": "published", "capabilities": [],
            "audit": {"verdict": self.verdict, "riskScore": 0},
        });
        (200, json!({"id": "victim", "name": "Victim", "latestVersion": version}).to_string().into_bytes())
    }
}

fn victim() -> Plugin {
    Plugin::new("victim", "export default { routes: { x: () => 1 } };").routes(&["x"])
}

fn gzip(stream: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(stream).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn entry(name: &str, kind: EntryType, bytes: &[u8]) -> Vec<u8> {
    let mut header = Header::new_ustar();
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    if kind == EntryType::Symlink {
        header.set_link_name("/etc/passwd").expect("a short name");
    }
    header.set_cksum();
    let mut blocks = header.as_bytes().to_vec();
    blocks.extend_from_slice(bytes);
    blocks.resize(blocks.len().next_multiple_of(512), 0);
    blocks
}

/// A bundle that would be in order without this one entry more.
fn with(name: &str, kind: EntryType, bytes: &[u8]) -> Vec<u8> {
    let manifest = json!({
        "id": "victim", "version": "1.0.0", "capabilities": [], "allowedHosts": [],
        "storage": {}, "hooks": [], "routes": ["x"], "admin": {},
    });
    let mut stream = [
        entry("manifest.json", EntryType::Regular, manifest.to_string().as_bytes()),
        entry("backend.js", EntryType::Regular, b"export default { routes: { x: () => 1 } };"),
        entry(name, kind, bytes),
    ]
    .concat();
    stream.resize(stream.len() + 1024, 0);
    gzip(&stream)
}

#[test]
fn nothing_a_marketplace_delivers_is_trusted() {
    let file = EntryType::Regular;
    let cases = [
        (
            "other bytes",
            Lie { bundle: victim().version("1.0.1").bundle(), ..Lie::honest_about(victim().bundle()) },
        ),
        ("no checksum", Lie { checksum: String::new(), ..Lie::honest_about(victim().bundle()) }),
        ("failed review", Lie { verdict: "fail", ..Lie::honest_about(victim().bundle()) }),
        ("other plugin", Lie::honest_about(Plugin::new("other", "export default {};").bundle())),
        ("other version", Lie::honest_about(victim().version("2.0.0").bundle())),
        ("path traversal", Lie::honest_about(with("../../etc/cron.d/x", file, b"x"))),
        ("absolute path", Lie::honest_about(with("/etc/cron.d/x", file, b"x"))),
        ("symbolic link", Lie::honest_about(with("link", EntryType::Symlink, b""))),
        ("second module", Lie::honest_about(with("backend.js", file, b"export default {};"))),
        ("bomb", Lie::honest_about(with("zeros", file, &vec![0; 64 << 20]))),
        ("too large", Lie::honest_about(vec![0; (2 << 20) + 1])),
        ("cut short", Lie::honest_about(victim().bundle()[..120].to_vec())),
        ("broken module", Lie::honest_about(Plugin::new("victim", "export default { routes: {").bundle())),
    ];
    let lie = Arc::new(Mutex::new(Lie::default()));
    let told = Arc::clone(&lie);
    let market =
        WebhookListener::answering(move |request| told.lock().expect("nobody panicked").answer(request));
    let options = Options {
        role: Role::Site,
        marketplace: Some(format!("http://{}", market.address())),
        ..Options::default()
    };
    let server = TestServer::start_with(TestData::with_site(), options);
    let mut refusals = String::new();
    for (what, told) in cases {
        *lie.lock().expect("nobody panicked") = told;
        let install = "/_emdash/api/admin/plugins/marketplace/victim/install";
        let answer = server.administrator().post(install, &json!({"confirm": true}));
        let error: Value = shape(answer.json()["error"].take());
        let code = error["code"].as_str().unwrap_or_default();
        let message = error["message"].as_str().unwrap_or_default();
        refusals.push_str(&format!("{what}: {} {code}: {message}\n", answer.status));
        assert_nothing_of(&server, "victim");
    }
    assert_snapshot!(refusals, @r#"
    other bytes: 422 CHECKSUM_MISMATCH: The downloaded bundle of victim@1.0.0 has the checksum [sha256]; the marketplace lists [sha256].
    no checksum: 422 CHECKSUM_MISMATCH: The marketplace lists no checksum for victim@1.0.0.
    failed review: 403 AUDIT_FAILED: victim@1.0.0 failed the marketplace's review.
    other plugin: 400 MANIFEST_MISMATCH: The bundle says it is other@1.0.0, not victim@1.0.0.
    other version: 400 MANIFEST_VERSION_MISMATCH: The bundle says it is victim@2.0.0, not victim@1.0.0.
    path traversal: 422 INVALID_BUNDLE: Invalid bundle: the entry "../../etc/cron.d/x" leads out of the bundle ("..")
    absolute path: 422 INVALID_BUNDLE: Invalid bundle: the entry "/etc/cron.d/x" is an absolute path
    symbolic link: 422 INVALID_BUNDLE: Invalid bundle: the entry "link" is a symbolic link; only files and folders are allowed
    second module: 422 INVALID_BUNDLE: Invalid bundle: the entry "backend.js" appears twice
    bomb: 422 INVALID_BUNDLE: Bundle decompressed size exceeds limit (262144 bytes)
    too large: 502 BUNDLE_DOWNLOAD_FAILED: The bundle of victim@1.0.0 cannot be downloaded: The answer of 127.0.0.1 is larger than 2097152 bytes
    cut short: 422 BUNDLE_EXTRACT_FAILED: The bundle is not a readable tar.gz archive: incomplete deflate stream.
    broken module: 422 PLUGIN_START_FAILED: The module of victim@1.0.0 could not be evaluated: SyntaxError: invalid property name at backend.js:1:27
    "#);

    *lie.lock().expect("nobody panicked") = Lie::honest_about(victim().bundle());
    let install = "/_emdash/api/admin/plugins/marketplace/victim/install";
    assert_eq!(server.administrator().act(install).status, 201, "the same marketplace, telling the truth");
}
