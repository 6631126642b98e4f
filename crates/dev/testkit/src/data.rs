//! A data directory of its own.

use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::Path;
use std::sync::Mutex;

use emdash_app::DataDir;
use emdash_app::command::{self, InitInput};
use emdash_store::SiteStore;
use emdash_store::identity::User;
use emdash_store_sqlite::SqliteSiteStore;
use emdash_types::{Ambient, ErrorCode, Role, testing};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Where the first administrator of a site with one is reached.
const ADMINISTRATOR: &str = "admin@example.com";

/// A data directory, removed at the end of the test.
pub struct TestData {
    directory: TempDir,
    runtime: Runtime,
    ambient: Ambient,
    administrator: Mutex<Option<String>>,
}

impl TestData {
    /// Without a site.
    ///
    /// # Panics
    /// When the directory cannot be made.
    #[must_use]
    pub fn empty() -> Self {
        let directory = TempDir::with_prefix("emdash-test-").expect("a temporary directory can be made");
        share_engine_cache(directory.path());
        Self {
            directory,
            runtime: Runtime::new().expect("a runtime can be started"),
            ambient: testing::ambient(7).0,
            administrator: Mutex::new(None),
        }
    }

    /// With a site and its administrator, as `emdash init` makes them.
    ///
    /// # Panics
    /// When the site cannot be made.
    #[must_use]
    pub fn with_site() -> Self {
        let data = Self::empty();
        let input = InitInput { title: "Test site".to_owned(), email: ADMINISTRATOR.to_owned(), url: None };
        let made = data.runtime.block_on(command::init(&data.dir(), input)).expect("the site can be made");
        *data.administrator.lock().expect("nobody panicked") = Some(made.token);
        data
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The directory, as the program names it.
    #[must_use]
    pub fn dir(&self) -> DataDir {
        DataDir::new(self.path())
    }

    /// A token of the administrator.
    ///
    /// # Panics
    /// When the site has none.
    #[must_use]
    pub fn administrator_token(&self) -> String {
        self.administrator.lock().expect("nobody panicked").clone().expect("the site has an administrator")
    }

    /// Makes a token made elsewhere known as the administrator's.
    ///
    /// # Panics
    /// Never, unless another thread did.
    pub fn know_administrator(&self, token: &str) {
        *self.administrator.lock().expect("nobody panicked") = Some(token.to_owned());
    }

    /// A token of a user with this role, who is made where there is none.
    ///
    /// # Panics
    /// When the store refuses.
    #[must_use]
    pub fn token(&self, role: Role, scopes: &[&str]) -> String {
        self.runtime.block_on(async {
            let email = format!("{}@example.com", format!("{role:?}").to_lowercase());
            let user = User {
                id: self.ambient.id(),
                email: email.clone(),
                name: Some(format!("{role:?}")),
                role,
                disabled: false,
                created_at: self.ambient.now(),
            };
            let mut transaction = self.store().write().await.expect("the store can be written");
            match transaction.user_add(&user).await {
                Err(error) if error.code() == ErrorCode::Conflict => drop(transaction),
                added => {
                    added.expect("the user can be stored");
                    transaction.commit().await.expect("the user can be stored");
                }
            }
            let scopes: Vec<String> = scopes.iter().map(|&scope| scope.to_owned()).collect();
            let made = command::token_create(&self.dir(), &email, "test", &scopes).await;
            made.expect("a token can be made").token
        })
    }

    /// A publisher's token for this directory's marketplace.
    ///
    /// # Panics
    /// When the marketplace refuses.
    #[must_use]
    pub fn publisher_token(&self, name: &str) -> String {
        let email = format!("{}@example.com", name.to_lowercase());
        let made = self.runtime.block_on(command::publisher_add(&self.dir(), name, &email));
        made.expect("a publisher can be added").token
    }

    /// Fails where a job was given up after its last attempt.
    ///
    /// # Panics
    /// When there is such a job.
    #[track_caller]
    pub fn assert_no_dead_jobs(&self) {
        if !self.dir().has_site() {
            return;
        }
        let dead = self.runtime.block_on(async {
            let mut transaction = self.store().read().await.expect("the store can be read");
            transaction.job_counts().await.expect("the queue can be counted").2
        });
        assert_eq!(dead, 0, "jobs were given up");
    }

    fn store(&self) -> std::sync::Arc<SqliteSiteStore> {
        let path = self.path().join("sites/default/site.db");
        SqliteSiteStore::open(&path).expect("the site's database can be opened")
    }
}

/// Compiling the engine takes longer than a test: all directories share the cache of what was compiled.
fn share_engine_cache(directory: &Path) {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../target/testkit");
    let engine = shared.join("engine");
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&engine)
        .expect("the target directory can be written");
    symlink(&shared, directory.join("cache")).expect("a temporary directory can be written");
}
