//! Pictures, films, sounds, frames, and the shortcodes for them.

use scraper::ElementRef;
use serde_json::{Value, json};

use super::flow::{Flow, words};
use super::shortcode::Shortcode;
use super::{Converter, build, excerpt};
use crate::render::provider_of;

/// Every descendant with this name.
pub(super) fn find_all<'t>(root: ElementRef<'t>, name: &'t str) -> impl Iterator<Item = ElementRef<'t>> {
    root.descendent_elements().skip(1).filter(move |element| element.value().name() == name)
}

/// The first descendant with this name.
pub(super) fn find<'t>(root: ElementRef<'t>, name: &'t str) -> Option<ElementRef<'t>> {
    find_all(root, name).next()
}

/// A caption as an old theme wrote it: a definition list.
pub(super) fn is_caption_list(element: ElementRef<'_>) -> bool {
    element.value().classes().any(|class| class == "wp-caption" || class == "gallery-item")
}

fn ancestors(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().filter_map(ElementRef::wrap)
}

impl Converter<'_> {
    /// The picture an `img` shows; nothing where it has no address a page may load.
    pub(super) fn picture(
        &mut self,
        element: ElementRef<'_>,
        link: Option<String>,
        caption: Option<String>,
    ) -> Option<Value> {
        let source = ["src", "data-src", "data-lazy-src", "data-orig-file"]
            .iter()
            .find_map(|name| self.source(element.attr(name)?))?;
        let id = element.value().classes().find_map(|class| class.strip_prefix("wp-image-")?.parse().ok());
        let id = id.or_else(|| element.attr("data-id")?.parse::<u64>().ok());
        let holders = ancestors(element).take_while(|holder| {
            let is_block = holder.value().classes().any(|class| class == "wp-block-image");
            is_block || matches!(holder.value().name(), "a" | "p" | "picture" | "figure" | "dt" | "dl")
        });
        let classes = holders.chain([element]).flat_map(|element| element.value().classes());
        let alignment = classes
            .filter_map(|class| class.strip_prefix("align"))
            .find(|word| matches!(*word, "left" | "center" | "right" | "wide" | "full"));
        self.report_attributes(element);
        let pixels =
            |name| element.attr(name).and_then(|size| size.trim().trim_end_matches("px").parse::<u32>().ok());
        let mut map = self.picture_of(Some(&source), id, element.attr("alt"));
        build::set(&mut map, "caption", caption);
        build::set(&mut map, "width", pixels("width"));
        build::set(&mut map, "height", pixels("height"));
        build::set(&mut map, "alignment", alignment);
        build::set(&mut map, "link", link);
        Some(Value::Object(map))
    }

    /// A picture by address or id, with what the library knows about it. The address decides: ids in old
    /// content often belong to something else.
    fn picture_of(&self, source: Option<&str>, id: Option<u64>, alt: Option<&str>) -> emdash_types::JsonMap {
        let library = self.context.attachments;
        let known = library
            .and_then(|library| source.and_then(|source| library.find(source)).or_else(|| library.get(id?)));
        let url = known.and_then(|known| known.media_url.as_deref()).or(source);
        let url = url.or_else(|| known.map(|known| known.url.as_str())).unwrap_or_default();
        let reference = known.and_then(|known| known.media_id.as_deref()).unwrap_or(url);
        let alt = alt.or_else(|| known.map(|known| known.alt.as_str())).unwrap_or_default();
        let mut map = build::block("image");
        map.insert("asset".to_owned(), json!({"_type": "reference", "_ref": reference, "url": url}));
        map.insert("alt".to_owned(), Value::from(alt));
        map
    }

    /// A gallery of library ids; nothing where the library knows none of them.
    pub(super) fn gallery_of(&mut self, ids: &[u64], columns: Option<u64>) -> Option<Value> {
        let library = self.context.attachments?;
        let mut images = Vec::new();
        for id in ids {
            let Some(known) = library.get(*id) else {
                self.report.dropped("gallery image", &format!("the export has no attachment {id}"));
                continue;
            };
            let caption = Some(known.caption.clone()).filter(|caption| !caption.is_empty());
            let mut map = self.picture_of(None, Some(*id), None);
            build::set(&mut map, "caption", caption);
            images.push(Value::Object(map));
        }
        (!images.is_empty()).then(|| gallery(images, columns))
    }
}

pub(super) fn gallery(images: Vec<Value>, columns: Option<u64>) -> Value {
    let mut map = build::block("gallery");
    build::set(&mut map, "columns", columns);
    map.insert("images".to_owned(), Value::Array(images));
    Value::Object(map)
}

impl Flow<'_, '_> {
    pub(super) fn image(&mut self, element: ElementRef<'_>) {
        let link = self.current_link();
        match self.converter.picture(element, link, None) {
            Some(picture) => self.block(picture),
            None => self.keep(element, "<img> without a usable address"),
        }
    }

