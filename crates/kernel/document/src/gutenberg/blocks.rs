//! WordPress blocks by name.

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::comments::{Node, Piece};
use super::flow::{Flow, words};
use super::{Converter, build, excerpt, figure, has_words};
use crate::markup::nests_too_deep;
use crate::render::provider_of;

/// Deepest nesting of columns and covers; deeper ones are joined with the content around them.
const MAX_DEPTH: usize = 8;

/// Writes blocks of one level of nesting.
pub(super) struct Blocks<'c, 'a> {
    pub converter: &'c mut Converter<'a>,
    pub depth: usize,
}

impl Blocks<'_, '_> {
    pub(super) fn pieces(&mut self, pieces: &[Piece<'_>], out: &mut Vec<Value>) {
        for piece in pieces {
            match piece {
                Piece::Html(html) => self.converter.html(html, true, out),
                Piece::Block(node) => self.block(node, out),
            }
        }
    }

    fn block(&mut self, node: &Node<'_>, out: &mut Vec<Value>) {
        let name = node.name.strip_prefix("core/").unwrap_or(&node.name);
        if nests_too_deep(&node.html()) {
            self.keep(node, out);
            return;
        }
        // The settings that survive, for the report about the others.
        let kept: &[&str] = match name {
            "paragraph" | "heading" | "list" | "list-item" | "quote" | "verse" | "preformatted" | "code"
            | "table" | "subhead" | "separator" | "details" => {
                self.converter.html(&node.html(), false, out);
                &[
                    "align",
                    "textAlign",
                    "level",
                    "content",
                    "placeholder",
                    "ordered",
                    "start",
                    "values",
                    "citation",
                ]
            }
            "freeform" | "classic" | "missing" => {
                self.converter.html(&node.html(), true, out);
                &["originalName", "originalUndelimitedContent", "originalContent"]
            }
            "image" | "pullquote" | "video" | "audio" => {
                self.converter.html(&node.html(), false, out);
                &[
                    "id",
                    "url",
                    "alt",
                    "align",
                    "href",
                    "src",
                    "linkDestination",
                    "sizeSlug",
                    "width",
                    "height",
                    "citation",
                    "value",
                    "caption",
                ]
            }
            "gallery" => self.gallery(node, out),
            "group" => {
                self.inner(node, out);
                &["tagName", "layout"]
            }
            "columns" | "text-columns" => self.columns(node, out),
            "media-text" => self.media_text(node, out),
            "button" | "buttons" => self.buttons(node, out),
            "cover" | "cover-image" => self.cover(node, out),
            "file" => self.file(node, out),
            "more" => {
                out.push(build::rule(Some("more")));
                &[]
            }
            "nextpage" => {
                self.converter
                    .report
                    .simplified("core/nextpage", "the pages are joined, with a rule between them");
                out.push(build::rule(Some("nextpage")));
                &[]
            }
            "spacer" => {
                out.push(build::rule(Some("spacer")));
                &[]
            }
            "html" => {
                self.keep(node, out);
                &[]
            }
            "shortcode" => {
                self.converter.html(&node.html(), true, out);
                &[]
            }
            "embed" => self.embed(node, None, out),
            other if other.starts_with("core-embed/") => {
                self.embed(node, other.strip_prefix("core-embed/"), out)
            }
            _ => {
                self.unknown(node, out);
                return;
            }
        };
        self.report_settings(node, kept);
    }

    /// Settings without a place in a document. Names of CSS classes that only say how things look are
    /// among them, so the report can name what a theme may have to restore.
    fn report_settings(&mut self, node: &Node<'_>, kept: &[&str]) {
        let lost: Vec<String> = node
            .attributes
            .iter()
            .filter(|(name, value)| {
                !kept.contains(&name.as_str()) && !value.is_null() && value.as_str() != Some("")
            })
            .map(|(name, value)| match value {
                Value::String(text) => format!("{name}={text}"),
                other => format!("{name}={other}"),
            })
            .collect();
        if !lost.is_empty() {
            self.converter
                .report
                .simplified(&format!("settings of {}", node.name), &excerpt(&lost.join(" ")));
        }
    }

    /// What is inside a wrapper; its own markup counts only where it has words.
    fn inner(&mut self, node: &Node<'_>, out: &mut Vec<Value>) {
        for piece in &node.pieces {
            match piece {
                Piece::Block(inner) => self.block(inner, out),
                Piece::Html(html) if has_words(html) || html.contains("<img") => {
                    self.converter.html(html, false, out)
                }
                Piece::Html(_) => {}
            }
        }
    }

    /// The content of a container one level deeper.
    fn nested(&mut self, node: &Node<'_>) -> Vec<Value> {
        let mut content = Vec::new();
        Blocks { converter: self.converter, depth: self.depth + 1 }.inner(node, &mut content);
        content
    }

    fn keep(&mut self, node: &Node<'_>, out: &mut Vec<Value>) {
        let html = node.html();
        self.converter.report.kept(&node.name, &excerpt(&html));
        let mut raw = build::block("htmlBlock");
        raw.insert("html".to_owned(), Value::from(html.trim_matches('\n')));
        raw.insert("originalBlockName".to_owned(), Value::from(node.name.as_str()));
        if !node.attributes.is_empty() {
            raw.insert("originalAttrs".to_owned(), Value::Object(node.attributes.clone()));
        }
        out.push(Value::Object(raw));
    }

    fn unknown(&mut self, node: &Node<'_>, out: &mut Vec<Value>) {
        if node.has_blocks() {
            self.converter.report.simplified(&node.name, "the blocks inside it stand alone");
            self.report_settings(node, &[]);
            self.inner(node, out);
        } else {
            self.keep(node, out);
        }
    }

    fn gallery(&mut self, node: &Node<'_>, out: &mut Vec<Value>) -> &'static [&'static str] {
        let html = node.html();
        let columns = node.attributes.get("columns").and_then(Value::as_u64);
        let tree = Html::parse_fragment(&html);
        let wrapper =
            figure::find(tree.root_element(), "figure").or_else(|| figure::find(tree.root_element(), "ul"));
        let before = out.len();
        if let Some(wrapper) = wrapper {
            let mut flow = Flow::new(self.converter, false, Vec::new());
            flow.gallery(wrapper, columns);
            out.extend(flow.finish());
        }
        if out.len() == before {
            let ids: Vec<u64> =
                node.attributes.get("ids").and_then(Value::as_array).map_or_else(Vec::new, |ids| {
                    ids.iter().filter_map(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok())).collect()
                });
            match self.converter.gallery_of(&ids, columns) {
                Some(gallery) => out.push(gallery),
                None => self.keep(node, out),
            }
        }
        &["ids", "columns", "images", "linkTo", "imageCrop", "shortCodeTransforms"]
    }

    fn columns(&mut self, node: &Node<'_>, out: &mut Vec<Value>) -> &'static [&'static str] {
        if self.depth >= MAX_DEPTH {
            self.converter.report.simplified(&node.name, "nested too deeply, the columns follow each other");
            self.inner(node, out);
            return &[];
        }
        let mut contents = Vec::new();
        for piece in &node.pieces {
            match piece {
                Piece::Block(column) if column.name == "core/column" => {
                    contents.push(self.nested(column));
                    self.report_settings(column, &[]);
                }
                Piece::Block(other) => {
                    let mut content = Vec::new();
                    Blocks { converter: self.converter, depth: self.depth + 1 }.block(other, &mut content);
                    contents.push(content);
                }
                Piece::Html(html) if has_words(html) => {
                    let mut content = Vec::new();
                    self.converter.html(html, false, &mut content);
                    contents.push(content);
                }
                Piece::Html(_) => {}
            }
        }
        out.push(build::columns(contents));
        &["columns"]
    }

    fn media_text(&mut self, node: &Node<'_>, out: &mut Vec<Value>) -> &'static [&'static str] {
        let mut media = Vec::new();
        for piece in &node.pieces {
            if let Piece::Html(html) = piece {
                self.converter.html(html, false, &mut media);
            }
        }
        let mut content = Vec::new();
        for piece in &node.pieces {
            if let Piece::Block(inner) = piece {
                Blocks { converter: self.converter, depth: self.depth + 1 }.block(inner, &mut content);
            }
        }
        if self.depth >= MAX_DEPTH {
            self.converter.report.simplified(&node.name, "nested too deeply, the columns follow each other");
            out.extend(media);
            out.extend(content);
        } else if node.text("mediaPosition") == Some("right") {
            out.push(build::columns(vec![content, media]));
        } else {
            out.push(build::columns(vec![media, content]));
        }
        &["mediaId", "mediaType", "mediaPosition", "mediaLink", "mediaUrl", "mediaAlt", "isStackedOnMobile"]
    }

    fn buttons(&mut self, node: &Node<'_>, out: &mut Vec<Value>) -> &'static [&'static str] {
        let html = node.html();
        let tree = Html::parse_fragment(&html);
        let mut buttons = Vec::new();
        for link in tree.root_element().descendent_elements() {
            let is_label = link.value().classes().any(|class| class == "wp-block-button__link");
            if is_label || link.value().name() == "a" {
                buttons.extend(self.button(link));
            }
        }
        if buttons.is_empty() && has_words(&html) {
            self.converter.html(&html, false, out);
        } else if node.name == "core/button" {
            out.append(&mut buttons);
        } else if !buttons.is_empty() {
            let mut map = build::block("buttons");
            let layout = node
                .attributes
                .get("layout")
                .and_then(|layout| layout.get("orientation"))
                .and_then(Value::as_str);
            build::set(&mut map, "layout", layout);
            map.insert("buttons".to_owned(), Value::Array(buttons));
            out.push(Value::Object(map));
        }
        &["text", "url", "layout", "placeholder"]
    }

    fn button(&mut self, link: ElementRef<'_>) -> Option<Value> {
        let text = words(link);
        let url = link.attr("href").and_then(|href| self.converter.link(href));
        if text.is_empty() && url.is_none() {
            return None;
        }
        let wrapper = link.parent().and_then(ElementRef::wrap);
        let classes = wrapper.into_iter().chain([link]).flat_map(|element| element.value().classes());
        let style = classes
            .filter_map(|class| class.strip_prefix("is-style-"))
            .find(|style| matches!(*style, "outline" | "fill"));
        let mut map = build::block("button");
        map.insert("text".to_owned(), Value::from(text));
        build::set(&mut map, "url", url);
        build::set(&mut map, "style", style);
        Some(Value::Object(map))
    }

    fn cover(&mut self, node: &Node<'_>, out: &mut Vec<Value>) -> &'static [&'static str] {
        let mut content = self.nested(node);
        let background = node.text("url").map(ToOwned::to_owned).or_else(|| self.cover_picture(node));
        let source = background.and_then(|url| self.converter.source(&url));
        let url = source.as_deref().map(|source| self.converter.here(source));
        // The picture of newer covers is an element of its own; it is the background, not content.
        content.retain(|block| {
            let shown = match block.get("_type").and_then(Value::as_str) {
                Some("image") => block.pointer("/asset/url"),
                Some("embed") => block.get("url"),
                _ => None,
            };
            shown.and_then(Value::as_str).is_none_or(|shown| url.as_deref() != Some(shown))
        });
        if self.depth >= MAX_DEPTH {
            self.converter.report.simplified(&node.name, "nested too deeply, its content stands alone");
            out.append(&mut content);
            return &[];
        }
        let mut map = build::block("cover");
        let is_video = node.text("backgroundType") == Some("video");
        build::set(&mut map, if is_video { "backgroundVideo" } else { "backgroundImage" }, url);
        build::set(&mut map, "overlayColor", node.text("customOverlayColor").or(node.text("overlayColor")));
        let dim = node.attributes.get("dimRatio").and_then(Value::as_f64);
        build::set(&mut map, "overlayOpacity", dim.map(|dim| (dim / 100.0).clamp(0.0, 1.0)));
        let unit = node.text("minHeightUnit").unwrap_or("px");
        let height = node.attributes.get("minHeight").and_then(Value::as_f64);
        build::set(&mut map, "minHeight", height.map(|height| format!("{height}{unit}")));
        build::set(&mut map, "alignment", node.text("align"));
        map.insert("content".to_owned(), Value::Array(content));
        out.push(Value::Object(map));
        &[
            "url",
            "id",
            "backgroundType",
            "customOverlayColor",
            "overlayColor",
            "dimRatio",
            "minHeight",
            "minHeightUnit",
            "align",
        ]
    }

    /// The picture of a cover without that setting: `style="background-image:url(…)"`.
    fn cover_picture(&self, node: &Node<'_>) -> Option<String> {
        let html = node.html();
        let (_, rest) = html.split_once("background-image:url(")?;
        let (url, _) = rest.split_once(')')?;
        Some(url.trim_matches(['"', '\'']).replace("&quot;", ""))
    }

    fn file(&mut self, node: &Node<'_>, out: &mut Vec<Value>) -> &'static [&'static str] {
        let html = node.html();
        let tree = Html::parse_fragment(&html);
        let anchor = figure::find(tree.root_element(), "a");
        let href = node.text("href").or_else(|| anchor?.attr("href"));
        match href.and_then(|href| self.converter.link(href)) {
            Some(url) => {
                let mut map = build::block("file");
                map.insert("url".to_owned(), Value::from(url));
                build::set(&mut map, "filename", anchor.map(words).filter(|name| !name.is_empty()));
                let button =
                    node.attributes.get("showDownloadButton").and_then(Value::as_bool).unwrap_or(true);
                let label = figure::find_all(tree.root_element(), "a").nth(1).map(words);
                if let Some(label) = label.filter(|label| label != "Download") {
                    self.converter.report.dropped("label of a download button", &label);
                }
                map.insert("showDownloadButton".to_owned(), Value::from(button));
                out.push(Value::Object(map));
            }
            None => self.keep(node, out),
        }
        &["id", "href", "fileId", "showDownloadButton", "textLinkHref", "fileName"]
    }

    fn embed(
        &mut self,
        node: &Node<'_>,
        provider: Option<&str>,
        out: &mut Vec<Value>,
    ) -> &'static [&'static str] {
        let html = node.html();
        let tree = Html::parse_fragment(&html);
        let root = tree.root_element();
        let caption = figure::find(root, "figcaption").map(words).filter(|caption| !caption.is_empty());
        let written =
            words(root).split_whitespace().find(|word| word.starts_with("http")).map(ToOwned::to_owned);
        let url =
            node.text("url").map(ToOwned::to_owned).or(written).and_then(|url| self.converter.source(&url));
        match url {
            Some(url) => {
                let provider = node.text("providerNameSlug").or(provider).or_else(|| provider_of(&url));
                out.push(build::embed(&url, provider, caption));
            }
            None => self.keep(node, out),
        }
        &[
            "url",
            "type",
            "providerNameSlug",
            "className",
            "responsive",
            "caption",
            "allowResponsive",
            "previewable",
        ]
    }
}
