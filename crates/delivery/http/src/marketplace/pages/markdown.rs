//! Markdown of strangers as HTML that can do nothing but be read.

use std::collections::HashSet;

use ammonia::{Builder, UrlRelative};
use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

/// Renders below a section heading: the text's own headings begin at the third level, a leading title is left
/// out because the page has one. Images become links: nothing is fetched from elsewhere for a mere visit.
pub fn render(markdown: &str) -> Markup {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut adapt = Adapt::default();
    let events = Parser::new_ext(markdown, options).filter_map(|event| adapt.event(event));
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unsafe_html, events);
    let clean = Builder::default()
        .rm_tags(["img", "map", "area", "h1", "h2"])
        .add_tags(["input"])
        .add_tag_attributes("input", ["disabled", "checked"])
        .set_tag_attribute_value("input", "type", "checkbox")
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow ugc"))
        .clean(&unsafe_html)
        .to_string();
    PreEscaped(clean)
}

#[derive(Default)]
struct Adapt {
    begun: bool,
    in_title: bool,
    links: usize,
}

impl Adapt {
    fn event<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        let first = !std::mem::replace(&mut self.begun, true);
        if self.in_title {
            self.in_title = !matches!(event, Event::End(TagEnd::Heading(_)));
            return None;
        }
        Some(match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) if first => {
                self.in_title = true;
                return None;
            }
            Event::Start(Tag::Heading { level, .. }) => {
                let (id, classes, attrs) = (None, Vec::new(), Vec::new());
                Event::Start(Tag::Heading { level: lower(level), id, classes, attrs })
            }
            Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
            Event::Start(Tag::Link { .. }) => {
                self.links += 1;
                event
            }
            Event::End(TagEnd::Link) => {
                self.links = self.links.saturating_sub(1);
                event
            }
            // Within a link its description is enough.
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) if self.links > 0 => return None,
            Event::Start(Tag::Image { dest_url, .. }) => Event::Start(link(dest_url)),
            Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
            other => other,
        })
    }
}

fn link(dest_url: CowStr<'_>) -> Tag<'_> {
    Tag::Link { link_type: LinkType::Inline, dest_url, title: CowStr::Borrowed(""), id: CowStr::Borrowed("") }
}

fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_readme_keeps_its_structure_below_the_page() {
        let html = render(
            "# Title\n\nIt *works*.\n\n## Use\n\n![shot](https://e.com/a.png) [![badge](b.svg)](https://e.com)\n\n| a |\n|--:|\n| 1 |\n\n- [x] done\n",
        );
        insta::assert_snapshot!(html.into_string(), @r#"
        <p>It <em>works</em>.</p>
        <h3>Use</h3>
        <p><a href="https://e.com/a.png" rel="noopener noreferrer nofollow ugc">shot</a> <a href="https://e.com" rel="noopener noreferrer nofollow ugc">badge</a></p>
        <table><thead><tr><th>a</th></tr></thead><tbody>
        <tr><td>1</td></tr>
        </tbody></table>
        <ul>
        <li><input disabled="" checked="" type="checkbox">
        done</li>
        </ul>
        "#);
    }

    #[test]
    fn nothing_a_stranger_writes_can_run_or_fetch() {
        let attacks = [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](<JaVaScRiPt:alert(1)>)",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "<a href=\"vbscript:x\" onclick='alert(1)'>x</a>",
            "<svg><script>alert(1)</script></svg>",
            "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>",
            "<iframe src=https://evil.example></iframe>",
            "<form action=https://evil.example><button>go</button></form>",
            "<style>body{background:url(https://evil.example)}</style>",
            "<p style=\"background:url(https://evil.example)\">x</p>",
            "<link rel=stylesheet href=https://evil.example><base href=https://evil.example>",
            "<meta http-equiv=refresh content=0;url=https://evil.example>",
            "<input type=image src=https://evil.example onfocus=alert(1) autofocus>",
            "![x](javascript:alert(1))",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "</div></main><h1>Verified by EmDash</h1>",
        ];
        for attack in attacks {
            let html = render(attack).into_string().to_lowercase();
            for bad in [
                "<script",
                "onerror=",
                "onclick=",
                "onfocus=",
                "javascript:",
                "vbscript:",
                "data:",
                "<iframe",
                "<form",
                "<style",
                "style=",
                "<link",
                "<base",
                "<meta",
                "src=",
                "<img",
                "<svg",
                "</main",
                "<h1",
                "autofocus",
            ] {
                let outside_text = html.replace("&lt;", "").replace("&quot;", "");
                let in_tag = outside_text.split('<').skip(1).any(|tag| {
                    let tag = format!("<{}", tag.split('>').next().unwrap_or_default());
                    tag.contains(bad)
                });
                assert!(!in_tag, "{attack} gave {html}");
            }
        }
    }
}
