//! From a bundle to a plugin that can be called.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use emdash_manifest::{Budgets, Bundle, Manifest, ManifestForm, Migration, Unsupported};
use emdash_ports::plugin_data::{DataLimits, PluginData};
use emdash_ports::plugin_database::{DatabaseLimits, Stop};
use emdash_ports::runtime::{EntryShape, GuestTarget, InstanceLimits, PluginImage, PluginSource};
use emdash_types::{Error, ErrorCode, Result, Timestamp};
use tokio::sync::Semaphore;

use super::{LoadedPlugin, OwnDatabase, PluginHook};
use crate::access::{Grants, HookAccess};
use crate::host::Site;

/// Steps of the database's machine one statement of a plugin may take: some tenths of a second.
const STATEMENT_STEPS: u64 = 5_000_000;

/// A bundle whose module was evaluated; nothing of the plugin's data was touched for it.
pub(crate) struct Evaluated {
    manifest: Manifest,
    granted: Grants,
    image: Arc<dyn PluginImage>,
    limits: InstanceLimits,
    hooks: Vec<Arc<PluginHook>>,
    migrations: Vec<Migration>,
}

/// Steps of one batch in the plugin's own database: some seconds.
const BATCH_STEPS: u64 = 50_000_000;
/// Time all migrations of a start may take (B7).
const MIGRATIONS_WALL: Duration = Duration::from_secs(20);

impl Site {
    /// Evaluates a bundle's module. Nothing is called and nothing is live yet.
    ///
    /// # Errors
    /// `PLUGIN_START_FAILED`, `INVALID_MANIFEST` where manifest and module do not fit, or the limit it ran into.
    pub(crate) async fn evaluate(&self, bundle: Bundle, granted: Grants) -> Result<Evaluated> {
        let Bundle { mut manifest, code, migrations, .. } = bundle;
        let limits = instance_limits(&manifest.budgets);
        let source =
            PluginSource { label: manifest.label(), code, limits, cpu: manifest.budgets.evaluation_cpu };
        let image = self.parts.runtime.prepare(source).await?;
        merge(&mut manifest, image.entry())?;
        if manifest.unsupported != Unsupported::default() {
            let Unsupported { capabilities, hooks, .. } = &manifest.unsupported;
            tracing::warn!(plugin = %manifest.label(), ?capabilities, ?hooks, "asks for what this host does not know");
        }
        let hooks = hooks(&manifest, image.entry(), &granted);
        Ok(Evaluated { manifest, granted, image, limits, hooks, migrations })
    }

    /// Opens the data of an evaluated plugin, brought in line with what it declares: indexes and migrations (B4).
    ///
    /// # Errors
    /// When the data cannot be opened; `MIGRATION_FAILED`.
    pub(crate) async fn open(&self, evaluated: Evaluated, installed_at: Timestamp) -> Result<LoadedPlugin> {
        let Evaluated { manifest, granted, image, limits, hooks, migrations } = evaluated;
        let data = self.open_data(&manifest)?;
        let database = self.open_database(&manifest, &granted, migrations).await?;
        Ok(LoadedPlugin {
            id: manifest.id.clone(),
            version: manifest.version.to_string(),
            meters: self.meters(&manifest.id),
            installed_at,
            manifest,
            granted,
            image,
            data,
            database,
            limits,
            hooks,
            probation: None,
            taken_back: AtomicBool::new(false),
        })
    }

    /// The plugin's own database, where it declares one, with its migrations applied (B4).
    async fn open_database(
        &self,
        manifest: &Manifest,
        granted: &Grants,
        migrations: Vec<Migration>,
    ) -> Result<Option<OwnDatabase>> {
        if manifest.database.is_none() {
            return Ok(None);
        }
        let limits = database_limits(&manifest.budgets);
        let handle = self.parts.data.open_database(&manifest.id, &granted.capabilities, limits)?;
        let migrating = Arc::clone(&handle);
        let work = move || {
            let new = migrating.migrate(&migrations, &Stop::within(MIGRATIONS_WALL))?;
            Ok::<_, Error>((new, migrating.applied()?))
        };
        let (new, applied) = tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
        if !new.is_empty() {
            tracing::info!(plugin = %manifest.id, applied = new.join(", "), "migrations are applied");
        }
        Ok(Some(OwnDatabase { handle, turns: Arc::new(Semaphore::new(1)), applied }))
    }

    /// A plugin's own data, made where there is none.
    pub(crate) fn open_data(&self, manifest: &Manifest) -> Result<Arc<dyn PluginData>> {
        self.parts.data.open(&manifest.id, &manifest.storage, data_limits(&manifest.budgets))
    }
}

/// What an instance of a plugin may take.
fn instance_limits(budgets: &Budgets) -> InstanceLimits {
    InstanceLimits {
        memory_bytes: budgets.memory_bytes,
        pending_operations: budgets.pending_operations,
        payload_bytes: budgets.payload_bytes,
    }
}

fn data_limits(budgets: &Budgets) -> DataLimits {
    DataLimits {
        total_bytes: budgets.storage_bytes,
        document_bytes: budgets.document_bytes,
        key_bytes: budgets.key_bytes,
        answer_bytes: budgets.payload_bytes,
        statement_steps: STATEMENT_STEPS,
    }
}

/// The limits of D1's client where it has some. A batch as a whole keeps to them.
fn database_limits(budgets: &Budgets) -> DatabaseLimits {
    DatabaseLimits {
        total_bytes: budgets.database_bytes,
        statement_bytes: 100_000,
        statements: 1_000,
        values: 100,
        value_bytes: budgets.document_bytes,
        answer_rows: 10_000,
        answer_bytes: budgets.payload_bytes,
        steps: BATCH_STEPS,
        memory_bytes: budgets.memory_bytes as u64,
    }
}

/// Fills the manifest's gaps from the module. The handlers `plugin.json` names may be plain exported functions (A5).
fn merge(manifest: &mut Manifest, entry: &EntryShape) -> Result<()> {
    manifest.merge_entry(entry).map_err(|problems| {
        let message = format!("Manifest and module do not fit: {}.", problems.join("; "));
        Error::new(ErrorCode::InvalidManifest, message).details(serde_json::json!({"issues": problems}))
    })
}

/// The declared hooks the module really answers; upstream never calls the others either.
fn hooks(manifest: &Manifest, entry: &EntryShape, granted: &Grants) -> Vec<Arc<PluginHook>> {
    let target = |name: &str| {
        let function =
            manifest.form == ManifestForm::PluginJson && entry.functions.iter().any(|found| found == name);
        let hook = entry.hooks.iter().any(|found| found.name == name);
        if hook { Some(GuestTarget::Hook) } else { function.then_some(GuestTarget::Function) }
    };
    manifest
        .hooks
        .iter()
        .filter_map(|declared| {
            Some(Arc::new(PluginHook {
                hook: declared.hook,
                target: target(&declared.name_in_module)?,
                name_in_module: declared.name_in_module.clone(),
                timeout: declared.timeout.min(manifest.budgets.wall_cap(declared.hook)),
                priority: declared.priority,
                dependencies: declared.dependencies.clone(),
                error_policy: declared.error_policy,
                access: HookAccess::under(&granted.capabilities, declared.hook),
            }))
        })
        .collect()
}
