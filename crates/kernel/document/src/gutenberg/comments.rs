//! Block comments: `<!-- wp:name {json} -->…<!-- /wp:name -->`, nested, tolerant of damage.

use emdash_types::JsonMap;

use super::excerpt;
use super::report::Report;

/// A block as it is written.
#[derive(Debug, PartialEq)]
pub(super) struct Node<'a> {
    /// With namespace: `core/paragraph`.
    pub name: String,
    pub attributes: JsonMap,
    pub pieces: Vec<Piece<'a>>,
}

/// Markup or a block inside it.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'a> {
    Html(&'a str),
    Block(Node<'a>),
}

/// Deepest nesting of blocks; deeper ones become part of the markup around them.
const MAX_DEPTH: usize = 40;

impl Node<'_> {
    /// The markup without the comments of inner blocks.
    pub(super) fn html(&self) -> String {
        let mut out = String::new();
        self.write_html(&mut out);
        out
    }

    fn write_html(&self, out: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Html(html) => out.push_str(html),
                Piece::Block(node) => node.write_html(out),
            }
        }
    }

    pub(super) fn has_blocks(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Block(_)))
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.attributes.get(key).and_then(serde_json::Value::as_str).filter(|text| !text.trim().is_empty())
    }
}

enum Comment<'a> {
    Open { name: &'a str, attributes: &'a str, void: bool },
    Close { name: &'a str },
}

pub(super) fn parse<'a>(content: &'a str, report: &mut Report) -> Vec<Piece<'a>> {
    let mut open: Vec<Node<'a>> = Vec::new();
    let mut top: Vec<Piece<'a>> = Vec::new();
    let mut position = 0;
    let mut from = 0;
    while let Some(found) = content[from..].find("<!--") {
        let start = from + found;
        let Some(length) = content[start..].find("-->") else { break };
        let end = start + length + "-->".len();
        from = end;
        let inner = content.get(start + "<!--".len()..end - "-->".len()).unwrap_or_default();
        let Some(comment) = read(inner) else { continue };
        push(&mut open, &mut top, Piece::Html(&content[position..start]));
        position = end;
        match comment {
            Comment::Open { name, attributes, void } => {
                let node = Node {
                    name: full_name(name),
                    attributes: json(name, attributes, report),
                    pieces: Vec::new(),
                };
                if void {
                    push(&mut open, &mut top, Piece::Block(node));
                } else if open.len() < MAX_DEPTH {
                    open.push(node);
                } else {
                    report.simplified(&node.name, "nested too deeply, joined with the block around it");
                }
            }
            Comment::Close { name } => close(&mut open, &mut top, &full_name(name), report),
        }
    }
    push(&mut open, &mut top, Piece::Html(&content[position..]));
    while let Some(node) = open.pop() {
        report.simplified(&node.name, "the block is never closed; it ends with the text");
        push(&mut open, &mut top, Piece::Block(node));
    }
    top
}

fn push<'a>(open: &mut [Node<'a>], top: &mut Vec<Piece<'a>>, piece: Piece<'a>) {
    if piece != Piece::Html("") {
        open.last_mut().map_or(top, |node| &mut node.pieces).push(piece);
    }
}

/// Closes the innermost block of this name and whatever is open inside it.
fn close<'a>(open: &mut Vec<Node<'a>>, top: &mut Vec<Piece<'a>>, name: &str, report: &mut Report) {
    let Some(position) = open.iter().rposition(|node| node.name == name) else {
        report.dropped(name, "closing comment of a block that is not open");
        return;
    };
    while open.len() > position {
        let Some(node) = open.pop() else { break };
        if node.name != name {
            report.simplified(&node.name, "the block is never closed; it ends with the block around it");
        }
        push(open, top, Piece::Block(node));
    }
}

/// Reads the inside of a comment, if it is one of a block.
fn read(inner: &str) -> Option<Comment<'_>> {
    let inner = inner.trim();
    let (closing, rest) = match inner.strip_prefix('/') {
        Some(rest) => (true, rest),
        None => (false, inner),
    };
    let rest = rest.strip_prefix("wp:")?;
    let end = rest.find(|character: char| !(character.is_ascii_alphanumeric() || "-_/".contains(character)));
    let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let (name, slash) = match name.strip_suffix('/') {
        Some(name) => (name, true),
        None => (name, false),
    };
    if name.is_empty() {
        return None;
    }
    if closing {
        return Some(Comment::Close { name });
    }
    let rest = rest.trim();
    let (attributes, void) = match rest.strip_suffix('/') {
        Some(attributes) => (attributes.trim_end(), true),
        None => (rest, slash),
    };
    Some(Comment::Open { name, attributes, void })
}

fn full_name(name: &str) -> String {
    if name.contains('/') { name.to_owned() } else { format!("core/{name}") }
}

fn json(name: &str, attributes: &str, report: &mut Report) -> JsonMap {
    if attributes.is_empty() {
        return JsonMap::new();
    }
    serde_json::from_str(attributes).unwrap_or_else(|_| {
        report.dropped(&full_name(name), &format!("settings that are not JSON: {}", excerpt(attributes)));
        JsonMap::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(content: &str) -> (String, Vec<super::super::Note>) {
        fn show(pieces: &[Piece<'_>], out: &mut String) {
            for piece in pieces {
                match piece {
                    Piece::Html(html) => out.push_str(html),
                    Piece::Block(node) => {
                        out.push_str(&format!("({}", node.name));
                        if !node.attributes.is_empty() {
                            out.push_str(&serde_json::to_string(&node.attributes).unwrap());
                        }
                        out.push(':');
                        show(&node.pieces, out);
                        out.push(')');
                    }
                }
            }
        }
        let mut report = Report::default();
        let pieces = parse(content, &mut report);
        let mut out = String::new();
        show(&pieces, &mut out);
        (out, report.into_notes())
    }

    #[test]
    fn blocks_nest_and_have_settings() {
        let (tree, notes) = parsed(
            "a<!-- wp:group {\"x\":{\"y\":1}} --><div><!-- wp:jetpack/map /-->b<!-- wp:rss {\"u\":\"a/\"} /--></div><!-- /wp:group -->c<!-- note -->",
        );
        assert_eq!(
            tree,
            "a(core/group{\"x\":{\"y\":1}}:<div>(jetpack/map:)b(core/rss{\"u\":\"a/\"}:)</div>)c<!-- note -->"
        );
        assert!(notes.is_empty());
    }

    #[test]
    fn damage_is_reported_and_loses_no_words() {
        let (tree, notes) = parsed(
            "<!-- /wp:x -->a<!-- wp:list {bad} --><!-- wp:quote -->b<!-- /wp:list -->c<!-- wp:more -->d<!-- wp",
        );
        assert_eq!(tree, "a(core/list:(core/quote:b))c(core/more:d<!-- wp)");
        assert_eq!(notes.len(), 4);
    }
}
