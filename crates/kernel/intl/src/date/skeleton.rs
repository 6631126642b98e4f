//! Fields of a date pattern: how near two sets of fields are, as CLDR (UTS 35, part 4, section 2.6.2) ranks them.

/// What a field is about, in the order appended fields take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Era,
    Year,
    Month,
    Weekday,
    Day,
    DayPeriod,
    Hour,
    Minute,
    Second,
    Fraction,
    Zone,
}

pub(crate) const KINDS: usize = 11;

impl Kind {
    pub(crate) fn of(symbol: char) -> Option<Self> {
        Some(match symbol {
            'G' => Self::Era,
            'y' => Self::Year,
            'M' | 'L' => Self::Month,
            'E' | 'c' | 'e' => Self::Weekday,
            'd' => Self::Day,
            'a' | 'b' | 'B' => Self::DayPeriod,
            'h' | 'H' | 'k' | 'K' => Self::Hour,
            'm' => Self::Minute,
            's' => Self::Second,
            'S' => Self::Fraction,
            'v' | 'z' | 'O' => Self::Zone,
            _ => return None,
        })
    }

    pub(crate) fn is_date(self) -> bool {
        self <= Self::Day
    }

    /// CLDR's name of the pattern that appends this field.
    pub(crate) fn append_key(self) -> &'static str {
        match self {
            Self::Era => "+Era",
            Self::Year => "+Year",
            Self::Month => "+Month",
            Self::Weekday => "+Day-Of-Week",
            Self::Day => "+Day",
            Self::Hour | Self::DayPeriod => "+Hour",
            Self::Minute => "+Minute",
            Self::Second | Self::Fraction => "+Second",
            Self::Zone => "+Timezone",
        }
    }
}

/// A symbol and how often it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) symbol: char,
    pub(crate) length: usize,
}

const NUMERIC: i32 = 0x100;
const NARROW: i32 = -0x101;
const SHORTER: i32 = -0x102;
const SHORT: i32 = -0x103;
const LONG: i32 = -0x104;
const DELTA: i32 = 0x10;

impl Field {
    /// Fields whose weights are near each other can stand in for each other.
    pub(crate) fn weight(self) -> i32 {
        let length = i32::try_from(self.length).unwrap_or(i32::MAX);
        let text = |short: i32| match self.length {
            4 => LONG,
            5 => NARROW,
            6 => SHORTER,
            _ => short,
        };
        match self.symbol {
            'M' | 'L' if self.length < 3 => NUMERIC + length + if self.symbol == 'L' { DELTA } else { 0 },
            'L' | 'c' => text(SHORT) - DELTA,
            'M' | 'G' | 'E' | 'e' => text(SHORT),
            'a' => text(SHORT),
            'b' => text(SHORT) - DELTA,
            'B' => text(SHORT) - 3 * DELTA,
            'H' => NUMERIC + 10 * DELTA + length,
            'k' => NUMERIC + 11 * DELTA + length,
            'K' => NUMERIC + DELTA + length,
            'v' => text(SHORT) - 2 * DELTA,
            'O' => text(SHORT) - DELTA,
            'z' => text(SHORT),
            _ => NUMERIC + length,
        }
    }

    pub(crate) fn has_twelve_hours(self) -> bool {
        matches!(self.symbol, 'h' | 'K')
    }

    pub(crate) fn is_numeric(self) -> bool {
        self.weight() > 0
    }
}

/// At most one field of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Skeleton([Option<Field>; KINDS]);

impl Skeleton {
    /// Reads a skeleton, or what a pattern's fields come to. AM and PM follow from the hour and do not count.
    pub(crate) fn parse(text: &str) -> Self {
        let mut skeleton = Self::default();
        for item in items(text) {
            if let Item::Field(field) = item {
                skeleton.set(field);
            }
        }
        skeleton
    }

    pub(crate) fn set(&mut self, field: Field) {
        let Some(kind) = Kind::of(field.symbol) else { return };
        if !matches!(field.symbol, 'a' | 'b')
            && let Some(place) = self.0.get_mut(kind as usize)
        {
            *place = Some(field);
        }
    }

    pub(crate) fn get(&self, kind: Kind) -> Option<Field> {
        self.0.get(kind as usize).copied().flatten()
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = Field> + '_ {
        self.0.iter().flatten().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fields().next().is_none()
    }

    /// Only the fields that `keep` wants.
    pub(crate) fn only(&self, keep: impl Fn(Kind) -> bool) -> Self {
        let mut part = Self::default();
        for field in self.fields().filter(|field| Kind::of(field.symbol).is_some_and(&keep)) {
            part.set(field);
        }
        part
    }

    /// The same fields, numbers at their shortest.
    pub(crate) fn base(&self) -> Self {
        let shortest =
            |field: Field| Field { length: if field.is_numeric() { 1 } else { field.length }, ..field };
        Self(self.0.map(|field| field.map(shortest)))
    }

    /// How far a pattern with the other fields is from this request, and which fields it would leave out.
    pub(crate) fn distance(&self, other: &Self) -> (i32, Self) {
        const EXTRA: i32 = 0x10000;
        const MISSING: i32 = 0x1000;
        let mut distance = 0;
        let mut missing = Self::default();
        for (wanted, offered) in self.0.iter().zip(other.0.iter()) {
            match (wanted, offered) {
                // Twelve hours have AM and PM beside them, a field that the other has not.
                (Some(wanted), Some(offered)) => {
                    distance += (wanted.weight() - offered.weight()).abs();
                    match (wanted.has_twelve_hours(), offered.has_twelve_hours()) {
                        (true, false) => distance += MISSING,
                        (false, true) => distance += EXTRA,
                        _ => {}
                    }
                }
                (Some(wanted), None) => {
                    distance += MISSING;
                    missing.set(*wanted);
                }
                (None, Some(_)) => distance += EXTRA,
                (None, None) => {}
            }
        }
        (distance, missing)
    }
}

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    Field(Field),
    Text(String),
}

/// Takes a pattern apart, quotes resolved.
pub(crate) fn items(pattern: &str) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let mut characters = pattern.chars().peekable();
    let mut quoted = false;
    while let Some(symbol) = characters.next() {
        if symbol == '\'' {
            if characters.next_if_eq(&'\'').is_none() {
                quoted = !quoted;
                continue;
            }
        } else if !quoted && symbol.is_ascii_alphabetic() {
            match items.last_mut() {
                Some(Item::Field(last)) if last.symbol == symbol => last.length += 1,
                _ => items.push(Item::Field(Field { symbol, length: 1 })),
            }
            continue;
        }
        match items.last_mut() {
            Some(Item::Text(text)) => text.push(symbol),
            _ => items.push(Item::Text(symbol.to_string())),
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_text_and_fields_have_lengths() {
        let expected = [
            Item::Field(Field { symbol: 'd', length: 1 }),
            Item::Text(". de '".to_owned()),
            Item::Field(Field { symbol: 'M', length: 4 }),
        ];
        assert_eq!(items("d. 'de' ''MMMM"), expected);
    }

    #[test]
    fn a_missing_field_is_nearer_than_one_too_many() {
        let wanted = Skeleton::parse("yMMM");
        assert_eq!(wanted.distance(&Skeleton::parse("yMMM")).0, 0);
        let (fewer, missing) = wanted.distance(&Skeleton::parse("y"));
        assert_eq!(missing, Skeleton::parse("MMM"));
        assert!(fewer < wanted.distance(&Skeleton::parse("yMMMd")).0);
    }
}
