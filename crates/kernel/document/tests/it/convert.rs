use std::collections::BTreeMap;

use emdash_document::PortableText;
use emdash_document::gutenberg::{self, Attachment, Attachments, Context, Conversion, NoteKind};
use emdash_document::render::{self, RenderOptions};
use emdash_document::wxr::Item;
use proptest::prelude::*;

use crate::export::real;

fn convert(content: &str) -> Conversion {
    gutenberg::convert(content, &Context::default())
}

/// A document as an outline: one line per block, enough to see what became of what.
fn outline(content: &str) -> String {
    let conversion = convert(content);
    let mut out =
        render::html(&conversion.document, &RenderOptions { top_heading: 1, ..RenderOptions::default() });
    for note in &conversion.report {
        out.push_str(&format!("! {:?} {} ({}) x{}\n", note.kind, note.what, note.detail, note.count));
    }
    out
}

fn blocks_json(content: &str) -> String {
    serde_json::to_string(&convert(content).document.into_value()).unwrap()
}

/// The posts and pages of the real export, with its media library and the pictures of each post.
struct Library {
    attachments: Attachments,
    posts: Vec<Item>,
    pictures: BTreeMap<u64, Vec<u64>>,
}

impl Library {
    fn convert(&self, post: &Item) -> Conversion {
        let pictures = post.id.and_then(|id| self.pictures.get(&id)).map(Vec::as_slice).unwrap_or_default();
        let context =
            Context { attachments: Some(&self.attachments), gallery: pictures, ..Context::default() };
        gutenberg::convert(&post.content, &context)
    }
}

fn library() -> Library {
    let mut attachments = Attachments::default();
    let mut posts = Vec::new();
    let mut pictures: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for item in real() {
        let item = item.unwrap();
        match (item.post_type.as_str(), item.id, item.attachment_url.clone()) {
            ("attachment", Some(id), Some(url)) => {
                let alt = item.meta("_wp_attachment_image_alt").unwrap_or_default().to_owned();
                pictures.entry(item.parent.unwrap_or_default()).or_default().push(id);
                attachments
                    .insert(id, Attachment { url, alt, caption: item.excerpt, ..Attachment::default() });
            }
            ("post" | "page", _, _) => posts.push(item),
            _ => {}
        }
    }
    Library { attachments, posts, pictures }
}

