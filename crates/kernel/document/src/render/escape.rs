//! Text as HTML.

/// Text as it stands in element content or a quoted attribute. Control characters, which HTML forbids,
/// are left out.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    push(&mut out, text);
    out
}

pub(super) fn push(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(character),
            control if control.is_control() => {}
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_leaves_an_attribute_or_opens_a_tag() {
        assert_eq!(super::escape("<a b='c'>\"&\u{0}\r"), "&lt;a b=&#39;c&#39;&gt;&quot;&amp;");
    }
}
