//! Opening the databases of a data directory.

use std::sync::Arc;

use emdash_store::{PlatformStore, SiteStore};
use emdash_store_sqlite::{SqlitePlatformStore, SqliteSiteStore};
use emdash_types::{Error, ErrorCode, Result};

use crate::DataDir;

/// The site's database, made where it is missing.
///
/// # Errors
/// When the file cannot be opened or is not ours.
pub(crate) fn open_site(data: &DataDir) -> Result<Arc<dyn SiteStore>> {
    data.create()?;
    Ok(SqliteSiteStore::open(&data.site_database())?)
}

/// The site's database, which must be there.
///
/// # Errors
/// `NOT_FOUND` where there is none.
pub(crate) fn open_existing_site(data: &DataDir) -> Result<Arc<dyn SiteStore>> {
    if !data.has_site() {
        let message = format!("There is no site in {}.", data.path().display());
        return Err(Error::new(ErrorCode::NotFound, message)
            .hint("Make one: emdash init --data DIR --title TITLE --email ADDRESS."));
    }
    open_site(data)
}

/// The platform's database, made where it is missing.
///
/// # Errors
/// When the file cannot be opened or is not ours.
pub(crate) fn open_platform(data: &DataDir) -> Result<Arc<dyn PlatformStore>> {
    data.create()?;
    Ok(SqlitePlatformStore::open(&data.platform_database())?)
}
