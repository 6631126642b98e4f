//! Documents as words: for search, excerpts and reading time.

use serde_json::Value;

use crate::PortableText;
use crate::block::{Block, Style, Table, TextBlock, blocks};
use crate::markup::nests_too_deep;

/// Every word a reader sees, one line per block, for search.
#[must_use]
pub fn plain_text(document: &PortableText) -> String {
    let mut lines = Lines::default();
    lines.blocks(document.values(), Detail::Everything);
    lines.0.join("\n")
}

/// The first words of the running text, at most `words`, ending in `…` when something was left out. Stops
/// at a `more` mark, as the author wished.
#[must_use]
pub fn excerpt(document: &PortableText, words: usize) -> String {
    let until_more = document
        .values()
        .iter()
        .position(|block| {
            block.get("_type") == Some(&Value::from("break"))
                && block.get("marker") == Some(&Value::from("more"))
        })
        .filter(|position| *position > 0);
    let values = &document.values()[..until_more.unwrap_or(document.values().len())];
    let mut lines = Lines::default();
    lines.blocks(values, Detail::RunningText);
    let text = lines.0.join(" ");
    let mut all = text.split_whitespace();
    let first: Vec<&str> = all.by_ref().take(words).collect();
    let ellipsis = if all.next().is_some() && !first.is_empty() { "…" } else { "" };
    format!("{}{ellipsis}", first.join(" "))
}

/// Minutes to read the document, at least 1 unless it has no words: 200 words a minute, or 500 characters
/// where the script has no spaces between words.
#[must_use]
pub fn reading_time(document: &PortableText) -> u32 {
    let text = plain_text(document);
    let dense = text.chars().filter(|character| is_dense(*character)).count();
    let words = text.split(|character: char| character.is_whitespace() || is_dense(character));
    let words = words.filter(|word| word.contains(char::is_alphanumeric)).count();
    u32::try_from((words * 5 + dense * 2).div_ceil(1000)).unwrap_or(u32::MAX)
}

/// Han, kana, Hangul, Thai, Lao, Khmer and Burmese.
fn is_dense(character: char) -> bool {
    matches!(character,
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
}

/// The words in a piece of HTML, one space between blocks.
#[must_use]
pub fn raw_text(html: &str) -> String {
    if nests_too_deep(html) {
        return String::new();
    }
    let tree = scraper::Html::parse_fragment(html);
    let mut out = String::new();
    for node in tree.root_element().descendants() {
        if let Some(text) = node.value().as_text() {
            let parent = node.parent().and_then(scraper::ElementRef::wrap);
            if !parent.is_some_and(|parent| {
                matches!(parent.value().name(), "script" | "style" | "iframe" | "template" | "noscript")
            }) {
                out.push_str(text);
            }
        } else if node.value().as_element().is_some_and(|element| !is_phrase(element.name())) {
            out.push(' ');
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_phrase(name: &str) -> bool {
    matches!(
        name,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "cite"
            | "code"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "mark"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "u"
            | "var"
    )
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    Everything,
    RunningText,
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn push(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.0.push(text.trim().to_owned());
        }
    }

    fn blocks(&mut self, values: &[Value], detail: Detail) {
        for block in blocks(values) {
            self.block(block, detail);
        }
    }

    fn block(&mut self, block: Block<'_>, detail: Detail) {
        match block {
            Block::Text(TextBlock { style: Style::Heading(_), list: None, .. })
                if detail == Detail::RunningText => {}
            Block::Text(text) => self.push(&text.content.text()),
            Block::Columns(columns) => {
                for column in columns.columns() {
                    self.blocks(column, detail);
                }
            }
            Block::Cover(cover) => self.blocks(cover.content, detail),
            Block::Pullquote(quote) => {
                self.push(quote.text);
                self.push(quote.citation.unwrap_or_default());
            }
            _ if detail == Detail::RunningText => {}
            Block::Image(image) => {
                self.push(image.alt.unwrap_or_default());
                self.push(image.caption.unwrap_or_default());
            }
            Block::Gallery(gallery) => {
                for image in gallery.images() {
                    self.block(Block::Image(image), detail);
                }
            }
            Block::Code(code) => self.push(code.code),
            Block::Html(raw) => self.push(&raw_text(raw.html)),
            Block::Embed(embed) => self.push(embed.caption.unwrap_or_default()),
            Block::Table(table) => self.table(table),
            Block::Button(button) => self.push(button.text),
            Block::Buttons(row) => row.buttons().for_each(|button| self.push(button.text)),
            Block::File(file) => self.push(file.filename.unwrap_or_default()),
            Block::Break(_) | Block::Unknown(_) => {}
        }
    }

    fn table(&mut self, table: Table<'_>) {
        self.push(table.caption.unwrap_or_default());
        for row in table.rows() {
            let cells: Vec<String> = Table::cells(row)
                .map(|cell| {
                    let words = cell.content.text();
                    if words.is_empty() { cell.text.unwrap_or_default().to_owned() } else { words }
                })
                .collect();
            self.push(&cells.join(" "));
        }
    }
}
