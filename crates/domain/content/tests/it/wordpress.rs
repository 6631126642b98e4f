//! WordPress exports: the real theme test data, and small ones for each rule.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use emdash_content::import::{Effect, ImportProgress, ImportReport, ItemReport, Outcome};
use emdash_content::{ContentItem, ContentService, ListQuery, NoHooks, Target};
use emdash_store::content::EntryStatus::{Draft, Published, Scheduled};
use emdash_store::content::{EntryFilter, EntryStatus, MediaStatus};
use emdash_store::{SiteStore, SiteTransaction};
use emdash_types::{Caller, Error, ErrorCode, PageRequest, Result, Role};

use crate::support::{Site, admin, caller};

fn real_export() -> Vec<u8> {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/import/themeunittestdata.wordpress.xml");
    std::fs::read(path).unwrap()
}

async fn import(site: &Site, export: &[u8]) -> ImportReport {
    site.content.import_wordpress(&admin(), &mut Cursor::new(export), &mut ()).await.unwrap()
}

async fn items(site: &Site, collection: &str) -> Vec<ContentItem> {
    let mut query = ListQuery { limit: 100, ..ListQuery::default() };
    let mut all = Vec::new();
    loop {
        let list = site.content.list(&admin(), collection, &query).await.unwrap();
        all.extend(list.items);
        match list.next_cursor {
            Some(next) => query.cursor = Some(emdash_types::Cursor::decode(&next).unwrap()),
            None => return all,
        }
    }
}

/// What a plain look at the text of the export finds.
struct Facts {
    types: BTreeMap<(String, String), u64>,
    authors: u64,
    categories: u64,
    tags: u64,
}

fn facts(export: &[u8]) -> Facts {
    let text = String::from_utf8_lossy(export);
    let value = |item: &str, tag: &str| {
        let start = item.find(&format!("<{tag}>")).unwrap() + tag.len() + 2;
        let inner = &item[start..start + item[start..].find("</").unwrap()];
        inner.trim_start_matches("<![CDATA[").trim_end_matches("]]>").to_owned()
    };
    let mut types = BTreeMap::new();
    for item in text.split("<item>").skip(1) {
        *types.entry((value(item, "wp:post_type"), value(item, "wp:status"))).or_default() += 1;
    }
    // Items may name authors and terms the header does not describe, and one creator carries a stray bracket.
    let (header, items) = text.split_once("<item>").unwrap();
    let items: Vec<&str> = items.split("<item>").filter(|item| !item.contains("nav_menu_item")).collect();
    let named = |start: &str, end: &str| items.iter().flat_map(|item| between(item, start, end)).collect();
    let distinct = |described: Vec<String>, named: Vec<String>| {
        let all = described.into_iter().chain(named).map(|name| name.trim_matches('>').to_owned());
        all.collect::<BTreeSet<_>>().len() as u64
    };
    let term = |domain: &str| named(&format!("<category domain=\"{domain}\" nicename=\""), "\"");
    Facts {
        types,
        authors: distinct(between(header, "<wp:author_login>", "</"), named("<dc:creator>", "</")),
        categories: distinct(between(header, "<wp:category_nicename>", "</"), term("category")),
        tags: distinct(between(header, "<wp:tag_slug>", "</"), term("post_tag")),
    }
}

/// The texts between two marks, without CDATA.
fn between(text: &str, start: &str, end: &str) -> Vec<String> {
    let found = text.split(start).skip(1).filter_map(|rest| rest.split(end).next());
    found.map(|inner| inner.trim_start_matches("<![CDATA[").trim_end_matches("]]>").to_owned()).collect()
}

impl Facts {
    fn of(&self, post_type: &str) -> u64 {
        self.types.iter().filter(|((name, _), _)| name == post_type).map(|(_, count)| count).sum()
    }
}

