//! What a release may do, how much it may use, and how it was checked (A42).

use emdash_manifest::{Budgets, Manifest};
use emdash_registry::{Outcome, Review};
use maud::{Markup, html};

use super::words;

pub fn access(manifest: &Manifest) -> Markup {
    let lines = emdash_plugins::consent_lines(manifest);
    html! {
        section.panel aria-labelledby="access" {
            h2 #access { "What it may access" }
            @if lines.is_empty() {
                p { strong { "Nothing of your site." } " No content, media, users, e-mail or network." }
            } @else {
                p { "If you agree when you install it, it may:" }
                ul.grants { @for line in &lines { li { (line) } } }
            }
            p.quiet {
                "Anything else is refused and recorded. What it stores stays apart from your content "
                "and from other plugins, and a version that wants more asks again."
            }
        }
    }
}

pub fn limits(budgets: &Budgets) -> Markup {
    let size = |count: usize| words::bytes(u64::try_from(count).unwrap_or(u64::MAX));
    let rows = [
        ("Computing time per call", words::duration(budgets.cpu)),
        ("Memory", size(budgets.memory_bytes)),
        ("Time of a whole save, all plugins together", words::duration(budgets.chain_wall)),
        ("Network requests per call", words::number(u64::from(budgets.network_calls))),
        ("Requests to the site per call", words::number(u64::from(budgets.host_calls))),
        ("Storage per site", words::bytes(budgets.storage_bytes)),
    ];
    html! {
        section aria-labelledby="limits" {
            h2 #limits { "What it may use at most" }
            p { "A call that goes beyond is stopped, and nobody else is slowed." }
            dl.figures { @for (name, value) in &rows { div { dt { (name) } dd { (value) } } } }
        }
    }
}

pub fn checks(review: &Review) -> Markup {
    html! {
        section aria-labelledby="checks" {
            h2 #checks { "How this release was checked" }
            ul.checks {
                @for check in &review.checks {
                    @let (class, word) = match check.outcome {
                        Outcome::Pass => ("pass", "Passed"),
                        Outcome::Note => ("note", "Note"),
                        Outcome::Fail => ("fail", "Failed"),
                    };
                    li class=(class) { strong { (word) } " " (check.message) }
                }
            }
        }
    }
}
