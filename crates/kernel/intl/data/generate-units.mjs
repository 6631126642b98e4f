// Makes unit-patterns.txt from CLDR: the units ECMA-402 sanctions, per locale what differs from its parent, in the
// form of date-patterns.txt. Keys are width (l, s, n), unit and plural category, or per for what
// is put by this unit; P is how any unit is put by another.
//
//   npm install cldr-core@48.2.0 cldr-units-full@48.2.0
//   node generate-units.mjs node_modules >unit-patterns.txt

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const packages = process.argv[2];
const read = (...path) => JSON.parse(readFileSync(join(packages, ...path), "utf8"));
const explicit = read("cldr-core", "supplemental", "parentLocales.json").supplemental.parentLocales.parentLocale;
const UNITS = new Set(`acre bit byte celsius centimeter day degree fahrenheit fluid-ounce foot gallon gigabit gigabyte gram
  hectare hour inch kilobit kilobyte kilogram kilometer liter megabit megabyte meter microsecond mile mile-scandinavian
  milliliter millimeter millisecond minute month nanosecond ounce percent petabyte pound second stone terabit terabyte
  week yard year kilometer-per-hour mile-per-hour meter-per-second liter-per-kilometer mile-per-gallon`.split(/\s+/));

function entriesOf(locale) {
  const units = read("cldr-units-full", "main", locale, "units.json").main[locale].units;
  const entries = {};
  for (const width of ["long", "short", "narrow"]) {
    entries[`P${width[0]}`] = units[width].per?.compoundUnitPattern ?? "{0}/{1}";
    for (const [name, unit] of Object.entries(units[width])) {
      const id = name.replace(/^[a-z]+-/, "");
      if (!UNITS.has(id)) continue;
      for (const [key, pattern] of Object.entries(unit)) {
        const category = /^unitPattern-count-([a-z]+)$/.exec(key)?.[1];
        if (key === "perUnitPattern") entries[`${width[0]}${id}/per`] = pattern;
        if (category) entries[`${width[0]}${id}/${category}`] = pattern;
      }
    }
  }
  return entries;
}

const locales = readdirSync(join(packages, "cldr-units-full", "main")).sort();
const all = new Map(locales.map((locale) => [locale, entriesOf(locale)]));

function parentOf(locale) {
  let parent = explicit[locale];
  for (let end = locale.length; !parent; ) {
    end = locale.lastIndexOf("-", end - 1);
    if (end < 0) parent = "und";
    else if (all.has(locale.slice(0, end))) parent = locale.slice(0, end);
  }
  return parent === "root" ? "und" : parent;
}

for (const [locale, entries] of all) {
  const parent = locale === "und" ? "" : parentOf(locale);
  const inherited = all.get(parent) ?? {};
  const line = [locale, parent];
  for (const [key, value] of Object.entries(entries)) if (inherited[key] !== value) line.push(`${key}=${value}`);
  for (const key of Object.keys(inherited)) if (!(key in entries)) line.push(`${key}=`);
  console.log(line.join("\t"));
}
