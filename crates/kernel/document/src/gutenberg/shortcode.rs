//! Shortcodes: found in the text, taken out of the way of the HTML parser, read when their place comes.

use std::collections::HashMap;

use super::report::Report;
use crate::render::escape;

/// The element that stands for a shortcode while the markup is parsed.
pub(super) const PLACEHOLDER: &str = "emdash-shortcode";

/// A shortcode.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shortcode {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// What stands between the opening and the closing tag.
    pub content: Option<String>,
    /// As written.
    pub source: String,
}

impl Shortcode {
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.attributes.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }
}

/// Shortcodes WordPress itself has and that have a block of their own here.
const KNOWN: [&str; 6] = ["caption", "wp_caption", "gallery", "embed", "audio", "video"];

/// Elements whose content is no place for shortcodes.
const VERBATIM: [&str; 5] = ["pre", "code", "script", "style", "textarea"];

/// The markup with placeholders, and the shortcodes they stand for. A word in brackets is a shortcode when
/// WordPress has one of that name, or when it stands alone in its paragraph.
pub(super) fn extract(html: &str, report: &mut Report) -> (String, Vec<Shortcode>) {
    let closings = closings(html);
    let mut out = String::with_capacity(html.len());
    let mut found = Vec::new();
    let mut position = 0;
    while let Some(offset) = html[position..].find(['<', '[']) {
        let start = position + offset;
        out.push_str(&html[position..start]);
        let end = if html[start..].starts_with('<') {
            skip_markup(html, start)
        } else {
            match shortcode_at(html, start, &closings, report) {
                Some((shortcode, end)) => {
                    let source = escape(&shortcode.source);
                    let index = found.len();
                    out.push_str(&format!("<{PLACEHOLDER} data-index=\"{index}\">{source}</{PLACEHOLDER}>"));
                    found.push(shortcode);
                    position = end;
                    continue;
                }
                None => start + 1,
            }
        };
        out.push_str(&html[start..end]);
        position = end;
    }
    out.push_str(&html[position..]);
    (out, found)
}

/// A longer list of attributes is brackets in prose.
const LONGEST: usize = 4_000;

/// Markup with the shortcodes as they were written.
pub(super) fn restore(html: &str, shortcodes: &[Shortcode]) -> String {
    let opening = format!("<{PLACEHOLDER} data-index=\"");
    let closing = format!("</{PLACEHOLDER}>");
    let mut parts = html.split(opening.as_str());
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let index = part.split('"').next().and_then(|index| index.parse::<usize>().ok());
        let shortcode = index.and_then(|index| shortcodes.get(index));
        match (shortcode, part.split_once(closing.as_str())) {
            (Some(shortcode), Some((_, rest))) => {
                out.push_str(&shortcode.source);
                out.push_str(rest);
            }
            _ => {
                out.push_str(&opening);
                out.push_str(part);
            }
        }
    }
    out
}

/// Positions of closing tags, by name.
fn closings(html: &str) -> HashMap<&str, Vec<usize>> {
    let mut positions: HashMap<&str, Vec<usize>> = HashMap::new();
    for (start, _) in html.match_indices("[/") {
        if let Some(length) = html[start..].find(']').filter(|length| *length < 80) {
            positions.entry(&html[start + 2..start + length]).or_default().push(start);
        }
    }
    positions
}

/// The end of the tag, comment or verbatim element that begins here.
fn skip_markup(html: &str, start: usize) -> usize {
    let rest = &html[start..];
    let end_of = |text: &str| rest.find(text).map_or(html.len(), |end| start + end + text.len());
    if rest.starts_with("<!--") {
        return end_of("-->");
    }
    let name: &str =
        rest[1..].split(|character: char| !character.is_ascii_alphanumeric()).next().unwrap_or_default();
    if name.is_empty() && !rest.starts_with("</") {
        return start + 1;
    }
    if let Some(verbatim) = VERBATIM.iter().find(|verbatim| name.eq_ignore_ascii_case(verbatim)) {
        return end_of(&format!("</{verbatim}>"));
    }
    end_of_tag(rest).map_or(html.len(), |length| start + length)
}