#[tokio::test]
async fn the_real_export_arrives_whole() {
    let site = Site::new().await;
    let export = real_export();
    let facts = facts(&export);
    let report = import(&site, &export).await;
    let totals = &report.totals;
    let failed: Vec<_> = report.items.iter().filter(|item| item.outcome == Outcome::Failed).collect();
    assert!(failed.is_empty(), "{failed:?}");
    for kind in ["post", "page", "attachment"] {
        assert_eq!(totals.count(kind, Outcome::Imported), facts.of(kind), "{kind}");
    }
    assert_eq!(totals.count("nav_menu_item", Outcome::Skipped), facts.of("nav_menu_item"));
    assert_eq!(totals.count("author", Outcome::Imported), facts.authors);
    assert_eq!(totals.count("category", Outcome::Imported), facts.categories);
    assert_eq!(totals.count("tag", Outcome::Imported), facts.tags);

    let (posts, pages) = (items(&site, "posts").await, items(&site, "pages").await);
    assert_eq!((posts.len() as u64, pages.len() as u64), (facts.of("post"), facts.of("page")));
    let published = |list: &[ContentItem]| list.iter().filter(|item| item.status == Published).count() as u64;
    assert_eq!(published(&pages), facts.types[&("page".to_owned(), "publish".to_owned())]);
    // One more than at the source may be public, where its date has come, and fewer where a password hid them.
    let hidden = totals.notes[&Effect::Changed].get("password").copied().unwrap_or_default();
    let public = facts.types[&("post".to_owned(), "publish".to_owned())];
    let come = totals.notes[&Effect::Changed].get("status future").copied().unwrap_or_default();
    assert_eq!(published(&posts), public + come - hidden);

    let mut transaction = site.store.read().await.unwrap();
    assert_eq!(transaction.media_count().await.unwrap(), facts.of("attachment"));
    let media = transaction.media_list(&PageRequest::first(5)).await.unwrap();
    assert!(media.items.iter().all(|media| media.status == MediaStatus::Pending));
    assert!(media.items.iter().all(|media| media.storage_key.starts_with("http")));
    assert!(transaction.search_count("template", None).await.unwrap() > 0);
    assert!(posts.iter().all(|post| post.credits.as_ref().is_some_and(|credits| credits.byline.is_some())));
    assert!(pages.iter().any(|page| page.data.contains_key("parent")), "hierarchy is kept");
    assert!(posts.iter().any(|post| post.data.contains_key("featured_image")));
}

#[tokio::test]
async fn a_second_run_changes_nothing() {
    let site = Site::new().await;
    let export = real_export();
    let first = import(&site, &export).await;
    let (posts, pages) = (items(&site, "posts").await, items(&site, "pages").await);
    let second = import(&site, &export).await;
    assert_eq!(items(&site, "posts").await, posts);
    assert_eq!(items(&site, "pages").await, pages);
    assert_eq!((second.totals.all(Outcome::Imported), second.totals.all(Outcome::Exists)), (0, 0));
    assert_eq!(second.totals.all(Outcome::Unchanged), first.totals.all(Outcome::Imported));
    assert_eq!(second.items.len(), first.items.len());
}

#[tokio::test]
async fn watchers_hear_of_every_item() {
    #[derive(Default)]
    struct Watch(u64, u64);
    impl ImportProgress for Watch {
        fn begin(&mut self, total: u64) {
            self.0 = total;
        }
        fn item(&mut self, _item: &ItemReport) {
            self.1 += 1;
        }
    }
    let site = Site::new().await;
    let mut watch = Watch::default();
    let export = real_export();
    site.content.import_wordpress(&admin(), &mut Cursor::new(&export), &mut watch).await.unwrap();
    assert!(watch.0 > 180 && watch.0 == watch.1, "{} of {}", watch.1, watch.0);
}

/// A store whose writes fail from some point on, as if the power had gone.
struct Failing {
    inner: Arc<dyn SiteStore>,
    writes_left: AtomicI64,
}

#[async_trait]
impl SiteStore for Failing {
    async fn read(&self) -> Result<Box<dyn SiteTransaction>> {
        self.inner.read().await
    }

    async fn write(&self) -> Result<Box<dyn SiteTransaction>> {
        if self.writes_left.fetch_sub(1, Ordering::SeqCst) <= 0 {
            return Err(Error::internal("the power went"));
        }
        self.inner.write().await
    }

    async fn ping(&self) -> Result<()> {
        self.inner.ping().await
    }
}

