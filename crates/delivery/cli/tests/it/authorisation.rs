//! Who may call what: every endpoint with every kind of caller, as one table to be read and compared.

use std::collections::BTreeSet;
use std::fmt::Write;

use emdash_testkit::{Client, Plugin, Role, Serving, TestServer};
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::routes::declared;
use crate::support::{POSTS, draft, published};

/// What has to be there before an endpoint can answer.
#[derive(Clone, Copy, PartialEq)]
enum Given {
    Nothing,
    /// A draft.
    Draft,
    /// A published post.
    Published,
    /// A published post with a staged change.
    Changed,
    /// A post to be published tomorrow.
    Scheduled,
    /// A post in the trash.
    Trashed,
    /// A revision.
    Revision,
    /// A token of the administrator.
    Token,
    /// An installed plugin.
    Installed,
    /// A plugin in the marketplace that is not installed.
    Listed,
}

/// Endpoint, what it is given, and its body. `{id}` becomes the id of what is given.
fn endpoints() -> Vec<(&'static str, Given, Value)> {
    use Given::{Changed, Draft, Installed, Listed, Nothing, Published, Revision, Scheduled, Token, Trashed};
    let none = || Value::Null;
    let title = || json!({"data": {"title": "A title"}});
    vec![
        ("GET /_emdash/api/auth/me", Nothing, none()),
        ("GET /_emdash/api/schema/collections", Nothing, none()),
        ("GET /_emdash/api/content/{collection}", Published, none()),
        ("POST /_emdash/api/content/{collection}", Nothing, title()),
        ("GET /_emdash/api/content/{collection}/trash", Trashed, none()),
        ("GET /_emdash/api/content/{collection}/{id}", Draft, none()),
        ("GET /_emdash/api/content/{collection}/{id}", Published, none()),
        ("PUT /_emdash/api/content/{collection}/{id}", Draft, title()),
        ("DELETE /_emdash/api/content/{collection}/{id}", Draft, none()),
        ("POST /_emdash/api/content/{collection}/{id}/restore", Trashed, none()),
        ("DELETE /_emdash/api/content/{collection}/{id}/permanent", Trashed, none()),
        ("POST /_emdash/api/content/{collection}/{id}/duplicate", Draft, none()),
        ("POST /_emdash/api/content/{collection}/{id}/publish", Draft, none()),
        ("POST /_emdash/api/content/{collection}/{id}/unpublish", Published, none()),
        (
            "POST /_emdash/api/content/{collection}/{id}/schedule",
            Draft,
            json!({"scheduledAt": "2999-01-01T00:00:00.000Z"}),
        ),
        ("DELETE /_emdash/api/content/{collection}/{id}/schedule", Scheduled, none()),
        ("POST /_emdash/api/content/{collection}/{id}/discard-draft", Changed, none()),
        ("GET /_emdash/api/content/{collection}/{id}/compare", Changed, none()),
        ("GET /_emdash/api/content/{collection}/{id}/revisions", Changed, none()),
        ("GET /_emdash/api/content/{collection}/{id}/terms/{taxonomy}", Published, none()),
        ("POST /_emdash/api/content/{collection}/{id}/terms/{taxonomy}", Draft, json!({"termIds": []})),
        ("GET /_emdash/api/revisions/{id}", Revision, none()),
        ("POST /_emdash/api/revisions/{id}/restore", Revision, none()),
        ("GET /_emdash/api/admin/api-tokens", Nothing, none()),
        ("POST /_emdash/api/admin/api-tokens", Nothing, json!({"name": "x", "scopes": ["content:read"]})),
        ("DELETE /_emdash/api/admin/api-tokens/{id}", Token, none()),
        ("GET /_emdash/api/admin/plugins", Installed, none()),
        ("GET /_emdash/api/admin/plugins/cron", Nothing, none()),
        ("GET /_emdash/api/admin/plugins/violations", Nothing, none()),
        ("POST /_emdash/api/admin/plugins/marketplace/{id}/install", Listed, json!({"confirm": true})),
        ("GET /_emdash/api/admin/plugins/updates", Installed, none()),
        ("GET /_emdash/api/admin/plugins/marketplace", Listed, none()),
        ("GET /_emdash/api/admin/plugins/marketplace/{id}", Listed, none()),
        ("GET /_emdash/api/admin/plugins/marketplace/{id}/icon", Listed, none()),
        ("GET /_emdash/api/admin/plugins/requests", Nothing, none()),
        ("POST /_emdash/api/admin/plugins/requests", Listed, json!({"pluginId": "sample"})),
        ("POST /_emdash/api/admin/plugins/requests/{id}/grant", Nothing, none()),
        ("POST /_emdash/api/admin/plugins/requests/{id}/decline", Nothing, none()),
        ("POST /_emdash/api/admin/plugins/develop", Nothing, none()),
        ("GET /_emdash/api/admin/plugins/{id}", Installed, none()),
        ("POST /_emdash/api/admin/plugins/{id}/enable", Installed, none()),
        ("POST /_emdash/api/admin/plugins/{id}/disable", Installed, none()),
        ("POST /_emdash/api/admin/plugins/{id}/uninstall", Installed, none()),
        ("POST /_emdash/api/admin/plugins/{id}/update", Installed, none()),
        ("POST /_emdash/api/admin/plugins/{id}/rollback", Installed, none()),
        ("GET /_emdash/api/admin/plugins/{id}/cron", Installed, none()),
        ("PUT /_emdash/api/admin/plugins/{id}/mcp", Installed, json!({"enabled": false})),
        ("GET /_emdash/api/admin/plugins/{id}/log", Installed, none()),
        ("GET /_emdash/api/admin/plugins/{id}/settings", Installed, none()),
        ("PUT /_emdash/api/admin/plugins/{id}/settings", Installed, json!({"values": {}})),
        ("POST /_emdash/api/admin/plugins/{id}/settings-panel", Installed, json!({"type": "page_load"})),
        ("GET /_emdash/api/admin/plugins/{id}/statistics", Installed, none()),
        ("GET /_emdash/api/admin/plugin-calls", Nothing, none()),
        ("GET /_emdash/api/admin/plugin-calls/{id}", Nothing, none()),
        ("POST /_emdash/api/admin/plugin-calls/{id}/replay", Nothing, none()),
        ("GET /_emdash/api/admin/plugin-recording", Nothing, none()),
        ("PUT /_emdash/api/admin/plugin-recording", Nothing, json!({"errors": true, "sample": 0})),
        ("GET /_emdash/api/plugins/sample/private", Installed, none()),
        ("POST /_emdash/api/plugins/sample/editors", Installed, none()),
        ("GET /_emdash/api/plugins/sample/public", Installed, none()),
        ("GET /api/plugins/sample/private", Installed, none()),
        ("GET /api/plugins/sample/public", Installed, none()),
    ]
}

