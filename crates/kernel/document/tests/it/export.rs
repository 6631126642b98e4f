use std::fs::File;
use std::io::BufReader;

use emdash_document::wxr::{Item, Wxr};
use emdash_types::ErrorCode;
use proptest::prelude::*;

/// The real export.
pub(crate) fn real() -> Wxr<BufReader<File>> {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../fixtures/import/themeunittestdata.wordpress.xml");
    Wxr::open(BufReader::new(File::open(path).unwrap())).unwrap()
}

fn export(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<rss><channel><title>T &amp; &#x55;</title><wp:wxr_version>1.2</wp:wxr_version>{inside}</channel></rss>"
    )
}

fn items(text: &str) -> emdash_types::Result<Vec<Item>> {
    Wxr::open(text.as_bytes())?.collect()
}

fn refusal(text: &str) -> String {
    let error = items(text).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidImport);
    error.message().to_owned()
}

#[test]
fn the_real_export_is_read_whole() {
    let mut wxr = real();
    insta::assert_debug_snapshot!(wxr.site(), @r#"
    Site {
        title: "Theme Unit Test Data",
        url: "https://wpthemetestdata.wordpress.com",
        description: "Just another WordPress website with a purposefully really long description",
        language: "en",
        wxr_version: "1.2",
        base_site_url: "https://wordpress.com/",
        base_blog_url: "https://wpthemetestdata.wordpress.com",
    }
    "#);
    assert_eq!(wxr.authors().len(), 2);
    assert_eq!(wxr.authors()[1].display_name, "Theme Reviewer");
    let count = |taxonomy: &str| wxr.terms().iter().filter(|term| term.taxonomy == taxonomy).count();
    assert_eq!((count("category"), count("post_tag"), wxr.terms().len()), (67, 110, 183));
    let child = wxr.terms().iter().find(|term| term.slug == "child-category-01").unwrap();
    assert_eq!(child.parent.as_deref(), Some("parent-category"));

    let items: Vec<Item> = wxr.by_ref().collect::<Result<_, _>>().unwrap();
    let of_type = |kind: &str| items.iter().filter(|item| item.post_type == kind).count();
    assert_eq!(items.len(), 180);
    assert_eq!(
        (of_type("post"), of_type("page"), of_type("attachment"), of_type("nav_menu_item")),
        (51, 21, 38, 70)
    );
    assert_eq!(items.iter().map(|item| item.comments).sum::<u32>(), 32);
    assert_eq!(items.iter().map(|item| item.meta.len()).sum::<usize>(), 723);
    assert_eq!(items.iter().map(|item| item.terms.len()).sum::<usize>(), 429);
    assert!(items.iter().all(|item| item.id.is_some() && item.unknown.is_empty()));
    assert!(
        items.iter().filter(|item| item.post_type == "attachment").all(|item| item.attachment_url.is_some())
    );
    assert_eq!(items.iter().filter(|item| item.is_sticky).count(), 1);
    assert!(items.iter().filter(|item| item.status == "publish").all(|item| item.published().is_some()));
    assert!(wxr.next_item().unwrap().is_none());
}

#[test]
fn every_field_of_an_item_is_read() {
    let text = export(
        "<item><title><![CDATA[A & <b>]]></title><link>https://w.example/a</link><pubDate>d</pubDate>\
         <dc:creator>jane</dc:creator><guid isPermaLink=\"false\">g</guid><description/>\
         <content:encoded>\n <![CDATA[one]]]]><![CDATA[> two]]></content:encoded><excerpt:encoded><![CDATA[e]]></excerpt:encoded>\
         <wp:post_id>7</wp:post_id><wp:post_parent>3</wp:post_parent><wp:menu_order>-1</wp:menu_order>\
         <wp:post_type>event</wp:post_type><wp:status> publish </wp:status><wp:is_sticky>1</wp:is_sticky>\
         <category domain=\"post_tag\" nicename=\"a&amp;b\"><![CDATA[A]]></category>\
         <wp:postmeta><wp:meta_key>k</wp:meta_key><wp:meta_value><![CDATA[ v ]]></wp:meta_value></wp:postmeta>\
         <wp:comment><wp:comment_id>1</wp:comment_id></wp:comment><plugin:extra>x<y/></plugin:extra></item>",
    );
    insta::assert_debug_snapshot!(items(&text).unwrap().remove(0), @r#"
    Item {
        id: Some(
            7,
        ),
        title: "A & <b>",
        link: "https://w.example/a",
        pub_date: "d",
        creator: "jane",
        guid: "g",
        description: "",
        content: "\n one]]> two",
        excerpt: "e",
        date: "",
        date_gmt: "",
        modified: "",
        modified_gmt: "",
        comment_status: "",
        ping_status: "",
        name: "",
        status: "publish",
        parent: Some(
            3,
        ),
        menu_order: -1,
        post_type: "event",
        password: "",
        is_sticky: true,
        attachment_url: None,
        terms: [
            ItemTerm {
                domain: "post_tag",
                slug: "a&b",
                name: "A",
            },
        ],
        meta: [
            MetaEntry {
                key: "k",
                value: " v ",
            },
        ],
        comments: 1,
        unknown: [
            "plugin:extra",
        ],
    }
    "#);
}

#[test]
fn broken_files_are_refused_with_their_place() {
    insta::assert_snapshot!(refusal(&export("<item>\n<title>x</item>")), @"line 3, column 16, item 1: the XML is broken: ill-formed document: expected `</title>`, but `</item>` was found");
    insta::assert_snapshot!(refusal(&export("<item>\n<title><![CDATA[x</title></item>")), @"line 3, column 49, item 1: the XML is broken: syntax error: CDATA not closed: `]]>` not found before end of input");
    insta::assert_snapshot!(refusal("<rss><channel><wp:wxr_version>1.2</wp:wxr_version><item></item>"), @"line 1, column 64, item 1: the file ends before </channel>; it is not complete");
    let whole = export("<item><title>x</title></item>");
    insta::assert_snapshot!(refusal(&whole[..whole.len() - 40]), @"line 2, column 85: the XML is broken: syntax error: tag not closed: `>` not found before end of input");
}

#[test]
fn other_files_are_refused_by_what_they_are() {
    assert_eq!(refusal(""), "The file is empty.");
    assert!(refusal("PK\u{3}\u{4}rest").contains("ZIP"));
    assert!(refusal("{\"a\":1}").contains("not XML"));
    assert!(refusal("<!doctype html><html></html>").contains("document type"));
    assert!(refusal("<html><body></body></html>").contains("expected <rss>, found <html>"));
    assert!(refusal("<rss><channel><title>feed</title></channel></rss>").contains("not a WordPress export"));
    let utf16 = items_of_bytes(&[0xff, 0xfe, b'<', 0]);
    assert!(utf16.contains("UTF-16"), "{utf16}");
    let latin = items_of_bytes(b"<?xml version=\"1.0\"?><rss><channel><title>\xe9</title></channel></rss>");
    assert!(latin.starts_with("line 1"), "{latin}");
}

fn items_of_bytes(bytes: &[u8]) -> String {
    let error = Wxr::open(bytes).map(|wxr| wxr.count()).unwrap_err();
    error.message().to_owned()
}

#[test]
fn entities_do_not_expand() {
    let bomb = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><rss><channel><title>&b;</title></channel></rss>";
    assert!(refusal(bomb).contains("document type"));
    let items = items(&export("<item><title>a&nbsp;b &lt; &#0; &#x1F600;</title></item>")).unwrap();
    assert_eq!(items[0].title, "a&nbsp;b < &#0; 😀");
}

/// An endless item.
struct Endless {
    start: Vec<u8>,
    position: usize,
    filler: Vec<u8>,
}

impl std::io::Read for Endless {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        unreachable!("it is only read through its buffer")
    }
}

impl std::io::BufRead for Endless {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        Ok(self.start.get(self.position..).filter(|rest| !rest.is_empty()).unwrap_or(&self.filler))
    }

    fn consume(&mut self, count: usize) {
        self.position = self.position.saturating_add(count);
    }
}

#[test]
fn an_item_without_end_is_refused_at_the_limit() {
    let start =
        export("<item><content:encoded><![CDATA[").split("</channel>").next().unwrap().as_bytes().to_vec();
    let mut wxr = Wxr::open(Endless { start, position: 0, filler: vec![b'x'; 1 << 16] }).unwrap();
    let error = wxr.next_item().unwrap_err();
    assert!(error.message().ends_with("one item is larger than the limit of 64 MB"), "{error}");
    assert!(wxr.next_item().unwrap().is_none());
}

proptest! {
    #[test]
    fn any_input_is_read_or_refused(inside in "(<(item|wp:tag|/item|title|/title|!\\[CDATA\\[|\\]\\]>|&[a-z]{0,3};?|!--|a b=)>?|[a-z<>&;\\]\\[ ]{0,6}){0,12}") {
        let text = export(&inside);
        if let Err(error) = items(&text) {
            prop_assert_eq!(error.code(), ErrorCode::InvalidImport);
            prop_assert!(error.message().starts_with("line "), "{}", error);
        }
    }
}