#[tokio::test]
async fn a_run_cut_off_anywhere_is_completed_by_the_next() {
    let export = real_export();
    let whole = Site::new().await;
    import(&whole, &export).await;
    let shape = |items: Vec<ContentItem>| {
        let mut shape: Vec<_> = items.into_iter().map(|item| (item.id, item.slug, item.data)).collect();
        shape.sort_by(|one, other| one.0.cmp(&other.0));
        shape
    };
    let expected = (shape(items(&whole, "posts").await), shape(items(&whole, "pages").await));
    for writes in [1, 3, 6, 7] {
        let site = Site::new().await;
        let failing = Failing { inner: Arc::clone(&site.store), writes_left: AtomicI64::new(writes) };
        let cut = ContentService::new(Arc::new(failing), Arc::new(NoHooks), site.ambient.clone());
        let error = cut.import_wordpress(&admin(), &mut Cursor::new(&export), &mut ()).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::Internal);
        import(&site, &export).await;
        let found = (shape(items(&site, "posts").await), shape(items(&site, "pages").await));
        assert!(found == expected, "cut after {writes} writes");
    }
}

#[tokio::test]
async fn a_broken_file_stores_nothing_and_needs_the_right() {
    let site = Site::new().await;
    let export = real_export();
    let half = &export[..export.len() / 2];
    let error = site.content.import_wordpress(&admin(), &mut Cursor::new(half), &mut ()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidImport);
    let editor = caller(Role::Editor);
    let error = site.content.import_wordpress(&editor, &mut Cursor::new(&export), &mut ()).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    assert!(items(&site, "posts").await.is_empty());
    assert!(site.store.read().await.unwrap().byline_list().await.unwrap().is_empty());
}

/// An export with these items; each is its id, type, status and further elements.
fn export(items: &[(u64, &str, &str, &str)]) -> Vec<u8> {
    let items: String = items
        .iter()
        .map(|(id, post_type, status, more)| {
            let title =
                if more.contains("<title>") { String::new() } else { format!("<title>Item {id}</title>") };
            format!(
                "<item>{title}<link>https://wp.example/{id}/</link><dc:creator>jane</dc:creator>\
                 <wp:post_id>{id}</wp:post_id><wp:post_date_gmt>2020-01-02 03:04:05</wp:post_date_gmt>\
                 <wp:status>{status}</wp:status><wp:post_type>{post_type}</wp:post_type>{more}</item>"
            )
        })
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
        xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
        xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
        <title>Old</title><link>https://wp.example</link><wp:wxr_version>1.2</wp:wxr_version>
        <wp:base_site_url>https://wp.example</wp:base_site_url><wp:base_blog_url>https://wp.example</wp:base_blog_url>
        <wp:author><wp:author_id>1</wp:author_id><wp:author_login>jane</wp:author_login>
        <wp:author_email>j@wp.example</wp:author_email><wp:author_display_name>Jane</wp:author_display_name></wp:author>
        <wp:category><wp:category_nicename>child</wp:category_nicename><wp:category_parent>top</wp:category_parent>
        <wp:cat_name>Child</wp:cat_name><wp:category_description>About</wp:category_description></wp:category>
        <wp:category><wp:category_nicename>top</wp:category_nicename><wp:category_parent></wp:category_parent>
        <wp:cat_name>Top</wp:cat_name></wp:category>{items}</channel></rss>"#
    )
    .into_bytes()
}

fn meta(key: &str, value: &str) -> String {
    format!(
        "<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:postmeta>"
    )
}

fn report_of<'a>(report: &'a ImportReport, id: &str) -> &'a ItemReport {
    report.items.iter().find(|item| item.external_id == id).unwrap()
}

fn notes(report: &ItemReport) -> Vec<&str> {
    report.notes.iter().map(|note| note.what.as_str()).collect()
}

async fn imported(site: &Site, report: &ImportReport, id: &str) -> ContentItem {
    let collection = if report_of(report, id).kind == "page" { "pages" } else { "posts" };
    let id = report_of(report, id).id.clone().unwrap();
    site.content.get(&admin(), Target::new(collection, &id)).await.unwrap().item
}

