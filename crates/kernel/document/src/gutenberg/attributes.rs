//! What attributes of elements mean, and which mean something nobody here can keep.

use scraper::ElementRef;

use super::shortcode::PLACEHOLDER;
use super::{Converter, excerpt};

impl Converter<'_> {
    /// Attributes that mean something and have no place in a document.
    pub(super) fn report_attributes(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        for (attribute, value) in element.value().attrs() {
            if !has_place(name, attribute) && !value.trim().is_empty() && !is_alignment(attribute, value) {
                let what = format!("attribute {attribute} of <{name}>");
                self.report.dropped(&what, &excerpt(value));
            }
        }
    }
}

/// Whether an attribute is kept, is worked into the block, or has no meaning outside its old page.
fn has_place(element: &str, attribute: &str) -> bool {
    let by_element: &[&str] = match element {
        "img" => &["src", "alt", "width", "height", "srcset", "sizes", "loading", "decoding", "border", "id"],
        "a" => &["href", "target", "download"],
        "ol" => &["start"],
        "td" | "th" => &["colspan", "rowspan", "scope"],
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "figure" | "dl" => &["id"],
        "iframe" | "video" | "audio" => {
            &["src", "width", "height", "frameborder", "allowfullscreen", "controls", "id"]
        }
        PLACEHOLDER => &["data-index"],
        "script" | "style" | "form" | "input" | "button" | "object" | "embed" | "svg" | "select"
        | "textarea" | "details" | "map" | "math" | "canvas" | "template" | "link" | "meta" | "noscript" => {
            return true;
        }
        _ => &[],
    };
    matches!(attribute, "class" | "rel" | "role" | "itemprop" | "itemscope" | "itemtype")
        || attribute.starts_with("data-")
        || attribute.starts_with("aria-")
        || by_element.contains(&attribute)
}

fn is_alignment(attribute: &str, value: &str) -> bool {
    let value = value.trim().trim_end_matches(';').to_ascii_lowercase();
    match attribute {
        "align" => true,
        "style" => value.strip_prefix("text-align:").is_some_and(|rest| !rest.contains(';')),
        _ => false,
    }
}

/// Text alignment from class, style or the old attribute.
pub(super) fn alignment(element: ElementRef<'_>) -> Option<&'static str> {
    let from_class = element.value().classes().find_map(|class| class.strip_prefix("has-text-align-"));
    let style = element.attr("style").unwrap_or_default();
    let from_style = style.split(';').find_map(|rule| rule.trim().strip_prefix("text-align:"));
    let word = from_class.or(from_style).or_else(|| element.attr("align"))?;
    let align = crate::Align::parse(word.trim().to_ascii_lowercase().as_str())?;
    Some(align.name())
}

pub(super) fn language_of(classes: Option<&str>) -> Option<String> {
    classes?
        .split_whitespace()
        .find_map(|class| class.strip_prefix("language-").or_else(|| class.strip_prefix("lang-")))
        .map(ToOwned::to_owned)
}
