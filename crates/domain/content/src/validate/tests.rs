use emdash_store::content::{Collection, Field, FieldKind};
use emdash_types::{CollectionName, Timestamp};
use serde_json::{Value, json};

use super::*;

fn collection(fields: &[(&str, FieldKind, bool, Value)]) -> Collection {
    let fields = fields.iter().map(|(slug, kind, required, validation)| Field {
        id: (*slug).to_owned(),
        slug: CollectionName::parse(slug).unwrap(),
        label: (*slug).to_owned(),
        kind: *kind,
        required: *required,
        unique: false,
        searchable: false,
        indexed: false,
        default_value: None,
        validation: validation.clone(),
        options: json!({"collection": "pages"}),
        sort_order: 0,
    });
    Collection {
        id: "c".to_owned(),
        name: CollectionName::parse("widgets").unwrap(),
        label: "Widgets".to_owned(),
        label_singular: "Widget".to_owned(),
        description: None,
        supports: Vec::new(),
        url_pattern: None,
        has_seo: false,
        routable: true,
        fields: fields.collect(),
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(0),
    }
}

fn object(value: Value) -> JsonMap {
    value.as_object().unwrap().clone()
}

/// The stored form of one value, or the message of its refusal.
fn judge(kind: FieldKind, rules: Value, value: Value) -> Result<Value, String> {
    let collection = collection(&[("f", kind, false, rules)]);
    let mut data = object(json!({"f": value}));
    validate(&collection, &mut data, Extent::Full).map_err(|error| error.message().to_owned())?;
    Ok(data["f"].clone())
}

#[test]
fn several_problems_are_joined_into_one_message() {
    let collection = collection(&[("title", FieldKind::String, true, json!({}))]);
    let error = validate(&collection, &mut object(json!({"bogus": 1})), Extent::Full).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ValidationError);
    assert_eq!(error.message(), "bogus: unknown field on collection 'widgets'; title: is required");
    assert!(error.details_value().is_none());
}

#[test]
fn a_change_needs_only_what_it_changes() {
    let collection = collection(&[("title", FieldKind::String, true, json!({}))]);
    assert!(validate(&collection, &mut JsonMap::new(), Extent::Partial).is_ok());
    for empty in [json!({"title": "  "}), json!({"title": null})] {
        assert!(validate(&collection, &mut object(empty), Extent::Partial).is_err());
    }
}

#[test]
fn a_default_fills_in_on_creation_only() {
    let mut collection = collection(&[("views", FieldKind::Integer, true, json!({}))]);
    collection.fields[0].default_value = Some(json!(0));
    let (mut full, mut partial) = (JsonMap::new(), JsonMap::new());
    validate(&collection, &mut full, Extent::Full).unwrap();
    validate(&collection, &mut partial, Extent::Partial).unwrap();
    assert_eq!((full.get("views"), partial.get("views")), (Some(&json!(0)), None));
}

#[test]
fn each_type_takes_what_the_contract_says() {
    use FieldKind as K;
    let none = || json!({});
    let good = [
        (K::String, none(), json!("x")),
        (K::Slug, none(), json!("Not A Slug")),
        (K::Url, none(), json!("https://example.com/")),
        (K::Number, json!({"max": 2}), json!(1.5)),
        (K::Integer, none(), json!(7)),
        (K::Datetime, none(), json!("2026-11-20T10:32")),
        (K::Datetime, none(), json!("2026-11-20")),
        (K::Select, json!({"options": ["a"]}), json!("a")),
        (K::Select, none(), json!("anything")),
        (K::MultiSelect, json!({"options": ["a", "b"]}), json!(["b"])),
        (K::PortableText, none(), json!([{"_type": "unknown", "x": 1}])),
        (K::Image, none(), json!({"id": "m1", "alt": "A"})),
        (K::Reference, none(), json!("01M7")),
        (K::Json, none(), json!({"deep": [1, null]})),
        (K::String, none(), Value::Null),
        (
            K::Repeater,
            json!({"subFields": [{"slug": "n", "type": "integer"}]}),
            json!([{"n": 1, "extra": true}]),
        ),
    ];
    for (kind, rules, value) in good {
        assert_eq!(judge(kind, rules, value.clone()), Ok(value), "{kind:?}");
    }
}

