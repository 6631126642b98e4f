//! Tables, readable with a keyboard and a screen reader.

use super::{Renderer, escape};
use crate::block::{Table, TableCell};

impl Renderer<'_> {
    pub(super) fn table(&mut self, table: Table<'_>) {
        let rows: Vec<Vec<TableCell<'_>>> = table.rows().map(|row| Table::cells(row).collect()).collect();
        if rows.iter().all(Vec::is_empty) {
            return;
        }
        self.tables += 1;
        let label = match table.caption {
            Some(caption) => caption.to_owned(),
            None => format!("Table {}", self.tables),
        };
        self.out.push_str("<div class=\"table-scroll\" tabindex=\"0\" role=\"region\"");
        self.attribute("aria-label", &label);
        self.out.push_str("><table>");
        if let Some(caption) = table.caption {
            self.out.push_str("<caption>");
            self.lines(caption);
            self.out.push_str("</caption>");
        }
        let has_head = rows.first().is_some_and(|row| {
            table.has_header_row
                || (rows.len() > 1 && row.iter().all(|cell| cell.is_header) && !row.is_empty())
        });
        let (head, body) = rows.split_at(usize::from(has_head));
        for (rows, open, close, scope) in
            [(head, "<thead>", "</thead>", "col"), (body, "<tbody>", "</tbody>", "row")]
        {
            if rows.is_empty() {
                continue;
            }
            self.out.push_str(open);
            for row in rows {
                self.out.push_str("<tr>");
                for cell in row {
                    self.cell(*cell, cell.is_header || scope == "col", scope);
                }
                self.out.push_str("</tr>\n");
            }
            self.out.push_str(close);
        }
        self.out.push_str("</table></div>\n");
    }

    /// An empty cell names nothing, so it is never a header.
    fn cell(&mut self, cell: TableCell<'_>, header: bool, scope: &str) {
        let words = cell.content.text();
        let header =
            header && !(words.trim().is_empty() && cell.text.is_none_or(|text| text.trim().is_empty()));
        let tag = if header { "th" } else { "td" };
        self.out.push('<');
        self.out.push_str(tag);
        if header {
            self.attribute("scope", scope);
        }
        for (name, span) in [("colspan", cell.column_span), ("rowspan", cell.row_span)] {
            if span > 1 {
                self.attribute(name, &span.to_string());
            }
        }
        self.out.push('>');
        if words.is_empty() {
            escape::push(&mut self.out, cell.text.unwrap_or_default());
        } else {
            self.inline(cell.content);
        }
        self.out.push_str("</");
        self.out.push_str(tag);
        self.out.push('>');
    }
}
