//! What an export holds.

use emdash_types::Timestamp;

/// The site an export comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
    /// Its tagline.
    pub description: String,
    /// Language tag.
    pub language: String,
    /// Version of the export format.
    pub wxr_version: String,
    /// Root of the network the site belongs to.
    pub base_site_url: String,
    /// Root of the blog.
    pub base_blog_url: String,
}

/// An author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Author {
    /// WordPress id.
    pub id: Option<u64>,
    /// Login, what items name as their creator.
    pub login: String,
    /// E-mail address.
    pub email: String,
    /// Name for readers.
    pub display_name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
}

/// A term of any taxonomy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Term {
    /// WordPress id.
    pub id: Option<u64>,
    /// `category`, `post_tag`, `nav_menu` or a taxonomy of the site's own.
    pub taxonomy: String,
    /// Slug.
    pub slug: String,
    /// Name for readers.
    pub name: String,
    /// Slug of the parent term.
    pub parent: Option<String>,
    /// Description.
    pub description: String,
    /// Term meta.
    pub meta: Vec<MetaEntry>,
}

/// A key and its value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetaEntry {
    /// Key.
    pub key: String,
    /// Value, often serialised by PHP.
    pub value: String,
}

/// A term as an item names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemTerm {
    /// Taxonomy.
    pub domain: String,
    /// Slug.
    pub slug: String,
    /// Name for readers.
    pub name: String,
}

/// A post, page, attachment, menu item or anything else with a post type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// WordPress id.
    pub id: Option<u64>,
    /// Title; may hold HTML.
    pub title: String,
    /// Its old address.
    pub link: String,
    /// Publication date as in feeds.
    pub pub_date: String,
    /// Login of the author.
    pub creator: String,
    /// Globally unique id.
    pub guid: String,
    /// Description; WordPress leaves it empty.
    pub description: String,
    /// Content, Gutenberg or classic markup.
    pub content: String,
    /// Excerpt.
    pub excerpt: String,
    /// Date, local time of the site.
    pub date: String,
    /// Date in UTC.
    pub date_gmt: String,
    /// Last change, local time of the site.
    pub modified: String,
    /// Last change in UTC.
    pub modified_gmt: String,
    /// `open` or `closed`.
    pub comment_status: String,
    /// `open` or `closed`.
    pub ping_status: String,
    /// Slug.
    pub name: String,
    /// `publish`, `draft`, `private`, `future`, `inherit` …
    pub status: String,
    /// Id of the parent item.
    pub parent: Option<u64>,
    /// Place among its siblings.
    pub menu_order: i64,
    /// `post`, `page`, `attachment`, `nav_menu_item` …
    pub post_type: String,
    /// Password readers need.
    pub password: String,
    /// Stays at the top.
    pub is_sticky: bool,
    /// Address of an attachment's file.
    pub attachment_url: Option<String>,
    /// Its terms.
    pub terms: Vec<ItemTerm>,
    /// Its meta.
    pub meta: Vec<MetaEntry>,
    /// How many comments it has.
    pub comments: u32,
    /// Names of elements nobody here knows, in case a plugin of the old site put something there.
    pub unknown: Vec<String>,
}

impl Item {
    /// When it was published: UTC date, else the feed's date, else the local date (CMS contract §7.2).
    /// Drafts have none.
    #[must_use]
    pub fn published(&self) -> Option<Timestamp> {
        wordpress_date(&self.date_gmt)
            .or_else(|| rfc2822(&self.pub_date))
            .or_else(|| wordpress_date(&self.date))
    }

    /// When it was last changed, where the export says so.
    #[must_use]
    pub fn modified(&self) -> Option<Timestamp> {
        wordpress_date(&self.modified_gmt).or_else(|| wordpress_date(&self.modified))
    }

    /// The first value of a meta key.
    #[must_use]
    pub fn meta(&self, key: &str) -> Option<&str> {
        self.meta.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
    }
}

/// WordPress writes `0000-00-00 00:00:00` where there is no date, and year -1 in broken feeds.
fn wordpress_date(text: &str) -> Option<Timestamp> {
    Timestamp::parse(text).filter(|instant| instant.as_millis() > 0)
}

/// `Sun, 21 Oct 2018 03:03:48 +0000`.
fn rfc2822(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_once(',').map_or(text, |(_, rest)| rest).split_whitespace().collect();
    let [day, month, year, time, zone] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(month))? + 1;
    let zone = match *zone {
        "GMT" | "UT" | "UTC" | "Z" => "Z".to_owned(),
        offset if offset.len() == 5 && offset.is_ascii() => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => return None,
    };
    wordpress_date(&format!("{year}-{month:02}-{day:0>2}T{time}{zone}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_date_wins() {
        let mut item = Item {
            date_gmt: "2018-10-21 03:03:48".to_owned(),
            pub_date: "Sun, 21 Oct 2018 05:03:49 +0200".to_owned(),
            date: "2018-10-20 20:03:50".to_owned(),
            ..Item::default()
        };
        let shown = |item: &Item| item.published().map(|instant| instant.to_string());
        assert_eq!(shown(&item).as_deref(), Some("2018-10-21T03:03:48.000Z"));
        item.date_gmt = "0000-00-00 00:00:00".to_owned();
        assert_eq!(shown(&item).as_deref(), Some("2018-10-21T03:03:49.000Z"));
        item.pub_date = "Mon, 30 Nov -0001 00:00:00 +0000".to_owned();
        assert_eq!(shown(&item).as_deref(), Some("2018-10-20T20:03:50.000Z"));
        item.date.clear();
        assert_eq!(shown(&item), None);
    }
}
