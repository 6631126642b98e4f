//! Structured data for search engines.

use serde_json::{Map, Value, json};

use super::{Breadcrumb, PublicPageContext};

const SCHEMA: &str = "https://schema.org";

/// What the page mainly is (CMS contract §6.2): an article, or the site with its search.
pub(crate) fn primary(page: &PublicPageContext) -> Option<Value> {
    if page.page_type == "article" { Some(blog_posting(page)) } else { web_site(page) }
}

fn blog_posting(page: &PublicPageContext) -> Value {
    let mut graph = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            graph.insert(name.to_owned(), value);
        }
    };
    let article = page.article_meta.clone().unwrap_or_default();
    let text = |value: &Option<String>| value.clone().map(Value::from);
    put("@context", Some(json!(SCHEMA)));
    put("@type", Some(json!("BlogPosting")));
    put("headline", text(&page.page_title));
    put("description", text(&page.description));
    put("image", text(&page.image));
    put("url", text(&page.canonical));
    put("inLanguage", text(&page.locale));
    put("datePublished", text(&article.published_time));
    put("dateModified", text(&article.modified_time));
    put("author", article.author.map(|name| json!({"@type": "Person", "name": name})));
    put("publisher", page.site_name.as_ref().map(|name| json!({"@type": "Organization", "name": name})));
    put("mainEntityOfPage", page.canonical.as_ref().map(|id| json!({"@type": "WebPage", "@id": id})));
    Value::Object(graph)
}

fn web_site(page: &PublicPageContext) -> Option<Value> {
    let (name, url) = (page.site_name.as_ref()?, page.site_url.as_ref()?);
    Some(json!({
        "@context": SCHEMA,
        "@type": "WebSite",
        "name": name,
        "url": format!("{url}/"),
        "potentialAction": {
            "@type": "SearchAction",
            "target": {"@type": "EntryPoint", "urlTemplate": format!("{url}/search?q={{search_term_string}}")},
            "query-input": "required name=search_term_string",
        },
    }))
}

/// The way from the front page to the page.
pub(crate) fn breadcrumb_list(crumbs: &[Breadcrumb]) -> Value {
    let items: Vec<Value> = crumbs
        .iter()
        .enumerate()
        .map(|(index, crumb)| {
            json!({"@type": "ListItem", "position": index + 1, "name": crumb.name, "item": crumb.url})
        })
        .collect();
    json!({"@context": SCHEMA, "@type": "BreadcrumbList", "itemListElement": items})
}

/// A page that lists others.
pub(crate) fn collection_page(page: &PublicPageContext, items: &[(String, String)]) -> Value {
    let items: Vec<Value> = items
        .iter()
        .enumerate()
        .map(|(index, (name, url))| json!({"@type": "ListItem", "position": index + 1, "name": name, "url": url}))
        .collect();
    json!({
        "@context": SCHEMA,
        "@type": "CollectionPage",
        "name": page.page_title,
        "description": page.description,
        "url": page.canonical,
        "mainEntity": {"@type": "ItemList", "itemListElement": items},
    })
}
