//! `docs/security.md` says what the code does.

use std::time::Duration;

use emdash_manifest::{Budgets, ManifestForm};

const PAGE: &str = include_str!("../../../../docs/security.md");

fn mebibytes(bytes: usize) -> String {
    format!("{} MiB", bytes >> 20)
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

#[test]
fn the_table_of_budgets_has_the_limits_of_the_code() {
    let budgets = Budgets::for_form(ManifestForm::Bundle);
    let of_plugin_json = Budgets::for_form(ManifestForm::PluginJson).network_calls;
    let memory = format!("{} (cap {} MiB)", mebibytes(budgets.memory_bytes), Budgets::MEMORY_CAP_MB);
    let rows = [
        ("CPU time of a call", format!("{} ms (cap {} ms)", budgets.cpu.as_millis(), Budgets::CPU_CAP_MS)),
        ("CPU time of evaluating the module", format!("{} ms", budgets.evaluation_cpu.as_millis())),
        ("memory of an instance", memory),
        (
            "time of a hook",
            format!("{} (cap {})", seconds(budgets.hook_wall), seconds(budgets.hook_wall_cap)),
        ),
        (
            "time of a hook nobody waits for (`cron`, `scheduler:tick`)",
            format!("{} (cap {})", seconds(Budgets::BACKGROUND_WALL), seconds(budgets.background_wall_cap)),
        ),
        ("time of a route", seconds(budgets.route_wall)),
        ("time of all hooks of a save", seconds(budgets.chain_wall)),
        ("instances at work at once", budgets.instances.to_string()),
        ("host calls of a call", budgets.host_calls.to_string()),
        (
            "network requests of a call",
            format!("{} (`plugin.json`: {of_plugin_json})", budgets.network_calls),
        ),
        ("operations under way", budgets.pending_operations.to_string()),
        ("JSON in one piece", mebibytes(budgets.payload_bytes)),
        ("answer to a network request", mebibytes(budgets.response_bytes)),
        ("log lines of a call", format!("{} of {} bytes", budgets.log_lines, budgets.log_line_bytes)),
        ("stored data", format!("{} MiB", budgets.storage_bytes >> 20)),
        ("own database", format!("{} MiB", budgets.database_bytes >> 20)),
        ("time of statements of a call", seconds(budgets.database_wall)),
        ("document or value", mebibytes(budgets.document_bytes)),
        ("key or id", format!("{} bytes", budgets.key_bytes)),
        ("scheduled tasks", format!("{} of {} KiB", budgets.cron_tasks, budgets.cron_data_bytes >> 10)),
    ];
    for (budget, limit) in rows {
        let row = format!("| {budget} | {limit} |");
        assert!(PAGE.contains(&row), "docs/security.md lacks the row {row}");
    }
}
