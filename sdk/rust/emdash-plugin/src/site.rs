//! `ctx.plugin`, `ctx.site` and `ctx.url`.

use crate::Failure;
pub use crate::bindings::emdash::plugin::site::Facts;

/// What the host says about plugin and site.
#[must_use]
pub fn about() -> Facts {
    crate::bindings::emdash::plugin::site::about()
}

/// A path of the site as a whole address.
///
/// # Errors
/// Where the path does not begin with one slash.
pub fn url(path: &str) -> Result<String, Failure> {
    if !path.starts_with('/') || path.starts_with("//") {
        return Err(Failure::new(format!("URL path must start with one \"/\", got: \"{path}\"")));
    }
    Ok(about().site_url + path)
}
