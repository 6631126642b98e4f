//! Pictures, code, covers and files.

use super::{Renderer, escape};
use crate::block::{Code, Cover, File, Gallery, Image};

/// An image ready for the page.
struct Picture {
    source: String,
    alt: String,
    width: Option<u32>,
    height: Option<u32>,
}

impl Renderer<'_> {
    pub(super) fn image(&mut self, image: Image<'_>) {
        self.figure(image, "image");
    }

    pub(super) fn gallery(&mut self, gallery: Gallery<'_>) {
        let columns = gallery.columns.unwrap_or(3).clamp(1, 9);
        self.out.push_str("<div");
        self.attribute("class", &format!("gallery columns-{columns}"));
        self.out.push_str(">\n");
        for image in gallery.images() {
            self.figure(image, "image");
        }
        self.out.push_str("</div>\n");
    }

    /// A picture whose file is unknown still shows its caption.
    fn figure(&mut self, image: Image<'_>, class: &str) {
        let picture = self.picture(image);
        if picture.is_none() && image.caption.is_none() {
            return;
        }
        let align = match image.alignment {
            Some("left") => " alignleft",
            Some("center") => " aligncenter",
            Some("right") => " alignright",
            Some("wide") => " alignwide",
            Some("full") => " alignfull",
            _ => "",
        };
        self.out.push_str("<figure");
        self.attribute("class", &format!("{class}{align}"));
        self.out.push('>');
        if let Some(picture) = picture {
            let link = image.link.and_then(|link| self.address(link));
            if let Some(link) = &link {
                self.out.push_str("<a");
                self.attribute("href", link);
                // A link needs a name; a picture without alternative text gives none.
                if picture.alt.trim().is_empty() {
                    self.attribute("aria-label", image.caption.unwrap_or("Image"));
                }
                self.out.push('>');
            }
            self.img(&picture);
            if link.is_some() {
                self.out.push_str("</a>");
            }
        }
        self.caption(image.caption);
        self.out.push_str("</figure>\n");
    }

    fn picture(&self, image: Image<'_>) -> Option<Picture> {
        let known = self
            .options
            .media
            .and_then(|lookup| image.reference.and_then(lookup).or_else(|| image.url.and_then(lookup)));
        let source = match &known {
            Some(known) => self.source(&known.url),
            None => [image.url, image.reference].into_iter().flatten().find_map(|url| self.source(url)),
        }?;
        let known = known.unwrap_or_default();
        let alt = image.alt.map(ToOwned::to_owned).or(known.alt).unwrap_or_default();
        let (width, height) = match (image.width, image.height) {
            (None, None) => (known.width, known.height),
            given => given,
        };
        Some(Picture { source, alt, width, height })
    }

    fn img(&mut self, picture: &Picture) {
        self.out.push_str("<img");
        self.attribute("src", &picture.source);
        self.attribute("alt", &picture.alt);
        for (name, size) in [("width", picture.width), ("height", picture.height)] {
            if let Some(size) = size {
                self.attribute(name, &size.to_string());
            }
        }
        self.out.push_str(" loading=\"lazy\" decoding=\"async\">");
    }

    pub(super) fn code(&mut self, code: Code<'_>) {
        if let Some(filename) = code.filename {
            self.out.push_str("<figure class=\"code\"><figcaption>");
            escape::push(&mut self.out, filename);
            self.out.push_str("</figcaption>");
        }
        // Long lines scroll, and what scrolls must be reachable by keyboard.
        self.out.push_str("<pre tabindex=\"0\"><code");
        if let Some(language) = code.language {
            let word: String = language
                .chars()
                .filter(|character| character.is_ascii_alphanumeric() || "+#._-".contains(*character))
                .collect();
            if !word.is_empty() {
                self.attribute("class", &format!("language-{}", word.to_ascii_lowercase()));
            }
        }
        self.out.push('>');
        escape::push(&mut self.out, code.code);
        self.out.push_str("</code></pre>");
        self.out.push_str(if code.filename.is_some() { "</figure>\n" } else { "\n" });
    }

    /// Colours and heights stay out of the markup: a page's policy forbids inline styles.
    pub(super) fn cover(&mut self, cover: Cover<'_>) {
        let dim = match cover.overlay_opacity {
            Some(opacity) if opacity.is_finite() => opacity.clamp(0.0, 1.0),
            _ => 0.5,
        };
        let align = match cover.alignment {
            Some("wide") => " alignwide",
            Some("full") => " alignfull",
            _ => "",
        };
        self.out.push_str("<div");
        self.attribute("class", &format!("cover cover-dim-{:.0}{align}", (dim * 10.0).round() * 10.0));
        self.out.push('>');
        if let Some(source) = cover.background_video.and_then(|url| self.source(url)) {
            self.out
                .push_str("<video class=\"cover-background\" muted loop playsinline preload=\"metadata\"");
            self.attribute("src", &source);
            self.out.push_str("></video>");
        } else if let Some(source) = cover.background_image.and_then(|url| self.cover_source(url)) {
            self.out.push_str("<img class=\"cover-background\" alt=\"\" loading=\"lazy\" decoding=\"async\"");
            self.attribute("src", &source);
            self.out.push('>');
        }
        self.out.push_str("<div class=\"cover-content\">\n");
        self.blocks(cover.content);
        self.out.push_str("</div></div>\n");
    }

    fn cover_source(&self, url: &str) -> Option<String> {
        let known = self.options.media.and_then(|lookup| lookup(url));
        self.source(known.as_ref().map_or(url, |known| &known.url))
    }

    pub(super) fn file(&mut self, file: File<'_>) {
        let Some(url) = self.address(file.url) else { return };
        let name = file.filename.unwrap_or_else(|| {
            file.url.split(['?', '#']).next().and_then(|path| path.rsplit('/').next()).unwrap_or(file.url)
        });
        self.out.push_str("<p class=\"file\"><a");
        self.attribute("href", &url);
        self.out.push('>');
        escape::push(&mut self.out, if name.is_empty() { file.url } else { name });
        self.out.push_str("</a>");
        if file.show_download_button {
            self.out.push_str(" <a class=\"button\" download");
            self.attribute("href", &url);
            self.attribute("aria-label", &format!("Download {name}"));
            self.out.push_str(">Download</a>");
        }
        self.out.push_str("</p>\n");
    }
}
