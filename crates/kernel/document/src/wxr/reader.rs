//! Reading an export, one item at a time.

use std::io::BufRead;
use std::sync::Arc;

use emdash_types::{Error, ErrorCode, Result};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::input::{Input, LimitReached};
use super::model::{Author, Item, ItemTerm, MetaEntry, Site, Term};

/// Most bytes of one item, its comments included.
const MAX_ITEM_BYTES: u64 = 64 << 20;
/// Most bytes before the first item: authors, terms.
const MAX_HEADER_BYTES: u64 = 256 << 20;

/// An export being read.
pub struct Wxr<R> {
    reader: Reader<Input<R>>,
    buffer: Vec<u8>,
    site: Site,
    authors: Vec<Author>,
    terms: Vec<Term>,
    items_seen: u64,
    /// The start tag of an item was read, the item was not.
    at_item: bool,
    done: bool,
}

impl<R> std::fmt::Debug for Wxr<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wxr")
            .field("site", &self.site)
            .field("items_seen", &self.items_seen)
            .finish_non_exhaustive()
    }
}

/// A step of the reader.
enum Step {
    Open { name: String, attributes: Vec<(String, String)>, empty: bool },
    Text(String),
    Close,
    End,
}

impl<R: BufRead> Wxr<R> {
    /// Reads what stands before the first item: the site, its authors and terms.
    ///
    /// # Errors
    /// `INVALID_IMPORT` when the input is no WordPress export or is broken, with line and column.
    pub fn open(mut input: R) -> Result<Self> {
        refuse_other_files(&mut input)?;
        let mut input = Input::new(input);
        input.allow(MAX_HEADER_BYTES);
        let mut wxr = Self {
            reader: Reader::from_reader(input),
            buffer: Vec::new(),
            site: Site::default(),
            authors: Vec::new(),
            terms: Vec::new(),
            items_seen: 0,
            at_item: false,
            done: false,
        };
        wxr.root()?;
        wxr.channel()?;
        if wxr.site.wxr_version.is_empty() {
            return Err(
                wxr.refuse("this is an RSS feed without WordPress's wp:wxr_version, not a WordPress export")
            );
        }
        Ok(wxr)
    }

    /// The site.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Its authors.
    #[must_use]
    pub fn authors(&self) -> &[Author] {
        &self.authors
    }

    /// Its terms.
    #[must_use]
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The next item, if there is one.
    ///
    /// # Errors
    /// `INVALID_IMPORT` with line and column; nothing can be read after it.
    pub fn next_item(&mut self) -> Result<Option<Item>> {
        if self.done {
            return Ok(None);
        }
        if !self.at_item {
            self.channel()?;
        }
        if self.done {
            return Ok(None);
        }
        self.at_item = false;
        self.items_seen += 1;
        self.reader.get_mut().allow(MAX_ITEM_BYTES);
        self.item().map(Some).inspect_err(|_| self.done = true)
    }

