//! `Intl.DisplayNames`: languages, regions and scripts.

use icu::experimental::displaynames::multi::{
    LocaleDisplayNamesFormatter, RegionDisplayNames, ScriptDisplayNames,
};
use icu::experimental::displaynames::{DisplayNamesOptions, Fallback, LanguageDisplay, Style};
use icu::locale::Locale;
use icu::locale::subtags::{Region, Script};
use serde_json::Value;

use crate::{Outcome, locale};

/// Names of one kind in one language.
pub(crate) struct Names {
    kind: Kind,
}

enum Kind {
    Language(Box<LocaleDisplayNamesFormatter>),
    Region(Box<RegionDisplayNames>),
    Script(Box<ScriptDisplayNames>),
}

impl Names {
    pub(crate) fn new(options: &Value) -> Result<Self, String> {
        let option = |name: &str| options.get(name).and_then(Value::as_str).unwrap_or_default();
        let prefs: Locale = locale::parse(option("locale"))?.id.into();
        let mut how = DisplayNamesOptions::default();
        how.style = Some(match option("style") {
            "narrow" => Style::Narrow,
            "short" => Style::Short,
            _ => Style::Long,
        });
        how.fallback = Fallback::Code;
        let standard = option("languageDisplay") == "standard";
        how.language_display = if standard { LanguageDisplay::Standard } else { LanguageDisplay::Dialect };
        let text = |error| format!("{error}");
        let kind = match option("type") {
            "region" => {
                Kind::Region(Box::new(RegionDisplayNames::try_new((&prefs).into(), how).map_err(text)?))
            }
            "script" => {
                Kind::Script(Box::new(ScriptDisplayNames::try_new((&prefs).into(), how).map_err(text)?))
            }
            "language" => Kind::Language(Box::new(
                LocaleDisplayNamesFormatter::try_new((&prefs).into(), how).map_err(text)?,
            )),
            other => {
                return Err(format!(
                    "Display names of type {other} are not supported; language, region and script are."
                ));
            }
        };
        Ok(Self { kind })
    }

    /// The name of a code; empty when there is none.
    pub(crate) fn of(&self, code: &str) -> Outcome {
        let invalid = || "Invalid argument to Intl.DisplayNames.prototype.of".to_owned();
        Ok(match &self.kind {
            Kind::Region(names) => {
                let region: Region = code.parse().map_err(|_| invalid())?;
                names.of(region).unwrap_or_default().to_owned()
            }
            Kind::Script(names) => {
                let script: Script = code.parse().map_err(|_| invalid())?;
                names.of(script).unwrap_or_default().to_owned()
            }
            Kind::Language(names) => names.of(&locale::parse(code)?).into_owned(),
        })
    }
}
