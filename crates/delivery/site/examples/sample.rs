//! Writes every kind of page of a sample site into a folder, to be looked at in a browser:
//! `cargo run -p emdash-site --example sample -- OUT`, then serve OUT with any file server.

#[path = "../tests/it/fixture.rs"]
#[expect(dead_code, clippy::unwrap_used, reason = "shared with the tests, which use more of it")]
mod fixture;

use std::path::{Path, PathBuf};

use emdash_site::{SiteRenderer, SiteRequest};

const PAGES: [&str; 22] = [
    "/",
    "/page/2",
    "/posts/gallery",
    "/posts/high-water",
    "/posts/markup",
    "/posts/long-word",
    "/posts/long-title",
    "/posts/untitled",
    "/posts/no-content",
    "/posts/many-tags",
    "/posts/arabic",
    "/about",
    "/library",
    "/box-seven",
    "/category/nature",
    "/category/unused",
    "/tag/tag-number-1",
    "/author/ines-marlow",
    "/search?q=river",
    "/search?q=nothing-of-the-kind",
    "/search",
    "/missing",
];

fn picture(width: u32, height: u32) -> String {
    let (w, h) = (width, height);
    format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='{w}' height='{h}' viewBox='0 0 {w} {h}'>\
         <defs><linearGradient id='s' x2='0' y2='1'><stop stop-color='#31465c'/><stop offset='1' stop-color='#e6b98a'/></linearGradient></defs>\
         <rect width='{w}' height='{h}' fill='url(#s)'/><circle cx='{}' cy='{}' r='{}' fill='#f6dcb5'/>\
         <path d='M0 {} Q{} {} {} {} T{w} {} V{h} H0Z' fill='#3d4a3c'/><path d='M0 {} Q{} {} {w} {} V{h} H0Z' fill='#222c26'/></svg>",
        w * 2 / 3,
        h * 2 / 5,
        h / 9,
        h * 3 / 5,
        w / 4,
        h * 2 / 5,
        w / 2,
        h * 3 / 5,
        h / 2,
        h * 4 / 5,
        w / 2,
        h * 3 / 5,
        h * 7 / 8
    )
}

async fn write_page(renderer: &SiteRenderer, out: &Path, path: &str) -> std::io::Result<()> {
    let (plain, query) =
        path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query.to_owned())));
    let request = SiteRequest { query: query.clone(), ..SiteRequest::get(plain, fixture::BASE) };
    let response = renderer.render(&request).await;
    let folder =
        out.join(plain.trim_start_matches('/')).join(query.unwrap_or_default().replace(['=', '&'], "-"));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("index.html"), &response.body)
}

/// Mean over enough renderings to be steady; a page cache would sit in front of this.
async fn mean_micros(renderer: &SiteRenderer, path: &str) -> u128 {
    let request = SiteRequest::get(path, fixture::BASE);
    let start = std::time::Instant::now();
    for _ in 0..300 {
        renderer.render(&request).await;
    }
    start.elapsed().as_micros() / 300
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let out: PathBuf =
        std::env::args_os().nth(1).map(PathBuf::from).unwrap_or_else(|| PathBuf::from("sample-site"));
    let site = fixture::Site::sample().await;
    let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../themes/default");
    let renderer = site.renderer_with(Some(&theme), std::sync::Arc::new(emdash_site::NoMetadata));
    for path in PAGES {
        write_page(&renderer, &out, path).await?;
    }
    let media = out.join("_emdash/api/media/file");
    std::fs::create_dir_all(&media)?;
    for (file, width, height) in [("hills.svg", 1600, 900), ("tower.svg", 600, 900), ("square.svg", 500, 500)]
    {
        std::fs::write(media.join(file), picture(width, height))?;
    }
    let home = renderer.render(&SiteRequest::get("/", fixture::BASE)).await;
    let home = String::from_utf8_lossy(&home.body).into_owned();
    for asset in home.split('"').filter(|text| text.starts_with("/assets/")) {
        let response = renderer.render(&SiteRequest::get(asset, fixture::BASE)).await;
        std::fs::create_dir_all(out.join("assets"))?;
        std::fs::write(out.join(asset.trim_start_matches('/')), &response.body)?;
    }
    println!("{} pages in {}", PAGES.len(), out.display());
    for path in ["/posts/high-water", "/posts/gallery", "/"] {
        println!("{path}: {} µs per rendering", mean_micros(&renderer, path).await);
    }
    Ok(())
}
