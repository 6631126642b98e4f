//! Everybody who may talk to a server.

use emdash_types::Role;
use http::Method;
use serde_json::{Value, json};

use crate::{Answer, Client, Plugin, TestData};

/// A server under test and who talks to it.
pub trait Serving {
    /// Its address, without trailing slash.
    fn base(&self) -> &str;

    /// Its data directory.
    fn data(&self) -> &TestData;

    /// Nobody in particular.
    fn anonymous(&self) -> Client {
        Client::anonymous(self.base())
    }

    /// The administrator, with a token for everything.
    fn administrator(&self) -> Client {
        self.anonymous().bearer(&self.data().administrator_token())
    }

    /// A user with this role and a token that covers as much as the role may hold.
    fn user(&self, role: Role) -> Client {
        self.user_with_scopes(role, &["admin"])
    }

    /// A user with this role and a token for these scopes.
    fn user_with_scopes(&self, role: Role, scopes: &[&str]) -> Client {
        self.anonymous().bearer(&self.data().token(role, scopes))
    }

    /// A publisher of this server's marketplace.
    fn publisher(&self, name: &str) -> Publisher {
        Publisher { client: self.anonymous().bearer(&self.data().publisher_token(name)) }
    }

    /// Publishes a plugin on this server and installs it, agreeing to what it asks for.
    #[track_caller]
    fn install(&self, plugin: &Plugin) -> Value {
        self.publisher("Acme").publish(plugin).accepted();
        let path = format!("/_emdash/api/admin/plugins/marketplace/{}/install", plugin.id());
        self.administrator().post(&path, &json!({"confirm": true})).data()
    }
}

/// Somebody who publishes on a marketplace.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// Carries their token.
    pub client: Client,
}

impl Publisher {
    /// Publishes a plugin.
    #[track_caller]
    pub fn publish(&self, plugin: &Plugin) -> Answer {
        self.publish_bytes(plugin.id(), &plugin.bundle())
    }

    /// Uploads any bytes as a release.
    #[track_caller]
    pub fn publish_bytes(&self, id: &str, bundle: &[u8]) -> Answer {
        const BOUNDARY: &str = "emdash-test-boundary";
        let mut body = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"bundle\"; filename=\"bundle.tar.gz\"\r\n\
             content-type: application/gzip\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(bundle);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.client.send_bytes(Method::POST, &format!("/api/v1/plugins/{id}/versions"), &kind, body)
    }
}
