//! The operations the guest engine knows.

use serde_json::{Map, Value, json};

use crate::date::DateFormat;
use crate::number::NumberFormat;
use crate::parts::Parts;
use crate::patterns::Patterns;
use crate::text::collator::Collator;
use crate::text::names::Names;
use crate::text::phrases::{List, Plurals, RelativeTime};
use crate::text::{change_case, segments};
use crate::{Outcome, cache, date, locale, number};

/// Longest description of a formatter, in bytes.
const KEY_BYTES: usize = 4096;

/// A formatter of any kind.
pub(crate) enum Service {
    Date(Box<DateFormat>),
    Number(Box<NumberFormat>),
    Plural(Box<Plurals>),
    Relative(Box<RelativeTime>),
    List(Box<List>),
    Collator(Box<Collator>),
    Names(Box<Names>),
    /// The locale alone: segments follow the same rules in every language.
    Segmenter,
}

fn read(json: &str) -> Result<Value, String> {
    if json.len() > KEY_BYTES {
        return Err(format!("The options take {} bytes of JSON; the limit is {KEY_BYTES}.", json.len()));
    }
    serde_json::from_str(json).map_err(|error| error.to_string())
}

fn field<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

impl Service {
    /// Makes the formatter a key describes.
    pub(crate) fn open(key: &str) -> Result<Self, String> {
        let options = read(key)?;
        Ok(match field(&options, "service") {
            "date" => Self::Date(Box::new(DateFormat::new(&options)?)),
            "number" => Self::Number(Box::new(NumberFormat::new(&options)?)),
            "plural" => Self::Plural(Box::new(Plurals::new(&options)?)),
            "relative" => Self::Relative(Box::new(RelativeTime::new(&options)?)),
            "list" => Self::List(Box::new(List::new(&options)?)),
            "collator" => Self::Collator(Box::new(Collator::new(&options)?)),
            "names" => Self::Names(Box::new(Names::new(&options)?)),
            "segmenter" => Self::Segmenter,
            other => return Err(format!("unknown service {other}")),
        })
    }

    fn parts(&self, value: &str, second: &str) -> Result<Parts, String> {
        match self {
            Self::Date(format) if second.is_empty() => format.parts(value),
            Self::Date(format) => format.range(value, second),
            Self::Number(format) if second.is_empty() => format.parts(value),
            Self::Number(format) => format.range(value, second),
            Self::Relative(format) => format.parts(value, second),
            Self::List(format) => format.parts(value),
            _ => Err("this service has no parts".to_owned()),
        }
    }

    fn text(&self, value: &str, second: &str) -> Outcome {
        match self {
            Self::Date(format) if second.is_empty() => format.text(value),
            Self::Collator(collator) => collator.compare(value, second).map(str::to_owned),
            Self::Plural(plurals) => plurals.select(value, second).map(str::to_owned),
            Self::Names(names) => names.of(value),
            _ => Ok(self.parts(value, second)?.text()),
        }
    }

    /// What `resolvedOptions` knows only from the formatter.
    fn resolved(&self) -> Value {
        match self {
            Self::Date(format) => format.resolved(),
            Self::Plural(plurals) => plurals.resolved(),
            _ => Value::Null,
        }
    }
}

/// Runs one operation.
pub(crate) fn compute(number: u8, a: &str, b: &str, c: &str) -> Outcome {
    match number {
        1 => locale::canonical(a),
        2 => list(a).map(|tags| json!(locale::supported(&tags)).to_string()),
        3 => resolve(a),
        4 => cache::formatter(a)?.text(b, c),
        5 => Ok(cache::formatter(a)?.parts(b, c)?.json().to_string()),
        6 => locale::transform(a, b),
        7 => values(a),
        8 => Ok(number::rounding::currency_digits(a).to_string()),
        9 => segments::segment(a, b),
        10 => change_case(a, b, c),
        11 => locale::describe(a),
        12 => locale::apply(a, &read(b)?),
        _ => Err(format!("unknown operation {number}")),
    }
}

fn list(json: &str) -> Result<Vec<String>, String> {
    serde_json::from_value(read(json)?).map_err(|error| error.to_string())
}