    pub(super) fn figure(&mut self, element: ElementRef<'_>) {
        let has_class = |name: &str| element.value().classes().any(|class| class == name);
        let images: Vec<ElementRef<'_>> = find_all(element, "img").collect();
        if has_class("wp-block-pullquote") {
            self.pullquote(element);
        } else if let Some(table) = find(element, "table") {
            let caption = self.caption(element);
            self.table(table, caption);
        } else if let Some(media) = ["iframe", "video", "audio"].iter().find_map(|name| find(element, name)) {
            let caption = self.caption(element);
            self.media(media, caption);
        } else if images.len() > 1 && element.value().classes().any(|class| class.contains("gallery")) {
            self.gallery(element, None);
        } else if let [image] = images.as_slice() {
            let caption = self.caption(element);
            let link = self.link_around(*image);
            match self.converter.picture(*image, link, caption) {
                Some(picture) => self.block(picture),
                None => self.keep(element, "<img> without a usable address"),
            }
        } else {
            self.flush();
            self.children(element);
            self.flush();
        }
    }

    /// Every picture inside, each with the caption nearest to it.
    pub(super) fn gallery(&mut self, element: ElementRef<'_>, columns: Option<u64>) {
        let columns = columns.or_else(|| {
            let mut classes = element.value().classes();
            classes.find_map(|class| class.strip_prefix("columns-")?.parse().ok())
        });
        let mut images = Vec::new();
        for image in find_all(element, "img") {
            let holder = ancestors(image)
                .take_while(|ancestor| ancestor.id() != element.id())
                .find(|ancestor| find(*ancestor, "figcaption").is_some());
            let caption = holder.and_then(|holder| self.caption(holder));
            let link = self.link_around(image);
            match self.converter.picture(image, link, caption) {
                Some(picture) => images.push(picture),
                None => {
                    self.converter.report.dropped("<img> without a usable address", &excerpt(&image.html()))
                }
            }
        }
        let own = element.child_elements().find(|child| child.value().name() == "figcaption").map(words);
        if !images.is_empty() {
            self.block(gallery(images, columns));
        }
        if let Some(own) = own.filter(|own| !own.is_empty()) {
            self.converter.report.simplified("caption of a gallery", "it is a paragraph after it");
            self.block(build::paragraph(&own));
        }
    }

    fn link_around(&mut self, image: ElementRef<'_>) -> Option<String> {
        let anchor = ancestors(image).take(3).find(|ancestor| ancestor.value().name() == "a")?;
        self.converter.link(anchor.attr("href")?)
    }

    fn caption(&mut self, element: ElementRef<'_>) -> Option<String> {
        let caption = find(element, "figcaption").or_else(|| find(element, "dd")).or_else(|| {
            element
                .descendent_elements()
                .find(|inner| inner.value().classes().any(|class| class == "wp-caption-text"))
        })?;
        self.plain_caption(caption)
    }

    /// Captions are plain text in a document.
    fn plain_caption(&mut self, caption: ElementRef<'_>) -> Option<String> {
        if caption.child_elements().any(|inner| !matches!(inner.value().name(), "br" | "span" | "img")) {
            self.converter.report.simplified("markup in a caption", &excerpt(&caption.inner_html()));
        }
        Some(words(caption)).filter(|words| !words.is_empty())
    }

    pub(super) fn pullquote(&mut self, element: ElementRef<'_>) {
        let citation = find(element, "cite").map(words).filter(|words| !words.is_empty());
        let paragraphs: Vec<String> =
            find_all(element, "p").map(words).filter(|words| !words.is_empty()).collect();
        let text = if paragraphs.is_empty() {
            let all = words(element);
            citation
                .as_deref()
                .and_then(|citation| all.strip_suffix(citation))
                .unwrap_or(&all)
                .trim()
                .to_owned()
        } else {
            paragraphs.join("\n\n")
        };
        if find_all(element, "p")
            .any(|paragraph| paragraph.child_elements().any(|inner| inner.value().name() != "br"))
        {
            self.converter.report.simplified("markup in a pullquote", &excerpt(&element.inner_html()));
        }
        let mut map = build::block("pullquote");
        map.insert("text".to_owned(), Value::from(text));
        build::set(&mut map, "citation", citation);
        self.block(Value::Object(map));
    }

