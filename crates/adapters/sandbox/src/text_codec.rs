//! Encodings other than UTF-8 (WHATWG Encoding), decoded from their beginning in one piece.

use encoding_rs::{DecoderResult, Encoding, REPLACEMENT};

use crate::intrinsics::Outcome;

/// The encoding's name for a label, as `TextDecoder.encoding` has it.
pub(crate) fn name(label: &str) -> Outcome {
    encoding(label).map(|encoding| encoding.name().to_ascii_lowercase().into_bytes())
}

fn encoding(label: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(label.as_bytes())
        .filter(|encoding| *encoding != REPLACEMENT)
        .ok_or_else(|| "unknown encoding".to_owned())
}

/// The text of `bytes`. With the flag `s` more follows, so an unfinished character at the end is left out; with `f`
/// malformed input is refused.
pub(crate) fn decode(label: &str, flags: &str, bytes: &[u8]) -> Outcome {
    let encoding = encoding(label)?;
    let last = !flags.contains('s');
    let mut decoder = encoding.new_decoder_without_bom_handling();
    if !flags.contains('f') {
        let most = decoder.max_utf8_buffer_length(bytes.len()).ok_or("too long")?;
        let mut text = String::with_capacity(most);
        let _finished = decoder.decode_to_string(bytes, &mut text, last);
        return Ok(text.into_bytes());
    }
    let most = decoder.max_utf8_buffer_length_without_replacement(bytes.len()).ok_or("too long")?;
    let mut text = String::with_capacity(most);
    match decoder.decode_to_string_without_replacement(bytes, &mut text, last) {
        (DecoderResult::Malformed(..), _) => Err(format!(
            "The encoded data was not valid for encoding {}",
            encoding.name().to_ascii_lowercase()
        )),
        _ => Ok(text.into_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_character_waits_for_its_end() {
        assert_eq!(decode("shift_jis", "s", b"a\x82").unwrap(), b"a");
        assert_eq!(decode("shift_jis", "", b"a\x82\xa0").unwrap(), "aあ".as_bytes());
        assert!(decode("shift_jis", "f", b"a\x82").is_err());
        assert!(name("replacement").is_err());
        assert_eq!(name(" Latin1 ").unwrap(), b"windows-1252");
    }
}
