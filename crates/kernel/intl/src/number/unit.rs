//! Units: "5 km/h".

use fixed_decimal::Decimal;
use icu::locale::Locale;
use icu::plurals::PluralRules;

use super::affix::Affixes;
use crate::locale;
use crate::patterns::Patterns;

/// A unit in one language and width.
pub(crate) struct Unit {
    rules: PluralRules,
    patterns: Patterns,
    /// Width and name, as the keys of the patterns begin.
    name: String,
    /// The second unit of a compound that has no patterns of its own.
    per: Option<String>,
    width: char,
}

impl Unit {
    pub(crate) fn new(prefs: &Locale, unit: &str, display: &str) -> Result<Self, String> {
        let width = display.chars().next().unwrap_or('s');
        let data = locale::data_name(&prefs.id).unwrap_or_default();
        let patterns = Patterns::of_units(&data);
        let is_known = |unit: &str| patterns.get(&format!("{width}{unit}/other")).is_some();
        let (name, per) = match unit.split_once("-per-") {
            _ if is_known(unit) => (unit, None),
            Some((unit, per)) if is_known(unit) && is_known(per) => (unit, Some(format!("{width}{per}"))),
            _ => return Err(format!("Invalid unit argument for Intl.NumberFormat() '{unit}'")),
        };
        let name = format!("{width}{name}");
        let rules = PluralRules::try_new_cardinal(prefs.into()).map_err(|error| error.to_string())?;
        Ok(Self { rules, patterns, name, per, width })
    }

    fn pattern(&self, name: &str, number: &Decimal) -> &str {
        let category = crate::text::phrases::category_name(self.rules.category_for(number));
        let own = self.patterns.get(&format!("{name}/{category}"));
        own.or_else(|| self.patterns.get(&format!("{name}/other"))).unwrap_or("{0}")
    }

    /// What stands around a number, which is given as it is shown.
    pub(crate) fn affixes(&self, number: &Decimal) -> Affixes {
        let mut pattern = self.pattern(&self.name, number).to_owned();
        if let Some(per) = &self.per {
            let compound = self.patterns.get(&format!("{per}/per")).map_or_else(
                || {
                    let one = self.pattern(per, &Decimal::from(1)).replace("{0}", "");
                    let any = self.patterns.get(&format!("P{}", self.width)).unwrap_or("{0}/{1}");
                    any.replace("{1}", one.trim())
                },
                str::to_owned,
            );
            pattern = compound.replace("{0}", &pattern);
        }
        let (before, after) = pattern.split_once("{0}").unwrap_or((&pattern, ""));
        Affixes { before: before.to_owned(), after: after.to_owned() }
    }
}
