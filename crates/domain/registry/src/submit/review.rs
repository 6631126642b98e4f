//! The review: what was checked and what came of it, kept with the release and shown to visitors (A44).

use async_trait::async_trait;
use emdash_manifest::{Bundle, Hook, Manifest, PluginCode};
use emdash_store::registry::Release;
use emdash_types::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use super::gates::{Standing, widened};

/// What evaluating a module showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleReport {
    /// Names of the hooks it exports, as it spells them.
    pub hooks: Vec<String>,
    /// Names of the routes it exports.
    pub routes: Vec<String>,
}

/// Tries a release out. The composed program answers it with the plugin runtime.
#[async_trait]
pub trait DryRun: Send + Sync {
    /// Evaluates the module, or compiles the component, once under the budgets of its manifest, without any access, and checks that
    /// it has the handlers the manifest's form demands.
    ///
    /// # Errors
    /// Why the code cannot run, as a refusal for its content or its use of time and memory. Any other kind of
    /// error means that the sandbox itself cannot work now.
    async fn evaluate(&self, manifest: &Manifest, code: &PluginCode) -> Result<ModuleReport>;
}

/// What came of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// Worth knowing; no reason to reject.
    Note,
    /// A reason to reject.
    Fail,
}

/// One check of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Such as `sandbox`.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// In a sentence.
    pub message: String,
}

/// The review of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// `pass` or `fail`: whether any check failed.
    pub verdict: Outcome,
    /// The checks, in the order they were made.
    pub checks: Vec<Check>,
}

impl Review {
    /// The review kept with a release.
    #[must_use]
    pub fn of(release: &Release) -> Option<Self> {
        serde_json::from_value(release.review.clone()?).ok()
    }

    /// Whether nothing speaks against publishing.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.verdict != Outcome::Fail
    }

    /// The reasons for a rejection.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.checks.iter().filter(|check| check.outcome == Outcome::Fail).map(|check| check.message.as_str())
    }

    fn new(checks: Vec<Check>) -> Self {
        let failed = checks.iter().any(|check| check.outcome == Outcome::Fail);
        Self { verdict: if failed { Outcome::Fail } else { Outcome::Pass }, checks }
    }
}

pub(super) async fn review(dry_run: &dyn DryRun, bundle: &Bundle, standing: &Standing) -> Result<Review> {
    let manifest = &bundle.manifest;
    let mut checks = vec![
        check("bundle", Outcome::Pass, format!("The archive is well formed, {} bytes.", bundle.size)),
        check("manifest", Outcome::Pass, format!("{} follows its schema.", bundle.manifest_file)),
        access(standing),
    ];
    match dry_run.evaluate(manifest, &bundle.code).await {
        Ok(module) => {
            let message = format!(
                "The code starts within its budgets and exports {} and {}.",
                count(module.hooks.len(), "hook"),
                count(module.routes.len(), "route")
            );
            checks.push(check("sandbox", Outcome::Pass, message));
            checks.extend(undeclared(manifest, &module));
        }
        Err(error) if is_the_codes_fault(&error) => {
            checks.push(check("sandbox", Outcome::Fail, format!("The code does not run: {error}")));
        }
        Err(error) => return Err(error),
    }
    Ok(Review::new(checks))
}

fn check(name: &str, outcome: Outcome, message: String) -> Check {
    Check { name: name.to_owned(), outcome, message }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn access(standing: &Standing) -> Check {
    match &standing.latest {
        None => check("access", Outcome::Pass, "The first release; sites ask before they grant.".to_owned()),
        Some((version, difference)) if difference.is_escalation() => {
            let message =
                format!("More access than {version}, in a new major version: {}.", widened(difference));
            check("access", Outcome::Note, message)
        }
        Some((version, _)) => check("access", Outcome::Pass, format!("No more access than {version}.")),
    }
}

/// Declared and exported may differ (plugin contract §2.2); what is not declared never runs.
fn undeclared(manifest: &Manifest, module: &ModuleReport) -> Option<Check> {
    let hook = |name: &&String| Hook::by_name(name).is_none_or(|hook| manifest.hook(hook).is_none());
    let route = |name: &&String| manifest.route(name).is_none();
    let names: Vec<&str> = module
        .hooks
        .iter()
        .filter(hook)
        .chain(module.routes.iter().filter(route))
        .map(String::as_str)
        .collect();
    (!names.is_empty()).then(|| {
        let message = format!("Exported but not declared, so never called: {}.", names.join(", "));
        check("declarations", Outcome::Note, message)
    })
}

fn is_the_codes_fault(error: &Error) -> bool {
    matches!(error.code().kind(), ErrorKind::Invalid | ErrorKind::Unprocessable | ErrorKind::Timeout)
}
