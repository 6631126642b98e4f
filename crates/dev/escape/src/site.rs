//! A site with a good neighbour.

use emdash_testkit::{
    Answer, Client, Options, Plugin, Publisher, Serving, TestData, TestServer, WebhookListener,
};
use serde_json::{Value, json};

use crate::outside::Outside;

/// Posts.
pub(crate) const POSTS: &str = "/_emdash/api/content/posts";
/// Installed plugins.
pub(crate) const PLUGINS: &str = "/_emdash/api/admin/plugins";
const NEIGHBOUR: &str = "neighbour";

/// The whole program on a free port, with a neighbour installed and listeners around it.
pub(crate) struct Site {
    pub(crate) server: TestServer,
    pub(crate) administrator: Client,
    pub(crate) publisher: Publisher,
    pub(crate) outside: Outside,
    /// Nobody may reach it.
    pub(crate) canary: WebhookListener,
}

impl Site {
    pub(crate) fn start() -> Self {
        let canary = WebhookListener::start();
        let outside = Outside::start(canary.address().port());
        let options =
            Options { hosts: vec![format!("outside.test={}", outside.address())], ..Options::default() };
        let server = TestServer::start_with(TestData::with_site(), options);
        let administrator = server.administrator();
        let publisher = server.publisher("Acme");
        let site = Self { server, administrator, publisher, outside, canary };
        site.move_in();
        site
    }

    fn move_in(&self) {
        let neighbour = Plugin::new(NEIGHBOUR, include_str!("neighbour.js"))
            .capabilities(&["content:write"])
            .with("hooks", json!([{"name": "content:beforeSave", "priority": 900}]))
            .with("storage", json!({"letters": {"indexes": ["from"]}}))
            .routes(&["begin", "check"]);
        self.publisher.publish(&neighbour).accepted();
        self.install(NEIGHBOUR).accepted();
        self.administrator.act(&format!("/_emdash/api/plugins/{NEIGHBOUR}/begin")).accepted();
    }

    /// Installs what was published, agreeing to all it asks for.
    pub(crate) fn install(&self, id: &str) -> Answer {
        self.administrator.post(&format!("{PLUGINS}/marketplace/{id}/install"), &json!({"confirm": true}))
    }

    /// Posts stored so far, drafts and trash included.
    pub(crate) fn posts(&self) -> u64 {
        let count =
            |path: &str| self.administrator.get(path).data()["total"].as_u64().expect("a list has a total");
        count(POSTS) + count(&format!("{POSTS}/trash"))
    }

    /// The codes on record against a plugin, each once, in order.
    pub(crate) fn violations(&self, plugin: &str) -> Vec<String> {
        let answer =
            self.administrator.get(&format!("{PLUGINS}/violations?pluginId={plugin}&limit=100")).data();
        let items = answer["items"].as_array().expect("violations are a list");
        let mut codes: Vec<String> =
            items.iter().filter_map(|item| item["code"].as_str()).map(str::to_owned).collect();
        codes.sort();
        codes.dedup();
        codes
    }

    /// The neighbour has what it had and still answers.
    pub(crate) fn neighbour_is_well(&self) {
        let found = self.administrator.get(&format!("/_emdash/api/plugins/{NEIGHBOUR}/check")).data();
        let expected = json!({
            "values": [{"key": "secret", "value": "of the neighbour"}],
            "letters": [{"id": "first", "data": {"from": "a friend"}}],
            "globals": [],
        });
        assert_eq!(found, expected, "the neighbour's data");
        assert_eq!(self.violations(NEIGHBOUR), Vec::<String>::new(), "on record against the neighbour");
    }

    /// An entry is saved and went through the neighbour.
    pub(crate) fn saves(&self) {
        let saved = self.administrator.post(POSTS, &post()).data();
        let data = &saved["item"]["data"];
        assert_eq!(data["excerpt"], "Seen by the neighbour", "{saved}");
        assert_eq!(data["title"], "A title", "{saved}");
    }
}

/// What is saved.
pub(crate) fn post() -> Value {
    json!({"data": {"title": "A title"}})
}
