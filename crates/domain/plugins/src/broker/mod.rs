//! The host's side of one running instance: the only place where a host call is authorised, and where it is
//! counted, executed and, when refused, recorded.

mod answer;
mod arguments;
mod content;
mod content_write;
mod cron;
mod database;
mod http;
mod kv;
mod ledger;
mod log;
mod secrets;
mod settings;
mod storage;
mod taxonomies;
mod users;

use std::sync::Arc;
use std::time::Duration;

use emdash_manifest::HostCallName;
use emdash_ports::runtime::{HostCall, HostCallProgress, HostCalls};
use emdash_types::{Error, ErrorCode, PluginCaller, PluginId, Result};
use futures::future::BoxFuture;
use tokio::sync::Semaphore;

use crate::generation::LoadedPlugin;
use crate::host::Site;
use crate::words::shown;
use arguments::Arguments;
use ledger::Ledger;

/// What a host call comes to.
enum Work {
    Done(String),
    Later(BoxFuture<'static, Result<String>>),
}

/// One per instance.
pub(crate) struct Broker {
    site: Arc<Site>,
    plugin: Arc<LoadedPlugin>,
    ledger: Arc<Ledger>,
    /// The plugin, as the services it writes through know it.
    caller: PluginCaller,
    /// Turns of network requests.
    requests: Arc<Semaphore>,
}

impl Broker {
    pub(crate) fn new(site: Arc<Site>, plugin: Arc<LoadedPlugin>, causes: Vec<PluginId>) -> Self {
        let caller = PluginCaller { id: plugin.id.clone(), within: causes };
        let ledger = Arc::new(Ledger::new(&plugin.manifest.budgets));
        let requests = Arc::new(Semaphore::new(http::REQUESTS_AT_ONCE));
        Self { site, plugin, ledger, caller, requests }
    }

    /// Opens the broker for a call of so much time, with fresh counts.
    pub(crate) fn begin(&self, during: &str, wall: Duration) {
        self.ledger.begin(during, wall);
    }

    /// What the call under way is.
    pub(crate) fn during(&self) -> String {
        self.ledger.during()
    }

    /// Notes a refusal that was not a host call's.
    pub(crate) fn note(&self, error: &Error) {
        self.ledger.note(error);
    }

    /// Puts on record what was refused until now; the call goes on.
    pub(crate) fn report(&self) {
        let (during, refusals) = self.ledger.take_refusals();
        self.site.record(&self.plugin, &during, refusals);
    }

    /// Ends the call: what is still under way is revoked, what was refused goes on record.
    pub(crate) fn end(&self) {
        let (during, refusals) = self.ledger.end();
        self.site.record(&self.plugin, &during, refusals);
    }

    /// Whether this call may be made now, by this plugin. The one check of every host call.
    fn admit(&self, name: &str) -> Result<HostCallName> {
        self.ledger.count_host_call()?;
        let call = HostCallName::by_name(name).ok_or_else(|| {
            Error::new(ErrorCode::CapabilityMissing, format!("Unknown host call: {}", shown(name)))
        })?;
        let for_database = matches!(call, HostCallName::DatabaseBatch | HostCallName::DatabaseExec);
        if for_database && self.plugin.database.is_none() {
            return Err(database::undeclared());
        }
        match call.required_capability() {
            Some(needed) if !self.plugin.granted.capabilities.contains(needed) => {
                Err(Error::new(ErrorCode::CapabilityMissing, format!("Missing capability: {needed}"))
                    .hint("Declare it in the plugin's manifest; an administrator grants it at installation."))
            }
            _ => Ok(call),
        }
    }

    fn execute(&self, call: HostCallName, arguments: &str) -> Result<Work> {
        let arguments = Arguments::parse(arguments)?;
        let data = &*self.plugin.data;
        let done = match call {
            HostCallName::KvGet => self.kv_get(&arguments),
            HostCallName::KvSet => self.kv_set(&arguments),
            HostCallName::KvDelete => self.kv_delete(&arguments),
            HostCallName::KvList => self.kv_list(&arguments),
            HostCallName::SettingsGet => self.settings_get(&arguments),
            HostCallName::SettingsList => self.settings_list(),
            HostCallName::SettingsSet => self.settings_set(&arguments),
            HostCallName::SettingsDelete => self.settings_delete(&arguments),
            HostCallName::StorageGet => storage::get(data, &arguments),
            HostCallName::StoragePut => storage::put(data, &arguments),
            HostCallName::StorageDelete => storage::delete(data, &arguments),
            HostCallName::StorageExists => storage::exists(data, &arguments),
            HostCallName::StorageGetMany => storage::get_many(data, &arguments),
            HostCallName::StoragePutMany => storage::put_many(data, &arguments),
            HostCallName::StorageDeleteMany => storage::delete_many(data, &arguments),
            HostCallName::StorageQuery => storage::query(data, &arguments),
            HostCallName::StorageCount => storage::count(data, &arguments),
            HostCallName::DatabaseBatch => return self.database_batch(&arguments).map(Work::Later),
            HostCallName::DatabaseExec => return self.database_exec(&arguments).map(Work::Later),
            HostCallName::ContentGet => return self.content_get(&arguments).map(Work::Later),
            HostCallName::ContentList => return self.content_list(&arguments).map(Work::Later),
            HostCallName::ContentCreate => return self.content_create(&arguments).map(Work::Later),
            HostCallName::ContentUpdate => return self.content_update(&arguments).map(Work::Later),
            HostCallName::ContentDelete => return self.content_delete(&arguments).map(Work::Later),
            HostCallName::ContentCreateMany => return self.content_create_many(&arguments).map(Work::Later),
            HostCallName::ContentUpdateMany => return self.content_update_many(&arguments).map(Work::Later),
            HostCallName::ContentDeleteMany => return self.content_delete_many(&arguments).map(Work::Later),
            HostCallName::CronSchedule => return self.cron_schedule(&arguments).map(Work::Later),
            HostCallName::CronCancel => return self.cron_cancel(&arguments).map(Work::Later),
            HostCallName::CronList => return Ok(Work::Later(self.cron_list())),
            HostCallName::TaxonomiesGetAll => return self.taxonomies_all(&arguments).map(Work::Later),
            HostCallName::TaxonomiesGetTerms => return self.taxonomies_terms(&arguments).map(Work::Later),
            HostCallName::TaxonomiesGetEntryTerms => {
                return self.taxonomies_entry_terms(&arguments).map(Work::Later);
            }
            HostCallName::UsersGet => return self.users_get(&arguments).map(Work::Later),
            HostCallName::UsersGetByEmail => return self.users_by_email(&arguments).map(Work::Later),
            HostCallName::UsersList => return self.users_list(&arguments).map(Work::Later),
            HostCallName::HttpFetch => return self.fetch(&arguments).map(Work::Later),
            HostCallName::Log => self.log(&arguments),
            other => Err(Error::new(ErrorCode::NotImplemented, format!("ctx.{other} is not available yet."))),
        };
        done.map(Work::Done)
    }
}

impl HostCalls for Broker {
    fn refused(&self, error: &Error) {
        self.ledger.note(error);
    }

    fn start(&self, call: HostCall) -> HostCallProgress {
        match self.admit(&call.name).and_then(|name| self.execute(name, &call.arguments)) {
            Ok(Work::Done(json)) => HostCallProgress::Ready(Ok(json)),
            Ok(Work::Later(work)) => HostCallProgress::Pending(self.ledger.supervise(work)),
            Err(error) => {
                self.ledger.note(&error);
                HostCallProgress::Ready(Err(error))
            }
        }
    }
}
