//! Cases of the web-platform-tests, run in a guest (`fixtures/conformance`). What fails is listed there with its
//! reason; anything else that fails, and anything listed that passes, fails the test.

use serde_json::Value;

use crate::support::{ScriptedHost, hook, instance, returned};

/// Runs `body` with the cases of a file as `event`; gives how many passed and which did not.
async fn run(body: &str, cases: &str) -> (u64, Vec<String>) {
    let code = format!(
        "export default {{ hooks: {{ run: (event) => {{
            const failed = []; let passed = 0;
            const judge = (name, ok) => ok ? passed++ : failed.push(name);
            {body};
            return {{ passed, failed }};
        }} }} }};"
    );
    let cases: Value = serde_json::from_str(cases).unwrap();
    let report = instance(&code, ScriptedHost::new([])).await.call(hook("run", &cases)).await;
    let answer = returned(report);
    let failed = answer["failed"].as_array().unwrap();
    let names = failed.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
    (answer["passed"].as_u64().unwrap(), names)
}

/// The names listed under a heading of the list.
fn known(heading: &str) -> Vec<String> {
    let list = include_str!("../../../../../fixtures/conformance/wpt/known_failures.txt");
    let start = format!("# {heading}");
    let lines =
        list.lines().skip_while(|line| **line != start).skip(1).take_while(|line| !line.starts_with('#'));
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[tokio::test]
async fn urls_parse_as_the_standard_says() {
    let body = "const parts = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];
        for (const test of event) {
            if (typeof test === 'string') continue;
            let ok;
            try {
                const url = test.base === null ? new URL(test.input) : new URL(test.input, test.base);
                ok = !test.failure && parts.every((part) => test[part] === undefined || url[part] === test[part]);
            } catch (error) { ok = test.failure === true && error instanceof TypeError }
            judge(JSON.stringify([test.input, test.base]), ok);
        }";
    let (passed, failed) =
        run(body, include_str!("../../../../../fixtures/conformance/wpt/urltestdata.json")).await;
    assert_eq!(failed, known("urltestdata.json"));
    assert_eq!(passed, 783);
}

#[tokio::test]
async fn parts_of_urls_are_set_as_the_standard_says() {
    let body = "for (const [part, tests] of Object.entries(event)) {
            if (part === 'comment') continue;
            for (const test of tests) {
                const url = new URL(test.href); let threw = false;
                try { url[part] = test.new_value } catch { threw = true }
                const ok = Object.entries(test.expected).every(([name, value]) => url[name] === value);
                judge(JSON.stringify([test.href, part, test.new_value]), ok && (!threw || part === 'href'));
            }
        }";
    let (passed, failed) =
        run(body, include_str!("../../../../../fixtures/conformance/wpt/setters_tests.json")).await;
    assert_eq!(failed, known("setters_tests.json"));
    assert_eq!(passed, 244);
}

#[tokio::test]
async fn base64_is_read_as_the_standard_says() {
    let body = "for (const [input, output] of event) {
            let read;
            try { read = [...atob(input)].map((c) => c.charCodeAt(0)) }
            catch (error) { read = error instanceof DOMException && error.name === 'InvalidCharacterError' ? null : 'other' }
            judge(JSON.stringify(input), JSON.stringify(read) === JSON.stringify(output));
        }";
    let (passed, failed) =
        run(body, include_str!("../../../../../fixtures/conformance/wpt/base64.json")).await;
    assert_eq!((passed, failed), (80, Vec::new()));
}
