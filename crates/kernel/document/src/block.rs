//! Views of blocks: the known vocabulary (CMS contract §5.1), read tolerantly. A field of the wrong type
//! counts as absent; the JSON itself is never touched.

use emdash_types::JsonMap;
use serde_json::Value;

/// One block.
#[derive(Clone, Copy, Debug)]
pub enum Block<'a> {
    /// Paragraph, heading, quote or list item.
    Text(TextBlock<'a>),
    /// A picture.
    Image(Image<'a>),
    /// Several pictures.
    Gallery(Gallery<'a>),
    /// Preformatted code.
    Code(Code<'a>),
    /// A thematic break, or a mark that shows nothing.
    Break(Break<'a>),
    /// HTML kept as it came.
    Html(RawHtml<'a>),
    /// Something from elsewhere.
    Embed(Embed<'a>),
    /// A table.
    Table(Table<'a>),
    /// Content side by side.
    Columns(Columns<'a>),
    /// One button.
    Button(Button<'a>),
    /// A row of buttons.
    Buttons(Buttons<'a>),
    /// Content over a picture.
    Cover(Cover<'a>),
    /// A file to download.
    File(File<'a>),
    /// A quote pulled out of the text.
    Pullquote(Pullquote<'a>),
    /// A plugin's block, or one from a later version.
    Unknown(&'a JsonMap),
}

/// Text with its form.
#[derive(Clone, Copy, Debug)]
pub struct TextBlock<'a> {
    /// Paragraph, heading or quote.
    pub style: Style,
    /// Set when the block is an item of a list.
    pub list: Option<ListItem<'a>>,
    /// Alignment of the text.
    pub align: Option<Align>,
    /// The id links point to, where the author chose one.
    pub anchor: Option<&'a str>,
    /// The words.
    pub content: Inline<'a>,
}

/// What a text block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A paragraph.
    Normal,
    /// A heading of level 1 to 6.
    Heading(u8),
    /// A paragraph of a quote.
    Blockquote,
}

/// Where an item stands in its list.
#[derive(Clone, Copy, Debug)]
pub struct ListItem<'a> {
    /// Numbered.
    pub ordered: bool,
    /// Nesting, from 1.
    pub level: u8,
    /// Which list; two adjacent lists differ here.
    pub list: Option<&'a str>,
    /// First number of an ordered list.
    pub start: Option<i64>,
}

/// Alignment of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Left.
    Left,
    /// Centre.
    Center,
    /// Right.
    Right,
    /// Both sides.
    Justify,
}

impl Align {
    /// The word on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Center => "center",
            Self::Right => "right",
            Self::Justify => "justify",
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Left, Self::Center, Self::Right, Self::Justify].into_iter().find(|align| align.name() == text)
    }
}

/// Spans and the annotations they refer to.
#[derive(Clone, Copy, Debug)]
pub struct Inline<'a> {
    spans: &'a [Value],
    annotations: &'a [Value],
}

/// A run of text with the same marks.
#[derive(Clone, Copy, Debug)]
pub struct Span<'a> {
    /// The text; a line feed is a hard break.
    pub text: &'a str,
    /// The link it belongs to.
    pub link: Option<Link<'a>>,
    marks: &'a [Value],
}

/// A link annotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link<'a> {
    /// Its key, the same for every span of one link.
    pub key: &'a str,
    /// The address, not yet judged.
    pub href: &'a str,
    /// Opens in a new tab.
    pub blank: bool,
}

/// A picture.
#[derive(Clone, Copy, Debug)]
pub struct Image<'a> {
    /// Media id, or an address.
    pub reference: Option<&'a str>,
    /// Address.
    pub url: Option<&'a str>,
    /// Alternative text.
    pub alt: Option<&'a str>,
    /// Caption.
    pub caption: Option<&'a str>,
    /// Width in pixels, as shown where that differs.
    pub width: Option<u32>,
    /// Height in pixels, as shown where that differs.
    pub height: Option<u32>,
    /// `left`, `center`, `right`, `wide`, `full`.
    pub alignment: Option<&'a str>,
    /// Where a click leads.
    pub link: Option<&'a str>,
}

/// Pictures in a grid.
#[derive(Clone, Copy, Debug)]
pub struct Gallery<'a> {
    images: &'a [Value],
    /// Columns of the grid.
    pub columns: Option<u32>,
}

/// Code.
#[derive(Clone, Copy, Debug)]
pub struct Code<'a> {
    /// The code.
    pub code: &'a str,
    /// Its language.
    pub language: Option<&'a str>,
    /// Its file.
    pub filename: Option<&'a str>,
}

/// A break. Importers mark the ones that are no rule (`more`, `spacer`) in the extra key `marker`.
#[derive(Clone, Copy, Debug)]
pub struct Break<'a> {
    /// `more`, `nextpage`, `spacer`; absent for a rule.
    pub marker: Option<&'a str>,
}

/// HTML kept as it came.
#[derive(Clone, Copy, Debug)]
pub struct RawHtml<'a> {
    /// The markup, not yet judged.
    pub html: &'a str,
}

