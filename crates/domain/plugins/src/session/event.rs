//! Events as plugins see them, whole or reduced to their grants (decision 0004).

use std::borrow::Cow;

use emdash_types::{CollectionName, EntryId, JsonMap};
use serde::Serialize;
use serde_json::Value;

use crate::access::HookAccess;

/// What tells an entry apart without telling what it says.
const IDENTITY_OF_CONTENT: [&str; 5] = ["id", "type", "slug", "status", "locale"];

/// Event of `content:beforeSave`. The id stands beside the content, as newer plugins expect it, and within, as
/// older ones do: `id` is never the name of a field.
pub(super) fn before_save(
    access: HookAccess,
    collection: &CollectionName,
    id: Option<&EntryId>,
    content: &JsonMap,
) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Event<'a> {
        content: Cow<'a, JsonMap>,
        collection: &'a CollectionName,
        is_new: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a EntryId>,
    }
    let visible =
        if access == HookAccess::Identity { Cow::Owned(JsonMap::new()) } else { Cow::Borrowed(content) };
    let content = match id {
        Some(id) => {
            let mut content = visible.into_owned();
            content.insert("id".to_owned(), Value::from(id.as_str()));
            Cow::Owned(content)
        }
        None => visible,
    };
    let event = Event { content, collection, is_new: id.is_none(), id };
    serde_json::to_string(&event).unwrap_or_default()
}

/// A deferred event under an access.
pub(super) fn deferred(access: HookAccess, event: &Value) -> String {
    if access != HookAccess::Identity {
        return event.to_string();
    }
    let mut reduced = event.clone();
    if let Some(Value::Object(content)) = reduced.get_mut("content") {
        content.retain(|key, _| IDENTITY_OF_CONTENT.contains(&key.as_str()));
    }
    if let Some(Value::Object(media)) = reduced.get_mut("media") {
        media.retain(|key, _| key == "id");
    }
    reduced.to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn without_the_capability_an_event_says_which_entry_and_not_what_is_in_it() {
        let event = json!({"content": {"id": "1", "slug": "a", "status": "draft", "data": {"title": "secret"},
            "liveData": {}, "authorId": "u"}, "collection": "posts", "isNew": false});
        assert_eq!(
            deferred(HookAccess::Identity, &event),
            r#"{"content":{"id":"1","slug":"a","status":"draft"},"collection":"posts","isNew":false}"#
        );
        assert_eq!(deferred(HookAccess::Full, &event), event.to_string());
    }

    #[test]
    fn the_id_of_an_entry_stands_beside_and_within_its_content() {
        let posts = CollectionName::parse("posts").unwrap();
        let Value::Object(content) = json!({"title": "t"}) else { panic!("an object") };
        let id = EntryId::from("01M7");
        assert_eq!(
            before_save(HookAccess::Full, &posts, Some(&id), &content),
            r#"{"content":{"title":"t","id":"01M7"},"collection":"posts","isNew":false,"id":"01M7"}"#
        );
        assert_eq!(
            before_save(HookAccess::Identity, &posts, None, &content),
            r#"{"content":{},"collection":"posts","isNew":true}"#
        );
    }
}
