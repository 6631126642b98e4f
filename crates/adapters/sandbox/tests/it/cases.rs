//! The web globals, each file of `tests/cases` in one guest.

use serde_json::{Value, json};

use crate::support::probe;

/// The cases that did not answer `true`, with what they answered or threw.
async fn failures(cases: &str, before: &str) -> Value {
    let run = "const failed = {}; let count = 0;
        for (const [name, run] of Object.entries(cases)) {
            count++;
            let answer; try { answer = await run() } catch (error) { answer = `${error?.name}: ${error?.message}\\n${error?.stack}` }
            if (answer !== true) failed[name] = answer ?? null;
        }
        return count > 5 ? failed : 'too few cases ran'";
    probe(&format!("{before}\n{cases}\n{run}")).await
}

#[tokio::test]
async fn streams_follow_the_standard() {
    assert_eq!(failures(include_str!("../cases/streams.js"), "").await, json!({}));
}

#[tokio::test]
async fn bodies_forms_clones_decoders_and_events_follow_their_standards() {
    assert_eq!(failures(include_str!("../cases/bodies_and_values.js"), "").await, json!({}));
}

#[tokio::test]
async fn cryptography_agrees_with_another_implementation() {
    let vectors = format!("const vectors = {};", include_str!("../cases/crypto_vectors.json"));
    assert_eq!(failures(include_str!("../cases/crypto.js"), &vectors).await, json!({}));
}
