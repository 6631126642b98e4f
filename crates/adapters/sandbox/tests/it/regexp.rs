//! Regular expressions: what the engine's shortcuts answer is what the steps of ECMAScript give.

use serde_json::{Value, json};

use crate::support::{ScriptedHost, hook, instance, probe, returned};

const LAWS: &str = include_str!("regexp_laws.js");

#[tokio::test]
async fn generated_patterns_obey_the_laws_on_every_way() {
    let laws = "export default { hooks: { laws: ({ seed, count }) => brokenLaws(seed, count) } };";
    let code = format!("{LAWS}\n{laws}");
    let mut instance = instance(&code, ScriptedHost::new([])).await;
    let broken = returned(instance.call(hook("laws", &json!({"seed": 1, "count": 1500}))).await);
    assert_eq!(broken, json!([]));
}

/// What `body` returns when `make` leaves a literal as it is; an own `exec` must change nothing.
async fn both_ways(body: &str) -> Value {
    let wrapped = format!(
        "const own = (r) => Object.defineProperty(r, 'exec', {{ value: RegExp.prototype.exec }});
         const run = (make) => {{ {body} }};
         const [fast, slow] = [run((r) => r), run(own)];
         return {{ fast, same: JSON.stringify(fast) === JSON.stringify(slow) }};"
    );
    let ran = probe(&wrapped).await;
    assert_eq!(ran["same"], json!(true), "{body}");
    ran["fast"].clone()
}

#[tokio::test]
async fn splitting_finds_what_probing_every_position_finds() {
    let body = r#"return [
        "a b \t c ".split(make(/\s+/)), " ".split(make(/\s/)), "".split(make(/x/)), "".split(make(/x?/)), "abc".split(make(/(?:)/)),
        "a1b2c".split(make(/(\d)|(x)/)).map((part) => part ?? null), "aXbxc".split(make(/x/i), 2), "abc".split(make(/b/), 0), "abc".split(make(/b/), -1),
        "\ud83d\ude00\ud83d\ude01".split(make(/(?:)/u)), "\ud83d\ude00x".split(make(/(?:)/)).length, "a-b-c".split(make(/-/y)), "test".split(make(/(?=s)/)),
        "x".split(make(/$/)), "aab".split(make(/a*?/)), "aab".split(make(/a*/)), "a\u3042b".split(make(/[\u3040-\u309f]/))]"#;
    let expected = json!([
        ["a", "b", "c", ""],
        ["", ""],
        [""],
        [],
        ["a", "b", "c"],
        ["a", "1", null, "b", "2", null, "c"],
        ["a", "b"],
        [],
        ["a", "c"],
        ["😀", "😁"],
        3,
        ["a", "b", "c"],
        ["te", "st"],
        ["x"],
        ["a", "a", "b"],
        ["", "b"],
        ["a", "b"]
    ]);
    assert_eq!(both_ways(body).await, expected);
}

#[tokio::test]
async fn replacing_fills_in_every_template() {
    let body = r#"return [
        "a b  c".replace(make(/\s+/g), "-"), "abc".replace(make(/b/), "[$`|$&|$'|$$|$1|$0|$]"), "a1b2".replace(make(/([a-z])(\d)/g), "$2$1$01$10$3"),
        "2026-11".replace(make(/(?<y>\d+)-(?<m>\d+)/), "$<m>/$<y>$<none>"), "aaa".replace(make(/(?:)/g), "-"), "\ud83d\ude00".replace(make(/(?:)/gu), "-"),
        "abc".replace(make(/(x)?b/), "[$1]"), "banana".replace(make(/a/gy), "o"), "a.b".replace(make(/./g), (all, at, text) => at + all + text),
        "ab".replace(make(/(?<n>a)|(c)/g), (...all) => JSON.stringify(all)), "naïve\u3042".replace(make(/[^\x00-\x7f]/g), ""), "abc".replace(make(/b/), undefined),
        "abc".replace(make(/b/g), () => undefined), "abab".replaceAll(make(/b/g), "\u3042")]"#;
    let expected = json!([
        "a-b-c",
        "a[a|b|c|$|$1|$0|$]c",
        "1aaa0$32bbb0$3",
        "11/2026",
        "-a-a-a-",
        "-😀-",
        "a[]c",
        "banana",
        "0aa.b1.a.b2ba.b",
        "[\"a\",\"a\",null,0,\"ab\",{\"n\":\"a\"}]b",
        "nave",
        "aundefinedc",
        "aundefinedc",
        "aあaあ"
    ]);
    assert_eq!(both_ways(body).await, expected);
}

