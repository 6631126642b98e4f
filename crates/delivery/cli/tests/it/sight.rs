//! What an operator sees of plugins at work.

use emdash_testkit::{ChildServer, Plugin, Role, Serving, TestData};
use serde_json::json;

use crate::support::binary;

const CODE: &str = r#"
export default {
  routes: {
    fine: async (_, ctx) => { await ctx.kv.get("a"); return ctx.kv.get("b"); },
    fail: async (_, ctx) => { await ctx.content.get("posts", "1").catch(() => {}); throw new Error("no"); },
  },
};
"#;

#[test]
fn calls_errors_and_violations_are_counted_by_hook_and_route() {
    let server = ChildServer::start(binary(), TestData::with_site(), &[]);
    server.install(&Plugin::new("busy", CODE).routes(&["fine", "fail"]));
    let admin = server.administrator();
    for _ in 0..3 {
        admin.get("/_emdash/api/plugins/busy/fine").accepted();
    }
    admin.get("/_emdash/api/plugins/busy/fail").refused(400, "ROUTE_ERROR");

    let statistics = admin.get("/_emdash/api/admin/plugins/busy/statistics").data();
    let (fine, fail) = (&statistics["calls"]["route fine"], &statistics["calls"]["route fail"]);
    assert_eq!((&fine["calls"], &fine["errors"], &fine["hostCalls"]), (&json!(3), &json!(0), &json!(6)));
    assert_eq!((&fail["calls"], &fail["errors"], &fail["violations"]), (&json!(1), &json!(1), &json!(1)));
    let buckets = fine["wallBuckets"].as_array().expect("buckets");
    assert_eq!(buckets.iter().filter_map(|count| count.as_u64()).sum::<u64>(), 3);

    let metrics = admin.get("/_emdash/metrics").text();
    let line = r#"emdash_plugin_calls_total{plugin="busy",during="route fine"} 3"#;
    assert!(metrics.contains(line), "{metrics}");
    assert!(
        metrics.contains(r#"emdash_plugin_violations_total{plugin="busy",during="route fail"} 1"#),
        "{metrics}"
    );
    assert!(metrics.trim_end().ends_with("# EOF"), "{metrics}");
    server.anonymous().get("/_emdash/metrics").refused(401, "NOT_AUTHENTICATED");
    server.user(Role::Author).get("/_emdash/metrics").refused(403, "FORBIDDEN");
}