#[test]
fn each_type_refuses_the_rest_with_its_reason() {
    use FieldKind as K;
    let none = || json!({});
    let bad = [
        (K::String, none(), json!(1), "f: expected a string, got a number"),
        (K::String, json!({"maxLength": 2}), json!("äöü"), "f: has 3 characters, the limit is 2"),
        (K::String, json!({"pattern": "^a+$"}), json!("b"), "f: does not match the pattern ^a+$"),
        (
            K::Url,
            none(),
            json!("/relative"),
            "f: \"/relative\" is not an absolute URL such as https://example.com/",
        ),
        (K::Number, none(), json!("5"), "f: expected a number, got a string"),
        (K::Number, json!({"max": 2}), json!(3), "f: is 3, the limit is 2"),
        (K::Integer, none(), json!(1.5), "f: expected a whole number, got 1.5"),
        (K::Boolean, none(), json!("yes"), "f: expected true, false, 0 or 1, got a string"),
        (
            K::Datetime,
            none(),
            json!("2026-02-30"),
            "f: expected a date or an instant such as 2026-11-20 or 2026-11-20T10:32:58Z",
        ),
        (K::Select, json!({"options": ["a"]}), json!("z"), "f: \"z\" is not one of the options: a"),
        (K::MultiSelect, json!({"options": ["a"]}), json!(["z"]), "f.0: \"z\" is not one of the options: a"),
        (K::PortableText, none(), json!("# Hi"), "f: expected an array of blocks, got a string"),
        (K::Image, none(), json!("m1"), "f: expected an object with the id of a media item, got a string"),
        (K::Image, none(), json!({"id": "m", "width": "9"}), "f.width: does not fit: got a string"),
        (
            K::File,
            json!({"allowedMimeTypes": ["image/"]}),
            json!({"id": "m", "mimeType": "text/html"}),
            "f: files of type text/html are not allowed here",
        ),
        (K::Repeater, json!({"maxItems": 1}), json!([{}, {}]), "f: has 2 items, the limit is 1"),
        (
            K::Repeater,
            json!({"subFields": [{"slug": "n", "type": "integer", "required": true}]}),
            json!([{}]),
            "f.0.n: is required",
        ),
    ];
    for (kind, rules, value, message) in bad {
        assert_eq!(judge(kind, rules, value), Err(message.to_owned()), "{kind:?}");
    }
}

#[test]
fn values_are_brought_into_their_stored_form() {
    assert_eq!(judge(FieldKind::Boolean, json!({}), json!(true)), Ok(json!(1)));
    assert_eq!(judge(FieldKind::Integer, json!({}), json!(3.0)), Ok(json!(3)));
    assert_eq!(judge(FieldKind::Image, json!({}), json!({"id": "m", "evil": 1})), Ok(json!({"id": "m"})));
}

#[test]
fn what_was_stored_passes_again() {
    use FieldKind as K;
    for (kind, value) in [(K::Boolean, json!(1)), (K::Boolean, json!(0)), (K::Datetime, json!("2026-11-20"))]
    {
        assert_eq!(judge(kind, json!({}), value.clone()), Ok(value));
    }
}

#[test]
fn references_are_handed_back_to_be_looked_up() {
    let collection = collection(&[("parent", FieldKind::Reference, false, json!({}))]);
    let found = validate(&collection, &mut object(json!({"parent": "01M7"})), Extent::Partial).unwrap();
    let expected = Reference { field: "parent".into(), collection: "pages".into(), id: "01M7".into() };
    assert_eq!(found, [expected]);
}

proptest::proptest! {
    #[test]
    fn no_json_makes_it_panic_and_what_passes_passes_again(text in "[\\[\\]{}\",:a-z0-9. ]{0,40}") {
        let value: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
        for kind in FieldKind::ALL {
            if let Ok(stored) = judge(kind, json!({}), value.clone()) {
                proptest::prop_assert_eq!(judge(kind, json!({}), stored.clone()), Ok(stored));
            }
        }
    }
}
