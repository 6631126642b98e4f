//! Users, tokens, sessions, SEO.

use std::sync::Arc;

use emdash_types::{ErrorCode, Role, Scope};
use serde_json::json;

use super::Make;
use crate::SiteStore;
use crate::content::Seo;
use crate::identity::{ApiToken, Session, User};

/// By id and address; all by address.
pub async fn users_read_back_and_an_address_is_unique(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let (mut ann, bob) = (make.user("ann@example.com"), make.user("bob@example.com"));
    for user in [&bob, &ann] {
        write.user_add(user).await.unwrap();
    }
    ann = User { name: Some("Ann".to_owned()), role: Role::Admin, disabled: true, ..ann };
    write.user_update(&ann).await.unwrap();
    assert_eq!(write.user_lookup(&ann.id).await.unwrap().as_ref(), Some(&ann));
    assert_eq!(write.user_find_by_email("bob@example.com").await.unwrap().as_ref(), Some(&bob));
    assert_eq!(write.user_find_by_email("nobody@example.com").await.unwrap(), None);
    assert_eq!(write.user_count().await.unwrap(), 2);
    let taken = User { email: ann.email.clone(), ..bob.clone() };
    assert_eq!(write.user_update(&taken).await.unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(write.user_add(&make.user(&ann.email)).await.unwrap_err().code(), ErrorCode::Conflict);
    let missing = make.user("none@example.com");
    assert_eq!(write.user_update(&missing).await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(write.user_list().await.unwrap(), [ann.clone(), bob.clone()]);
    let mut newest = [ann, bob];
    newest.sort_by(|a, b| b.id.cmp(&a.id));
    assert_eq!(write.user_page(None, None, 1).await.unwrap(), newest[..1]);
    assert_eq!(write.user_page(None, Some(&newest[0].id), 9).await.unwrap(), newest[1..]);
    let administrators = newest.iter().filter(|user| user.role == Role::Admin);
    assert!(write.user_page(Some(Role::Admin), None, 9).await.unwrap().iter().eq(administrators));
}

/// Nobody deletes another's.
pub async fn tokens_belong_to_their_user(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let (ann, bob) = (make.user("ann@example.com"), make.user("bob@example.com"));
    for user in [&ann, &bob] {
        write.user_add(user).await.unwrap();
    }
    let mut tokens = ["one", "two"].map(|text| ApiToken {
        id: make.ambient.id(),
        name: text.to_owned(),
        token_hash: format!("hash of {text}"),
        prefix: "ec_pat_a".to_owned(),
        user_id: ann.id.clone(),
        scopes: vec![Scope::ContentRead, Scope::McpToolsOf("seo".to_owned())],
        expires_at: Some(make.instant()),
        last_used_at: None,
        created_at: make.instant(),
    });
    for token in &tokens {
        write.token_add(token).await.unwrap();
    }
    tokens[0].last_used_at = Some(make.instant());
    write.token_touch(&tokens[0].id, tokens[0].last_used_at.unwrap()).await.unwrap();
    assert_eq!(write.token_find_by_hash("hash of one").await.unwrap().as_ref(), Some(&tokens[0]));
    assert_eq!(write.token_find_by_hash("hash").await.unwrap(), None);
    assert_eq!(write.token_list(&ann.id).await.unwrap(), [tokens[1].clone(), tokens[0].clone()]);
    assert!(write.token_list(&bob.id).await.unwrap().is_empty());
    assert!(!write.token_delete(&bob.id, &tokens[0].id).await.unwrap());
    assert!(write.token_delete(&ann.id, &tokens[0].id).await.unwrap());
    assert_eq!(write.token_find_by_hash("hash of one").await.unwrap(), None);
}

/// Before an instant, and no other.
pub async fn expired_sessions_are_forgotten(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let mut write = store.write().await.unwrap();
    let user = make.user("ann@example.com");
    write.user_add(&user).await.unwrap();
    let sessions = ["a", "b", "c"].map(|text| Session {
        id: make.ambient.id(),
        secret_hash: text.to_owned(),
        user_id: user.id.clone(),
        expires_at: make.instant(),
        created_at: make.instant(),
    });
    for session in &sessions {
        write.session_add(session).await.unwrap();
    }
    assert_eq!(write.session_find_by_hash("a").await.unwrap().as_ref(), Some(&sessions[0]));
    assert_eq!(write.session_delete_expired(sessions[1].expires_at).await.unwrap(), 1);
    assert_eq!(write.session_find_by_hash("a").await.unwrap(), None);
    write.session_delete(&sessions[1].id).await.unwrap();
    assert_eq!(write.session_find_by_hash("b").await.unwrap(), None);
    assert_eq!(write.session_find_by_hash("c").await.unwrap().as_ref(), Some(&sessions[2]));
}

/// As a whole.
pub async fn seo_is_replaced(store: Arc<dyn SiteStore>) {
    let make = Make::default();
    let posts = make.posts();
    let entry = make.entry(&posts, "a", json!({})).id;
    let mut write = store.write().await.unwrap();
    assert_eq!(write.seo_lookup(&posts.name, &entry).await.unwrap(), None);
    let full = Seo {
        title: Some("T".to_owned()),
        description: Some("D".to_owned()),
        image: Some("/i.png".to_owned()),
        canonical: Some("https://example.com/".to_owned()),
        no_index: true,
    };
    write.seo_set(&posts.name, &entry, &full).await.unwrap();
    assert_eq!(write.seo_lookup(&posts.name, &entry).await.unwrap(), Some(full));
    assert!(write.seo_no_index(&posts.name).await.unwrap().iter().eq([&entry]));
    write.seo_set(&posts.name, &entry, &Seo::default()).await.unwrap();
    assert_eq!(write.seo_lookup(&posts.name, &entry).await.unwrap(), Some(Seo::default()));
    assert!(write.seo_no_index(&posts.name).await.unwrap().is_empty());
}
