//! `emdash import …`, with a progress bar on standard error.

use std::path::Path;

use emdash_app::DataDir;
use emdash_app::command::{ImportProgress, ItemReport, import_wordpress};
use emdash_types::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::Data;
use crate::output;

/// Draws on a terminal only; elsewhere it stays silent.
struct Bar(ProgressBar);

impl ImportProgress for Bar {
    fn begin(&mut self, total: u64) {
        self.0.set_length(total);
    }

    fn item(&mut self, item: &ItemReport) {
        self.0.set_message(item.title.chars().take(40).collect::<String>());
        self.0.inc(1);
    }
}

pub async fn wordpress(file: &Path, data: Data, json: bool) -> Result<()> {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let template = "{bar:30} {pos}/{len} {per_sec} {msg}";
    bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut bar = Bar(bar);
    let outcome = import_wordpress(&DataDir::new(data.data), file, &mut bar).await?;
    bar.0.finish_and_clear();
    output::success(&outcome, json);
    Ok(())
}
