//! No update is lost, whatever the order in which clients read, write and publish.

use emdash_content::{ContentPatch, Target};
use emdash_types::ErrorCode;
use proptest::prelude::*;
use serde_json::json;

use crate::support::{PLAIN, Site, admin, fields};

/// What one of two clients does next.
#[derive(Clone, Copy, Debug)]
enum Step {
    Load(usize),
    Append(usize),
    Publish,
    Discard,
    Unpublish,
    Autosave(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..2_usize).prop_map(Step::Load),
        4 => (0..2_usize).prop_map(Step::Append),
        1 => (0..2_usize).prop_map(Step::Autosave),
        1 => Just(Step::Publish),
        1 => Just(Step::Discard),
        1 => Just(Step::Unpublish),
    ]
}

/// Two clients append a letter to the text they loaded, with the lock they loaded. The text must always be what the
/// accepted writes make of it.
async fn run(collection: &str, steps: &[Step], tick: bool) {
    let site = Site::new().await;
    let id = site.draft(collection, "T").await;
    let target = Target::new(collection, &id);
    let (mut expected, mut live) = (String::new(), String::new());
    let mut loaded: [Option<(String, String)>; 2] = [None, None];
    for (number, step) in steps.iter().enumerate() {
        if tick {
            site.clock.advance_millis(1);
        }
        match *step {
            Step::Load(client) => {
                let got = site.content.get(&admin(), target).await.unwrap();
                let text = got.item.data.get("excerpt").and_then(|text| text.as_str()).unwrap_or_default();
                assert_eq!(text, expected);
                loaded[client] = Some((text.to_owned(), got.rev.encode()));
            }
            Step::Append(client) | Step::Autosave(client) => {
                let Some((text, rev)) = loaded[client].take() else { continue };
                let written = format!("{text}{number},");
                let patch = ContentPatch {
                    data: Some(fields(json!({"excerpt": written}))),
                    rev: Some(rev),
                    skip_revision: matches!(step, Step::Autosave(_)),
                    ..ContentPatch::default()
                };
                match site.content.update(&admin(), target, patch).await {
                    Ok(saved) => {
                        assert_eq!(text, expected, "a write on an outdated text was accepted");
                        assert_eq!(saved.item.data["excerpt"], written.as_str());
                        expected = written;
                        if collection == PLAIN {
                            live.clone_from(&expected);
                        }
                    }
                    Err(error) => assert_eq!(error.code(), ErrorCode::Conflict),
                }
            }
            Step::Publish => {
                site.content.publish(&admin(), target, None).await.unwrap();
                live.clone_from(&expected);
            }
            Step::Discard => {
                site.content.discard_draft(&admin(), target).await.unwrap();
                expected.clone_from(&live);
            }
            Step::Unpublish => {
                let _ = site.content.unpublish(&admin(), target).await;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_update_is_lost(steps in prop::collection::vec(step(), 1..24), plain: bool, tick: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(if plain { PLAIN } else { "posts" }, &steps, tick));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_writers_with_one_lock_exactly_one_wins() {
    let site = Site::new().await;
    let id = site.draft("posts", "T").await;
    let rev = site.content.get(&admin(), Target::new("posts", &id)).await.unwrap().rev.encode();
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let (content, id, rev) = (site.content.clone(), id.clone(), rev.clone());
            tokio::spawn(async move {
                let patch = ContentPatch {
                    data: Some(fields(json!({"title": format!("T{number}")}))),
                    rev: Some(rev),
                    ..ContentPatch::default()
                };
                content.update(&admin(), Target::new("posts", &id), patch).await.map_err(|error| error.code())
            })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        match writer.await.unwrap() {
            Ok(_) => won += 1,
            Err(code) => assert_eq!(code, ErrorCode::Conflict),
        }
    }
    assert_eq!(won, 1);
}