    /// A frame, film or sound.
    pub(super) fn media(&mut self, element: ElementRef<'_>, caption: Option<String>) {
        let name = element.value().name();
        let source = element
            .attr("src")
            .or_else(|| element.attr("data-src"))
            .or_else(|| find(element, "source")?.attr("src"));
        let source =
            source.map(
                |source| if source.starts_with("//") { format!("https:{source}") } else { source.to_owned() },
            );
        let Some(url) = source.and_then(|source| self.converter.source(&source)) else {
            self.keep(element, &format!("<{name}> without a usable address"));
            return;
        };
        for setting in ["poster", "autoplay", "loop", "muted"] {
            if element.attr(setting).is_some() {
                self.converter
                    .report
                    .dropped(&format!("{setting} of <{name}>"), element.attr(setting).unwrap_or_default());
            }
        }
        let url = self.converter.here(&url);
        let provider = if name == "iframe" { provider_of(&url) } else { Some(name) };
        self.block(build::embed(&url, provider, caption));
    }

    /// The place of a shortcode.
    pub(super) fn placeholder(&mut self, element: ElementRef<'_>) {
        let index: Option<usize> = element.attr("data-index").and_then(|index| index.parse().ok());
        let Some(shortcode) = index.and_then(|index| self.shortcodes.get(index)).cloned() else {
            self.children(element);
            return;
        };
        let done = match shortcode.name.as_str() {
            "caption" | "wp_caption" => self.caption_shortcode(&shortcode),
            "gallery" => self.gallery_shortcode(&shortcode),
            "embed" | "audio" | "video" => self.embed_shortcode(&shortcode),
            _ => false,
        };
        if !done {
            self.converter.report.kept(&format!("[{}]", shortcode.name), &excerpt(&shortcode.source));
            let mut raw = build::block("htmlBlock");
            raw.insert("html".to_owned(), Value::from(shortcode.source));
            raw.insert("originalBlockName".to_owned(), Value::from("core/shortcode"));
            self.block(Value::Object(raw));
        }
    }

    fn caption_shortcode(&mut self, shortcode: &Shortcode) -> bool {
        let Some(content) =
            shortcode.content.as_deref().filter(|content| !crate::markup::nests_too_deep(content))
        else {
            return false;
        };
        let tree = scraper::Html::parse_fragment(content);
        let root = tree.root_element();
        let Some(image) = find(root, "img") else { return false };
        if find_all(root, "img").count() > 1 {
            return false;
        }
        let caption = match shortcode.get("caption") {
            Some(caption) => Some(crate::render::raw_text(caption)).filter(|caption| !caption.is_empty()),
            None => {
                let marked = root.child_elements().any(|inner| {
                    find(inner, "img").is_none() && !matches!(inner.value().name(), "img" | "br")
                });
                if marked {
                    self.converter.report.simplified("markup in a caption", &excerpt(&root.inner_html()));
                }
                Some(words(root)).filter(|caption| !caption.is_empty())
            }
        };
        let link = self.link_around(image);
        let Some(Value::Object(mut picture)) = self.converter.picture(image, link, caption) else {
            return false;
        };
        let alignment = shortcode.get("align").and_then(|align| align.strip_prefix("align"));
        build::set(&mut picture, "alignment", alignment.filter(|word| *word != "none"));
        self.block(Value::Object(picture));
        true
    }

    fn gallery_shortcode(&mut self, shortcode: &Shortcode) -> bool {
        let listed = shortcode.get("ids").or_else(|| shortcode.get("include"));
        let ids: Vec<u64> = match listed {
            Some(ids) => ids.split([',', ' ']).filter_map(|id| id.trim().parse().ok()).collect(),
            None => self.converter.context.gallery.to_vec(),
        };
        let columns = shortcode.get("columns").and_then(|columns| columns.parse().ok());
        let Some(gallery) = self.converter.gallery_of(&ids, columns) else { return false };
        let settings: Vec<String> = shortcode
            .attributes
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "ids" | "include" | "columns"))
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !settings.is_empty() {
            self.converter.report.simplified("[gallery]", &settings.join(" "));
        }
        self.block(gallery);
        true
    }

    fn embed_shortcode(&mut self, shortcode: &Shortcode) -> bool {
        const SOURCES: [&str; 14] =
            ["src", "url", "", "mp4", "m4v", "webm", "ogv", "flv", "wmv", "mp3", "m4a", "ogg", "wav", "wma"];
        let from_attributes = SOURCES.iter().find_map(|name| shortcode.get(name));
        let content = shortcode.content.as_deref().map(str::trim).filter(|content| !content.is_empty());
        let address =
            if shortcode.name == "embed" { content.or(from_attributes) } else { from_attributes.or(content) };
        let Some(url) = address.and_then(|address| self.converter.source(&address.replace("&amp;", "&")))
        else {
            return false;
        };
        let url = self.converter.here(&url);
        let by_address = provider_of(&url);
        let provider = match shortcode.name.as_str() {
            "embed" => by_address,
            "video" => by_address.or(Some("video")),
            _ => Some("audio"),
        };
        self.block(build::embed(&url, provider, None));
        true
    }
}
