//! "Did you mean": the closest of some known names.

/// The closest candidate, where one is close enough to be what was meant.
pub(crate) fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let tolerance = (name.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The words for a name outside a closed list.
pub(crate) fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.into_iter().collect();
    match closest(name, known.iter().copied()) {
        Some(known) => format!("\"{name}\" is not a known {what}; did you mean \"{known}\"?"),
        None if known.len() <= SHORT_LIST => {
            format!("\"{name}\" is not a known {what}; known are {}", known.join(", "))
        }
        None => format!("\"{name}\" is not a known {what}"),
    }
}

/// Lists up to this long are told in full.
const SHORT_LIST: usize = 8;

/// Levenshtein distance, blind to case.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.to_lowercase().chars().take(128).collect();
    let right: Vec<char> = right.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.iter().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_named_and_a_stranger_is_not() {
        let known = ["content:beforeSave", "content:afterSave", "cron"];
        assert_eq!(closest("content:beforSave", known), Some("content:beforeSave"));
        assert_eq!(closest("Content:Aftersave", known), Some("content:afterSave"));
        assert_eq!(closest("chron", known), Some("cron"));
        assert_eq!(closest("user:login", known), None);
        assert_eq!(closest("", known), None);
    }
}