fn values(key: &str) -> Outcome {
    Ok(match key {
        "collation" => json!(COLLATIONS),
        "calendar" => json!(date::CALENDARS),
        "numberingSystem" => json!(NUMBERING_SYSTEMS),
        "timeZone" => json!(date::zone::names()),
        _ => return Err(format!("Invalid key : {key}")),
    }
    .to_string())
}

/// Numbering systems with ten digits of their own.
const NUMBERING_SYSTEMS: [&str; 22] = [
    "adlm", "arab", "arabext", "beng", "deva", "fullwide", "gujr", "guru", "hanidec", "khmr", "knda", "laoo",
    "latn", "mlym", "mymr", "nkoo", "orya", "tamldec", "telu", "thai", "tibt", "vaii",
];

/// Sort orders beside a language's usual one.
const COLLATIONS: [&str; 13] = [
    "compat", "dict", "emoji", "eor", "phonebk", "phonetic", "pinyin", "searchjl", "stroke", "trad",
    "unihan", "zhuyin", "gb2312",
];

fn is_supported(keyword: &str, value: &str) -> bool {
    match keyword {
        "nu" => NUMBERING_SYSTEMS.contains(&value),
        "ca" => date::CALENDARS.contains(&value),
        "hc" => ["h11", "h12", "h23", "h24"].contains(&value),
        "kf" => ["upper", "lower", "false"].contains(&value),
        "co" => COLLATIONS.contains(&value),
        "kn" => ["true", "false"].contains(&value),
        _ => false,
    }
}

/// The option that overrides a keyword.
const KEYWORDS: [(&str, &str); 6] = [
    ("nu", "numberingSystem"),
    ("ca", "calendar"),
    ("hc", "hourCycle"),
    ("kf", "caseFirst"),
    ("kn", "numeric"),
    ("co", "collation"),
];

fn relevant(service: &str) -> &'static [&'static str] {
    match service {
        "date" => &["ca", "hc", "nu"],
        "number" | "relative" => &["nu"],
        "collator" => &["co", "kf", "kn"],
        _ => &[],
    }
}

/// Answers a request `{service, requested, default, …options}` with the options in force, the locale as
/// `resolvedOptions` names it (`name`) and the `key` of the formatter.
fn resolve(request: &str) -> Outcome {
    let mut options = match read(request)? {
        Value::Object(options) => options,
        _ => return Err("the request is not an object".to_owned()),
    };
    let requested = options.remove("requested").unwrap_or_default();
    let requested: Vec<String> = serde_json::from_value(requested).map_err(|error| error.to_string())?;
    let default = options.remove("default");
    let default = default.as_ref().and_then(Value::as_str).unwrap_or(locale::FALLBACK);
    let service = options.get("service").and_then(Value::as_str).unwrap_or_default().to_owned();
    let option = |keyword: &str| {
        let name = KEYWORDS.iter().find(|(known, _)| *known == keyword).map(|(_, name)| *name)?;
        match options.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    };
    let resolved = locale::resolve(&requested, default, relevant(&service), option, is_supported);
    let data = locale::data_name(&resolved.id).unwrap_or_default();
    options.insert("locale".to_owned(), json!(resolved.id.to_string()));
    for keyword in relevant(&service) {
        set(&mut options, keyword, resolved.keywords.get(keyword), &resolved, &data);
    }
    let key = Value::Object(options.clone()).to_string();
    let mut answer = options;
    answer.insert("pattern".to_owned(), cache::formatter(&key)?.resolved());
    answer.insert("name".to_owned(), json!(resolved.tag));
    answer.insert("key".to_owned(), json!(key));
    Ok(Value::Object(answer).to_string())
}

/// Writes the value in force under the option's name.
fn set(
    options: &mut Map<String, Value>,
    keyword: &str,
    value: Option<&String>,
    resolved: &locale::Resolved,
    data: &str,
) {
    let region = resolved.id.region.map(|region| region.to_string());
    let value = match (keyword, value) {
        ("nu", None) => json!(Patterns::of(data).get("N").unwrap_or("latn")),
        ("ca", None) => json!(date::default_calendar(region.as_deref(), resolved.id.language.as_str())),
        ("kn", value) => json!(value.is_some_and(|value| value == "true")),
        (_, value) => json!(value),
    };
    if let Some((_, name)) = KEYWORDS.iter().find(|(known, _)| *known == keyword) {
        options.insert((*name).to_owned(), value);
    }
}
