#![doc = include_str!("../README.md")]

mod bench;
mod generate;
mod machine;
mod run;
mod serve;
mod test;

use clap::{Parser, Subcommand};

/// Developer tasks of EmDash.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build and start everything on an embedded database under ./data.
    Serve(serve::Options),
    /// Run every check and test of every language, installing what is missing.
    Test(test::Options),
    /// Measure, and print JSON (see docs/benchmarks.md).
    Bench,
    /// Replace a plugin ten thousand times under load, which must drop nothing. Takes minutes.
    Upgrades,
    /// Write the generated documents.
    Generate {
        /// Change nothing; fail where a document is stale.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().task {
        Task::Serve(options) => serve::serve(&options),
        Task::Test(options) => test::test(&options),
        Task::Bench => bench::bench(),
        Task::Upgrades => run::step(
            "ten thousand upgrades under load",
            run::cargo().args(["test", "--locked", "--package", "emdash", "--test", "it", "--"]).args([
                "--ignored",
                "--exact",
                "upgrades::ten_thousand_upgrades_under_load_drop_nothing",
            ]),
        ),
        Task::Generate { check } => generate::generate(check),
    }
}
