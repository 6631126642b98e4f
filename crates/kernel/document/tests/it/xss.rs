//! Published payloads, put into every place a document has, must leave nothing that runs.

use emdash_document::gutenberg::{self, Context};
use emdash_document::render::{self, FRAME_HOSTS, RenderOptions};
use serde_json::{Value, json};

use crate::support::document;

/// From the OWASP filter evasion and PortSwigger cheat sheets and known mutation bypasses of sanitisers.
const PAYLOADS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"x\" onerror=\"alert(1)\" />",
    "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\"\\>",
    "<img src=`javascript:alert(1)`>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text x=20 y=20>x</text></a></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">",
    "<template><img src=x onerror=alert(1)></template>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<iframe src=\"https://evil.example\"></iframe>",
    "<iframe src=\"https://www.youtube.com.evil.example/embed/a\"></iframe>",
    "<iframe src=\"https://www.youtube.com@evil.example/embed/a\"></iframe>",
    "<iframe src=https://www.youtube.com/embed/a onload=alert(1) srcdoc=x></iframe>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\" &#14; javascript:alert(1)\">x</a>",
    "<a href=\"jav&#x09;ascript:alert(1)\">x</a>",
    "<a href=\"jav&#x0A;ascript:alert(1)\">x</a>",
    "<a href=\"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)\">x</a>",
    "<a href=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a>",
    "<a onmouseover=\"alert(1)\" href=\"#\" style=\"position:fixed;inset:0\">x</a>",
    "<body onload=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<form action=\"javascript:alert(1)\"><input type=submit></form>",
    "<button formaction=\"javascript:alert(1)\">x</button>",
    "<object data=\"javascript:alert(1)\"></object>",
    "<embed src=\"javascript:alert(1)\">",
    "<meta http-equiv=\"refresh\" content=\"0;url=javascript:alert(1)\">",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<base href=\"https://evil.example/\">",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<div style=\"background:url(javascript:alert(1))\">x</div>",
    "<video src=x onerror=alert(1)><source onerror=alert(1)></video>",
    "<video poster=\"javascript:alert(1)\"></video>",
    "<audio src=x onloadstart=alert(1)>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<table background=\"javascript:alert(1)\"><tr><td>x</td></tr></table>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<p id=\"location\" name=\"attributes\">x</p>",
    "\"><script>alert(1)</script>",
    "' onmouseover='alert(1)",
    "\" onfocus=\"alert(1)\" autofocus=\"",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://youtu.be/abc",
    "javascript://youtu.be/%0aalert(1)",
    "java\nscript:alert(1)",
    "\u{1}javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "https://evil.example/\"onmouseover=\"alert(1)",
    "https://youtu.be/\"onload=\"alert(1)",
    "</code></pre><script>alert(1)</script>",
    "</figcaption></figure><script>alert(1)</script>",
    "url(javascript:alert(1))",
    "red;background:url(https://evil.example)",
];

/// Elements a rendered document may have.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "article",
    "aside",
    "audio",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "footer",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "picture",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

/// Reads the markup as a browser would and finds nothing that could run.
pub(crate) fn assert_harmless(html: &str) {
    let tree = scraper::Html::parse_fragment(html);
    for node in tree.root_element().descendants() {
        assert!(!node.value().is_comment(), "a comment in {html}");
        let Some(element) = node.value().as_element() else { continue };
        assert!(ELEMENTS.contains(&element.name()), "<{}> in {html}", element.name());
        for (name, value) in element.attrs() {
            assert!(
                !name.starts_with("on") && !["style", "srcdoc", "name", "action"].contains(&name),
                "{name} in {html}"
            );
            if ["href", "src", "poster"].contains(&name) {
                let address = url::Url::parse("https://page.example/").unwrap().join(value);
                let scheme = address.as_ref().map_or("none", |address| address.scheme());
                assert!(["http", "https", "mailto", "tel", "none"].contains(&scheme), "{value} in {html}");
            }
            if (element.name(), name) == ("iframe", "src") {
                let address = url::Url::parse(value).unwrap();
                assert!(FRAME_HOSTS.contains(&address.host_str().unwrap()), "{value} in {html}");
                assert!(element.attr("sandbox").is_some() && element.attr("title").is_some(), "{html}");
            }
        }
    }
}

