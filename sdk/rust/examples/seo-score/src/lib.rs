//! Counts words and scores entries for search engines: an example of a native plugin.

mod analysis;

use emdash_plugin::{Answer, Failure, Hook, Map, Plugin, Reply, Request, Route, Value, json, log, storage};
use serde::Deserialize;

use analysis::Analysis;

struct SeoScore;

impl Plugin for SeoScore {
    fn hooks() -> Vec<Hook> {
        vec![Hook::new("fill_excerpt", fill_excerpt), Hook::new("keep_score", keep_score)]
    }

    fn routes() -> Vec<Route> {
        vec![Route::new("analyse", analyse), Route::new("score", score).public()]
    }
}

emdash_plugin::export!(SeoScore);

/// What a hook hears before a save: the fields.
#[derive(Deserialize)]
struct Save {
    content: Map<String, Value>,
}

/// What a hook hears after a save: the stored entry.
#[derive(Deserialize)]
struct Saved {
    content: Entry,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    data: Map<String, Value>,
}

/// Writes the first sentences into an excerpt that is empty.
fn fill_excerpt(save: Save) -> Result<Option<Map<String, Value>>, Failure> {
    let mut content = save.content;
    let missing = content.get("excerpt").is_none_or(|excerpt| excerpt.as_str().is_none_or(str::is_empty));
    let description = Analysis::of(&content).description;
    if !missing || description.is_empty() {
        return Ok(None);
    }
    content.insert("excerpt".to_owned(), Value::from(description));
    Ok(Some(content))
}

fn keep_score(saved: Saved) -> Result<Option<Value>, Failure> {
    let Entry { id, data } = saved.content;
    let analysis = Analysis::of(&data);
    storage::collection("scores").put(&id, &analysis)?;
    log::write(log::Level::Info, "Scored an entry", &json!({ "id": id, "score": analysis.score }));
    Ok(None)
}

fn analyse(request: Request<Map<String, Value>>) -> Answer {
    Ok(Reply::json(&Analysis::of(&request.input)))
}

#[derive(Deserialize)]
struct Asked {
    id: String,
}

fn score(request: Request<Asked>) -> Answer {
    let found: Option<Value> = storage::collection("scores").get(&request.input.id)?;
    let missing = || Failure::new("This entry has no score yet.").code("NOT_FOUND").status(404);
    Ok(Reply::json(&found.ok_or_else(missing)?))
}