#[tokio::test]
async fn each_status_becomes_what_the_mapping_says() {
    let site = Site::new().await;
    let later = "<wp:post_date_gmt>2030-01-02 03:04:05</wp:post_date_gmt>";
    let source = export(&[
        (1, "post", "publish", ""),
        (2, "post", "private", ""),
        (3, "post", "pending", ""),
        (4, "post", "draft", ""),
        (5, "post", "future", later),
        (6, "post", "future", ""),
        (7, "post", "publish", "<wp:post_password>secret</wp:post_password>"),
        (8, "post", "trash", ""),
        (9, "product", "publish", ""),
        (10, "nav_menu_item", "publish", ""),
    ]);
    let report = import(&site, &source).await;
    let expected: [(&str, EntryStatus, Option<&str>); 7] = [
        ("1", Published, None),
        ("2", Draft, Some("status private")),
        ("3", Draft, Some("status pending")),
        ("4", Draft, None),
        ("5", Scheduled, None),
        ("6", Published, Some("status future")),
        ("7", Draft, Some("password")),
    ];
    for (id, status, note) in expected {
        let item = imported(&site, &report, id).await;
        assert_eq!(item.status, status, "{id}");
        let changed: Vec<_> = report_of(&report, id)
            .notes
            .iter()
            .filter(|note| note.effect == Effect::Changed)
            .map(|note| note.what.as_str())
            .collect();
        assert_eq!(changed, note.into_iter().collect::<Vec<_>>(), "{id}");
        assert_eq!(item.published_at.is_some(), status == Published, "{id}");
    }
    assert_eq!(
        imported(&site, &report, "1").await.published_at.unwrap().to_string(),
        "2020-01-02T03:04:05.000Z"
    );
    for (id, what) in
        [("8", "post in status trash"), ("9", "post type product"), ("10", "post type nav_menu_item")]
    {
        let item = report_of(&report, id);
        assert_eq!((item.outcome, notes(item)), (Outcome::Skipped, vec![what]));
    }
}

#[tokio::test]
async fn what_has_no_place_here_is_named() {
    let site = Site::new().await;
    let more = [
        "<wp:is_sticky>1</wp:is_sticky><wp:comment_status>open</wp:comment_status>",
        r#"<category domain="post_format" nicename="post-format-aside">Aside</category>"#,
        r#"<category domain="genre" nicename="jazz">Jazz</category>"#,
        &meta("rating", "5"),
        "<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment>",
        "<wp:comment><wp:comment_id>2</wp:comment_id></wp:comment>",
    ];
    let report = import(&site, &export(&[(1, "post", "publish", &more.concat())])).await;
    let dropped = &report.totals.notes[&Effect::Dropped];
    for (what, count) in [
        ("sticky", 1),
        ("comment status", 1),
        ("post format", 1),
        ("term of genre", 1),
        ("taxonomy genre", 1),
        ("meta rating", 1),
        ("comment", 2),
        ("author e-mail", 1),
    ] {
        assert_eq!(dropped.get(what), Some(&count), "{what} in {dropped:?}");
    }
}

