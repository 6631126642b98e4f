//! `ctx.db`: the plugin's own database, with the shape of Cloudflare D1's client (A12, A13, B10).

use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use emdash_ports::plugin_database::{PluginDatabase, SqlValue, Statement, StatementAnswer, Stop};
use emdash_types::{Error, ErrorCode, Result};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::Broker;
use super::arguments::Arguments;

#[derive(Deserialize)]
struct WireStatement {
    sql: String,
    #[serde(default)]
    values: Vec<Value>,
}

/// Says stop when the call is over and nobody waits for the answer any more.
struct Abandoned(Stop);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0.say();
    }
}

impl Broker {
    pub(super) fn database_batch(
        &self,
        arguments: &Arguments<'_>,
    ) -> Result<BoxFuture<'static, Result<String>>> {
        let wire: Vec<WireStatement> = arguments.required(0, "statements", "an array of {sql, values}")?;
        let statements = wire.into_iter().map(statement).collect::<Result<Vec<_>>>()?;
        self.on_database(move |database, stop| {
            let answer = database.batch(&statements, stop)?;
            let statements: Vec<_> =
                answer.statements.iter().map(|one| WireAnswer::of(one, answer.size_after)).collect();
            serde_json::to_string(&statements).map_err(Error::internal)
        })
    }

    pub(super) fn database_exec(
        &self,
        arguments: &Arguments<'_>,
    ) -> Result<BoxFuture<'static, Result<String>>> {
        let sql = arguments.text(0, "query")?;
        self.on_database(move |database, stop| {
            let began = Instant::now();
            let count = database.script(&sql, stop)?;
            Ok(json!({"count": count, "duration": began.elapsed().as_secs_f64() * 1_000.0}).to_string())
        })
    }

    /// Runs work on a thread that may wait; one of a plugin at a time, within the call's time for statements.
    fn on_database(
        &self,
        work: impl FnOnce(&dyn PluginDatabase, &Stop) -> Result<String> + Send + 'static,
    ) -> Result<BoxFuture<'static, Result<String>>> {
        let opened = self.plugin.database.as_ref().ok_or_else(undeclared)?;
        let (database, turns) = (Arc::clone(&opened.handle), Arc::clone(&opened.turns));
        let ledger = Arc::clone(&self.ledger);
        Ok(async move {
            let turn = turns.acquire_owned().await.map_err(Error::internal)?;
            let stop = Stop::within(ledger.database_time_left()?);
            let abandoned = Abandoned(stop.clone());
            let running = tokio::task::spawn_blocking(move || {
                let began = Instant::now();
                let outcome = work(database.as_ref(), &stop);
                ledger.spend_database_time(began.elapsed());
                drop(turn);
                outcome
            });
            let outcome = running.await.map_err(Error::internal)?;
            drop(abandoned);
            outcome
        }
        .boxed())
    }
}

/// The refusal of a plugin that declares no database.
pub(super) fn undeclared() -> Error {
    Error::new(ErrorCode::CapabilityMissing, "ctx.db: the plugin declares no database.")
        .hint("Declare it under \"database\" in plugin.json.")
}

fn statement(wire: WireStatement) -> Result<Statement> {
    let values = wire.values.into_iter().map(value).collect::<Result<_>>()?;
    Ok(Statement { sql: wire.sql, values })
}

fn value(wire: Value) -> Result<SqlValue> {
    let refused =
        || Error::new(ErrorCode::ValidationError, "D1_TYPE_ERROR: a bound value is of no known type");
    Ok(match wire {
        Value::Null => SqlValue::Null,
        Value::Bool(value) => SqlValue::Integer(value.into()),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => SqlValue::Integer(integer),
            None => SqlValue::Real(number.as_f64().ok_or_else(refused)?),
        },
        Value::String(text) => SqlValue::Text(text),
        Value::Object(members) => {
            let bytes = members.get("blob").and_then(Value::as_str);
            let bytes = bytes.and_then(|text| STANDARD.decode(text).ok());
            SqlValue::Blob(bytes.ok_or_else(refused)?)
        }
        Value::Array(_) => return Err(refused()),
    })
}

/// A statement's answer on its way to the guest.
#[derive(Serialize)]
struct WireAnswer<'a> {
    columns: &'a [String],
    rows: Vec<Vec<WireValue<'a>>>,
    meta: Value,
}

impl<'a> WireAnswer<'a> {
    fn of(answer: &'a StatementAnswer, size_after: u64) -> Self {
        Self {
            columns: &answer.columns,
            rows: answer.rows.iter().map(|row| row.iter().map(WireValue).collect()).collect(),
            meta: json!({
                "duration": answer.duration.as_secs_f64() * 1_000.0,
                "changes": answer.changes,
                "last_row_id": answer.last_row_id,
                "changed_db": answer.changed,
                "size_after": size_after,
                "rows_read": answer.rows_read,
                "rows_written": answer.rows_written,
            }),
        }
    }
}

struct WireValue<'a>(&'a SqlValue);

impl Serialize for WireValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self.0 {
            SqlValue::Null => serializer.serialize_unit(),
            SqlValue::Integer(number) => serializer.serialize_i64(*number),
            SqlValue::Real(number) => serializer.serialize_f64(*number),
            SqlValue::Text(text) => serializer.serialize_str(text),
            SqlValue::Blob(bytes) => {
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("blob", &STANDARD.encode(bytes))?;
                map.end()
            }
        }
    }
}
