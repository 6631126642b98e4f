//! Attachments become pending items of the media library: known by their old address, their files not fetched.

use std::collections::HashMap;

use emdash_document::gutenberg::{Attachment, Attachments};
use emdash_document::render::raw_text;
use emdash_document::wxr::Item;
use emdash_store::content::{Media, MediaStatus};
use emdash_types::{MediaId, Result};
use serde_json::{Value, json};

use super::Run;
use super::identity::{Kind, external_id, traits_of};
use super::notes;
use super::plan::decoded;
use crate::import::report::{ImportNote, ItemReport, Outcome};

/// The media of an export.
#[derive(Default)]
pub(super) struct Library {
    /// For the conversion of contents.
    pub attachments: Attachments,
    /// Image values by WordPress id.
    images: HashMap<u64, Value>,
}

impl Library {
    /// The value of an image field that shows an attachment.
    pub(super) fn image(&self, wordpress_id: u64) -> Option<&Value> {
        self.images.get(&wordpress_id)
    }
}

const ALT: &str = "_wp_attachment_image_alt";
const METADATA: &str = "_wp_attachment_metadata";
const FILE: &str = "_wp_attached_file";

impl Run<'_> {
    /// Stores the attachments that are not here yet.
    pub(super) async fn import_attachments(&mut self, items: &[Item]) -> Result<Library> {
        let mut library = Library::default();
        for batch in items.chunks(super::BATCH) {
            let mut transaction = self.service.store.write().await?;
            let mut reports = Vec::with_capacity(batch.len());
            for item in batch {
                let Some(url) = address(item) else {
                    reports.push(without_file(item));
                    continue;
                };
                let traits = traits_of(item);
                let traits: Vec<&str> = traits.iter().map(String::as_str).collect();
                let identity =
                    self.memory.identify(Kind::Attachment, &external_id(item), item.published(), &traits);
                let media = self.media(item, url, MediaId::from(identity.id.as_str()));
                library.add(item, &media);
                let outcome = if self.memory.known(Kind::Attachment, &identity.external_id).is_some() {
                    self.repeated(&identity)
                } else {
                    transaction.media_add(&media).await?;
                    self.memory.remember(transaction.as_mut(), &identity).await?;
                    Outcome::Imported
                };
                let mut report = notes::report(item, outcome);
                report.id = Some(identity.id);
                report.notes = attachment_notes(item, &media);
                reports.push(report);
            }
            self.commit(transaction, reports).await?;
        }
        Ok(library)
    }

    fn media(&self, item: &Item, url: &str, id: MediaId) -> Media {
        let filename = filename(url);
        let text = |html: &str| Some(raw_text(html)).filter(|text| !text.is_empty());
        let metadata = item.meta(METADATA).unwrap_or_default();
        Media {
            id,
            mime_type: media_type(&filename).to_owned(),
            filename,
            size: None,
            width: serialised_integer(metadata, "width"),
            height: serialised_integer(metadata, "height"),
            alt: text(item.meta(ALT).unwrap_or_default()),
            caption: text(&item.excerpt),
            storage_key: url.to_owned(),
            content_hash: None,
            status: MediaStatus::Pending,
            author_id: None,
            created_at: item.published().unwrap_or(self.now),
        }
    }
}

impl Library {
    fn add(&mut self, item: &Item, media: &Media) {
        let Some(wordpress_id) = item.id else { return };
        self.attachments.insert(
            wordpress_id,
            Attachment {
                url: media.storage_key.clone(),
                media_id: Some(media.id.to_string()),
                media_url: None,
                alt: media.alt.clone().unwrap_or_default(),
                caption: media.caption.clone().unwrap_or_default(),
            },
        );
        if media.mime_type.starts_with("image/") {
            let mut image = json!({
                "id": media.id, "src": media.storage_key, "alt": media.alt.as_deref().unwrap_or_default(),
                "filename": media.filename, "mimeType": media.mime_type,
            });
            for (key, pixels) in [("width", media.width), ("height", media.height)] {
                if let (Some(pixels), Some(image)) = (pixels, image.as_object_mut()) {
                    image.insert(key.to_owned(), Value::from(pixels));
                }
            }
            self.images.insert(wordpress_id, image);
        }
    }
}

fn address(item: &Item) -> Option<&str> {
    let given = item.attachment_url.as_deref().filter(|url| !url.is_empty()).unwrap_or(&item.guid);
    url::Url::parse(given).ok().filter(|url| ["http", "https"].contains(&url.scheme())).map(|_| given)
}

fn without_file(item: &Item) -> ItemReport {
    let mut report = notes::report(item, Outcome::Failed);
    report.notes.push(ImportNote::dropped("attachment without the address of its file", &item.title));
    report
}

fn attachment_notes(item: &Item, media: &Media) -> Vec<ImportNote> {
    let mut list = notes::common(item);
    let stem = media.filename.rsplit_once('.').map_or(media.filename.as_str(), |(stem, _)| stem);
    if !item.title.is_empty() && item.title != stem && item.title != media.filename {
        list.push(ImportNote::dropped("attachment title", &item.title));
    }
    if !item.content.trim().is_empty() {
        list.push(ImportNote::dropped("attachment description", notes::shortened(&item.content)));
    }
    if item.parent.is_some_and(|parent| parent != 0) {
        list.push(ImportNote::dropped(
            "attachment parent",
            "media belong to no entry; galleries were resolved",
        ));
    }
    for entry in item.meta.iter().filter(|entry| ![ALT, METADATA, FILE].contains(&entry.key.as_str())) {
        list.push(notes::meta(entry));
    }
    list.push(ImportNote::changed("file", "not fetched yet; it is shown from its old address"));
    list
}

fn filename(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = decoded(path.rsplit('/').next().unwrap_or(path));
    if name.is_empty() { "file".to_owned() } else { name }
}

fn media_type(filename: &str) -> &'static str {
    let extension = filename.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref().unwrap_or_default() {
        "jpg" | "jpeg" | "jpe" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "svg" => "image/svg+xml",
        "mp4" | "m4v" => "video/mp4",
        "webm" => "video/webm",
        "mov" => "video/quicktime",
        "ogv" => "video/ogg",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "wav" => "audio/wav",
        "pdf" => "application/pdf",
        "zip" => "application/zip",
        "txt" => "text/plain",
        "csv" => "text/csv",
        "doc" => "application/msword",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls" => "application/vnd.ms-excel",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        _ => "application/octet-stream",
    }
}

/// The first whole number under a key of a text serialised by PHP: `s:5:"width";i:1600;`.
fn serialised_integer(text: &str, key: &str) -> Option<i64> {
    let (_, rest) = text.split_once(&format!("\"{key}\";i:"))?;
    rest.split(';').next()?.parse().ok().filter(|pixels| (1..=100_000).contains(pixels))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_its_address() {
        assert_eq!(filename("https://wp.example/2010/08/a%20b.JPG?w=3"), "a b.JPG");
        assert_eq!(media_type("a b.JPG"), "image/jpeg");
        assert_eq!(media_type("noextension"), "application/octet-stream");
    }

    #[test]
    fn the_size_of_an_image_is_read_from_what_php_wrote() {
        let text = r#"a:5:{s:5:"width";i:1600;s:6:"height";i:1200;s:5:"sizes";a:1:{s:5:"width";i:3;}}"#;
        assert_eq!(
            (serialised_integer(text, "width"), serialised_integer(text, "height")),
            (Some(1600), Some(1200))
        );
        assert_eq!(serialised_integer("a:0:{}", "width"), None);
    }
}