/// Something from elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Embed<'a> {
    /// The address, not yet judged.
    pub url: &'a str,
    /// Who serves it.
    pub provider: Option<&'a str>,
    /// Caption.
    pub caption: Option<&'a str>,
}

/// A table.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    rows: &'a [Value],
    /// The first row names the columns.
    pub has_header_row: bool,
    /// Caption.
    pub caption: Option<&'a str>,
}

/// A cell.
#[derive(Clone, Copy, Debug)]
pub struct TableCell<'a> {
    /// The words.
    pub content: Inline<'a>,
    /// The text of the older form, where a cell is a plain string.
    pub text: Option<&'a str>,
    /// Names a row or column.
    pub is_header: bool,
    /// Columns it spans.
    pub column_span: u32,
    /// Rows it spans.
    pub row_span: u32,
}

/// Content side by side.
#[derive(Clone, Copy, Debug)]
pub struct Columns<'a> {
    columns: &'a [Value],
}

/// A link that looks like a button.
#[derive(Clone, Copy, Debug)]
pub struct Button<'a> {
    /// The label.
    pub text: &'a str,
    /// Where it leads, not yet judged.
    pub url: Option<&'a str>,
    /// `default`, `outline`, `fill`.
    pub style: Option<&'a str>,
}

/// Buttons in a row.
#[derive(Clone, Copy, Debug)]
pub struct Buttons<'a> {
    buttons: &'a [Value],
}

/// Content over a picture or film.
#[derive(Clone, Copy, Debug)]
pub struct Cover<'a> {
    /// Address of the picture.
    pub background_image: Option<&'a str>,
    /// Address of the film.
    pub background_video: Option<&'a str>,
    /// Colour over the picture.
    pub overlay_color: Option<&'a str>,
    /// Its opacity, 0 to 1.
    pub overlay_opacity: Option<f64>,
    /// CSS length.
    pub min_height: Option<&'a str>,
    /// Where the content stands.
    pub alignment: Option<&'a str>,
    /// The blocks on it.
    pub content: &'a [Value],
}

/// A file.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Address, not yet judged.
    pub url: &'a str,
    /// Its name.
    pub filename: Option<&'a str>,
    /// Offer a button beside the name.
    pub show_download_button: bool,
}

/// A quote pulled out of the text.
#[derive(Clone, Copy, Debug)]
pub struct Pullquote<'a> {
    /// The words.
    pub text: &'a str,
    /// Who said them.
    pub citation: Option<&'a str>,
}

/// The blocks of an array; members that are no blocks are skipped.
pub(crate) fn blocks(values: &[Value]) -> impl Iterator<Item = Block<'_>> {
    values.iter().filter_map(Value::as_object).map(Block::of)
}

