//! What a README says of its plugin when the manifest says nothing.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

/// The first heading and the first paragraph of a README, as plain text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadmeSummary {
    pub(crate) title: Option<String>,
    pub(crate) paragraph: Option<String>,
}

impl ReadmeSummary {
    pub(crate) fn of(markdown: &str) -> Self {
        let mut summary = Self::default();
        let mut text = String::new();
        let mut in_image = false;
        for event in Parser::new(markdown) {
            match event {
                Event::Start(Tag::Heading { .. } | Tag::Paragraph) => text.clear(),
                Event::End(TagEnd::Heading(HeadingLevel::H1)) if summary.title.is_none() => {
                    summary.title = words(&text);
                }
                Event::End(TagEnd::Paragraph) => summary.paragraph = words(&text),
                // Badges say nothing in words.
                Event::Start(Tag::Image { .. }) => in_image = true,
                Event::End(TagEnd::Image) => in_image = false,
                Event::Text(piece) | Event::Code(piece) if !in_image => text.push_str(&piece),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                _ => {}
            }
            if summary.paragraph.is_some() {
                break;
            }
        }
        summary
    }
}

fn words(text: &str) -> Option<String> {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

/// At most `most` characters, cut at a word.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most.saturating_sub(1)).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end_matches([',', ';', ' ', '.']))
}

/// `audit-log` as a title: `Audit Log`.
pub(crate) fn title_from_id(id: &str) -> String {
    let capital = |word: &str| {
        let mut characters = word.chars();
        let first = characters.next().map(|c| c.to_ascii_uppercase());
        first.into_iter().chain(characters).collect::<String>()
    };
    id.split(['-', '_']).filter(|word| !word.is_empty()).map(capital).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heading_and_first_paragraph_are_taken_without_markup_and_badges() {
        let summary = ReadmeSummary::of(
            "# Audit *Log*\n\n![build](https://example.com/b.svg)\n\n**Records** every `save`\nwith [links](x).\n\nMore.",
        );
        assert_eq!(summary.title.as_deref(), Some("Audit Log"));
        assert_eq!(summary.paragraph.as_deref(), Some("Records every save with links."));
        assert_eq!(ReadmeSummary::of("- only\n- a list\n"), ReadmeSummary::default());
    }

    #[test]
    fn long_texts_are_cut_at_a_word() {
        assert_eq!(shorten("short", 10), "short");
        assert_eq!(shorten("one two, three", 10), "one two…");
        assert_eq!(shorten("ééééééééé", 4), "ééé…");
        assert_eq!(title_from_id("audit-log_x2"), "Audit Log X2");
    }
}
