//! What all pages share.

use axum::response::{Html, IntoResponse, Response};
use emdash_types::{Error, ErrorKind};
use http::{StatusCode, header};
use maud::{DOCTYPE, Markup, html};

use super::STYLE_VERSION;
use crate::respond::log;

/// Nothing runs, nothing is fetched from elsewhere, nobody frames it.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

pub struct Frame<'a> {
    pub title: &'a str,
    pub description: &'a str,
    /// The page's one address, where it has one.
    pub canonical: Option<String>,
}

pub fn respond(status: StatusCode, frame: &Frame<'_>, main: Markup) -> Response {
    let headers = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::CACHE_CONTROL, "no-cache")];
    (status, headers, Html(document(frame, main).into_string())).into_response()
}

fn document(frame: &Frame<'_>, main: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (frame.title) " – EmDash Marketplace" }
                meta name="description" content=(frame.description);
                @if let Some(canonical) = &frame.canonical { link rel="canonical" href=(canonical); }
                link rel="stylesheet" href={ "/marketplace/style.css?v=" (format!("{STYLE_VERSION:x}")) };
            }
            body {
                a.skip href="#main" { "Skip to content" }
                header.masthead {
                    a.brand href="/marketplace" { "EmDash " span { "Marketplace" } }
                    p { "Plugins that reach only what you allow" }
                }
                main id="main" tabindex="-1" { (main) }
                footer.colophon {
                    p {
                        "Every release is checked and started in the sandbox before it is listed. "
                        "On a site, each plugin runs isolated, within fixed limits, with its own storage."
                    }
                    p { a href="/api/v1/plugins" { "The catalogue as JSON" } }
                }
            }
        }
    }
}

/// A page instead of the one that cannot be shown.
pub fn failure(error: &Error) -> Response {
    log(error);
    if error.code().kind() == ErrorKind::NotFound {
        let frame = Frame { title: "Not found", description: "There is no such plugin.", canonical: None };
        let main = html! {
            div.notice {
                h1 { "There is no such plugin" }
                p { "It may have been misspelt, or was never published here." }
                p { a.button href="/marketplace" { "Browse all plugins" } }
            }
        };
        return respond(StatusCode::NOT_FOUND, &frame, main);
    }
    let frame = Frame { title: "Something went wrong", description: "Please try again.", canonical: None };
    let main = html! {
        div.notice {
            h1 { "Something went wrong" }
            p { "The fault is ours, and it has been recorded. Please try again in a moment." }
        }
    };
    respond(StatusCode::INTERNAL_SERVER_ERROR, &frame, main)
}