/// The length of a tag; a `>` in a quoted value does not end it, unless the quote seems never to end.
fn end_of_tag(tag: &str) -> Option<usize> {
    let mut quote = None;
    for (position, byte) in tag.bytes().enumerate().take(LONGEST) {
        match (quote, byte) {
            (None, b'>') => return Some(position + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.find('>').map(|end| end + 1)
}

fn shortcode_at(
    html: &str,
    start: usize,
    closings: &HashMap<&str, Vec<usize>>,
    report: &mut Report,
) -> Option<(Shortcode, usize)> {
    if html[..start].ends_with('[') {
        return None;
    }
    let rest = &html[start + 1..];
    let name_end =
        rest.find(|character: char| !(character.is_ascii_alphanumeric() || "_-".contains(character)))?;
    let name = &rest[..name_end];
    if !name.starts_with(|character: char| character.is_ascii_alphabetic()) {
        return None;
    }
    let (attributes, length) = attributes(&rest[name_end..])?;
    let mut end = start + 1 + name_end + length;
    let after_open = end;
    let mut content = None;
    let self_closing = html[..end].ends_with("/]");
    if !self_closing && let Some(positions) = closings.get(name) {
        let next = positions.partition_point(|position| *position < after_open);
        if let Some(closing) = positions.get(next) {
            content = Some(html[after_open..*closing].to_owned());
            end = closing + name.len() + "[/]".len();
        }
    }
    let known = KNOWN.contains(&name);
    if !known && !stands_alone(html, start, end) {
        if attributes.iter().any(|(key, _)| !key.is_empty()) || content.is_some() {
            report.simplified(&format!("[{name}]"), "a shortcode inside a sentence stays as text");
        }
        return None;
    }
    let source = html[start..end].to_owned();
    Some((Shortcode { name: name.to_owned(), attributes, content, source }, end))
}

fn stands_alone(html: &str, start: usize, end: usize) -> bool {
    let before = html[..start].trim_end_matches([' ', '\t']);
    let after = html[end..].trim_start_matches([' ', '\t', '\r']);
    let opens = before.is_empty() || before.ends_with(['\n', '>', ']']);
    opens && (after.is_empty() || after.starts_with(['\n', '<', '[']))
}

/// Reads `a="b" c=d e` up to the closing bracket; values without a name get an empty one. Gives the length
/// with the bracket.
fn attributes(text: &str) -> Option<(Vec<(String, String)>, usize)> {
    let mut found = Vec::new();
    let mut position = 0;
    if !text.starts_with([' ', '\t', '\n', '\r', ']', '/', '\u{a0}']) {
        return None;
    }
    loop {
        let rest = &text[position..];
        let skipped = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/').len();
        position += skipped;
        let rest = &text[position..];
        if rest.starts_with(']') {
            return Some((found, position + 1));
        }
        if rest.is_empty() || rest.starts_with(['[', '<']) || position > LONGEST {
            return None;
        }
        let word = rest.find(|c: char| c.is_whitespace() || "=]".contains(c))?;
        let has_value = rest[word..].starts_with('=');
        let (name, value, length) = if has_value {
            let (value, length) = value(&rest[word + 1..])?;
            (rest[..word].to_ascii_lowercase(), value, word + 1 + length)
        } else {
            let (value, length) = value(rest)?;
            (String::new(), value, length)
        };
        found.push((name, value));
        position += length;
    }
}

/// A value, quoted straight or typographically, or bare; and its length.
fn value(text: &str) -> Option<(String, usize)> {
    let opening = text.chars().next()?;
    let closings: &[char] = match opening {
        '"' => &['"'],
        '\'' => &['\''],
        '“' | '”' | '″' => &['”', '″'],
        _ => {
            let end = text.find(|c: char| c.is_whitespace() || "[]".contains(c))?;
            return (!text[end..].starts_with('[')).then(|| (text[..end].to_owned(), end));
        }
    };
    let inner = &text[opening.len_utf8()..];
    let (end, closing) =
        inner.char_indices().take(LONGEST).find(|(_, character)| closings.contains(character))?;
    Some((inner[..end].to_owned(), opening.len_utf8() + end + closing.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> (String, Vec<Shortcode>) {
        extract(html, &mut Report::default())
    }

    #[test]
    fn attributes_come_quoted_bare_and_nameless() {
        let (html, codes) =
            found("x [gallery ids=\"1,2\" columns=3 link='none' big] y [audio https://a.example/b.mp3]");
        assert!(html.starts_with("x <emdash-shortcode data-index=\"0\">[gallery "), "{html}");
        assert_eq!(codes[0].get("ids"), Some("1,2"));
        assert_eq!(codes[0].get("columns"), Some("3"));
        assert_eq!(codes[0].get("link"), Some("none"));
        assert_eq!(codes[0].get(""), Some("big"));
        assert_eq!(codes[1].get(""), Some("https://a.example/b.mp3"));
    }

    #[test]
    fn what_was_taken_out_can_be_put_back() {
        let html = "a <td>[gallery ids=\"1\"]</td>\n[x]<b>y</b>[/x]";
        let (marked, codes) = found(html);
        assert_eq!(codes.len(), 2);
        assert_eq!(restore(&marked, &codes), html);
    }

    #[test]
    fn content_goes_up_to_the_closing_tag() {
        let (_, codes) =
            found("[caption width=\"1\"]<img src=\"a\"> words[/caption] [embed]https://x.example[/embed]");
        assert_eq!(codes[0].content.as_deref(), Some("<img src=\"a\"> words"));
        assert_eq!(codes[1].content.as_deref(), Some("https://x.example"));
    }

    #[test]
    fn brackets_in_prose_code_and_attributes_stay() {
        for html in [
            "he said [sic] that",
            "<code>[gallery]</code>",
            "<a title=\"[gallery]\">x</a>",
            "[[gallery]]",
            "[1] a note",
            "[gallery",
            "[see <b>this</b>]",
        ] {
            assert_eq!(found(html), (html.to_owned(), Vec::new()), "{html}");
        }
    }

    #[test]
    fn an_unknown_one_counts_when_it_stands_alone() {
        assert_eq!(found("text\n[contact-form-7 id=\"1\"]\nmore").1.len(), 1);
        assert_eq!(found("<p>[slider]</p>").1.len(), 1);
        assert_eq!(found("a [slider id=\"1\"] b").1.len(), 0);
    }
}
