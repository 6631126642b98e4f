//! Feeds, read back with an XML reader.

use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use crate::fixture::Site;
use crate::page;

/// Text of every element by name, and every `href`.
fn parse(xml: &str) -> (Vec<(String, String)>, Vec<String>) {
    let mut reader = Reader::from_str(xml);
    let (mut stack, mut found, mut links) = (Vec::<(String, String)>::new(), Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().unwrap();
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            for attribute in tag.attributes() {
                let attribute = attribute.unwrap();
                if attribute.key.0 == "href" {
                    links.push(attribute.value.into_owned());
                }
            }
        }
        match event {
            Event::Start(tag) => {
                stack.push((tag.name().0.to_owned(), String::new()));
            }
            Event::Text(text) => {
                if let Some((_, content)) = stack.last_mut() {
                    content.push_str(&text);
                }
            }
            Event::GeneralRef(entity) => {
                let text = quick_xml::escape::resolve_xml_entity(&entity).unwrap();
                stack.last_mut().unwrap().1.push_str(text);
            }
            Event::End(_) => found.push(stack.pop().unwrap()),
            Event::Eof => return (found, links),
            _ => {}
        }
    }
}

fn all<'a>(elements: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    elements.iter().filter(|(element, _)| element == name).map(|(_, text)| text.as_str()).collect()
}

/// Every address in a piece of HTML is absolute.
fn assert_absolute(html: &str) {
    for mark in ["href=\"", "src=\""] {
        for rest in html.split(mark).skip(1) {
            let address = rest.split('"').next().unwrap();
            assert!(Url::parse(&address.replace("&amp;", "&")).is_ok(), "{address}");
        }
    }
}

#[tokio::test]
async fn rss_holds_the_newest_posts_with_absolute_addresses() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let xml = page(&renderer, "/feed.xml").await;
    let (elements, links) = parse(&xml);
    assert_eq!(all(&elements, "item").len(), 20);
    assert_eq!(all(&elements, "title")[1], "Everything a page can hold");
    assert_eq!(all(&elements, "dc:creator")[0], "Ines Marlow");
    assert_eq!(all(&elements, "pubDate")[0], "Tue, 10 Nov 2026 09:30:00 GMT");
    assert_eq!(links, ["https://notes.example/feed.xml"]);
    assert!(all(&elements, "link").iter().all(|link| link.starts_with("https://notes.example/")));
    let gallery = all(&elements, "content:encoded")[0];
    assert!(gallery.contains("src=\"https://notes.example/_emdash/api/media/file/hills.svg\""));
    all(&elements, "content:encoded").into_iter().for_each(assert_absolute);
    let titles = all(&elements, "title");
    assert!(titles.contains(&"Markup: <em>With</em> <b>Mark<sup>up</sup></b> & \"quotes\" </script>"));
}

#[tokio::test]
async fn atom_has_what_the_standard_asks_for() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let (elements, links) = parse(&page(&renderer, "/atom.xml").await);
    assert_eq!(all(&elements, "entry").len(), 20);
    assert_eq!(all(&elements, "author").len(), 20);
    assert_eq!(all(&elements, "updated").len(), 21);
    assert!(links.iter().all(|link| link.starts_with("https://notes.example/")));
    let ids: std::collections::BTreeSet<_> = all(&elements, "id").into_iter().collect();
    assert_eq!(ids.len(), 21);
    all(&elements, "content").into_iter().for_each(assert_absolute);
}

#[tokio::test]
async fn an_archive_has_feeds_of_its_own() {
    let site = Site::sample().await;
    let renderer = site.renderer();
    let (elements, _) = parse(&page(&renderer, "/category/rivers/feed.xml").await);
    assert_eq!(all(&elements, "item").len(), 2);
    assert_eq!(all(&elements, "title")[0], "Rivers – Field Notes");
}
