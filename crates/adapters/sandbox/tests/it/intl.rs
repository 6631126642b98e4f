//! `Intl` and the methods that depend on a locale.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{ScriptedHost, hook, instance, probe, returned};

#[tokio::test]
async fn dates_and_numbers_speak_the_language_asked_for() {
    let body = "const d = new Date('2026-11-20T16:09:05.123Z');
        return [d.toLocaleDateString('de'), d.toLocaleString('en-US', { timeZone: 'America/New_York' }),
            new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'long', timeZone: 'Europe/Berlin' }).format(d),
            (1234.5).toLocaleString('de'), new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(-3.5),
            (12n).toLocaleString('ar-EG')]";
    let expected = json!([
        "20.11.2026",
        "11/20/2026, 11:09:05 AM",
        "Friday, 20 November 2026 at 17:09:05 CET",
        "1.234,5",
        "-$3.50",
        "١٢"
    ]);
    assert_eq!(probe(body).await, expected);
}

/// Where the outcome is meant to be another than Node's.
#[derive(Deserialize)]
struct Deviation {
    outcome: Value,
    #[expect(dead_code, reason = "for whoever reads the file")]
    reason: String,
}

/// What the expressions come to, in one instance.
async fn evaluate(expressions: &[&str]) -> Vec<Value> {
    let mut code = String::from(
        "const D = new Date('2026-02-03T16:09:05.123Z'), N = [1234567.891, -1234.5, 1, 0.256];
        const run = (f) => { try { return f() } catch (e) { return `threw ${e}` } };
        export default { hooks: { probe: () => [\n",
    );
    for expression in expressions {
        writeln!(code, "run(() => ({expression})),").unwrap();
    }
    code.push_str("] } };");
    let report = instance(&code, ScriptedHost::new([])).await.call(hook("probe", &Value::Null)).await;
    serde_json::from_value(returned(report)).unwrap()
}

/// `tests/fixtures/intl-cases.mjs` tells how the cases were made.
#[tokio::test]
async fn outcomes_are_those_of_node() {
    let cases: Vec<(String, Value)> =
        serde_json::from_str(include_str!("../fixtures/intl-cases.json")).unwrap();
    let deviations: BTreeMap<String, Deviation> =
        serde_json::from_str(include_str!("../fixtures/intl-deviations.json")).unwrap();
    let (mut wrong, mut deviating) = (BTreeMap::new(), 0);
    for cases in cases.chunks(250) {
        let expressions: Vec<&str> = cases.iter().map(|(expression, _)| expression.as_str()).collect();
        for ((expression, node), outcome) in cases.iter().zip(evaluate(&expressions).await) {
            let deviation = deviations.get(expression).map(|deviation| &deviation.outcome);
            deviating += usize::from(deviation.is_some());
            if outcome != *deviation.unwrap_or(node) {
                wrong.insert(expression, json!({"node": node, "outcome": outcome}));
            }
        }
    }
    assert_eq!(deviating, deviations.len(), "a deviation names no case");
    let found = serde_json::to_string_pretty(&wrong).unwrap();
    assert!(wrong.is_empty(), "{} of {} cases:\n{found}", wrong.len(), cases.len());
}

#[tokio::test]
async fn units_are_written_in_every_width() {
    let body = "const write = (locale, unit, unitDisplay, n) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay }).format(n);
        let refused; try { write('en', 'parsec', 'short', 1) } catch (e) { refused = e.name }
        return [write('en', 'kilometer', 'short', -5), write('en', 'day', 'long', 1), write('de', 'byte', 'long', 1234),
            write('en', 'kilometer-per-hour', 'narrow', 50), write('en', 'megabyte-per-second', 'short', 3), refused]";
    let expected = json!(["-5 km", "1 day", "1.234 Byte", "50km/h", "3 MB/s", "RangeError"]);
    assert_eq!(probe(body).await, expected);
}

/// Whoever passes more than the limits is told, and the host has not worked on it.
#[tokio::test]
async fn oversized_arguments_are_refused() {
    let body = "const long = 'a'.repeat(2 ** 20 + 1), name = (f) => { try { f(); return 'none' } catch (e) { return e.name } };
        return [() => long.localeCompare('b'), () => 'b'.localeCompare('a' + '\\u0301'.repeat(300)), () => long.toLocaleUpperCase('tr'),
            () => new Intl.NumberFormat('en').format(10n ** 3000n), () => new Intl.ListFormat('en').format([long]),
            () => new Intl.NumberFormat('de-x-' + 'abcdefgh-'.repeat(40) + 'a'), () => new Intl.DateTimeFormat('en', { timeZone: long })].map(name)";
    assert_eq!(probe(body).await, json!(vec!["RangeError"; 7]));
}

#[tokio::test]
async fn a_long_text_is_segmented_piece_by_piece() {
    let body = "const text = 'One two three. '.repeat(2000) + 'e' + '\\u0301'.repeat(9000);
        const of = (granularity) => { let n = 0, joined = ''; for (const s of new Intl.Segmenter('en', { granularity }).segment(text)) { n++; joined += s.segment } return [n, joined === text] };
        return [of('grapheme'), of('word'), of('sentence')]";
    assert_eq!(probe(body).await, json!([[30001, true], [14001, true], [2000, true]]));
}

/// The site's language is the default, and what a plugin does to the language's own objects changes nothing.
#[tokio::test]
async fn the_default_is_the_site_and_holds_under_tampering() {
    let body = "Array.prototype.includes = () => false; String.prototype.toWellFormed = () => 'x'; JSON.stringify = () => '{}'; RegExp.prototype.test = () => false;
        const format = new Intl.NumberFormat(); return [format.resolvedOptions().locale, format.format(1234.5), new Date(0).toLocaleDateString('de'),
            new Intl.DateTimeFormat().resolvedOptions().timeZone, 'a'.localeCompare('b')]";
    assert_eq!(probe(body).await, json!(["en", "1,234.5", "1.1.1970", "UTC", -1]));
}