impl<'a> Block<'a> {
    fn of(map: &'a JsonMap) -> Self {
        match text(map, "_type").unwrap_or_default() {
            "block" => Self::Text(TextBlock::of(map)),
            "image" => Self::Image(Image::of(map)),
            "gallery" => {
                Self::Gallery(Gallery { images: array(map, "images"), columns: pixels(map, "columns") })
            }
            "code" => Self::Code(Code {
                code: text(map, "code").unwrap_or_default(),
                language: filled(map, "language"),
                filename: filled(map, "filename"),
            }),
            "break" => Self::Break(Break { marker: filled(map, "marker") }),
            "htmlBlock" => Self::Html(RawHtml { html: text(map, "html").unwrap_or_default() }),
            "embed" => Self::Embed(Embed {
                url: text(map, "url").unwrap_or_default(),
                provider: filled(map, "provider"),
                caption: filled(map, "caption"),
            }),
            "table" => Self::Table(Table {
                rows: array(map, "rows"),
                has_header_row: flag(map, "hasHeaderRow"),
                caption: filled(map, "caption"),
            }),
            "columns" => Self::Columns(Columns { columns: array(map, "columns") }),
            "button" => Self::Button(Button::of(map)),
            "buttons" => Self::Buttons(Buttons { buttons: array(map, "buttons") }),
            "cover" => Self::Cover(Cover::of(map)),
            "file" => Self::File(File {
                url: text(map, "url").unwrap_or_default(),
                filename: filled(map, "filename"),
                show_download_button: flag(map, "showDownloadButton"),
            }),
            "pullquote" => Self::Pullquote(Pullquote {
                text: text(map, "text").unwrap_or_default(),
                citation: filled(map, "citation"),
            }),
            _ => Self::Unknown(map),
        }
    }
}

impl<'a> TextBlock<'a> {
    fn of(map: &'a JsonMap) -> Self {
        let style = match text(map, "style").unwrap_or_default() {
            "blockquote" => Style::Blockquote,
            "h1" => Style::Heading(1),
            "h2" => Style::Heading(2),
            "h3" => Style::Heading(3),
            "h4" => Style::Heading(4),
            "h5" => Style::Heading(5),
            "h6" => Style::Heading(6),
            _ => Style::Normal,
        };
        let list = filled(map, "listItem").map(|kind| ListItem {
            ordered: kind == "number",
            level: map
                .get("level")
                .and_then(Value::as_u64)
                .and_then(|level| u8::try_from(level).ok())
                .map_or(1, |level| level.clamp(1, MAX_LIST_LEVEL)),
            list: filled(map, "listId"),
            start: map.get("listStart").and_then(Value::as_i64),
        });
        Self {
            style,
            list,
            align: text(map, "textAlign").and_then(Align::parse),
            anchor: filled(map, "anchor"),
            content: Inline { spans: array(map, "children"), annotations: array(map, "markDefs") },
        }
    }
}

/// Deepest list nesting that is shown.
const MAX_LIST_LEVEL: u8 = 12;

impl<'a> Inline<'a> {
    /// The runs of text; inline objects nobody knows are skipped.
    pub fn spans(self) -> impl Iterator<Item = Span<'a>> {
        self.spans.iter().filter_map(Value::as_object).filter_map(move |map| {
            let marks = array(map, "marks");
            let link = marks.iter().filter_map(Value::as_str).find_map(|mark| self.link(mark));
            Some(Span { text: text(map, "text")?, link, marks })
        })
    }

    fn link(self, key: &str) -> Option<Link<'a>> {
        self.annotations.iter().filter_map(Value::as_object).find_map(|map| {
            let own_key = text(map, "_key").filter(|own| *own == key)?;
            (text(map, "_type") == Some("link")).then_some(())?;
            Some(Link { key: own_key, href: text(map, "href")?, blank: flag(map, "blank") })
        })
    }

    /// The text without its marks.
    #[must_use]
    pub fn text(self) -> String {
        self.spans().map(|span| span.text).collect()
    }
}

impl<'a> Span<'a> {
    /// Decorators, innermost first.
    pub fn decorators(self) -> impl Iterator<Item = &'a str> {
        self.marks.iter().filter_map(Value::as_str)
    }
}

