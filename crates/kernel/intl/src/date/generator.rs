//! From the fields a plugin asks for to a pattern (UTS 35, part 4, section 2.6.2).

use super::skeleton::{Field, Item, Kind, Skeleton, items};
use crate::patterns::Patterns;

struct Candidate {
    skeleton: Skeleton,
    pattern: &'static str,
    /// CLDR names the skeleton, so lengths the pattern deviates in are meant.
    named: bool,
}

/// A locale's patterns, ready to be chosen from.
pub(crate) struct Generator {
    patterns: Patterns,
    candidates: Vec<Candidate>,
    /// What stands between seconds and their fraction.
    decimal: String,
}

impl Generator {
    pub(crate) fn new(patterns: Patterns, decimal: String) -> Self {
        const SINGLE: [&str; 10] = ["G", "y", "M", "E", "d", "H", "m", "s", "S", "v"];
        let mut candidates: Vec<Candidate> = patterns
            .skeletons()
            .map(|(key, pattern)| Candidate { skeleton: Skeleton::parse(key), pattern, named: true })
            .collect();
        let styles =
            ["Df", "Dl", "Dm", "Ds", "Tf", "Tl", "Tm", "Ts"].iter().filter_map(|key| patterns.get(key));
        // Of patterns without a skeleton of their own, the first with the same fields counts.
        let mut bases = Vec::new();
        for pattern in styles.chain(SINGLE) {
            let skeleton = Skeleton::parse(pattern);
            let base = skeleton.base();
            if !bases.contains(&base) && !candidates.iter().any(|known| known.skeleton == skeleton) {
                candidates.push(Candidate { skeleton, pattern, named: false });
            }
            bases.push(base);
        }
        Self { patterns, candidates, decimal }
    }

    pub(crate) fn patterns(&self) -> &Patterns {
        &self.patterns
    }

    /// The pattern that shows what `wanted` names.
    pub(crate) fn best(&self, wanted: &Skeleton) -> Vec<Item> {
        let Some((nearest, missing)) = self.nearest(wanted) else { return Vec::new() };
        let (wanted_hour, offered_hour) = (wanted.get(Kind::Hour), nearest.skeleton.get(Kind::Hour));
        let same_hours =
            wanted_hour.map(Field::has_twelve_hours) == offered_hour.map(Field::has_twelve_hours);
        if same_hours && missing.is_empty() && wanted.fields().count() == nearest.skeleton.fields().count() {
            return adjust(nearest, wanted);
        }
        let date = self.appended(&wanted.only(Kind::is_date));
        let time = self.appended(&wanted.only(|kind| !kind.is_date()));
        match (date, time) {
            (Some(date), Some(time)) => self.join(glue_style(wanted), date, time),
            (date, time) => date.or(time).unwrap_or_default(),
        }
    }

    /// A date and a time as the style (f, l, m, s) of the date puts them together.
    pub(crate) fn join(&self, style: char, date: Vec<Item>, time: Vec<Item>) -> Vec<Item> {
        let glue = self.patterns.get(&format!("J{style}")).unwrap_or("{1} {0}");
        fill(glue, &[time, date, Vec::new()])
    }

    fn nearest(&self, wanted: &Skeleton) -> Option<(&Candidate, Skeleton)> {
        let ranked =
            self.candidates.iter().map(|candidate| (candidate, wanted.distance(&candidate.skeleton)));
        let (candidate, (_, missing)) = ranked.min_by_key(|(_, (distance, _))| *distance)?;
        Some((candidate, missing))
    }

    /// The nearest pattern and, one by one, what it leaves out.
    fn appended(&self, wanted: &Skeleton) -> Option<Vec<Item>> {
        if wanted.is_empty() {
            return None;
        }
        let (nearest, mut missing) = self.nearest(wanted)?;
        let mut result = adjust(nearest, wanted);
        while !missing.is_empty() {
            if let (Some(fraction), true) = (missing.get(Kind::Fraction), wanted.get(Kind::Second).is_some())
            {
                self.add_fraction(&mut result, fraction);
                missing = missing.only(|kind| kind != Kind::Fraction);
                continue;
            }
            let (next, still) = self.nearest(&missing)?;
            let found = missing.only(|kind| still.get(kind).is_none());
            let Some(top) = found.fields().filter_map(|field| Kind::of(field.symbol)).max() else { break };
            let name = self.patterns.get(&top.append_key().replace('+', "=")).unwrap_or_default();
            let format = self.patterns.get(top.append_key()).unwrap_or("{0} {1}");
            let appended = adjust(next, &missing);
            result = fill(format, &[result, appended, vec![Item::Text(name.to_owned())]]);
            missing = still;
        }
        Some(result)
    }

    fn add_fraction(&self, pattern: &mut Vec<Item>, fraction: Field) {
        let seconds = pattern.iter().position(|item| matches!(item, Item::Field(Field { symbol: 's', .. })));
        if let Some(at) = seconds {
            let end = pattern.split_off(at + 1);
            pattern.extend([Item::Text(self.decimal.clone()), Item::Field(fraction)]);
            pattern.extend(end);
        }
    }
}

/// The style of the date in a format with this date and a time.
pub(crate) fn glue_style(wanted: &Skeleton) -> char {
    match wanted.get(Kind::Month).map(|month| month.length) {
        Some(4) if wanted.get(Kind::Weekday).is_some() => 'f',
        Some(4) => 'l',
        Some(3) => 'm',
        _ => 's',
    }
}

/// Puts the parts where the format says `{0}`, `{1}`, `{2}`.
fn fill(format: &str, parts: &[Vec<Item>; 3]) -> Vec<Item> {
    let mut filled = Vec::new();
    for item in items(format) {
        let Item::Text(text) = item else { continue };
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                filled.push(Item::Text(before.to_owned()));
            }
            let (number, after) = after.split_once('}').unwrap_or((after, ""));
            let part = number.parse::<usize>().ok().and_then(|number| parts.get(number));
            filled.extend(part.into_iter().flatten().cloned());
            rest = after;
        }
        if !rest.is_empty() {
            filled.push(Item::Text(rest.to_owned()));
        }
    }
    filled
}

fn adjust(candidate: &Candidate, wanted: &Skeleton) -> Vec<Item> {
    let named = candidate.named.then_some(&candidate.skeleton);
    adjusted(items(candidate.pattern), named, wanted)
}

/// Gives the fields of a pattern the lengths that were asked for, where that is not what the pattern is about:
/// `named` is the skeleton CLDR gives it.
pub(crate) fn adjusted(pattern: Vec<Item>, named: Option<&Skeleton>, wanted: &Skeleton) -> Vec<Item> {
    let adjust = |field: Field| {
        let Some(kind) = Kind::of(field.symbol) else { return field };
        let Some(asked) = wanted.get(kind) else { return field };
        let mut length = asked.length;
        if matches!(kind, Kind::Minute | Kind::Second) {
            length = field.length;
        } else if let Some(named) = named {
            let named = named.get(kind).map(|named| named.length);
            if named == Some(asked.length) || field.is_numeric() != asked.is_numeric() {
                length = field.length;
            }
        }
        let keeps_symbol = matches!(kind, Kind::Hour | Kind::Month | Kind::Weekday | Kind::Year);
        Field { symbol: if keeps_symbol { field.symbol } else { asked.symbol }, length }
    };
    pattern
        .into_iter()
        .map(|item| match item {
            Item::Field(field) => Item::Field(adjust(field)),
            text @ Item::Text(_) => text,
        })
        .collect()
}
