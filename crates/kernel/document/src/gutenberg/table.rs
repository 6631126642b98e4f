//! Tables.

use scraper::ElementRef;
use serde_json::Value;

use super::flow::{Flow, words};
use super::{build, figure};

impl Flow<'_, '_> {
    /// A table of text; one whose cells hold more than text stays HTML.
    pub(super) fn table(&mut self, element: ElementRef<'_>, caption: Option<String>) {
        let rich = element.descendent_elements().skip(1).any(|inner| {
            matches!(
                inner.value().name(),
                "table"
                    | "img"
                    | "ul"
                    | "ol"
                    | "iframe"
                    | "video"
                    | "audio"
                    | "form"
                    | "pre"
                    | "script"
                    | super::shortcode::PLACEHOLDER
            )
        });
        if rich {
            self.keep(element, "table whose cells hold more than text");
            if let Some(caption) = caption {
                self.out.push(build::paragraph(&caption));
            }
            return;
        }
        let mut rows = Vec::new();
        let mut has_head = false;
        for row in figure::find_all(element, "tr") {
            let cells: Vec<ElementRef<'_>> =
                row.child_elements().filter(|cell| matches!(cell.value().name(), "td" | "th")).collect();
            if rows.is_empty() && !cells.is_empty() {
                has_head = row
                    .parent()
                    .and_then(ElementRef::wrap)
                    .is_some_and(|parent| parent.value().name() == "thead")
                    || cells.iter().all(|cell| cell.value().name() == "th");
            }
            let cells: Vec<Value> = cells.into_iter().map(|cell| self.table_cell(cell)).collect();
            if !cells.is_empty() {
                let mut map = build::block("tableRow");
                map.insert("cells".to_owned(), Value::Array(cells));
                rows.push(Value::Object(map));
            }
        }
        let caption =
            caption.or_else(|| figure::find(element, "caption").map(words)).filter(|words| !words.is_empty());
        if rows.is_empty() {
            if let Some(caption) = caption {
                self.block(build::paragraph(&caption));
            }
            return;
        }
        let mut map = build::block("table");
        map.insert("hasHeaderRow".to_owned(), Value::from(has_head));
        build::set(&mut map, "caption", caption);
        map.insert("rows".to_owned(), Value::Array(rows));
        self.block(Value::Object(map));
    }

    fn table_cell(&mut self, cell: ElementRef<'_>) -> Value {
        self.converter.report_attributes(cell);
        let (content, links) = self.cell(cell);
        let mut map = build::block("tableCell");
        if cell.value().name() == "th" {
            map.insert("isHeader".to_owned(), Value::from(true));
        }
        for name in ["colspan", "rowspan"] {
            let span =
                cell.attr(name).and_then(|span| span.trim().parse::<u32>().ok()).filter(|span| *span > 1);
            build::set(&mut map, name, span);
        }
        map.insert("content".to_owned(), Value::Array(content));
        map.insert("markDefs".to_owned(), Value::Array(links));
        Value::Object(map)
    }
}