impl<'a> Image<'a> {
    fn of(map: &'a JsonMap) -> Self {
        let asset = map.get("asset").and_then(Value::as_object);
        let from_asset = |key| asset.and_then(|asset| filled(asset, key));
        Self {
            reference: from_asset("_ref").or_else(|| from_asset("id")),
            url: from_asset("url").or_else(|| filled(map, "url")),
            alt: text(map, "alt"),
            caption: filled(map, "caption"),
            width: pixels(map, "displayWidth").or_else(|| pixels(map, "width")),
            height: pixels(map, "displayHeight").or_else(|| pixels(map, "height")),
            alignment: filled(map, "alignment"),
            link: filled(map, "link"),
        }
    }
}

impl<'a> Gallery<'a> {
    /// The pictures.
    pub fn images(self) -> impl Iterator<Item = Image<'a>> {
        self.images.iter().filter_map(Value::as_object).map(Image::of)
    }
}

impl<'a> Button<'a> {
    fn of(map: &'a JsonMap) -> Self {
        Self {
            text: text(map, "text").unwrap_or_default(),
            url: filled(map, "url"),
            style: filled(map, "style"),
        }
    }
}

impl<'a> Buttons<'a> {
    /// The buttons.
    pub fn buttons(self) -> impl Iterator<Item = Button<'a>> {
        self.buttons.iter().filter_map(Value::as_object).map(Button::of)
    }
}

impl<'a> Cover<'a> {
    fn of(map: &'a JsonMap) -> Self {
        Self {
            background_image: filled(map, "backgroundImage"),
            background_video: filled(map, "backgroundVideo"),
            overlay_color: filled(map, "overlayColor"),
            overlay_opacity: map.get("overlayOpacity").and_then(Value::as_f64),
            min_height: filled(map, "minHeight"),
            alignment: filled(map, "alignment"),
            content: array(map, "content"),
        }
    }
}

impl<'a> Table<'a> {
    /// The rows.
    pub fn rows(self) -> impl Iterator<Item = &'a [Value]> {
        self.rows.iter().filter_map(Value::as_object).map(|row| array(row, "cells"))
    }

    /// The cells of a row; a plain string is the older form of a cell.
    pub fn cells(row: &'a [Value]) -> impl Iterator<Item = TableCell<'a>> {
        row.iter().map(|cell| {
            let map = cell.as_object();
            let of = |key| map.map(|map| array(map, key)).unwrap_or_default();
            let span = |key| map.and_then(|map| pixels(map, key)).unwrap_or(1).clamp(1, 1000);
            TableCell {
                content: Inline { spans: of("content"), annotations: of("markDefs") },
                text: cell
                    .as_str()
                    .or_else(|| map.and_then(|map| text(map, "text").or(text(map, "content")))),
                is_header: map.is_some_and(|map| flag(map, "isHeader")),
                column_span: span("colspan"),
                row_span: span("rowspan"),
            }
        })
    }
}

impl<'a> Columns<'a> {
    /// The blocks of each column.
    pub fn columns(self) -> impl ExactSizeIterator<Item = &'a [Value]> {
        self.columns
            .iter()
            .map(|column| column.as_object().map(|map| array(map, "content")).unwrap_or_default())
    }
}

fn text<'a>(map: &'a JsonMap, key: &str) -> Option<&'a str> {
    map.get(key).and_then(Value::as_str)
}

fn filled<'a>(map: &'a JsonMap, key: &str) -> Option<&'a str> {
    text(map, key).filter(|value| !value.trim().is_empty())
}

/// True in either form the contract knows, `true` and `1`.
fn flag(map: &JsonMap, key: &str) -> bool {
    map.get(key).is_some_and(|value| value.as_bool() == Some(true) || value.as_u64() == Some(1))
}

fn array<'a>(map: &'a JsonMap, key: &str) -> &'a [Value] {
    map.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// A positive whole number, given as a number or as digits.
fn pixels(map: &JsonMap, key: &str) -> Option<u32> {
    let value = map.get(key)?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
    (1.0..=100_000.0).contains(&number).then_some(number.round() as u32)
}
