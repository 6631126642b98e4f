//! The media library of the site the content comes from.

use std::collections::HashMap;

/// A file of the library.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Its address on the old site.
    pub url: String,
    /// Its id here, once it is here.
    pub media_id: Option<String>,
    /// Its address here, once it is here.
    pub media_url: Option<String>,
    /// Alternative text.
    pub alt: String,
    /// Caption.
    pub caption: String,
}

/// Attachments by WordPress id and by address.
#[derive(Clone, Debug, Default)]
pub struct Attachments {
    by_id: HashMap<u64, Attachment>,
    by_address: HashMap<String, u64>,
}

impl Attachments {
    /// Adds a file under its WordPress id.
    pub fn insert(&mut self, id: u64, attachment: Attachment) {
        self.by_address.insert(address(&attachment.url).to_owned(), id);
        self.by_id.insert(id, attachment);
    }

    /// The file with this WordPress id.
    #[must_use]
    pub fn get(&self, id: u64) -> Option<&Attachment> {
        self.by_id.get(&id)
    }

    /// The file at this address: exactly, without query string, or without the `-300x200` of a resized
    /// copy (CMS contract §5.6).
    #[must_use]
    pub fn find(&self, url: &str) -> Option<&Attachment> {
        let exact = address(url);
        let id = self.by_address.get(exact).or_else(|| self.by_address.get(&original(exact)?))?;
        self.by_id.get(id)
    }
}

/// The address without scheme, query and fragment.
fn address(url: &str) -> &str {
    let rest = url.strip_prefix("https:").or_else(|| url.strip_prefix("http:")).unwrap_or(url);
    rest.split(['?', '#']).next().unwrap_or(rest)
}

/// The address of the file a resized copy was made from.
fn original(address: &str) -> Option<String> {
    let (stem, extension) = address.rsplit_once('.')?;
    let (name, size) = stem.rsplit_once('-')?;
    let (width, height) = size.split_once('x')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (is_number(width) && is_number(height)).then(|| format!("{name}.{extension}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_every_address_it_has() {
        let mut library = Attachments::default();
        let url = "https://wp.example/2010/08/a.jpg".to_owned();
        library.insert(7, Attachment { url, ..Attachment::default() });
        for address in [
            "https://wp.example/2010/08/a.jpg",
            "http://wp.example/2010/08/a.jpg?w=150",
            "https://wp.example/2010/08/a-300x200.jpg",
        ] {
            assert!(library.find(address).is_some(), "{address}");
        }
        assert!(library.find("https://wp.example/2010/08/a-b.jpg").is_none());
        assert!(library.find("https://wp.example/2010/08/b.jpg").is_none());
    }
}