/// A document with the payload in every place that takes text.
fn everywhere(payload: &str) -> Value {
    let span = json!({"_type": "span", "text": payload, "marks": ["l", payload, "strong"]});
    let block = json!({"_type": "block", "style": payload, "listItem": payload, "textAlign": payload, "anchor": payload,
        "children": [span], "markDefs": [{"_type": "link", "_key": "l", "href": payload, "blank": payload}]});
    let mut heading = block.clone();
    heading["style"] = json!("h1");
    heading["listItem"] = Value::Null;
    let image = json!({"_type": "image", "asset": {"_ref": payload, "url": payload}, "alt": payload, "caption": payload,
        "width": payload, "alignment": payload, "link": payload});
    let mut shown_image = image.clone();
    shown_image["asset"] = json!({"url": format!("https://a.example/{payload}")});
    json!([
        block, heading, image, shown_image,
        {"_type": "gallery", "columns": payload, "images": [shown_image]},
        {"_type": "code", "code": payload, "language": payload, "filename": payload},
        {"_type": "break", "style": payload, "marker": payload},
        {"_type": "htmlBlock", "html": payload, "originalBlockName": payload},
        {"_type": "embed", "url": payload, "provider": payload, "html": payload, "caption": payload},
        {"_type": "embed", "url": format!("https://a.example/{payload}"), "provider": "video", "caption": payload},
        {"_type": "table", "caption": payload, "rows": [{"cells": [payload, {"content": [span], "colspan": payload, "isHeader": true}]}]},
        {"_type": "columns", "columns": [{"content": [block]}]},
        {"_type": "buttons", "buttons": [{"text": payload, "url": payload, "style": payload}]},
        {"_type": "button", "text": payload, "url": format!("/{payload}"), "style": payload},
        {"_type": "cover", "backgroundImage": payload, "backgroundVideo": payload, "overlayColor": payload,
            "minHeight": payload, "alignment": payload, "content": [block]},
        {"_type": "file", "url": payload, "filename": payload, "showDownloadButton": true},
        {"_type": "file", "url": format!("/{payload}"), "filename": payload, "showDownloadButton": 1},
        {"_type": "pullquote", "text": payload, "citation": payload},
        {"_type": payload, "html": payload},
    ])
}

#[test]
fn no_payload_survives_in_any_field() {
    for payload in PAYLOADS {
        assert_harmless(&render::html(&document(everywhere(payload)), &RenderOptions::default()));
    }
}

#[test]
fn no_payload_survives_with_absolute_addresses() {
    let base = url::Url::parse("https://s.example/posts/a").unwrap();
    let options = RenderOptions { base_url: Some(&base), ..RenderOptions::default() };
    for payload in PAYLOADS {
        assert_harmless(&render::html(&document(everywhere(payload)), &options));
    }
}

#[test]
fn no_payload_survives_an_import() {
    for payload in PAYLOADS {
        for content in [
            (*payload).to_owned(),
            format!("<!-- wp:html -->{payload}<!-- /wp:html -->"),
            format!("<!-- wp:paragraph --><p>{payload}</p><!-- /wp:paragraph -->"),
            format!("<!-- wp:embed {} /-->", json!({"url": payload, "providerNameSlug": payload})),
            format!(
                "[caption align=\"{payload}\"]<img src=\"/a.png\" alt=\"{payload}\"> {payload}[/caption]"
            ),
            format!("[embed]{payload}[/embed]"),
        ] {
            let conversion = gutenberg::convert(&content, &Context::default());
            assert_harmless(&render::html(&conversion.document, &RenderOptions::default()));
        }
    }
}
