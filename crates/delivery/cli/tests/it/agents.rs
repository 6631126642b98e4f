//! Plugins that do what a test tells them, and plugins that remember what they were told.

use emdash_testkit::{Client, Plugin, eventually};
use serde_json::{Value, json};

/// Does what its route is told: `{of: "content", method: "get", arguments: […]}`.
pub fn agent(id: &str, capabilities: &[&str]) -> Plugin {
    let code = r#"
        export default { routes: { call: async ({ input }, ctx) => {
            try {
                const value = await ctx[input.of][input.method](...input.arguments);
                return { value: value === undefined ? "undefined" : value };
            } catch (error) {
                return { error: error.message, code: error.code };
            }
        } } };"#;
    Plugin::new(id, code).capabilities(capabilities).routes(&["call"])
}

#[track_caller]
pub fn call(admin: &Client, method: &str, arguments: Value) -> Value {
    let (of, method) = method.split_once('.').expect("member and method");
    let input = json!({"of": of, "method": method, "arguments": arguments});
    admin.post("/_emdash/api/plugins/agent/call", &input).data()
}

#[track_caller]
pub fn value(admin: &Client, method: &str, arguments: Value) -> Value {
    let mut answer = call(admin, method, arguments);
    assert_eq!(answer["error"], Value::Null, "{answer}");
    answer["value"].take()
}

#[track_caller]
pub fn error(admin: &Client, method: &str, arguments: Value) -> String {
    let answer = call(admin, method, arguments);
    answer["error"].as_str().unwrap_or_else(|| panic!("no error: {answer}")).to_owned()
}

/// Keeps every event of its hooks, in order, and tells them at its route `events`.
pub fn recorder(id: &str, capabilities: &[&str], hooks: &[&str]) -> Plugin {
    let handlers: String = hooks
        .iter()
        .map(|hook| format!("'{hook}': async (event, ctx) => {{ await keep('{hook}', event, ctx); }},\n"))
        .collect();
    let code = format!(
        "const keep = async (hook, event, ctx) => {{
            const number = ((await ctx.kv.get('number')) ?? 0) + 1;
            await ctx.kv.set('number', number);
            await ctx.storage.events.put(String(number).padStart(4, '0'), {{ hook, event }});
        }};
        export default {{
            hooks: {{ {handlers} }},
            routes: {{ events: async (_, ctx) => {{
                const {{ items }} = await ctx.storage.events.query({{ limit: 100 }});
                return items.sort((a, b) => (a.id < b.id ? -1 : 1)).map((item) => item.data);
            }} }},
        }};"
    );
    Plugin::new(id, &code)
        .capabilities(capabilities)
        .hooks(hooks)
        .routes(&["events"])
        .with("storage", json!({"events": {"indexes": []}}))
}

#[track_caller]
pub fn events(admin: &Client, id: &str, wanted: usize) -> Vec<Value> {
    eventually("the plugin was told of all", || {
        let events = admin.get(&format!("/_emdash/api/plugins/{id}/events")).data();
        let events = events.as_array().expect("a list").clone();
        (events.len() >= wanted).then_some(events)
    })
}
