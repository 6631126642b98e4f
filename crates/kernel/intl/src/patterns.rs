//! CLDR's date patterns per locale (`data/generate.mjs` tells what the lines hold) and, by that, which locales
//! there are.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

const DATA: &str = include_str!("../data/date-patterns.txt");
const ROOT: &str = "und";

const UNITS: &str = include_str!("../data/unit-patterns.txt");

/// Everything after the locale's name, by name.
type Lines = LazyLock<HashMap<&'static str, &'static str>>;

fn lines(data: &'static str) -> HashMap<&'static str, &'static str> {
    data.lines().filter_map(|line| line.split_once('\t')).collect()
}

static LINES: Lines = LazyLock::new(|| lines(DATA));
static UNIT_LINES: Lines = LazyLock::new(|| lines(UNITS));

/// Whether CLDR describes the locale.
pub(crate) fn is_available(locale: &str) -> bool {
    locale != ROOT && LINES.contains_key(locale)
}

/// The patterns of one locale, inherited ones included, by key.
pub(crate) struct Patterns(BTreeMap<&'static str, &'static str>);

impl Patterns {
    /// Reads a locale that [`is_available`]; of any other, the root's.
    pub(crate) fn of(locale: &str) -> Self {
        Self::read(&LINES, locale)
    }

    /// The patterns of units.
    pub(crate) fn of_units(locale: &str) -> Self {
        Self::read(&UNIT_LINES, locale)
    }

    fn read(lines: &HashMap<&'static str, &'static str>, locale: &str) -> Self {
        let mut chain = Vec::new();
        let mut line = lines.get(locale).or_else(|| lines.get(ROOT));
        while let Some((parent, entries)) = line.and_then(|line| line.split_once('\t').or(Some((line, "")))) {
            chain.push(entries);
            line = lines.get(parent);
        }
        let mut patterns = BTreeMap::new();
        for entry in chain.iter().rev().flat_map(|entries| entries.split('\t')) {
            match entry.split_once('=') {
                Some((key, "")) => patterns.remove(key),
                // The key `=Field` begins with the separator.
                Some(("", named)) => named.split_once('=').and_then(|(_, name)| {
                    let key = entry.get(..entry.len() - name.len() - 1)?;
                    patterns.insert(key, name)
                }),
                Some((key, pattern)) => patterns.insert(key, pattern),
                None => None,
            };
        }
        Self(patterns)
    }

    /// The pattern of this key.
    pub(crate) fn get(&self, key: &str) -> Option<&'static str> {
        self.0.get(key).copied()
    }

    /// Range patterns: skeleton, greatest difference, pattern.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> + '_ {
        self.0.iter().filter_map(|(key, pattern)| {
            let (skeleton, field) = key.strip_prefix('~')?.split_once('/')?;
            Some((skeleton, field, *pattern))
        })
    }

    /// Skeletons with their patterns.
    pub(crate) fn skeletons(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        const OTHERS: [char; 8] = ['D', 'T', 'J', 'N', 'R', '+', '=', '~'];
        self.0.iter().filter(|(key, _)| !key.starts_with(OTHERS)).map(|(key, pattern)| (*key, *pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locale_inherits_what_it_does_not_say() {
        let british = Patterns::of("en-GB");
        assert_eq!(british.get("Ts"), Some("HH:mm"));
        assert_eq!(british.get("yMd"), Some("dd/MM/y"));
        assert_eq!(british.get("N"), Some("latn"));
        assert_eq!(british.get("=Day"), Some("day"));
        assert!(british.skeletons().all(|(key, _)| key.chars().all(char::is_alphabetic)));
        assert!(is_available("de-AT") && !is_available("und") && !is_available("xx"));
    }
}
