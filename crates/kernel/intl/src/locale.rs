//! Language tags: canonical form, what of a request is available, and what its extensions ask for.

use std::collections::BTreeMap;

use icu::locale::extensions::unicode::Key;
use icu::locale::{LanguageIdentifier, Locale, LocaleCanonicalizer, LocaleExpander};
use serde_json::{Value, json};

use crate::{Outcome, patterns};

/// Longest language tag, in bytes. Real ones end at about sixty.
const TAG_BYTES: usize = 256;
/// What stands in where the site's own locale is unknown.
pub(crate) const FALLBACK: &str = "en-US";

/// Parses and canonicalises a tag.
pub(crate) fn parse(tag: &str) -> Result<Locale, String> {
    let invalid =
        || format!("Incorrect locale information provided: {}", tag.chars().take(40).collect::<String>());
    // ICU4X reads underscores too, and the root; BCP 47 knows neither.
    if tag.len() > TAG_BYTES || tag.contains('_') || tag.is_empty() {
        return Err(invalid());
    }
    let mut locale = Locale::try_from_str(tag).map_err(|_| invalid())?;
    LocaleCanonicalizer::new_extended().canonicalize(&mut locale);
    Ok(locale)
}

/// The canonical form of a tag.
pub(crate) fn canonical(tag: &str) -> Outcome {
    parse(tag).map(|locale| locale.to_string())
}

/// Adds likely subtags, or takes them away.
pub(crate) fn transform(tag: &str, how: &str) -> Outcome {
    let mut locale = parse(tag)?;
    let expander = LocaleExpander::new_extended();
    match how {
        "maximize" => expander.maximize(&mut locale.id),
        "minimize" => expander.minimize(&mut locale.id),
        _ => return Err(format!("unknown transformation {how}")),
    };
    Ok(locale.to_string())
}

fn maximal(id: &LanguageIdentifier) -> LanguageIdentifier {
    let mut id = id.clone();
    id.variants.clear();
    LocaleExpander::new_extended().maximize(&mut id);
    id
}

/// The name CLDR has for exactly this locale, likely subtags aside: `zh-TW` is `zh-Hant`.
pub(crate) fn data_name(id: &LanguageIdentifier) -> Option<String> {
    let mut named = id.clone();
    named.variants.clear();
    let own = Some(named.to_string()).filter(|name| patterns::is_available(name));
    if own.is_some() {
        return own;
    }
    let full = maximal(id);
    let part = |script: bool, region: bool| {
        let mut part = full.clone();
        part.script = part.script.filter(|_| script);
        part.region = part.region.filter(|_| region);
        part
    };
    [part(true, true), part(false, true), part(true, false), part(false, false)]
        .into_iter()
        .filter(|candidate| maximal(candidate) == full)
        .map(|candidate| candidate.to_string())
        .find(|name| patterns::is_available(name))
}

/// The longest beginning of the identifier that CLDR describes.
pub(crate) fn best_available(id: &LanguageIdentifier) -> Option<LanguageIdentifier> {
    let mut candidate = id.clone();
    candidate.variants.clear();
    loop {
        if data_name(&candidate).is_some() {
            return Some(candidate);
        }
        // As BCP 47 lookup does: from the end.
        if candidate.region.take().is_none() && candidate.script.take().is_none() {
            return None;
        }
    }
}

/// A request answered: the locale, and per relevant keyword the value in force.
pub(crate) struct Resolved {
    pub(crate) id: LanguageIdentifier,
    /// The identifier with the keywords that came from the request and count.
    pub(crate) tag: String,
    pub(crate) keywords: BTreeMap<&'static str, String>,
}

