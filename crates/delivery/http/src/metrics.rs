//! `GET /_emdash/metrics`: what plugins do, in the OpenMetrics text format, for whoever may read plugins.

use std::fmt::Error;

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use emdash_plugins::{CallStatistics, PluginStatistics, WALL_BUCKETS_MS};
use emdash_types::Error as Refusal;
use http::header::CONTENT_TYPE;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::{Registry, Unit};

use crate::AppState;
use crate::request::Authenticated;
use crate::respond::Failure;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

pub fn routes() -> Router<AppState> {
    Router::new().route("/_emdash/metrics", get(handler))
}

async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<impl IntoResponse, Failure> {
    let mut registry = Registry::with_prefix("emdash_plugin");
    registry.register_collector(Box::new(Plugins(state.plugins.statistics(&caller)?)));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &registry).map_err(Refusal::internal)?;
    Ok(([(CONTENT_TYPE, OPEN_METRICS)], text))
}

#[derive(Debug)]
struct Plugins(Vec<PluginStatistics>);

/// A counter of calls: name, explanation, unit and value.
type Counted = (&'static str, &'static str, Option<Unit>, fn(&CallStatistics) -> f64);

const COUNTERS: [Counted; 5] = [
    ("calls", "Hook and route calls", None, |calls| calls.calls as f64),
    ("errors", "Calls that threw or were stopped", None, |calls| calls.errors as f64),
    ("violations", "Refusals on record", None, |calls| calls.violations as f64),
    ("host_calls", "Host calls", None, |calls| calls.host_calls as f64),
    ("cpu", "CPU time of calls", Some(Unit::Seconds), |calls| calls.cpu_us as f64 / 1e6),
];

impl Collector for Plugins {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        for (name, help, unit, value) in &COUNTERS {
            let metric = encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Counter)?;
            self.each(metric, |mut metric, calls| {
                metric.encode_counter::<NoLabelSet, f64, u64>(&value(calls), None)
            })?;
        }
        let memory = "Largest memory of a call";
        let metric =
            encoder.encode_descriptor("memory_peak", memory, Some(&Unit::Bytes), MetricType::Gauge)?;
        self.each(metric, |mut metric, calls| metric.encode_gauge(&(calls.peak_memory_bytes as f64)))?;
        let wall = "Time of calls, waiting included";
        let metric =
            encoder.encode_descriptor("call_duration", wall, Some(&Unit::Seconds), MetricType::Histogram)?;
        self.each(metric, |mut metric, calls| {
            let bounds = WALL_BUCKETS_MS.iter().map(|bound| *bound as f64 / 1e3).chain([f64::MAX]);
            let buckets: Vec<_> = bounds.zip(calls.wall_buckets).collect();
            metric.encode_histogram::<NoLabelSet>(calls.wall_us as f64 / 1e6, calls.calls, &buckets, None)
        })
    }
}

impl Plugins {
    fn each(
        &self,
        mut metric: MetricEncoder<'_>,
        encode: impl Fn(MetricEncoder<'_>, &CallStatistics) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for plugin in &self.0 {
            for (during, calls) in &plugin.calls {
                let labels = [("plugin", plugin.plugin_id.as_str()), ("during", during.as_str())];
                encode(metric.encode_family(&labels)?, calls)?;
            }
        }
        Ok(())
    }
}