#[tokio::test]
async fn terms_seo_images_and_parents_arrive() {
    let site = Site::new().await;
    let attachment = format!(
        "<wp:attachment_url>https://wp.example/up/a.jpg</wp:attachment_url>{}{}",
        meta("_wp_attachment_image_alt", "A cat"),
        meta("_wp_attachment_metadata", r#"a:2:{s:5:"width";i:640;s:6:"height";i:480;}"#)
    );
    let post = [
        r#"<category domain="category" nicename="child">Child</category>"#,
        r#"<category domain="post_tag" nicename="new-tag">New tag</category>"#,
        &meta("_thumbnail_id", "3"),
        &meta("_yoast_wpseo_title", "For search"),
        r#"<content:encoded><![CDATA[<p>See <a href="https://wp.example/2/#part">the page</a>.</p>]]></content:encoded>"#,
    ];
    // The page's parent comes after it, the attachment after the post that shows it.
    let source = export(&[
        (1, "post", "publish", &post.concat()),
        (2, "page", "publish", "<wp:post_parent>4</wp:post_parent><wp:post_name>item-2</wp:post_name>"),
        (3, "attachment", "inherit", &attachment),
        (4, "page", "publish", "<wp:menu_order>7</wp:menu_order>"),
    ]);
    let report = import(&site, &source).await;
    let item = imported(&site, &report, "1").await;
    let image = &item.data["featured_image"];
    assert_eq!(
        (image["src"].as_str(), image["alt"].as_str()),
        (Some("https://wp.example/up/a.jpg"), Some("A cat"))
    );
    assert_eq!((image["width"].as_i64(), image["height"].as_i64()), (Some(640), Some(480)));
    assert_eq!(image["id"].as_str(), report_of(&report, "3").id.as_deref());
    assert_eq!(item.seo.as_ref().and_then(|seo| seo.title.as_deref()), Some("For search"));
    assert!(
        item.data["content"].to_string().contains(r#""href":"/item-2#part""#),
        "{}",
        item.data["content"]
    );
    let target = Target::new("posts", item.id.as_str());
    let child = site.content.terms(&admin(), target, "category").await.unwrap().terms.remove(0);
    let mut transaction = site.store.read().await.unwrap();
    let parent = transaction.term_lookup(&child.parent_id.unwrap()).await.unwrap().unwrap();
    assert_eq!((child.label.as_str(), parent.label.as_str()), ("Child", "Top"));
    assert_eq!(site.content.terms(&admin(), target, "tag").await.unwrap().terms[0].label, "New tag");
    let page = imported(&site, &report, "2").await;
    assert_eq!(page.data["parent"].as_str(), report_of(&report, "4").id.as_deref());
    assert_eq!(imported(&site, &report, "4").await.data["menu_order"], 7);
    let byline = item.credits.unwrap().byline.unwrap();
    assert_eq!((byline.slug.as_str(), byline.display_name.as_str(), byline.is_guest), ("jane", "Jane", true));
}

#[tokio::test]
async fn slugs_that_clash_and_titles_that_lack_are_resolved_and_reported() {
    let site = Site::new().await;
    site.draft("posts", "Same").await;
    let same = "<wp:post_name>same</wp:post_name>";
    let nameless = "<title></title><content:encoded>One two three</content:encoded>";
    let report = import(
        &site,
        &export(&[
            (1, "post", "publish", same),
            (2, "post", "publish", same),
            (3, "post", "publish", nameless),
        ]),
    )
    .await;
    for (id, slug) in [("1", "same-1"), ("2", "same-2")] {
        assert_eq!(imported(&site, &report, id).await.slug.as_deref(), Some(slug));
        assert!(notes(report_of(&report, id)).contains(&"slug"));
    }
    let item = imported(&site, &report, "3").await;
    assert_eq!(item.data["title"], "One two three");
    assert!(notes(report_of(&report, "3")).contains(&"empty title"));
}

#[tokio::test]
async fn a_change_at_the_source_and_a_removal_here_are_reported_and_respected() {
    let site = Site::new().await;
    let source = |title: &str| {
        let title = format!("<title>{title}</title>");
        export(&[(1, "post", "publish", &title), (2, "post", "publish", "")])
    };
    let first = import(&site, &source("Before")).await;
    let removed = report_of(&first, "2").id.clone().unwrap();
    let target = Target::new("posts", &removed);
    site.content.delete(&admin(), target).await.unwrap();
    let second = import(&site, &source("After")).await;
    assert_eq!(report_of(&second, "1").outcome, Outcome::Exists);
    assert_eq!(report_of(&second, "2").outcome, Outcome::Unchanged, "the trash is not gone");
    assert_eq!(imported(&site, &second, "1").await.data["title"], "Before");
    site.content.delete_permanent(&admin(), target).await.unwrap();
    assert_eq!(report_of(&import(&site, &source("After")).await, "2").outcome, Outcome::Skipped);
    assert_eq!(items(&site, "posts").await.len(), 1);
}

#[tokio::test]
async fn one_item_that_does_not_fit_holds_up_no_other() {
    let site = Site::new().await;
    let number = "<wp:menu_order>99999999999</wp:menu_order>";
    let report = import(
        &site,
        &export(&[(1, "page", "publish", ""), (1, "page", "publish", ""), (2, "page", "publish", number)]),
    )
    .await;
    let outcomes: Vec<_> =
        report.items.iter().filter(|item| item.kind == "page").map(|item| item.outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Skipped).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Imported).count(), 2);
}

#[tokio::test]
async fn imported_rows_have_no_revision_until_they_are_published_again() {
    let site = Site::new().await;
    let report = import(&site, &export(&[(1, "post", "publish", "")])).await;
    let item = imported(&site, &report, "1").await;
    assert_eq!((item.live_revision_id, item.author_id), (None, None));
    let target = Target::new("posts", item.id.as_str());
    let again = site.content.publish(&Caller::System, target, None).await.unwrap();
    assert!(again.live_revision_id.is_some());
    assert_eq!(again.published_at, item.published_at);
    let posts = site.content.collection("posts").await.unwrap();
    let all = EntryFilter::default();
    assert_eq!(site.store.read().await.unwrap().entry_count(&posts, &all).await.unwrap(), 1);
}