/// `ResolveLocale` of ECMA-402: the first requested locale there is, else `default`. An option beats the
/// locale's keyword; `supported` says which values count.
pub(crate) fn resolve(
    requested: &[String],
    default: &str,
    relevant: &[&'static str],
    options: impl Fn(&str) -> Option<String>,
    supported: impl Fn(&str, &str) -> bool,
) -> Resolved {
    let found = requested.iter().filter_map(|tag| {
        let locale = parse(tag).ok()?;
        Some((best_available(&locale.id)?, Some(locale)))
    });
    let fallback = || {
        let own = parse(default).ok().and_then(|locale| best_available(&locale.id));
        (own.unwrap_or(icu::locale::langid!("en-US")), None)
    };
    let (id, locale) = { found }.next().unwrap_or_else(fallback);
    let mut keywords = BTreeMap::new();
    let mut tag: Locale = id.clone().into();
    for key in relevant {
        let asked =
            locale.as_ref().and_then(|locale| keyword(locale, key)).filter(|value| supported(key, value));
        let option = options(key).filter(|value| supported(key, value));
        if let Some(value) = option.clone().or_else(|| asked.clone()) {
            keywords.insert(*key, value);
        }
        if asked.is_some() && (option.is_none() || option == asked) {
            set_keyword(&mut tag, key, asked.as_deref().unwrap_or_default());
        }
    }
    Resolved { id, tag: tag.to_string(), keywords }
}

/// The value of a Unicode keyword; `true` for a bare one.
fn keyword(locale: &Locale, key: &str) -> Option<String> {
    let value = locale.extensions.unicode.keywords.get(&key.parse::<Key>().ok()?)?.to_string();
    Some(if value.is_empty() { "true".to_owned() } else { value })
}

/// Adds a Unicode keyword to a locale.
pub(crate) fn set_keyword(locale: &mut Locale, key: &str, value: &str) {
    if let (Ok(key), Ok(value)) =
        (key.parse::<Key>(), value.parse::<icu::locale::extensions::unicode::Value>())
    {
        locale.extensions.unicode.keywords.set(key, value);
    }
}

/// The parts of a tag as `Intl.Locale` shows them.
pub(crate) fn describe(tag: &str) -> Outcome {
    let locale = parse(tag)?;
    let keyword = |key: &str| keyword(&locale, key);
    Ok(json!({
        "baseName": locale.id.to_string(),
        "language": locale.id.language.as_str(),
        "script": locale.id.script.map(|script| script.to_string()),
        "region": locale.id.region.map(|region| region.to_string()),
        "calendar": keyword("ca"),
        "collation": keyword("co"),
        "hourCycle": keyword("hc"),
        "caseFirst": keyword("kf"),
        "numeric": keyword("kn").is_some_and(|value| value == "true"),
        "numberingSystem": keyword("nu"),
    })
    .to_string())
}

/// The tag with the options of `Intl.Locale` put in, each a text under its keyword or `language`, `script`, `region`.
pub(crate) fn apply(tag: &str, options: &Value) -> Outcome {
    let mut locale = parse(tag)?;
    for (name, value) in options.as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        let invalid = || format!("Incorrect locale information provided: {name} {value}");
        match name.as_str() {
            "language" => locale.id.language = value.parse().map_err(|_| invalid())?,
            "script" => locale.id.script = Some(value.parse().map_err(|_| invalid())?),
            "region" => locale.id.region = Some(value.parse().map_err(|_| invalid())?),
            _ => set_keyword(&mut locale, name, if value == "true" { "" } else { value }),
        }
    }
    canonical(&locale.to_string())
}

/// The requested locales that are available.
pub(crate) fn supported(tags: &[String]) -> Vec<&String> {
    tags.iter().filter(|tag| parse(tag).is_ok_and(|locale| best_available(&locale.id).is_some())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_become_canonical_or_are_refused() {
        assert_eq!(canonical("EN-us").unwrap(), "en-US");
        assert_eq!(canonical("iw").unwrap(), "he");
        assert_eq!(canonical("de-u-nu-latn-co-phonebk").unwrap(), "de-u-co-phonebk-nu-latn");
        for bad in ["", "e", "en_US", "en-US-", "x y", "a-b-c-d-e-f-g", &"en-".repeat(200)] {
            assert!(canonical(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_longest_available_beginning_answers() {
        let best = |tag: &str| best_available(&parse(tag).unwrap().id).map(|id| id.to_string());
        assert_eq!(best("zh-TW").as_deref(), Some("zh-TW"));
        assert_eq!(best("de-Latn-DE").as_deref(), Some("de-Latn-DE"));
        assert_eq!(best("de-JP").as_deref(), Some("de"));
        assert_eq!(best("xx"), None);
        assert_eq!(data_name(&parse("zh-TW").unwrap().id).as_deref(), Some("zh-Hant"));
    }
}
