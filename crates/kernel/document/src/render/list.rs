//! List items, a flat run of blocks with levels, as nested lists.

use super::Renderer;
use crate::block::{ListItem, TextBlock};

/// A list that is open, its last item too.
struct Open<'a> {
    level: u8,
    ordered: bool,
    list: Option<&'a str>,
}

impl Renderer<'_> {
    pub(super) fn list(&mut self, items: &[TextBlock<'_>]) {
        let mut open: Vec<Open<'_>> = Vec::new();
        for item in items {
            let Some(place) = item.list else { continue };
            while open.last().is_some_and(|list| list.level > place.level) {
                self.close_list(&mut open);
            }
            match open.last() {
                Some(list) if list.level == place.level => {
                    if list.ordered == place.ordered && list.list == place.list {
                        self.out.push_str("</li>\n");
                    } else {
                        self.close_list(&mut open);
                        self.open_list(&mut open, place);
                    }
                }
                _ => self.open_list(&mut open, place),
            }
            self.open_text("li", *item, None);
            self.inline(item.content);
        }
        while !open.is_empty() {
            self.close_list(&mut open);
        }
    }

    fn open_list<'a>(&mut self, open: &mut Vec<Open<'a>>, place: ListItem<'a>) {
        let start = place.start.filter(|start| place.ordered && *start != 1);
        self.out.push_str(if place.ordered { "<ol" } else { "<ul" });
        if let Some(start) = start {
            self.attribute("start", &start.to_string());
        }
        self.out.push_str(">\n");
        open.push(Open { level: place.level, ordered: place.ordered, list: place.list });
    }

    fn close_list(&mut self, open: &mut Vec<Open<'_>>) {
        if let Some(list) = open.pop() {
            self.out.push_str(if list.ordered { "</li>\n</ol>\n" } else { "</li>\n</ul>\n" });
        }
    }
}
