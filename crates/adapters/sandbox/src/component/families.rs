//! The imports of `wit/next`. Each is a host call by its name with JSON arguments, as `ctx` makes it in
//! `engine/prelude/ctx.js`; the broker cannot tell the two apart.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_types::Error;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::guest::Guest;
use super::world::emdash::plugin::types::{Item, Page, Refusal};
use super::world::emdash::plugin::{
    clock, content, failures, host, http, kv, log, random, site, storage, types,
};

/// Most random bytes in one piece, as for `crypto.getRandomValues`.
const RANDOM_BYTES: u32 = 65_536;
const NULL: &str = "null";

type Answer<T> = Result<T, Refusal>;

fn refusal(error: &Error) -> Refusal {
    Refusal {
        code: error.code().name().to_owned(),
        message: error.message().to_owned(),
        details: error.details_value().map(ToString::to_string),
    }
}

/// A JSON array; what cannot be written, as nothing here can, is an empty one.
fn array(arguments: &impl Serialize) -> String {
    serde_json::to_string(arguments).unwrap_or_else(|_| "[]".to_owned())
}

/// A JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The host's own answer, read.
fn read<T: DeserializeOwned>(json: &str) -> Answer<T> {
    serde_json::from_str(json).map_err(|error| refusal(&Error::internal(error)))
}

fn some(json: String) -> Option<String> {
    (json != NULL).then_some(json)
}

/// A document as `get-many`, `query` and `kv.list` spell it.
#[derive(Deserialize)]
struct Row {
    #[serde(alias = "key")]
    id: String,
    #[serde(alias = "value")]
    data: Box<RawValue>,
}

impl From<Row> for Item {
    fn from(row: Row) -> Self {
        Self { id: row.id, data: row.data.get().to_owned() }
    }
}

impl Guest {
    async fn ask(&mut self, name: &str, arguments: String) -> Answer<String> {
        let started = self.start(name, arguments);
        self.finish(started).await.map_err(|error| refusal(&error))
    }

    async fn ask_for<T: DeserializeOwned>(&mut self, name: &str, arguments: String) -> Answer<T> {
        let json = self.ask(name, arguments).await?;
        read(&json)
    }
}

impl types::Host for Guest {}

impl failures::Host for Guest {}

impl host::Host for Guest {
    async fn call(&mut self, request: host::Request) -> Answer<String> {
        self.ask(&request.name, request.arguments).await
    }

    async fn all(&mut self, requests: Vec<host::Request>) -> wasmtime::Result<Vec<Answer<String>>> {
        let (count, limit) = (requests.len(), self.limits.pending_operations);
        if count > limit {
            let words = format!("made {count} requests at once; at most {limit} are taken");
            return Err(wasmtime::Error::msg(words));
        }
        let mut started = Vec::with_capacity(requests.len());
        for request in requests {
            started.push(self.start(&request.name, request.arguments));
        }
        let mut answers = Vec::with_capacity(started.len());
        for call in started {
            answers.push(self.finish(call).await.map_err(|error| refusal(&error)));
        }
        Ok(answers)
    }
}

impl kv::Host for Guest {
    async fn get(&mut self, key: String) -> Answer<Option<String>> {
        self.ask("kv.get", array(&[key])).await.map(some)
    }

    async fn set(&mut self, key: String, value: String) -> Answer<()> {
        self.ask("kv.set", format!("[{},{value}]", quoted(&key))).await.map(drop)
    }

    async fn delete(&mut self, key: String) -> Answer<bool> {
        self.ask_for("kv.delete", array(&[key])).await
    }

    async fn list(&mut self, prefix: String) -> Answer<Vec<Item>> {
        let rows: Vec<Row> = self.ask_for("kv.list", array(&[prefix])).await?;
        Ok(rows.into_iter().map(Item::from).collect())
    }
}

impl storage::Host for Guest {
    async fn get(&mut self, collection: String, id: String) -> Answer<Option<String>> {
        self.ask("storage.get", array(&[collection, id])).await.map(some)
    }

    async fn exists(&mut self, collection: String, id: String) -> Answer<bool> {
        self.ask_for("storage.exists", array(&[collection, id])).await
    }

    async fn get_many(&mut self, collection: String, ids: Vec<String>) -> Answer<Vec<Item>> {
        let pairs: Vec<(String, Box<RawValue>)> =
            self.ask_for("storage.getMany", array(&(collection, ids))).await?;
        Ok(pairs.into_iter().map(|(id, data)| Item { id, data: data.get().to_owned() }).collect())
    }

    async fn put(&mut self, collection: String, id: String, data: String) -> Answer<()> {
        let arguments = format!("[{},{},{data}]", quoted(&collection), quoted(&id));
        self.ask("storage.put", arguments).await.map(drop)
    }

