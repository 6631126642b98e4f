// Makes date-patterns.txt from CLDR: what ECMA-402 chooses date patterns from, per locale what differs from its
// parent. ICU4X carries the names that fill the patterns; it has no patterns per combination of fields.
//
//   npm install cldr-core@48.2.0 cldr-dates-full@48.2.0 cldr-numbers-full@48.2.0
//   node generate.mjs node_modules >date-patterns.txt
//
// One line a locale: its name, its parent, then key=value, all separated by tabs. Keys: Df…Ds and Tf…Ts are the
// date and time styles, Jf…Js join the two, +Field appends a field, =Field names it, N is the numbering system,
// Ng and Nd separate the digits of money where other numbers have other separators, Ns and Nn list the currencies
// whose symbol and narrow symbol is their code,
// R joins a range, ~skeleton/field is a range whose greatest difference is that field, any other key is a skeleton.

import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const packages = process.argv[2];
const read = (...path) => JSON.parse(readFileSync(join(packages, ...path), "utf8"));
const explicit = read("cldr-core", "supplemental", "parentLocales.json").supplemental.parentLocales.parentLocale;
const STYLES = { full: "f", long: "l", medium: "m", short: "s" };
const NAMES = { Era: "era", Year: "year", Month: "month", Day: "day", "Day-Of-Week": "weekday", Hour: "hour", Minute: "minute", Second: "second" };
const text = (value) => (typeof value === "string" ? value : value._value);

/** ICU4X takes the root's symbol where a locale's is the code itself. */
function symbolsThatAreCodes(locale) {
  const of = (name) => read("cldr-numbers-full", "main", name, "currencies.json").main[name].numbers.currencies;
  const [own, root] = [of(locale), of("und")];
  const codes = { Ns: [], Nn: [] };
  for (const [code, { symbol, "symbol-alt-narrow": narrow }] of Object.entries(root)) {
    if (symbol && symbol !== code && own[code]?.symbol === code) codes.Ns.push(code);
    if ((narrow ?? symbol ?? code) !== code && (own[code]?.["symbol-alt-narrow"] ?? own[code]?.symbol) === code) codes.Nn.push(code);
  }
  const lists = Object.entries(codes).filter(([, list]) => list.length > 0);
  return Object.fromEntries(lists.map(([key, list]) => [key, list.join(" ")]));
}

function entriesOf(locale) {
  const of = (file) => read("cldr-dates-full", "main", locale, file).main[locale].dates;
  const gregorian = of("ca-gregorian.json").calendars.gregorian;
  const fields = of("dateFields.json").fields;
  const numbers = read("cldr-numbers-full", "main", locale, "numbers.json").main[locale].numbers;
  const entries = { N: numbers.defaultNumberingSystem };
  Object.assign(entries, symbolsThatAreCodes(locale));
  const symbols = numbers[`symbols-numberSystem-${entries.N}`];
  if (symbols.currencyGroup) entries.Ng = symbols.currencyGroup;
  if (symbols.currencyDecimal) entries.Nd = symbols.currencyDecimal;
  for (const [style, letter] of Object.entries(STYLES)) {
    entries[`D${letter}`] = text(gregorian.dateFormats[style]);
    entries[`T${letter}`] = text(gregorian.timeFormats[style]);
    entries[`J${letter}`] = text(gregorian["dateTimeFormats-atTime"].standard[style]);
  }
  const { availableFormats, appendItems, intervalFormats } = gregorian.dateTimeFormats;
  for (const [skeleton, pattern] of Object.entries(availableFormats)) {
    if (!/-|[QwWY]/.test(skeleton)) entries[skeleton] = text(pattern);
  }
  for (const [field, pattern] of Object.entries(appendItems)) {
    if (field in NAMES || field === "Timezone") entries[`+${field}`] = text(pattern);
  }
  for (const [field, name] of Object.entries(NAMES)) entries[`=${field}`] = fields[name].displayName;
  for (const [skeleton, patterns] of Object.entries(intervalFormats)) {
    if (typeof patterns === "string") entries.R = patterns;
    else for (const [field, pattern] of Object.entries(patterns)) {
      if (!/-|[QwWY]/.test(skeleton) && !field.includes("-")) entries[`~${skeleton}/${field}`] = text(pattern);
    }
  }
  return entries;
}

const locales = readdirSync(join(packages, "cldr-dates-full", "main")).sort();
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
