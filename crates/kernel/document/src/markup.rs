//! A look at markup before a parser sees it.

/// Deepest nesting of elements that is parsed. Parsers take quadratic time in it, walkers stack.
const MAX_NESTING: usize = 200;

/// Elements that never hold others, or that the next of their kind closes.
const SHALLOW: [&str; 26] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    "p", "li", "dt", "dd", "tr", "td", "th", "thead", "tbody", "tfoot", "option", "rp", "rt",
];

/// Whether elements nest deeper than a document of a person ever does.
pub(crate) fn nests_too_deep(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let (closing, tag) = match rest.strip_prefix('/') {
            Some(tag) => (true, tag),
            None => (false, rest),
        };
        let end = tag.find(|character: char| !character.is_ascii_alphanumeric() && character != '-');
        let name = &tag[..end.unwrap_or(tag.len())];
        if name.is_empty() || SHALLOW.iter().any(|shallow| name.eq_ignore_ascii_case(shallow)) {
            continue;
        }
        if closing {
            if let Some(position) = open.iter().rposition(|open| open.eq_ignore_ascii_case(name)) {
                open.truncate(position);
            }
        } else {
            open.push(name);
            if open.len() > MAX_NESTING {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::nests_too_deep;

    #[test]
    fn only_real_nesting_counts() {
        assert!(nests_too_deep(&"<div>".repeat(201)));
        assert!(nests_too_deep(&"<b x=1></i>".repeat(201)));
        assert!(!nests_too_deep(&"<div><b>x</b></div><p>y<br>".repeat(1000)));
        assert!(!nests_too_deep("a < b, c <"));
    }
}