/// Routes of plugins belong to the table, not to the API.
const PLUGIN_ROUTES: [&str; 2] = ["/_emdash/api/plugins/", "/api/plugins/"];

#[test]
fn every_endpoint_of_the_api_is_in_the_table() {
    let listed: BTreeSet<String> = endpoints()
        .into_iter()
        .map(|(endpoint, _, _)| endpoint.to_owned())
        .filter(|endpoint| !PLUGIN_ROUTES.iter().any(|prefix| endpoint.contains(&format!(" {prefix}"))))
        .collect();
    let declared = declared();
    let missing: Vec<_> = declared.difference(&listed).collect();
    assert!(missing.is_empty(), "add to the table of this file, then look at its snapshot: {missing:#?}");
    let gone: Vec<_> = listed.difference(&declared).collect();
    assert!(gone.is_empty(), "no route any more: {gone:#?}");
}

struct Stage<'s> {
    server: &'s TestServer,
    admin: Client,
}

impl Stage<'_> {
    /// Prepares what an endpoint needs, owned by `owner`; answers its id.
    fn prepare(&self, given: Given, owner: &Client) -> String {
        match given {
            Given::Nothing => "none".to_owned(),
            Given::Draft => draft(owner, "A draft"),
            Given::Published => published(owner, "A post"),
            Given::Changed | Given::Revision => {
                let id = published(owner, "A post");
                owner.put(&format!("{POSTS}/{id}"), &json!({"data": {"title": "Changed"}})).accepted();
                if given == Given::Changed {
                    return id;
                }
                let revisions = self.admin.get(&format!("{POSTS}/{id}/revisions")).data();
                text(&revisions["items"][0]["id"])
            }
            Given::Scheduled => {
                let id = draft(owner, "For later");
                let at = json!({"scheduledAt": "2999-01-01T00:00:00.000Z"});
                owner.post(&format!("{POSTS}/{id}/schedule"), &at).accepted();
                id
            }
            Given::Trashed => {
                let id = draft(owner, "In the bin");
                owner.delete(&format!("{POSTS}/{id}")).accepted();
                id
            }
            Given::Token => {
                let body = json!({"name": "To be revoked", "scopes": ["content:read"]});
                let made = self.admin.post("/_emdash/api/admin/api-tokens", &body).data();
                text(&made["info"]["id"])
            }
            Given::Installed => {
                self.plugin("install");
                "sample".to_owned()
            }
            Given::Listed => {
                self.plugin("uninstall");
                "sample".to_owned()
            }
        }
    }

    /// Installs or uninstalls the sample, whichever state it is in, and leaves it on.
    fn plugin(&self, action: &str) {
        let base = "/_emdash/api/admin/plugins";
        let installed = self.admin.get(&format!("{base}/sample")).status == 200;
        match (action, installed) {
            ("install", false) => {
                let path = format!("{base}/marketplace/sample/install");
                self.admin.post(&path, &json!({"confirm": true})).accepted();
            }
            ("install", true) => drop(self.admin.act(&format!("{base}/sample/enable")).accepted()),
            (_, true) => drop(self.admin.act(&format!("{base}/sample/uninstall")).accepted()),
            (_, false) => {}
        }
    }

    /// Status and code of an endpoint for a caller, on something that `owner` owns.
    fn call(&self, endpoint: &(&str, Given, Value), caller: &Client, owner: &Client) -> String {
        let (method, template) = endpoint.0.split_once(' ').expect("method and path");
        let id = self.prepare(endpoint.1, owner);
        let path =
            template.replace("{collection}", "posts").replace("{taxonomy}", "tag").replace("{id}", &id);
        let body = (!endpoint.2.is_null()).then_some(&endpoint.2);
        let answer = caller.send(method.parse().expect("a method"), &path, body);
        match answer.status {
            200..=299 => answer.status.to_string(),
            status => format!("{status} {}", text(&answer.json()["error"]["code"])),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

fn sample() -> Plugin {
    let code = "export default { routes: { private: () => 1, editors: () => 2, public: () => 3 } };";
    let routes = json!([
        "private",
        {"name": "editors", "permission": "content:edit_any"},
        {"name": "public", "public": true},
    ]);
    Plugin::new("sample", code).with("routes", routes)
}

#[test]
fn every_endpoint_answers_every_kind_of_caller_as_the_table_says() {
    let server = TestServer::start();
    let stage = Stage { admin: server.administrator(), server: &server };
    server.publisher("Acme").publish(&sample()).accepted();
    let author = stage.server.user(Role::Author);
    // Everything belongs to the administrator, but for the column "owner": an author and what is theirs.
    let callers: [(&str, Client, &Client); 8] = [
        ("anonymous", server.anonymous(), &stage.admin),
        ("subscriber", server.user(Role::Subscriber), &stage.admin),
        ("contributor", server.user(Role::Contributor), &stage.admin),
        ("author", author.clone(), &stage.admin),
        ("owner", author.clone(), &author),
        ("editor", server.user(Role::Editor), &stage.admin),
        ("admin", server.user(Role::Admin), &stage.admin),
        ("admin without the scope", server.user_with_scopes(Role::Admin, &["mcp:tools"]), &stage.admin),
    ];
    let mut table = String::new();
    for endpoint in endpoints() {
        let note = if endpoint.1 == Given::Draft { " (draft)" } else { "" };
        let _ = writeln!(table, "{}{note}", endpoint.0);
        for (name, caller, owner) in &callers {
            let _ = writeln!(table, "    {name:<24}{}", stage.call(&endpoint, caller, owner));
        }
    }
    assert_snapshot!("table", table);
}
