//! The gates that refuse outright: they break a rule, so nothing is kept.

use emdash_manifest::{AccessDiff, Bundle, Capability, HostPattern, Manifest};
use emdash_store::PlatformTransaction;
use emdash_store::registry::{Listing, Publisher, Release, ReleaseStatus};
use emdash_types::{Error, ErrorCode, Result};
use semver::Version;
use serde_json::json;

use crate::catalogue::{is_public, release_manifest};

/// What a new release comes after.
pub(super) struct Standing {
    /// The listing, unless this is the first release.
    pub(super) listing: Option<Listing>,
    /// The latest public version and what changes in access against it.
    pub(super) latest: Option<(Version, AccessDiff)>,
}

/// The bundle is the plugin it was submitted as, and the marketplace takes such ids and versions.
pub(super) fn check_identity(bundle: &Bundle, plugin_id: &str) -> Result<()> {
    let manifest = &bundle.manifest;
    if manifest.id.as_str() != plugin_id {
        let message = format!(
            "Manifest ID must match plugin ID: the bundle is \"{}\", it was submitted as \"{plugin_id}\"",
            manifest.id
        );
        return Err(Error::new(ErrorCode::InvalidBundle, message)
            .details(json!({"expected": plugin_id, "received": manifest.id})));
    }
    Ok(manifest.check_for_marketplace(bundle.manifest_file)?)
}

/// Owner, version and access against what is there.
pub(super) async fn standing(
    transaction: &mut dyn PlatformTransaction,
    publisher: &Publisher,
    manifest: &Manifest,
) -> Result<Standing> {
    let listing = transaction.listing_lookup(&manifest.id).await?;
    if listing.as_ref().is_some_and(|listing| listing.publisher_id != publisher.id) {
        let message = format!("The plugin id \"{}\" belongs to another publisher", manifest.id);
        return Err(Error::new(ErrorCode::PluginIdConflict, message)
            .hint("Choose another id in the manifest, or publish with the token of its owner."));
    }
    let releases = transaction.release_list(&manifest.id).await?;
    let latest = latest(&releases)?;
    if let Some((version, _)) = &latest
        && manifest.version <= *version
    {
        return Err(version_refusal(
            "Version must be greater than latest published version",
            manifest,
            version,
        ));
    }
    if let Some(used) = releases.iter().find(|release| release.version == manifest.version.to_string()) {
        return Err(used_up(used, manifest));
    }
    let latest = match latest {
        None => None,
        Some((version, release)) => {
            let difference = AccessDiff::between(&release_manifest(release)?, manifest);
            check_access(&difference, &version, manifest)?;
            Some((version, difference))
        }
    };
    Ok(Standing { listing, latest })
}

/// The highest public version. Versions only grow, so it is the most recently published one too.
fn latest(releases: &[Release]) -> Result<Option<(Version, &Release)>> {
    let mut latest: Option<(Version, &Release)> = None;
    for release in releases.iter().filter(|release| is_public(release.status)) {
        let version = Version::parse(&release.version).map_err(Error::internal)?;
        if latest.as_ref().is_none_or(|(highest, _)| version > *highest) {
            latest = Some((version, release));
        }
    }
    Ok(latest)
}

fn version_refusal(message: &str, manifest: &Manifest, latest: &Version) -> Error {
    let next = Version::new(latest.major, latest.minor, latest.patch + 1);
    Error::new(
        ErrorCode::VersionExists,
        format!("{message}: {latest} is out, the bundle is {}", manifest.version),
    )
    .details(json!({"latestVersion": latest.to_string()}))
    .hint(format!("Publish it as {next} or higher."))
}

fn used_up(used: &Release, manifest: &Manifest) -> Error {
    let version = &manifest.version;
    let next = Version::new(version.major, version.minor, version.patch + 1);
    let why = if used.status == ReleaseStatus::Rejected {
        ": it was rejected, and a version is never used twice"
    } else {
        ""
    };
    Error::new(ErrorCode::VersionExists, format!("Version already exists{why} ({})", manifest.label()))
        .hint(format!("Publish the mended plugin as {next}."))
}

/// Sites update within a major version without asking again, so more access needs a new one.
fn check_access(difference: &AccessDiff, latest: &Version, manifest: &Manifest) -> Result<()> {
    if !difference.is_escalation() || manifest.version.major > latest.major {
        return Ok(());
    }
    let message = format!(
        "{} asks for more access than {latest} ({}); that needs a new major version",
        manifest.label(),
        widened(difference)
    );
    let next = Version::new(latest.major + 1, 0, 0);
    Err(Error::new(ErrorCode::CapabilityEscalation, message)
        .details(json!({"latestVersion": latest.to_string(), "access": difference}))
        .hint(format!("Publish it as {next}, or leave the new access out.")))
}

/// What a release may do and its predecessor could not, in one line.
pub(super) fn widened(difference: &AccessDiff) -> String {
    let capabilities = difference.added_capabilities.iter().copied().map(Capability::name).map(str::to_owned);
    let hosts = difference.added_hosts.iter().map(HostPattern::as_str).map(|host| format!("host {host}"));
    let routes = difference.newly_public_routes.iter().map(|route| format!("public route {route}"));
    let tools = difference.changed_mcp_tools.iter().map(|tool| format!("tool {tool}"));
    capabilities.chain(hosts).chain(routes).chain(tools).collect::<Vec<_>>().join(", ")
}