    async fn put_many(&mut self, collection: String, items: Vec<Item>) -> Answer<()> {
        let items: Vec<String> = items
            .iter()
            .map(|item| format!(r#"{{"id":{},"data":{}}}"#, quoted(&item.id), item.data))
            .collect();
        let arguments = format!("[{},[{}]]", quoted(&collection), items.join(","));
        self.ask("storage.putMany", arguments).await.map(drop)
    }

    async fn delete(&mut self, collection: String, id: String) -> Answer<bool> {
        self.ask_for("storage.delete", array(&[collection, id])).await
    }

    async fn delete_many(&mut self, collection: String, ids: Vec<String>) -> Answer<u64> {
        self.ask_for("storage.deleteMany", array(&(collection, ids))).await
    }

    async fn query(&mut self, collection: String, options: String) -> Answer<Page> {
        #[derive(Deserialize)]
        struct Rows {
            items: Vec<Row>,
            cursor: Option<String>,
        }
        let arguments = format!("[{},{options}]", quoted(&collection));
        let rows: Rows = self.ask_for("storage.query", arguments).await?;
        Ok(Page { items: rows.items.into_iter().map(Item::from).collect(), cursor: rows.cursor })
    }

    async fn count(&mut self, collection: String, conditions: String) -> Answer<u64> {
        self.ask_for("storage.count", format!("[{},{conditions}]", quoted(&collection))).await
    }
}

impl content::Host for Guest {
    async fn get(&mut self, collection: String, id: String) -> Answer<Option<String>> {
        self.ask("content.get", array(&[collection, id])).await.map(some)
    }

    async fn list(&mut self, collection: String, options: String) -> Answer<String> {
        self.ask("content.list", format!("[{},{options}]", quoted(&collection))).await
    }

    async fn create(&mut self, collection: String, data: String) -> Answer<String> {
        self.ask("content.create", format!("[{},{data},{{}}]", quoted(&collection))).await
    }

    async fn update(&mut self, collection: String, id: String, data: String) -> Answer<String> {
        let arguments = format!("[{},{},{data}]", quoted(&collection), quoted(&id));
        self.ask("content.update", arguments).await
    }

    async fn delete(&mut self, collection: String, id: String) -> Answer<bool> {
        self.ask_for("content.delete", array(&[collection, id])).await
    }
}

impl http::Host for Guest {
    async fn fetch(&mut self, request: http::Request) -> Answer<http::Response> {
        #[derive(Serialize)]
        struct Asked {
            url: String,
            method: String,
            headers: Vec<(String, String)>,
            body: Option<String>,
        }
        #[derive(Deserialize)]
        struct Told {
            status: u16,
            url: String,
            headers: Vec<(String, String)>,
            body: Option<String>,
        }
        let body = request.body.map(|bytes| STANDARD.encode(bytes));
        let asked = Asked { url: request.url, method: request.method, headers: request.headers, body };
        let told: Told = self.ask_for("http.fetch", array(&[asked])).await?;
        let body = STANDARD.decode(told.body.unwrap_or_default());
        let body = body.map_err(|error| refusal(&Error::internal(error)))?;
        Ok(http::Response { status: told.status, url: told.url, headers: told.headers, body })
    }
}

impl log::Host for Guest {
    fn write(&mut self, level: log::Level, message: String, data: Option<String>) -> wasmtime::Result<()> {
        let level = match level {
            log::Level::Debug => "debug",
            log::Level::Info => "info",
            log::Level::Warn => "warn",
            log::Level::Error => "error",
        };
        self.log(level, &message, data.as_deref());
        Ok(())
    }
}

impl clock::Host for Guest {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(u64::try_from(self.ambient.now().as_millis()).unwrap_or_default())
    }
}

impl random::Host for Guest {
    fn bytes(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        self.random_bytes(u64::from(count))
    }
}

impl Guest {
    /// Bytes of the host's randomness.
    ///
    /// # Errors
    /// A trap for more than [`RANDOM_BYTES`].
    pub(super) fn random_bytes(&self, count: u64) -> wasmtime::Result<Vec<u8>> {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        if count > RANDOM_BYTES {
            let words = format!("asked for {count} random bytes; at most {RANDOM_BYTES} are given at once");
            return Err(wasmtime::Error::msg(words));
        }
        let mut bytes = vec![0; count as usize];
        self.ambient.entropy.fill(&mut bytes);
        Ok(bytes)
    }
}

impl site::Host for Guest {
    fn about(&mut self) -> wasmtime::Result<site::Facts> {
        let context = self.context.clone();
        Ok(site::Facts {
            plugin_id: context.plugin_id,
            plugin_version: context.plugin_version,
            site_name: context.site_name,
            site_url: context.site_url,
            locale: context.locale,
            capabilities: context.capabilities,
        })
    }
}
