//! Things to read in tests.

use emdash_store::content::Collection;
use emdash_types::{CollectionName, Timestamp};

pub(crate) fn collection(name: &str, url_pattern: Option<&str>) -> Collection {
    Collection {
        id: name.to_owned(),
        name: CollectionName::parse(name).unwrap(),
        label: name.to_owned(),
        label_singular: name.to_owned(),
        description: None,
        supports: Vec::new(),
        url_pattern: url_pattern.map(ToOwned::to_owned),
        has_seo: true,
        routable: true,
        fields: Vec::new(),
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
    }
}
