//! What is seen of plugins at work: counts, the log, and statistics by hook and route.

mod meters;
mod statistics;

pub(crate) use meters::{Meters, Seat};
pub use statistics::{CallStatistics, PluginStatistics, WALL_BUCKETS_MS};
