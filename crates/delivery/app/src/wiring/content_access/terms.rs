//! Taxonomies and terms as plugins see them (plugin contract §3.5).

use emdash_store::content::{Taxonomy, Term};
use serde_json::{Value, json};

pub(super) fn taxonomy(taxonomy: &Taxonomy) -> Value {
    json!({
        "name": taxonomy.name,
        "label": taxonomy.label,
        "labelSingular": taxonomy.label_singular,
        "hierarchical": taxonomy.hierarchical,
        "collections": taxonomy.collections,
        "locale": taxonomy.locale,
    })
}

pub(super) fn term(term: &Term) -> Value {
    json!({
        "id": term.id,
        "taxonomy": term.taxonomy,
        "slug": term.slug,
        "label": term.label,
        "parentId": term.parent_id,
        "data": term.description.as_ref().map(|description| json!({"description": description})),
        "locale": term.locale,
        "translationGroup": term.translation_group,
    })
}
