//! Which names an archive entry may have.

use unicode_normalization::UnicodeNormalization;

/// The entry's path below the bundle's root, or what is wrong with its name.
///
/// A leading `./` or `package/` (npm's packing) is dropped, `.` components too; the rest is NFC.
pub(super) fn normalise(raw: &[u8]) -> Result<String, &'static str> {
    let text = std::str::from_utf8(raw).map_err(|_| "is not UTF-8")?;
    if text.chars().any(char::is_control) {
        return Err("contains a control character");
    }
    if text.contains('\\') {
        return Err("contains a backslash");
    }
    if text.starts_with('/') {
        return Err("is an absolute path");
    }
    if text.chars().nth(1) == Some(':') && text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err("begins with a drive letter");
    }
    let text = text.strip_suffix('/').unwrap_or(text);
    let mut parts = Vec::new();
    for part in text.split('/') {
        match part {
            "" => return Err("has an empty component"),
            ".." => return Err("leads out of the bundle (\"..\")"),
            "." => {}
            part => parts.push(part),
        }
    }
    if parts.len() > 1 && parts[0] == "package" {
        parts.remove(0);
    }
    Ok(parts.join("/").nfc().collect())
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn usual_prefixes_are_dropped() {
        for (raw, path) in [
            ("./manifest.json", "manifest.json"),
            ("package/manifest.json", "manifest.json"),
            ("./package/./screenshots/a.png", "screenshots/a.png"),
            ("screenshots/", "screenshots"),
            ("package/", "package"),
            ("./", ""),
            ("e\u{301}.md", "\u{e9}.md"),
        ] {
            assert_eq!(normalise(raw.as_bytes()), Ok(path.to_owned()), "{raw}");
        }
    }

    #[test]
    fn names_that_could_leave_or_deceive_are_refused() {
        let names: [&[u8]; 10] = [
            b"../x",
            b"a/../../x",
            b"/etc/passwd",
            b"C:\\x",
            b"C:x",
            b"a\\b",
            b"a//b",
            b"a\0b",
            b"a\x1bb",
            b"\xff",
        ];
        for name in names {
            assert!(normalise(name).is_err(), "{name:?}");
        }
    }
}
