//! Collections and their fields (CMS contract §4.2–4.4): each collection is a real table, `ec_<name>`.

use async_trait::async_trait;
use emdash_types::{CollectionName, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The type of a field (CMS contract §4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldKind {
    /// One line of text.
    String,
    /// Several lines of text.
    Text,
    /// A slug.
    Slug,
    /// An absolute URL.
    Url,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// True or false, stored as 0 or 1.
    Boolean,
    /// An instant or a date.
    Datetime,
    /// One of the declared options.
    Select,
    /// Some of the declared options.
    MultiSelect,
    /// Portable Text.
    PortableText,
    /// An image of the media library.
    Image,
    /// A file of the media library.
    File,
    /// The id of another entry.
    Reference,
    /// Any JSON.
    Json,
    /// A list of objects.
    Repeater,
}

impl FieldKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::String,
        Self::Text,
        Self::Slug,
        Self::Url,
        Self::Number,
        Self::Integer,
        Self::Boolean,
        Self::Datetime,
        Self::Select,
        Self::MultiSelect,
        Self::PortableText,
        Self::Image,
        Self::File,
        Self::Reference,
        Self::Json,
        Self::Repeater,
    ];

    /// How a value of this kind is stored.
    #[must_use]
    pub fn column(self) -> ColumnKind {
        match self {
            Self::Number => ColumnKind::Real,
            Self::Integer | Self::Boolean => ColumnKind::Integer,
            Self::MultiSelect
            | Self::PortableText
            | Self::Image
            | Self::File
            | Self::Json
            | Self::Repeater => ColumnKind::Json,
            _ => ColumnKind::Text,
        }
    }
}

/// The storage class of a field's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A 64-bit integer.
    Integer,
    /// A double.
    Real,
    /// JSON as text.
    Json,
}

/// A field of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Row id.
    pub id: String,
    /// Column name; the same grammar as a collection name.
    pub slug: CollectionName,
    /// Name for people.
    pub label: String,
    /// Type.
    pub kind: FieldKind,
    /// Whether a value must be present and not empty.
    pub required: bool,
    /// Whether two entries of one locale may not share a value.
    pub unique: bool,
    /// Whether the search index takes it in.
    pub searchable: bool,
    /// Whether lists can be filtered and ordered by it.
    pub indexed: bool,
    /// Used when a new entry leaves it out.
    pub default_value: Option<Value>,
    /// `minLength`, `options` and the like (CMS contract §3.17).
    pub validation: Value,
    /// Editor options.
    pub options: Value,
    /// Position in the editor.
    pub sort_order: i64,
}

/// A collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// Row id.
    pub id: String,
    /// Name, as in URLs and in the table name.
    pub name: CollectionName,
    /// Name for people, plural.
    pub label: String,
    /// Name for people, singular.
    pub label_singular: String,
    /// What it is for.
    pub description: Option<String>,
    /// `drafts`, `revisions`, `search`, `scheduling`, `preview`.
    pub supports: Vec<String>,
    /// Public path with `{slug}`, such as `/posts/{slug}`; `None` means `/<name>/{slug}`.
    pub url_pattern: Option<String>,
    /// Whether entries have SEO data and stand in the sitemap.
    pub has_seo: bool,
    /// Whether entries have public pages; they need a slug to be published.
    pub routable: bool,
    /// The fields, in editor order.
    pub fields: Vec<Field>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Collection {
    /// The field of this name.
    #[must_use]
    pub fn field(&self, slug: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.slug.as_str() == slug)
    }

    /// The field that names an entry: `title`, else `name`.
    #[must_use]
    pub fn title_field(&self) -> Option<&Field> {
        let is_text = |field: &&Field| field.kind.column() == ColumnKind::Text;
        ["title", "name"].into_iter().find_map(|slug| self.field(slug).filter(is_text))
    }

    /// Whether the collection has an ability such as `revisions`.
    #[must_use]
    pub fn supports(&self, ability: &str) -> bool {
        self.supports.iter().any(|supported| supported == ability)
    }

    /// The public path of an entry with this slug.
    #[must_use]
    pub fn path_of(&self, slug: &str) -> String {
        match &self.url_pattern {
            Some(pattern) => pattern.replace("{slug}", slug),
            None => format!("/{}/{slug}", self.name),
        }
    }
}

/// The registry of collections.
#[async_trait]
pub trait CollectionRepository {
    /// Every collection with its fields, by name.
    async fn collection_list(&mut self) -> Result<Vec<Collection>>;

    /// Registers a collection and creates its table, columns and indexes.
    ///
    /// # Errors
    /// `CONFLICT` when the name is taken; `VALIDATION_ERROR` for a name of more than 60 characters, a field named like a
    /// system column and two fields of one name.
    async fn collection_add(&mut self, collection: &Collection) -> Result<()>;
}
