//! Writes every kind of page of a sample site into a folder, to be looked at in a browser:
//! `cargo run -p emdash-site --example sample -- OUT [EXPORT]`, then serve OUT with any file server. With a
//! WordPress export, its pages are written instead.

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

/// A site with the content of a WordPress export, and the paths of its pages.
async fn imported(export: &Path) -> std::io::Result<(fixture::Site, Vec<String>)> {
    let site = fixture::Site::empty().await;
    let hooks = std::sync::Arc::new(emdash_content::NoHooks);
    let content = emdash_content::ContentService::new(site.store.clone(), hooks, site.ambient.clone());
    let mut input = std::io::BufReader::new(std::fs::File::open(export)?);
    let imported = content.import_wordpress(&emdash_types::Caller::System, &mut input, &mut ()).await;
    imported.map_err(std::io::Error::other)?;
    site.generation.advance();
    let mut view = site.reader().open().await.map_err(std::io::Error::other)?;
    let mut paths =
        vec!["/".to_owned(), "/page/2".to_owned(), "/search?q=block".to_owned(), "/missing".to_owned()];
    for collection in ["posts", "pages"] {
        let found = view.sitemap_locations(collection, 1, 1000).await.map_err(std::io::Error::other)?;
        paths.extend(found.into_iter().map(|location| location.path));
    }
    Ok((site, paths))
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let out = arguments.next().unwrap_or_else(|| PathBuf::from("sample-site"));
    let (site, paths) = match arguments.next() {
        Some(export) => imported(&export).await?,
        None => (fixture::Site::sample().await, PAGES.map(ToOwned::to_owned).to_vec()),
    };
    let theme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../themes/default");
    let renderer = site.renderer_with(Some(&theme), std::sync::Arc::new(emdash_site::NoMetadata));
    for path in &paths {
        write_page(&renderer, &out, path).await?;
    }
    write_files(&renderer, &out).await?;
    println!("{} pages in {}", paths.len(), out.display());
    for path in paths.iter().take(3) {
        println!("{path}: {} µs per rendering", mean_micros(&renderer, path).await);
    }
    Ok(())
}

/// The pictures of the sample's library, and the theme's assets.
async fn write_files(renderer: &SiteRenderer, out: &Path) -> std::io::Result<()> {
    let media = out.join("_emdash/api/media/file");
    std::fs::create_dir_all(&media)?;
    for (file, width, height) in [("hills.svg", 1600, 900), ("tower.svg", 600, 900), ("square.svg", 500, 500)]
    {
        std::fs::write(media.join(file), picture(width, height))?;
    }
    let home = renderer.render(&SiteRequest::get("/", fixture::BASE)).await;
    let home = String::from_utf8_lossy(&home.body).into_owned();
    std::fs::create_dir_all(out.join("assets"))?;
    for asset in home.split('"').filter(|text| text.starts_with("/assets/")) {
        let response = renderer.render(&SiteRequest::get(asset, fixture::BASE)).await;
        std::fs::write(out.join(asset.trim_start_matches('/')), &response.body)?;
    }
    Ok(())
}
