use emdash_document::PortableText;
use emdash_document::render::{self, MediaSource, RenderOptions};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{document, shown};

fn html(value: Value) -> String {
    render::html(&document(value), &RenderOptions::default())
}

fn text(style: &str, words: &str) -> Value {
    json!({"_type": "block", "style": style, "children": [{"_type": "span", "text": words, "marks": []}]})
}

fn item(kind: &str, level: u8, words: &str) -> Value {
    json!({"_type": "block", "style": "normal", "listItem": kind, "level": level,
           "children": [{"_type": "span", "text": words, "marks": []}]})
}

#[test]
fn marks_nest_and_one_link_over_several_spans_stays_one() {
    let out = html(json!([{"_type": "block", "style": "normal", "textAlign": "center",
    "markDefs": [{"_type": "link", "_key": "l1", "href": "https://x.example/?a&b", "blank": true}],
    "children": [
        {"_type": "span", "text": "plain ", "marks": []},
        {"_type": "span", "text": "one ", "marks": ["l1"]},
        {"_type": "span", "text": "two\nlines", "marks": ["strong", "em", "l1", "unknown"]},
    ]}]));
    insta::assert_snapshot!(out, @r#"<p class="has-text-align-center">plain <a href="https://x.example/?a&amp;b" target="_blank" rel="noopener noreferrer">one <em><strong>two<br>lines</strong></em></a></p>"#);
}

#[test]
fn headings_keep_their_outline_below_the_page_title_and_have_unique_anchors() {
    let content = json!([text("h1", "A b"), text("h2", "A b"), text("h6", "Deep")]);
    insta::assert_snapshot!(html(content.clone()), @r#"
    <h2 id="h-a-b">A b</h2>
    <h3 id="h-a-b-2">A b</h3>
    <h6 id="h-deep">Deep</h6>
    "#);
    let same = RenderOptions { top_heading: 1, anchor_prefix: "", ..RenderOptions::default() };
    assert!(render::html(&document(content), &same).starts_with("<h1 id=\"a-b\">"));
    assert!(html(json!([text("h3", "x")])).starts_with("<h3"));
}

#[test]
fn lists_nest_by_level_and_end_where_their_kind_changes() {
    let mut start = item("number", 1, "c");
    start["listStart"] = json!(3);
    let out = html(json!([
        item("bullet", 1, "a"),
        item("bullet", 2, "a1"),
        item("number", 3, "x"),
        item("bullet", 1, "b"),
        start,
        text("normal", "end"),
    ]));
    insta::assert_snapshot!(out, @r#"
    <ul>
    <li>a<ul>
    <li>a1<ol>
    <li>x</li>
    </ol>
    </li>
    </ul>
    </li>
    <li>b</li>
    </ul>
    <ol start="3">
    <li>c</li>
    </ol>
    <p>end</p>
    "#);
}

#[test]
fn paragraphs_of_one_quote_stay_together() {
    insta::assert_snapshot!(html(json!([text("blockquote", "a"), text("blockquote", "b"), text("normal", "c")])), @"
    <blockquote><p>a</p>
    <p>b</p>
    </blockquote>
    <p>c</p>
    ");
}

#[test]
fn images_have_sizes_from_the_library_and_an_alternative_text() {
    let content = document(json!([
        {"_type": "image", "asset": {"_ref": "01M", "url": "/old.png"}, "caption": "C", "alignment": "wide", "link": "/big"},
        {"_type": "image", "asset": {"_ref": "https://w.example/a.png"}, "alt": "A", "width": 8, "displayWidth": "4"},
        {"_type": "image", "asset": {"_ref": "01UNKNOWN"}, "alt": "gone"},
        {"_type": "gallery", "columns": 2, "images": [{"asset": {"url": "/g.png"}}]},
    ]));
    let library = |id: &str| {
        (id == "01M").then(|| MediaSource {
            url: "/m.png".into(),
            alt: None,
            width: Some(80),
            height: Some(60),
        })
    };
    let options = RenderOptions { media: Some(&library), ..RenderOptions::default() };
    insta::assert_snapshot!(render::html(&content, &options), @r#"
    <figure class="image alignwide"><a href="/big" aria-label="C"><img src="/m.png" alt="" width="80" height="60" loading="lazy" decoding="async"></a><figcaption>C</figcaption></figure>
    <figure class="image"><img src="https://w.example/a.png" alt="A" width="4" loading="lazy" decoding="async"></figure>
    <div class="gallery columns-2">
    <figure class="image"><img src="/g.png" alt="" loading="lazy" decoding="async"></figure>
    </div>
    "#);
}

#[test]
fn tables_scroll_by_keyboard_and_name_their_columns() {
    let cell = |words: &str| json!({"_type": "tableCell", "content": [{"_type": "span", "text": words}]});
    let out = html(json!([{"_type": "table", "hasHeaderRow": true, "rows": [
        {"_type": "tableRow", "cells": [cell(""), cell("H")]},
        {"_type": "tableRow", "cells": ["old form", {"_type": "tableCell", "isHeader": true, "colspan": 2,
            "content": [{"_type": "span", "text": "R", "marks": ["strong"]}]}]},
    ]}]));
    insta::assert_snapshot!(out, @r#"
    <div class="table-scroll" tabindex="0" role="region" aria-label="Table 1"><table><thead><tr><td></td><th scope="col">H</th></tr>
    </thead><tbody><tr><td>old form</td><th scope="row" colspan="2"><strong>R</strong></th></tr>
    </tbody></table></div>
    "#);
}

#[test]
fn every_other_block_has_its_form() {
    let out = html(json!([
        {"_type": "code", "language": "Rust\" x", "filename": "a.rs", "code": "fn <T>"},
        {"_type": "break", "style": "lineBreak"},
        {"_type": "break", "style": "lineBreak", "marker": "more"},
        {"_type": "columns", "columns": [{"content": [text("normal", "l")]}, {"content": []}]},
        {"_type": "buttons", "buttons": [{"text": "Go", "url": "/x", "style": "outline"}, {"text": "No", "url": "javascript:x"}]},
        {"_type": "cover", "backgroundImage": "/c.png", "overlayOpacity": 0.24, "content": [text("h2", "On it")]},
        {"_type": "file", "url": "/f.pdf", "filename": "F", "showDownloadButton": true},
        {"_type": "pullquote", "text": "Q", "citation": "C"},
        {"_type": "embed", "url": "https://youtu.be/abc", "caption": "Film"},
        {"_type": "embed", "url": "https://twitter.com/a/status/1", "provider": "twitter"},
        {"_type": "embed", "url": "https://a.example/b.mp3", "provider": "audio"},
        {"_type": "youtube", "id": "plugin block"},
    ]));
    insta::assert_snapshot!(out, @r#"
    <figure class="code"><figcaption>a.rs</figcaption><pre tabindex="0"><code class="language-rustx">fn &lt;T&gt;</code></pre></figure>
    <hr>
    <div class="columns columns-2">
    <div class="column">
    <p>l</p>
    </div>
    <div class="column">
    </div>
    </div>
    <p class="buttons"><a class="button button-outline" href="/x">Go</a> <span class="button">No</span></p>
    <div class="cover cover-dim-20"><img class="cover-background" alt="" loading="lazy" decoding="async" src="/c.png"><div class="cover-content">
    <h2 id="h-on-it">On it</h2>
    </div></div>
    <p class="file"><a href="/f.pdf">F</a> <a class="button" download href="/f.pdf" aria-label="Download F">Download</a></p>
    <figure class="pullquote"><blockquote><p>Q</p></blockquote><figcaption>C</figcaption></figure>
    <figure class="embed embed-youtube"><iframe src="https://www.youtube-nocookie.com/embed/abc" title="Film" sandbox="allow-scripts allow-same-origin allow-popups allow-presentation" loading="lazy" referrerpolicy="strict-origin-when-cross-origin" allowfullscreen></iframe><figcaption>Film</figcaption></figure>
    <figure class="embed embed-twitter"><a href="https://twitter.com/a/status/1">Twitter: twitter.com/a/status/1</a></figure>
    <figure class="embed embed-audio"><audio controls preload="metadata" src="https://a.example/b.mp3"></audio></figure>
    "#);
}

#[test]
fn raw_html_keeps_its_structure_and_trusted_frames_only() {
    let raw = "<!-- c --><h1 style='x'>T</h1><figure class='alignwide evil'><img src=/a.png onerror=x></figure>\
        <iframe src='https://www.youtube.com/embed/abc?rel=0'></iframe><iframe src='https://maps.example/m'>no</iframe>\
        <iframe src='javascript:alert(1)'></iframe><details><summary>S</summary>D</details>";
    insta::assert_snapshot!(html(json!([{"_type": "htmlBlock", "html": raw}])), @r#"<div class="html-block"><h2>T</h2><figure class="alignwide"><img src="/a.png" alt="" loading="lazy" decoding="async"></figure><iframe src="https://www.youtube-nocookie.com/embed/abc" title="Embedded content" sandbox="allow-scripts allow-same-origin allow-popups allow-presentation" loading="lazy" allowfullscreen=""></iframe><a href="https://maps.example/m" rel="noopener noreferrer">maps.example</a><details><summary>S</summary>D</details></div>"#);
}

#[test]
fn a_feed_has_absolute_addresses() {
    let base = url::Url::parse("https://s.example/posts/a").unwrap();
    let options = RenderOptions { base_url: Some(&base), ..RenderOptions::default() };
    let content = document(json!([
        {"_type": "image", "asset": {"url": "/i.png"}, "link": "#x"},
        {"_type": "htmlBlock", "html": "<a href='b'>b</a>"},
    ]));
    let out = render::html(&content, &options);
    assert!(out.contains("src=\"https://s.example/i.png\""), "{out}");
    assert!(out.contains("href=\"https://s.example/posts/a#x\""), "{out}");
    assert!(out.contains("href=\"https://s.example/posts/b\""), "{out}");
}

#[test]
fn excerpts_are_running_text_up_to_the_mark_of_the_author() {
    let content = document(json!([
        text("h2", "Title"), text("normal", "one two\nthree"), {"_type": "code", "code": "x"}, text("normal", "four"),
        {"_type": "break", "marker": "more"}, text("normal", "five"),
    ]));
    assert_eq!(render::excerpt(&content, 3), "one two three…");
    assert_eq!(render::excerpt(&content, 30), "one two three four");
    assert_eq!(render::excerpt(&PortableText::default(), 30), "");
}

#[test]
fn reading_time_counts_words_and_characters() {
    let minutes = |words: &str| render::reading_time(&document(json!([text("normal", words)])));
    assert_eq!(minutes("- — -"), 0);
    assert_eq!(minutes("word"), 1);
    assert_eq!(minutes(&"word ".repeat(401)), 3);
    assert_eq!(minutes(&"漢".repeat(1001)), 3);
}

#[test]
fn search_text_has_the_words_of_every_block() {
    let content = document(json!([
        {"_type": "image", "asset": {"url": "/i"}, "alt": "alt", "caption": "caption"},
        {"_type": "table", "rows": [{"cells": [{"content": [{"_type": "span", "text": "cell"}]}, "old"]}]},
        {"_type": "htmlBlock", "html": "<p>raw</p><script>no</script><p>html</p>"},
        {"_type": "columns", "columns": [{"content": [text("normal", "column")]}]},
        {"_type": "buttons", "buttons": [{"text": "button"}]},
        {"_type": "pullquote", "text": "quote", "citation": "who"},
    ]));
    assert_eq!(render::plain_text(&content), "alt\ncaption\ncell old\nraw html\ncolumn\nbutton\nquote\nwho");
}

fn span() -> impl Strategy<Value = Value> {
    let mark = prop_oneof![Just("strong"), Just("em"), Just("code"), Just("l0"), Just("l1"), Just("x")];
    ("\\PC{0,20}", prop::collection::vec(mark, 0..3))
        .prop_map(|(text, marks)| json!({"_type": "span", "text": text, "marks": marks}))
}

fn any_block() -> impl Strategy<Value = Value> {
    let styles = prop_oneof![Just("normal"), Just("h1"), Just("h4"), Just("blockquote"), Just("odd")];
    let lists = prop_oneof![Just(Value::Null), Just(json!("bullet")), Just(json!("number"))];
    (prop::collection::vec(span(), 0..5), styles, lists, 0_u8..6, "\\PC{0,30}").prop_map(
        |(children, style, list, level, href)| {
            json!({"_type": "block", "style": style, "listItem": list, "level": level, "children": children,
                   "markDefs": [{"_type": "link", "_key": "l0", "href": href}, {"_type": "link", "_key": "l1", "href": "/x"}]})
        },
    )
}

/// Any JSON under the keys and types renderers look for.
fn hostile_block() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(vec![
        "block",
        "image",
        "gallery",
        "code",
        "break",
        "htmlBlock",
        "embed",
        "table",
        "columns",
        "button",
        "buttons",
        "cover",
        "file",
        "pullquote",
        "other",
    ]);
    let keys = prop::sample::select(vec![
        "asset",
        "url",
        "_ref",
        "alt",
        "caption",
        "images",
        "columns",
        "rows",
        "cells",
        "content",
        "children",
        "text",
        "html",
        "code",
        "language",
        "buttons",
        "backgroundImage",
        "minHeight",
        "overlayOpacity",
        "marks",
        "markDefs",
        "href",
        "listItem",
        "level",
        "style",
        "width",
    ]);
    let leaf = prop_oneof![
        "\\PC{0,16}".prop_map(Value::from),
        "(<[a-z]{1,6}( [a-z]{1,4}=[\"']?[a-z:]{0,8}[\"']?)?>[a-z]{0,3}){0,4}".prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!(true)),
    ];
    let value = leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..4).prop_map(|entries| Value::Object(
                entries.into_iter().map(|(key, value)| (key.into(), value)).collect()
            )),
        ]
    });
    let field = prop::sample::select(vec![
        "asset", "url", "images", "columns", "rows", "content", "children", "text", "html", "code",
        "buttons", "caption",
    ]);
    (kinds, prop::collection::vec((field, value), 0..5)).prop_map(|(kind, entries)| {
        let mut map: serde_json::Map<String, Value> =
            entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        map.insert("_type".into(), kind.into());
        Value::Object(map)
    })
}

/// Text without white space: where blocks begin and end is not the point.
fn letters(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && !character.is_control()).collect()
}

proptest! {
    #[test]
    fn a_browser_reads_exactly_the_words_of_the_spans(blocks in prop::collection::vec(any_block(), 0..8)) {
        let words: String = blocks.iter().flat_map(|block| block["children"].as_array().unwrap())
            .map(|span| span["text"].as_str().unwrap()).collect();
        let content = document(Value::Array(blocks));
        let out = render::html(&content, &RenderOptions::default());
        prop_assert_eq!(letters(&shown(&out)), letters(&words));
        prop_assert_eq!(letters(&render::plain_text(&content)), letters(&words));
        prop_assert!(!out.contains("<!--"));
    }

    #[test]
    fn any_document_renders_without_a_panic(blocks in prop::collection::vec(hostile_block(), 0..6)) {
        let content = document(Value::Array(blocks));
        let out = render::html(&content, &RenderOptions::default());
        crate::xss::assert_harmless(&out);
        let words = render::plain_text(&content).split_whitespace().count();
        prop_assert!(render::excerpt(&content, 10).split_whitespace().count() <= words.min(10));
        prop_assert!(usize::try_from(render::reading_time(&content)).unwrap() <= words.max(1));
    }
}
