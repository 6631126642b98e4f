//! Two dates as one text: "Feb 3 – 6, 2026" (UTS 35, part 4, section 2.6.3).

use super::generator::{Generator, adjusted};
use super::skeleton::{Field, Item, Kind, Skeleton, items};
use super::zone::Moment;

/// How a format writes ranges.
pub(crate) struct Ranges {
    /// Patterns by the greatest field in which the two dates differ, as CLDR names it.
    patterns: Vec<(char, Vec<Item>)>,
    /// What stands between two dates that share nothing worth saying once.
    pub(crate) between: String,
}

/// The greatest field in which two moments differ; `None` when no format shows the difference.
fn greatest_difference(start: &Moment, end: &Moment, twelve: bool) -> Option<&'static [char]> {
    let date = |moment: &Moment| {
        (moment.date.year().extended_year(), moment.date.month().ordinal, moment.date.day_of_month().0)
    };
    let (first, second) = (date(start), date(end));
    let hours = (start.time.hour.number(), end.time.hour.number());
    Some(if (first.0 > 0) != (second.0 > 0) {
        &['G']
    } else if first.0 != second.0 {
        &['y']
    } else if first.1 != second.1 {
        &['M']
    } else if first.2 != second.2 {
        &['d']
    } else if twelve && (hours.0 < 12) != (hours.1 < 12) {
        &['a']
    } else if hours.0 != hours.1 {
        &['h', 'H']
    } else if start.time.minute != end.time.minute {
        &['m']
    } else {
        return None;
    })
}

impl Ranges {
    /// Collects the patterns for what a format shows.
    pub(crate) fn new(generator: &Generator, shown: &[Item]) -> Self {
        let mut skeleton = Skeleton::default();
        for item in shown {
            if let Item::Field(field) = item {
                skeleton.set(*field);
            }
        }
        let between = generator.patterns().get("R").unwrap_or("{0} – {1}");
        let between = between.trim_start_matches("{0}").trim_end_matches("{1}").to_owned();
        let date = skeleton.only(Kind::is_date);
        let time = skeleton.only(|kind| !kind.is_date());
        let mut patterns = Vec::new();
        match (date.is_empty(), time.is_empty()) {
            (true, false) => patterns = nearest(generator, &time),
            (false, true) => patterns = nearest(generator, &date),
            // On one day the times alone are a range.
            (false, false) => {
                let shown = generator.best(&date);
                for (field, range) in nearest(generator, &time) {
                    patterns.push((
                        field,
                        generator.join(super::generator::glue_style(&skeleton), shown.clone(), range),
                    ));
                }
            }
            (true, true) => {}
        }
        Self { patterns, between }
    }

    /// Every field of every pattern.
    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        self.patterns.iter().flat_map(|(_, items)| items).filter_map(|item| match item {
            Item::Field(field) => Some(*field),
            Item::Text(_) => None,
        })
    }

    /// The pattern for these two, if they differ in what it shows.
    pub(crate) fn pattern(&self, start: &Moment, end: &Moment) -> Option<&[Item]> {
        let twelve = self.patterns.iter().any(|(field, _)| *field == 'a');
        let fields = greatest_difference(start, end, twelve)?;
        self.patterns.iter().find(|(field, _)| fields.contains(field)).map(|(_, items)| items.as_slice())
    }
}

/// CLDR's range patterns for the same fields, in the lengths asked for.
fn nearest(generator: &Generator, wanted: &Skeleton) -> Vec<(char, Vec<Item>)> {
    let same = |skeleton: &Skeleton| {
        let (distance, missing) = wanted.distance(skeleton);
        let fits = missing.is_empty() && skeleton.fields().count() == wanted.fields().count();
        fits.then_some(distance)
    };
    let known = generator.patterns().ranges();
    let ranked = known.filter_map(|(skeleton, ..)| Some((same(&Skeleton::parse(skeleton))?, skeleton)));
    let Some((_, best)) = ranked.min() else { return Vec::new() };
    let named = Skeleton::parse(best);
    let of_best = generator.patterns().ranges().filter(|(skeleton, ..)| *skeleton == best);
    of_best
        .filter_map(|(_, field, pattern)| {
            Some((field.chars().next()?, adjusted(items(pattern), Some(&named), wanted)))
        })
        .collect()
}

/// Where in a range's pattern the second date begins: at the first field that stands there again.
pub(crate) fn second_half(pattern: &[Item]) -> usize {
    let mut seen: Vec<Kind> = Vec::new();
    for (at, item) in pattern.iter().enumerate() {
        let Item::Field(Field { symbol, .. }) = item else { continue };
        match Kind::of(*symbol) {
            Some(kind) if seen.contains(&kind) => return at,
            Some(kind) => seen.push(kind),
            None => {}
        }
    }
    pattern.len()
}
