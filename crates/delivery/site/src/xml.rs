//! XML by hand: three documents of fixed shape need no more.

/// Appends text as XML 1.0 character data or attribute value. Characters XML forbids are left out.
pub(crate) fn push_text(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\t' | '\n' | '\r' => out.push(character),
            '\u{fffe}' | '\u{ffff}' => {}
            control if control < ' ' => {}
            other => out.push(other),
        }
    }
}

/// Appends `<name>text</name>`.
pub(crate) fn push_element(out: &mut String, name: &str, text: &str) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    push_text(out, text);
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_survives_an_xml_reader(text in "\\PC{0,40}") {
            let mut out = String::new();
            push_element(&mut out, "a", &text);
            let mut reader = quick_xml::Reader::from_str(&out);
            let mut read = String::new();
            loop {
                match reader.read_event().unwrap() {
                    quick_xml::events::Event::Text(part) => read.push_str(&part),
                    quick_xml::events::Event::GeneralRef(name) => {
                        read.push_str(quick_xml::escape::resolve_xml_entity(&name).unwrap());
                    }
                    quick_xml::events::Event::Eof => break,
                    _ => {}
                }
            }
            prop_assert_eq!(read, text);
        }
    }

    #[test]
    fn characters_xml_forbids_are_left_out() {
        let mut out = String::new();
        push_text(&mut out, "a\u{0}\u{b}\u{ffff}b");
        assert_eq!(out, "ab");
    }
}
