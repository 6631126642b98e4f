//! Slugs, as the contract generates them (CMS contract §4.9).

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

/// Longest generated slug, in grapheme clusters.
const MAX_GRAPHEMES: usize = 80;

/// Makes a slug from a title: NFKC, lower case, white space and `_` to `-`, letters, digits and combining
/// marks of any script kept, at most 80 grapheme clusters. A title without any of these gets a stable
/// `untitled-<hash>`.
#[must_use]
pub fn slugify(title: &str) -> String {
    let mut slug = String::with_capacity(title.len());
    for character in title.nfkc().flat_map(char::to_lowercase) {
        if character.is_whitespace() || character == '_' || character == '-' {
            if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        } else if character.is_alphanumeric() || unicode_normalization::char::is_combining_mark(character) {
            slug.push(character);
        }
    }
    let cut: String = slug.graphemes(true).take(MAX_GRAPHEMES).collect();
    let trimmed = cut.trim_matches('-');
    if trimmed.is_empty() { format!("untitled-{}", base36(fnv1a(title))) } else { trimmed.to_owned() }
}

fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn base36(value: u32) -> String {
    let mut digits = String::new();
    let mut rest = value;
    loop {
        digits.insert(0, char::from_digit(rest % 36, 36).unwrap_or('0'));
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    format!("{digits:0>7}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_of_every_script_stay() {
        assert_eq!(slugify("  Hello,   World!  "), "hello-world");
        assert_eq!(slugify("Ünïcode_Straße"), "ünïcode-straße");
        assert_eq!(slugify("日本語 タイトル"), "日本語-タイトル");
        assert!(slugify("!!!").starts_with("untitled-"));
        assert_eq!(slugify("!!!"), slugify("!!!"));
    }

    proptest! {
        #[test]
        fn a_slug_of_a_slug_is_itself(title in ".{0,120}") {
            let slug = slugify(&title);
            prop_assert_eq!(slugify(&slug), slug);
        }
    }
}