    fn root(&mut self) -> Result<()> {
        for expected in ["rss", "channel"] {
            loop {
                match self.step()? {
                    Step::Open { name, empty: false, .. } if name == expected => break,
                    Step::Open { name, .. } => {
                        return Err(self.refuse(&format!(
                            "expected <{expected}>, found <{name}>; this is not a WordPress export"
                        )));
                    }
                    Step::End => {
                        return Err(self.refuse(&format!(
                            "the file ends before <{expected}>; this is not a WordPress export"
                        )));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Reads the channel up to the next item or its end.
    fn channel(&mut self) -> Result<()> {
        loop {
            match self.step()? {
                Step::Open { name, empty, .. } => {
                    if name == "item" && !empty {
                        self.at_item = true;
                        return Ok(());
                    }
                    if !empty {
                        self.channel_element(&name)?;
                    }
                }
                Step::Close => {
                    self.done = true;
                    return Ok(());
                }
                Step::End => {
                    self.done = true;
                    return Err(self.refuse("the file ends before </channel>; it is not complete"));
                }
                Step::Text(_) => {}
            }
        }
    }

    fn channel_element(&mut self, name: &str) -> Result<()> {
        match name {
            "title" => self.site.title = self.word()?,
            "link" => self.site.url = self.word()?,
            "description" => self.site.description = self.word()?,
            "language" => self.site.language = self.word()?,
            "wp:wxr_version" => self.site.wxr_version = self.word()?,
            "wp:base_site_url" => self.site.base_site_url = self.word()?,
            "wp:base_blog_url" => self.site.base_blog_url = self.word()?,
            "wp:author" => {
                let author = self.author()?;
                self.authors.push(author);
            }
            "wp:category" => self.term("category")?,
            "wp:tag" => self.term("post_tag")?,
            "wp:term" => self.term("")?,
            _ => self.skip()?,
        }
        Ok(())
    }

    fn author(&mut self) -> Result<Author> {
        let mut author = Author::default();
        self.fields(|reader, name, _| {
            match name {
                "wp:author_id" => author.id = reader.word()?.parse().ok(),
                "wp:author_login" => author.login = reader.word()?,
                "wp:author_email" => author.email = reader.word()?,
                "wp:author_display_name" => author.display_name = reader.word()?,
                "wp:author_first_name" => author.first_name = reader.word()?,
                "wp:author_last_name" => author.last_name = reader.word()?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(author)
    }

    fn term(&mut self, taxonomy: &str) -> Result<()> {
        let mut term = Term { taxonomy: taxonomy.to_owned(), ..Term::default() };
        self.fields(|reader, name, _| {
            match name {
                "wp:term_id" => term.id = reader.word()?.parse().ok(),
                "wp:term_taxonomy" => term.taxonomy = reader.word()?,
                "wp:category_nicename" | "wp:tag_slug" | "wp:term_slug" => term.slug = reader.word()?,
                "wp:cat_name" | "wp:tag_name" | "wp:term_name" => term.name = reader.word()?,
                "wp:category_parent" | "wp:term_parent" => {
                    term.parent = Some(reader.word()?).filter(|parent| !parent.is_empty());
                }
                "wp:category_description" | "wp:tag_description" | "wp:term_description" => {
                    term.description = reader.text()?;
                }
                "wp:termmeta" => term.meta.push(reader.meta()?),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        self.terms.push(term);
        Ok(())
    }

    fn item(&mut self) -> Result<Item> {
        let mut item = Item::default();
        self.fields(|reader, name, attributes| reader.item_field(&mut item, name, attributes))?;
        Ok(item)
    }

    fn item_field(&mut self, item: &mut Item, name: &str, attributes: &[(String, String)]) -> Result<()> {
        match name {
            "title" => item.title = self.word()?,
            "link" => item.link = self.word()?,
            "pubDate" => item.pub_date = self.word()?,
            "dc:creator" => item.creator = self.word()?,
            "guid" => item.guid = self.word()?,
            "description" => item.description = self.text()?,
            "content:encoded" => item.content = self.text()?,
            "excerpt:encoded" => item.excerpt = self.text()?,
            "wp:post_id" => item.id = self.word()?.parse().ok(),
            "wp:post_date" => item.date = self.word()?,
            "wp:post_date_gmt" => item.date_gmt = self.word()?,
            "wp:post_modified" => item.modified = self.word()?,
            "wp:post_modified_gmt" => item.modified_gmt = self.word()?,
            "wp:comment_status" => item.comment_status = self.word()?,
            "wp:ping_status" => item.ping_status = self.word()?,
            "wp:post_name" => item.name = self.word()?,
            "wp:status" => item.status = self.word()?,
            "wp:post_parent" => item.parent = self.word()?.parse().ok().filter(|parent| *parent != 0),
            "wp:menu_order" => item.menu_order = self.word()?.parse().unwrap_or_default(),
            "wp:post_type" => item.post_type = self.word()?,
            "wp:post_password" => item.password = self.word()?,
            "wp:is_sticky" => item.is_sticky = self.word()? == "1",
            "wp:attachment_url" => item.attachment_url = Some(self.word()?).filter(|url| !url.is_empty()),
            "category" => {
                let name = self.word()?;
                let attribute = |wanted: &str| {
                    attributes
                        .iter()
                        .find(|(key, _)| key == wanted)
                        .map(|(_, value)| value.clone())
                        .unwrap_or_default()
                };
                item.terms.push(ItemTerm { domain: attribute("domain"), slug: attribute("nicename"), name });
            }
            "wp:postmeta" => item.meta.push(self.meta()?),
            "wp:comment" => {
                item.comments += 1;
                self.skip()?;
            }
            other => {
                if !item.unknown.iter().any(|known| known == other) {
                    item.unknown.push(other.to_owned());
                }
                self.skip()?;
            }
        }
        Ok(())
    }

    fn meta(&mut self) -> Result<MetaEntry> {
        let mut entry = MetaEntry::default();
        self.fields(|reader, name, _| {
            match name {
                "wp:meta_key" => entry.key = reader.word()?,
                "wp:meta_value" => entry.value = reader.text()?,
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(entry)
    }

    /// Calls `field` for every child element of the element whose start was just read.
    fn fields(
        &mut self,
        mut field: impl FnMut(&mut Self, &str, &[(String, String)]) -> Result<()>,
    ) -> Result<()> {
        loop {
            match self.step()? {
                Step::Open { name, attributes, empty: false } => field(self, &name, &attributes)?,
                Step::Open { .. } | Step::Text(_) => {}
                Step::Close => return Ok(()),
                Step::End => return Err(self.refuse("the file ends in the middle of an element")),
            }
        }
    }

    /// The text of the element whose start was just read; elements in it are skipped.
    fn text(&mut self) -> Result<String> {
        let mut text = String::new();
        loop {
            match self.step()? {
                Step::Text(part) if text.is_empty() => text = part,
                Step::Text(part) => text.push_str(&part),
                Step::Open { empty: false, .. } => self.skip()?,
                Step::Open { .. } => {}
                Step::Close => return Ok(text),
                Step::End => return Err(self.refuse("the file ends in the middle of an element")),
            }
        }
    }

    /// Like [`Self::text`], without the white space around it.
    fn word(&mut self) -> Result<String> {
        self.text().map(|text| text.trim().to_owned())
    }

    /// Skips the rest of the element whose start was just read.
    fn skip(&mut self) -> Result<()> {
        let mut depth = 1_u64;
        while depth > 0 {
            match self.step()? {
                Step::Open { empty: false, .. } => depth += 1,
                Step::Close => depth -= 1,
                Step::End => return Err(self.refuse("the file ends in the middle of an element")),
                Step::Open { .. } | Step::Text(_) => {}
            }
        }
        Ok(())
    }

    fn step(&mut self) -> Result<Step> {
        loop {
            self.buffer.clear();
            let step = match self.reader.read_event_into(&mut self.buffer) {
                Ok(Event::Start(start)) => open(&start, false),
                Ok(Event::Empty(start)) => open(&start, true),
                Ok(Event::End(_)) => Step::Close,
                Ok(Event::Text(text)) => Step::Text(text.xml10_content().into_owned()),
                Ok(Event::CData(data)) => Step::Text(data.xml10_content().into_owned()),
                Ok(Event::GeneralRef(reference)) => Step::Text(resolve(&reference)),
                Ok(Event::Eof) => Step::End,
                Ok(Event::DocType(_)) => {
                    return Err(
                        self.refuse("the file declares a document type, which a WordPress export never does")
                    );
                }
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => continue,
                Err(error) => return Err(self.broken(error)),
            };
            return Ok(step);
        }
    }

    fn broken(&self, error: quick_xml::Error) -> Error {
        if let quick_xml::Error::Io(cause) = &error {
            let limit = Arc::clone(cause);
            if limit.get_ref().is_some_and(|inner| inner.is::<LimitReached>()) {
                let (what, bytes) = if self.items_seen == 0 {
                    ("the part before the first item", MAX_HEADER_BYTES)
                } else {
                    ("one item", MAX_ITEM_BYTES)
                };
                return self.refuse(&format!("{what} is larger than the limit of {} MB", bytes >> 20));
            }
            return self.refuse("the file cannot be read any further").caused_by(error);
        }
        self.refuse(&format!("the XML is broken: {error}"))
    }

    fn refuse(&self, what: &str) -> Error {
        let (line, column) = self.reader.get_ref().position();
        let item = match self.items_seen {
            0 => String::new(),
            number => format!(", item {number}"),
        };
        Error::new(ErrorCode::InvalidImport, format!("line {line}, column {column}{item}: {what}"))
            .hint("Export again in WordPress under Tools → Export, and import the .xml file unchanged.")
            .details(serde_json::json!({"line": line, "column": column}))
    }
}

impl<R: BufRead> Iterator for Wxr<R> {
    type Item = Result<Item>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_item().inspect_err(|_| self.done = true).transpose()
    }
}

fn open(start: &BytesStart<'_>, empty: bool) -> Step {
    let attributes = start
        .attributes()
        .with_checks(false)
        .flatten()
        .map(|attribute| {
            let value: &str = attribute.value.as_ref();
            let value = quick_xml::escape::unescape(value)
                .map_or_else(|_| value.to_owned(), std::borrow::Cow::into_owned);
            (attribute.key.as_ref().to_owned(), value)
        })
        .collect();
    Step::Open { name: start.name().as_ref().to_owned(), attributes, empty }
}

/// One character for XML's own references; anything else stays as it is written, so nothing expands.
fn resolve(reference: &str) -> String {
    let named = match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        other => other.strip_prefix('#').and_then(|number| {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32).filter(|character| *character != '\0')
        }),
    };
    named.map_or_else(|| format!("&{reference};"), String::from)
}

/// Says what the file is, where it plainly is something else.
fn refuse_other_files(input: &mut impl BufRead) -> Result<()> {
    let start = input
        .fill_buf()
        .map_err(|error| Error::new(ErrorCode::InvalidImport, "The file cannot be read.").caused_by(error))?;
    let words = start.trim_ascii_start();
    let what = if start.is_empty() {
        "The file is empty."
    } else if start.starts_with(b"PK\x03\x04") {
        "The file is a ZIP archive; unpack it and import the .xml file inside."
    } else if start.starts_with(&[0x1f, 0x8b]) {
        "The file is compressed with gzip; unpack it and import the .xml file inside."
    } else if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        "The file is not UTF-8 but UTF-16; WordPress exports are UTF-8."
    } else if words.first().is_some_and(|byte| !matches!(byte, b'<' | 0xef)) {
        "The file is not XML; a WordPress export starts with <?xml and <rss>."
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorCode::InvalidImport, what)
        .hint("Export in WordPress under Tools → Export, and import that .xml file."))
}
