//! `/marketplace/{id}`: one plugin.

use axum::extract::{Path, State};
use axum::response::Response;
use emdash_manifest::Manifest;
use emdash_registry::{CatalogueEntry, Review, release_manifest, screenshot_names};
use emdash_store::registry::{Listing, Release, ReleaseStatus};
use emdash_types::{Error, ErrorCode, PluginId, Result};
use http::StatusCode;
use maud::{Markup, html};

use super::layout::{Frame, failure, respond};
use super::{access, markdown, words};
use crate::marketplace::MarketplaceState;

/// Versions shown; the API has all.
const VERSIONS: usize = 20;

pub async fn page(State(state): State<MarketplaceState>, Path(id): Path<String>) -> Response {
    match load(&state, &id).await {
        Ok((entry, versions)) => {
            let listing = &entry.listing;
            let frame = Frame {
                title: &listing.name,
                description: listing.description.as_deref().unwrap_or("A plugin for EmDash."),
                canonical: Some(format!("{}/marketplace/{}", state.public_url, listing.id)),
            };
            match render(&entry, &versions) {
                Ok(main) => respond(StatusCode::OK, &frame, main),
                Err(error) => failure(&error),
            }
        }
        Err(error) => failure(&error),
    }
}

async fn load(state: &MarketplaceState, id: &str) -> Result<(CatalogueEntry, Vec<Release>)> {
    let id = PluginId::parse(id).map_err(|_| Error::new(ErrorCode::NotFound, "Plugin not found"))?;
    Ok((state.registry.detail(&id).await?, state.registry.versions(&id).await?))
}

fn render(entry: &CatalogueEntry, versions: &[Release]) -> Result<Markup> {
    let latest = match &entry.latest {
        Some(release) => Some((release, release_manifest(release)?)),
        None => None,
    };
    Ok(html! {
        nav.trail aria-label="Breadcrumb" { a href="/marketplace" { "All plugins" } }
        article.plugin {
            (head(entry))
            @match &latest {
                Some((release, manifest)) => {
                    (install(release))
                    div.body { (body(release, manifest, versions)) }
                    (facts(&entry.listing, release))
                }
                None => div.notice {
                    h2 { "No public release yet" }
                    p { "The id is taken by its publisher; there is nothing to install." }
                }
            }
        }
    })
}

fn head(entry: &CatalogueEntry) -> Markup {
    let CatalogueEntry { listing, publisher, .. } = entry;
    html! {
        header.head {
            img src={ "/api/v1/plugins/" (listing.id) "/icon?w=256" } alt="" width="88" height="88";
            div {
                h1 { (listing.name) }
                p.by {
                    "by " (words::publisher(&publisher.name, publisher.verified))
                    span { (words::installs(listing.install_count)) }
                }
            }
            @if let Some(description) = &listing.description { p.lede { (description) } }
        }
    }
}

fn install(release: &Release) -> Markup {
    html! {
        section.panel.install aria-labelledby="install" {
            h2 #install { "Install" }
            @if release.status == ReleaseStatus::Flagged {
                p.warning { strong { "Flagged." } " Something was found in this release; sites refuse to install it." }
            }
            p { "While your site runs, with an access token of yours:" }
            pre tabindex="0" aria-label="Command" {
                code { "emdash plugin install " span { (release.plugin_id) } " --url " span { "ADDRESS" } " --token " span { "TOKEN" } }
            }
            p.quiet { "You are shown what it may access and asked before it runs." }
            p {
                a href={ "/api/v1/plugins/" (release.plugin_id) "/versions/" (release.version) "/bundle" } {
                    "Download version " (release.version)
                }
                " (" (words::bytes(release.bundle_size)) ")"
            }
        }
    }
}

fn facts(listing: &Listing, release: &Release) -> Markup {
    html! {
        section.panel.about-it aria-labelledby="facts" {
            h2 #facts { "Facts" }
            dl.facts {
                div { dt { "Price" } dd { "Free" } }
                div { dt { "Version" } dd { (release.version) } }
                div { dt { "Released" } dd { (words::date(release.published_at.unwrap_or(release.created_at))) } }
                div { dt { "First listed" } dd { (words::date(listing.created_at)) } }
                div { dt { "Runs on" } dd { (runs_on(release)) } }
                @if let Some(license) = &listing.license { div { dt { "Licence" } dd { (license) } } }
                @if let Some(url) = &listing.repository_url { div { dt { "Source" } dd { (outside(url)) } } }
                @if let Some(url) = &listing.homepage_url { div { dt { "Website" } dd { (outside(url)) } } }
                @if !listing.keywords.is_empty() {
                    div { dt { "Keywords" } dd { (listing.keywords.join(", ")) } }
                }
                div.stacked { dt { "SHA-256" } dd { code { (release.checksum) } } }
            }
        }
    }
}

fn runs_on(release: &Release) -> String {
    release
        .min_host_version
        .as_ref()
        .map_or_else(|| "Any EmDash".to_owned(), |version| format!("EmDash {version} or newer"))
}

/// A link away. Only web addresses become one, whatever the row holds.
fn outside(url: &str) -> Markup {
    let shown = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    html! {
        @match shown {
            Some(shown) => a href=(url) rel="noopener noreferrer nofollow ugc" { (shown.trim_end_matches('/')) },
            None => (url),
        }
    }
}

fn body(release: &Release, manifest: &Manifest, versions: &[Release]) -> Markup {
    html! {
        (access::access(manifest))
        (screenshots(release))
        @if let Some(readme) = &release.readme {
            section.prose aria-labelledby="about" { h2 #about { "About" } (markdown::render(readme)) }
        }
        @if let Some(changelog) = &release.changelog {
            section.prose aria-labelledby="changes" {
                h2 #changes { "What is new in " (release.version) }
                (markdown::render(changelog))
            }
        }
        (access::limits(&manifest.budgets))
        @if let Some(review) = Review::of(release) { (access::checks(&review)) }
        (history(versions))
    }
}

fn screenshots(release: &Release) -> Markup {
    let names: Vec<&str> = screenshot_names(release).collect();
    let count = names.len();
    html! {
        @if count > 0 {
            section aria-labelledby="screenshots" {
                h2 #screenshots { "Screenshots" }
                ul.shots {
                    @for (index, name) in names.iter().enumerate() {
                        @let address = format!(
                            "/api/v1/plugins/{}/versions/{}/screenshots/{name}",
                            release.plugin_id, release.version
                        );
                        li { a href=(address) { img src=(address) alt={ "Screenshot " (index + 1) " of " (count) } loading="lazy"; } }
                    }
                }
            }
        }
    }
}

fn history(versions: &[Release]) -> Markup {
    html! {
        section aria-labelledby="versions" {
            h2 #versions { "Versions" }
            div.scroll tabindex="0" role="region" aria-labelledby="versions" {
                table {
                    thead { tr { th scope="col" { "Version" } th scope="col" { "Released" } th scope="col" { "Runs on" } th scope="col" { "Size" } } }
                    tbody {
                        @for release in versions.iter().take(VERSIONS) {
                            tr {
                                th scope="row" {
                                    (release.version)
                                    @if release.status == ReleaseStatus::Flagged { " (flagged)" }
                                }
                                td { (words::date(release.published_at.unwrap_or(release.created_at))) }
                                td { (runs_on(release)) }
                                td { (words::bytes(release.bundle_size)) }
                            }
                        }
                    }
                }
            }
            @if versions.len() > VERSIONS { p.quiet { "And " (versions.len() - VERSIONS) " older ones." } }
        }
    }
}