#[tokio::test]
async fn a_replacement_that_tampers_changes_nothing_under_way() {
    let body = r#"const r = make(/a/g); let calls = 0;
        const changed = "aXaXa".replace(r, () => { calls++; r.lastIndex = 4; r.compile("X", "g"); RegExp.prototype.tampered = 1; return calls; });
        delete RegExp.prototype.tampered;
        return [changed, calls, r.source, r.lastIndex, "aXa".replace(r, "-")]"#;
    assert_eq!(both_ways(body).await, json!(["1X2X3", 3, "X", 0, "a-a"]));
}

#[tokio::test]
async fn tampering_is_seen() {
    let body = r#"const seen = []; const proto = RegExp.prototype; const results = [];
        const with_ = (target, name, descriptor, use) => {
          const before = Object.getOwnPropertyDescriptor(target, name);
          Object.defineProperty(target, name, { configurable: true, ...descriptor });
          try { results.push(use()); } catch (error) { results.push(error.message); }
          if (before) Object.defineProperty(target, name, before); else delete target[name];
        };
        const exec = proto.exec;
        const counted = { value(text) { seen.push(text); return exec.call(this, text); } };
        with_(proto, "exec", counted, () => ["ab".replace(/b/g, "x"), "ab".split(/b/), "ab".match(/b/g), /b/.test("ab"), "ab".search(/b/)]);
        results.push(seen.length); seen.length = 0;
        with_(proto, "flags", { get: () => "" }, () => ["bb".replace(/b/g, "x"), "bb".match(/b/g).length]);
        with_(proto, "global", { get: () => false }, () => ["bb".replace(/b/g, "x"), "bb".match(/b/g).length]);
        with_(proto, "sticky", { get: () => { seen.push("sticky"); return false } }, () => "ab".split(/b/));
        results.push(seen.length);
        with_(RegExp, Symbol.species, { get: () => function () { return { exec: () => null } } }, () => "ab".split(/b/));
        with_(proto, "constructor", { value: undefined }, () => "ab".split(/b/));
        with_(proto, Symbol.match, { get: () => { throw new Error("match is read") } }, () => "ab".split(/b/));
        results.push("aXb".split(/x/i, { valueOf() { proto.exec = () => null; return 5; } })); proto.exec = exec;
        results.push((() => { try { "a".replace(Object.freeze(/a/g), ""); } catch (error) { return error.name } })());
        results.push((() => { const r = /a/y; r.lastIndex = { valueOf: () => { seen.push("read"); return 1 } }; return [r.test("ba"), r.lastIndex, seen.pop()] })());
        return results"#;
    let expected = json!([
        ["ax", ["a", ""], ["b"], true, 1],
        8,
        ["xb", 1],
        ["xb", 1],
        ["a", ""],
        1,
        ["ab"],
        ["a", ""],
        "match is read",
        ["aXb"],
        "TypeError",
        [true, 2, "read"]
    ]);
    assert_eq!(probe(body).await, expected);
}

#[tokio::test]
async fn last_index_moves_as_the_standard_says() {
    let body = r#"const after = (r, from, use) => { r = make(r); r.lastIndex = from; const result = use(r); return [result, r.lastIndex] };
        return [
          after(/a/g, 1, (r) => r.test("aba")), after(/a/g, 3, (r) => r.test("aba")), after(/a/g, 9, (r) => r.test("aba")), after(/a/, 9, (r) => r.test("aba")),
          after(/a/y, 1, (r) => r.test("aba")), after(/a/y, 2, (r) => "aba".replace(r, "-")), after(/a/y, 1, (r) => "aba".replace(r, "-")),
          after(/a/g, 2, (r) => "aba".replace(r, "-")), after(/a/g, 2, (r) => "aba".match(r)), after(/a/gy, 2, (r) => "aba".match(r)),
          after(/b/g, 2, (r) => "aba".search(r)), after(/b/, 2, (r) => "aba".split(r)), after(/\ude00/u, 1, (r) => r.test("\ud83d\ude00")),
          after(/./gu, 1, (r) => r.exec("\ud83d\ude00x")[0])]"#;
    let expected = json!([
        [true, 3],
        [false, 0],
        [false, 0],
        [true, 9],
        [false, 0],
        ["ab-", 3],
        ["aba", 0],
        ["-b-", 0],
        [["a", "a"], 0],
        [["a"], 0],
        [1, 2],
        [["a", "a"], 2],
        [false, 1],
        ["😀", 2]
    ]);
    assert_eq!(both_ways(body).await, expected);
}