#[test]
fn a_paragraph_has_position_keys_marks_and_links() {
    insta::assert_snapshot!(blocks_json("<!-- wp:paragraph {\"align\":\"right\"} --><p class=\"has-text-align-right\">a <strong>b <a href=\"/x\" target=\"_blank\">c</a></strong><br>d</p><!-- /wp:paragraph -->"), @r#"[{"_type":"block","_key":"b0","style":"normal","textAlign":"right","markDefs":[{"_type":"link","_key":"l0","href":"/x","blank":true}],"children":[{"_type":"span","_key":"s0","text":"a ","marks":[]},{"_type":"span","_key":"s1","text":"b ","marks":["strong"]},{"_type":"span","_key":"s2","text":"c\n","marks":["strong","l0"]},{"_type":"span","_key":"s3","text":"d","marks":[]}]}]"#);
}

#[test]
fn classic_text_has_paragraphs_and_line_breaks() {
    insta::assert_snapshot!(outline("One\ntwo\n\nThree <em>four\nfive</em><br />\nsix\n<h2 id=\"s\">Head</h2>\nSeven\n\n<!--more-->\n\nEight<!--nextpage-->Nine"), @r#"
    <p>One<br>two</p>
    <p>Three <em>four<br>five<br></em>six</p>
    <h2 id="s">Head</h2>
    <p>Seven</p>
    <p>Eight</p>
    <hr>
    <p>Nine</p>
    ! Simplified <!--nextpage--> (the pages are joined, with a rule between them) x1
    "#);
}

#[test]
fn lists_keep_levels_numbers_and_what_interrupts_them() {
    insta::assert_snapshot!(blocks_json("<ol start=\"3\"><li>a<ul><li>b</li></ul></li><li><p>c</p><p>d</p></li></ol><ol><li>e</li></ol>"), @r#"[{"_type":"block","_key":"b0","style":"normal","listItem":"number","level":1,"listStart":3,"markDefs":[],"children":[{"_type":"span","_key":"s0","text":"a","marks":[]}]},{"_type":"block","_key":"b1","style":"normal","listItem":"bullet","level":2,"markDefs":[],"children":[{"_type":"span","_key":"s0","text":"b","marks":[]}]},{"_type":"block","_key":"b2","style":"normal","listItem":"number","level":1,"markDefs":[],"children":[{"_type":"span","_key":"s0","text":"c\nd","marks":[]}]},{"_type":"block","_key":"b3","style":"normal","listItem":"number","level":1,"listId":"list2","markDefs":[],"children":[{"_type":"span","_key":"s0","text":"e","marks":[]}]}]"#);
}

#[test]
fn shortcodes_become_blocks_or_stay_as_they_are() {
    insta::assert_snapshot!(outline(
        "[caption id=\"attachment_1\" align=\"aligncenter\" width=\"5\"]<a href=\"/p\"><img src=\"/a.png\" alt=\"A\" width=\"5\" height=\"6\"></a> Look at <b>this</b>[/caption]\n\n\
         [embed]https://vimeo.com/123[/embed]\n\n[audio https://a.example/b.mp3]\n\n[contact-form-7 id=\"1\"]\n\nText [tip x=\"1\"]in[/tip] a line [sic]\n\nhttps://www.youtube.com/watch?v=abc\n\n[gallery ids=\"1\"]"
    ), @r#"
    <figure class="image aligncenter"><a href="/p"><img src="/a.png" alt="A" width="5" height="6" loading="lazy" decoding="async"></a><figcaption>Look at this</figcaption></figure>
    <figure class="embed embed-vimeo"><iframe src="https://player.vimeo.com/video/123?dnt=1" title="Vimeo" sandbox="allow-scripts allow-same-origin allow-popups allow-presentation" loading="lazy" referrerpolicy="strict-origin-when-cross-origin" allowfullscreen></iframe></figure>
    <figure class="embed embed-audio"><audio controls preload="metadata" src="https://a.example/b.mp3"></audio></figure>
    <div class="html-block">[contact-form-7 id="1"]</div>
    <p>Text [tip x=&quot;1&quot;]in[/tip] a line [sic]</p>
    <figure class="embed embed-youtube"><iframe src="https://www.youtube-nocookie.com/embed/abc" title="YouTube" sandbox="allow-scripts allow-same-origin allow-popups allow-presentation" loading="lazy" referrerpolicy="strict-origin-when-cross-origin" allowfullscreen></iframe></figure>
    <div class="html-block">[gallery ids="1"]</div>
    ! Simplified [tip] (a shortcode inside a sentence stays as text) x1
    ! Simplified markup in a caption (<a href="/p"><img alt="A" height="6" src="/a.png" width="5"></a> Look at <b>this</b>) x1
    ! KeptAsHtml [contact-form-7] ([contact-form-7 id="1"]) x1
    ! KeptAsHtml [gallery] ([gallery ids="1"]) x1
    "#);
}

#[test]
fn what_has_no_place_is_kept_or_named() {
    insta::assert_snapshot!(outline(
        "<p style=\"color:red\" title=\"t\">a <abbr title=\"x\">b</abbr> <a href=\"javascript:alert(1)\">c</a></p>\
         <form action=\"/s\"><input name=q></form><script>x()</script><table><tr><td><ul><li>l</li></ul></td></tr></table>\
         <dl><dt>T</dt><dd>D</dd></dl><!-- hidden --><img src=\"data:image/png;base64,x\">\
         <!-- wp:acme/chart {\"data\":[1,2]} /--><!-- wp:acme/box {\"c\":1} --><div><!-- wp:paragraph --><p>in</p><!-- /wp:paragraph --></div><!-- /wp:acme/box -->"
    ), @r#"
    <p>a b c</p>
    <div class="html-block"><table><tbody><tr><td><ul><li>l</li></ul></td></tr></tbody></table></div>
    <p><strong>T</strong></p>
    <p>D</p>
    <p>in</p>
    ! Dropped attribute style of <p> (color:red) x1
    ! Dropped attribute title of <p> (t) x1
    ! Dropped attribute title of <abbr> (x) x1
    ! Simplified <abbr> (only its words are kept) x1
    ! Dropped link with an address that is not allowed (javascript:alert(1)) x1
    ! KeptAsHtml <form> (<form action="/s"><input name="q"></form>) x1
    ! KeptAsHtml <script> (<script>x()</script>) x1
    ! KeptAsHtml table whose cells hold more than text (<table><tbody><tr><td><ul><li>l</li></ul></td></tr></tbody></table>) x1
    ! Simplified <dl> (terms are bold paragraphs, definitions follow them) x1
    ! Dropped HTML comment (hidden) x1
    ! KeptAsHtml <img> without a usable address (<img src="data:image/png;base64,x">) x1
    ! KeptAsHtml acme/chart () x1
    ! Simplified acme/box (the blocks inside it stand alone) x1
    ! Simplified settings of acme/box (c=1) x1
    "#);
}

#[test]
fn library_files_get_their_new_addresses() {
    let mut attachments = Attachments::default();
    attachments.insert(
        5,
        Attachment {
            url: "https://w.example/u/a.png".into(),
            media_id: Some("01M".into()),
            media_url: Some("/_emdash/api/media/file/01M.png".into()),
            alt: "library alt".into(),
            caption: "library caption".into(),
        },
    );
    let base = url::Url::parse("https://w.example/2010/post/").unwrap();
    let rewrite = |href: &str| {
        href.strip_prefix("https://w.example/2010/").map(|slug| format!("/posts/{}", slug.trim_matches('/')))
    };
    let context = Context {
        base_url: Some(&base),
        attachments: Some(&attachments),
        gallery: &[5],
        rewrite_link: Some(&rewrite),
    };
    let content = "<a href=\"../other/\">o</a> <a href=\"https://w.example/u/a.png\"><img src=\"https://w.example/u/a-300x200.png\" class=\"wp-image-5\"></a>\n\n[gallery columns=2]";
    let conversion = gutenberg::convert(content, &context);
    insta::assert_json_snapshot!(conversion.document.values(), @r#"
    [
      {
        "_type": "block",
        "_key": "b0",
        "style": "normal",
        "markDefs": [
          {
            "_type": "link",
            "_key": "l0",
            "href": "/posts/other"
          }
        ],
        "children": [
          {
            "_type": "span",
            "_key": "s0",
            "text": "o",
            "marks": [
              "l0"
            ]
          }
        ]
      },
      {
        "_type": "image",
        "_key": "b1",
        "asset": {
          "_type": "reference",
          "_ref": "01M",
          "url": "/_emdash/api/media/file/01M.png"
        },
        "alt": "library alt",
        "link": "/_emdash/api/media/file/01M.png"
      },
      {
        "_type": "gallery",
        "_key": "b2",
        "columns": 2,
        "images": [
          {
            "_type": "image",
            "_key": "i0",
            "asset": {
              "_type": "reference",
              "_ref": "01M",
              "url": "/_emdash/api/media/file/01M.png"
            },
            "alt": "library alt",
            "caption": "library caption"
          }
        ]
      }
    ]
    "#);
    assert_eq!(conversion.document.media_refs(), ["01M"]);
    assert!(conversion.report.is_empty(), "{:?}", conversion.report);
}

/// Letters and digits only; quotes and dashes are added where markup said so.
fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphanumeric()).collect()
}

/// Content without the tags of shortcodes: their settings are no words.
fn without_shortcode_tags(content: &str) -> String {
    let mut text = content.replace("[/caption]", " ");
    for opening in ["[caption ", "[gallery "] {
        while let Some(start) = text.find(opening) {
            let end = text[start..].find(']').unwrap();
            text.replace_range(start..=start + end, " ");
        }
    }
    text
}

#[test]
fn every_word_of_the_real_export_is_in_the_document() {
    let library = library();
    assert_eq!(library.posts.len(), 72);
    for post in &library.posts {
        let conversion = library.convert(post);
        let words: std::collections::HashSet<String> =
            render::plain_text(&conversion.document).split_whitespace().map(letters).collect();
        let html = render::html(&conversion.document, &RenderOptions::default());
        let joined = letters(&render::raw_text(&html));
        let named: String =
            conversion.report.iter().map(|note| format!("{} {}", note.what, note.detail)).collect();
        let urls = conversion.document.clone().into_value().to_string();
        for word in render::raw_text(&without_shortcode_tags(&post.content)).split_whitespace() {
            let bare = letters(word);
            let found = bare.is_empty()
                || words.contains(&bare)
                || joined.contains(&bare)
                || letters(&named).contains(&bare)
                || urls.contains(word)
                || letters(&urls).contains(&bare);
            assert!(found, "\"{word}\" of \"{}\" is lost", post.title);
        }
        let value = conversion.document.into_value();
        assert!(PortableText::parse(value, "content").is_ok(), "{}", post.title);
    }
}

#[test]
fn the_report_of_the_real_export_names_what_did_not_survive() {
    let library = library();
    let mut totals: BTreeMap<(NoteKind, String), u32> = BTreeMap::new();
    for post in &library.posts {
        for note in library.convert(post).report {
            *totals.entry((note.kind, note.what)).or_default() += note.count;
        }
    }
    let lines: Vec<String> =
        totals.iter().map(|((kind, what), count)| format!("{kind:?} {what} x{count}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    Dropped attribute cite of <blockquote> x2
    Dropped attribute cite of <del> x2
    Dropped attribute cite of <ins> x3
    Dropped attribute reversed of <ol> x2
    Dropped attribute style of <div> x6
    Dropped attribute style of <dl> x1
    Dropped attribute style of <figure> x1
    Dropped attribute style of <p> x3
    Dropped attribute style of <span> x1
    Dropped attribute title of <a> x19
    Dropped attribute title of <abbr> x3
    Dropped attribute title of <acronym> x3
    Dropped attribute title of <img> x24
    Dropped autoplay of <video> x3
    Dropped loop of <video> x4
    Dropped muted of <video> x4
    Dropped poster of <video> x1
    Simplified <!--nextpage--> x4
    Simplified <abbr> x3
    Simplified <acronym> x3
    Simplified <big> x3
    Simplified <cite> x6
    Simplified <dl> x3
    Simplified <ins> x3
    Simplified <kbd> x3
    Simplified <q> x3
    Simplified <small> x6
    Simplified <tt> x3
    Simplified <var> x3
    Simplified [gallery] x1
    Simplified caption of a gallery x4
    Simplified core/nextpage x1
    Simplified markup in <pre> x3
    Simplified markup in a caption x3
    Simplified settings of core-embed/twitter x1
    Simplified settings of core-embed/wordpress-tv x1
    Simplified settings of core/button x7
    Simplified settings of core/columns x4
    Simplified settings of core/cover x2
    Simplified settings of core/gallery x4
    Simplified settings of core/group x1
    Simplified settings of core/image x5
    Simplified settings of core/media-text x1
    Simplified settings of core/paragraph x10
    Simplified settings of core/pullquote x2
    Simplified settings of core/quote x2
    Simplified settings of core/separator x2
    Simplified settings of core/spacer x1
    Simplified settings of core/table x1
    KeptAsHtml core/archives x2
    KeptAsHtml core/calendar x1
    KeptAsHtml core/categories x1
    KeptAsHtml core/html x1
    KeptAsHtml core/latest-comments x2
    KeptAsHtml core/latest-posts x3
    KeptAsHtml core/rss x1
    KeptAsHtml core/search x1
    KeptAsHtml core/tag-cloud x1
    ");
}

#[test]
fn real_posts_convert_as_recorded() {
    let library = library();
    for (title, name) in [
        ("Block category: Common", "common"),
        ("Block category: Formatting", "formatting"),
        ("Block category: Layout Elements", "layout"),
        ("Block category: Embeds", "embeds"),
        ("Block: Cover", "cover"),
        ("Page Markup And Formatting", "markup"),
    ] {
        let post = library.posts.iter().find(|post| post.title == title).unwrap();
        let conversion = library.convert(post);
        let html = render::html(&conversion.document, &RenderOptions::default());
        crate::xss::assert_harmless(&html);
        insta::assert_snapshot!(name, html);
    }
}

#[test]
fn markup_that_nests_without_end_is_kept_and_not_walked() {
    let deep = format!("{}x", "<div>".repeat(100_000));
    let conversion = convert(&deep);
    assert_eq!(conversion.report[0].what, "deeply nested markup");
    assert_eq!(conversion.document.values()[0]["html"], deep.as_str());
    assert_eq!(render::html(&conversion.document, &RenderOptions::default()), "");
    let blocks = format!("{}x", "<!-- wp:columns --><!-- wp:column -->".repeat(5_000));
    let conversion = convert(&blocks);
    assert!(PortableText::parse(conversion.document.into_value(), "content").is_ok());
}

/// Pieces that make converters stumble, in any order.
fn content() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z \\n]{0,12}",
        prop::sample::select(vec![
            "<p>",
            "</p>",
            "<b>",
            "</b>",
            "<a href='/x'>",
            "</a>",
            "<ul>",
            "<li>",
            "</ul>",
            "<ol start=2>",
            "<blockquote>",
            "<cite>",
            "<table>",
            "<tr>",
            "<td>",
            "<th colspan=2>",
            "</table>",
            "<pre>",
            "<code>",
            "<img src=/a>",
            "<img>",
            "<figure class=wp-block-gallery>",
            "<figcaption>",
            "<iframe src=//youtu.be/a>",
            "<script>",
            "<svg>",
            "<h1>",
            "<dl class=wp-caption>",
            "<dt>",
            "<emdash-shortcode data-index=0>",
            "[caption]",
            "[/caption]",
            "[gallery ids=1]",
            "[x y=\"",
            "]",
            "[[",
            "<!--more-->",
            "<!--",
            "-->",
            "<!-- wp:paragraph -->",
            "<!-- /wp:paragraph -->",
            "<!-- wp:columns -->",
            "<!-- wp:column {\"a\":1} -->",
            "<!-- /wp:columns -->",
            "<!-- wp:list -->",
            "<!-- wp:cover {\"url\":\"/c\"} -->",
            "<!-- wp:gallery {\"ids\":[1]} -->",
            "<!-- wp:x/y /-->",
            "<!-- wp:buttons -->",
            "<!-- wp:embed {\"url\":5} -->",
            "<!-- wp:media-text -->",
            "<!-- wp:file {bad} -->",
            "\u{a0}",
            "é",
            "日本",
            "\r\n",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,8}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_content_converts_to_a_valid_harmless_document(content in content()) {
        let conversion = convert(&content);
        crate::xss::assert_harmless(&render::html(&conversion.document, &RenderOptions::default()));
        let again = convert(&content);
        prop_assert_eq!(&again.document, &conversion.document);
        prop_assert!(PortableText::parse(conversion.document.into_value(), "content").is_ok());
    }

    #[test]
    fn plain_paragraphs_lose_no_word(words in prop::collection::vec("[a-zé日]{1,8}", 1..30), breaks in prop::collection::vec(0_usize..4, 30)) {
        let mut text = String::new();
        for (word, gap) in words.iter().zip(&breaks) {
            text.push_str(word);
            text.push_str([" ", "\n", "\n\n", "<br />"][*gap]);
        }
        let document = convert(&text).document;
        let out = render::plain_text(&document);
        prop_assert_eq!(out.split_whitespace().collect::<Vec<_>>(), words.iter().map(String::as_str).collect::<Vec<_>>());
    }
}
