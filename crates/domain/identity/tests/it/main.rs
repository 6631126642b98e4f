//! Identity on a real store.

#![expect(clippy::unwrap_used, reason = "a failing arrangement fails the test")]

use std::sync::Arc;

use emdash_identity::{IdentityService, NewAdministrator, NewToken};
use emdash_store::SiteStore;
use emdash_store_sqlite::SqliteSiteStore;
use emdash_types::testing::{ManualClock, ambient};
use emdash_types::{Caller, ErrorCode, Role, Scope, Secret, UserCaller};

struct Site {
    identity: IdentityService,
    store: Arc<dyn SiteStore>,
    clock: Arc<ManualClock>,
    _folder: tempfile::TempDir,
}

fn site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    let store: Arc<dyn SiteStore> = SqliteSiteStore::open(&folder.path().join("site.db")).unwrap();
    let (ambient, clock) = ambient(7);
    Site { identity: IdentityService::new(Arc::clone(&store), ambient), store, clock, _folder: folder }
}

fn administrator(email: &str) -> NewAdministrator {
    NewAdministrator { email: email.to_owned(), name: Some(" Ann ".to_owned()) }
}

fn token(name: &str, scopes: Vec<Scope>) -> NewToken {
    NewToken { name: name.to_owned(), scopes, expires_at: None }
}

#[tokio::test]
async fn setting_up_gives_an_administrator_a_token_and_a_session_that_work() {
    let site = site();
    assert!(site.identity.setup_needed().await.unwrap());
    let outcome = site.identity.setup(administrator(" Ann@Example.com ")).await.unwrap();

    assert_eq!((outcome.user.email.as_str(), outcome.user.name.as_deref()), ("ann@example.com", Some("Ann")));
    assert!(!site.identity.setup_needed().await.unwrap());
    let bearer = site.identity.authenticate_bearer(&outcome.token).await.unwrap();
    assert_eq!((bearer.role, bearer.scopes), (Role::Admin, Some(vec![Scope::Admin])));
    let session = site.identity.authenticate_session(&outcome.session).await.unwrap();
    assert_eq!(session, UserCaller { id: outcome.user.id, role: Role::Admin, scopes: None });
}

#[tokio::test]
async fn there_is_one_first_administrator() {
    let site = site();
    site.identity.setup(administrator("a@example.com")).await.unwrap();
    let second = site.identity.setup(administrator("b@example.com")).await.unwrap_err();
    assert_eq!(second.code(), ErrorCode::SetupComplete);
    assert_eq!(site.identity.setup_link().await.unwrap_err().code(), ErrorCode::SetupComplete);
}

#[tokio::test]
async fn a_setup_link_works_once_and_a_newer_one_replaces_it() {
    let site = site();
    let first = site.identity.setup_link().await.unwrap();
    let second = site.identity.setup_link().await.unwrap();
    assert!(!site.identity.setup_link_valid(&first).await.unwrap());
    let refused = site.identity.setup_with_link(&first, administrator("a@example.com")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidToken);

    let typing_error = site.identity.setup_with_link(&second, administrator("nobody")).await.unwrap_err();
    assert_eq!(typing_error.code(), ErrorCode::ValidationError);
    site.identity.setup_with_link(&second, administrator("a@example.com")).await.unwrap();
    let again = site.identity.setup_with_link(&second, administrator("a@example.com")).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::InvalidToken);
}

#[tokio::test]
async fn credentials_end_with_their_time_their_owner_and_their_revocation() {
    let site = site();
    let outcome = site.identity.setup(administrator("a@example.com")).await.unwrap();
    let caller = Caller::User(UserCaller { id: outcome.user.id.clone(), role: Role::Admin, scopes: None });
    let now = emdash_types::Timestamp::parse("2026-11-20T10:00:00Z").unwrap();
    let new =
        NewToken { expires_at: Some(now.plus_millis(1_000)), ..token("short", vec![Scope::ContentRead]) };
    let (short, _) = site.identity.token_create(&caller, new).await.unwrap();
    let (revoked, info) = site.identity.token_create(&caller, token("x", vec![Scope::Admin])).await.unwrap();

    site.identity.authenticate_bearer(&short).await.unwrap();
    site.clock.advance_millis(1_000);
    assert_eq!(site.identity.authenticate_bearer(&short).await.unwrap_err().code(), ErrorCode::InvalidToken);
    site.identity.token_revoke(&caller, &info.id).await.unwrap();
    assert_eq!(
        site.identity.authenticate_bearer(&revoked).await.unwrap_err().code(),
        ErrorCode::InvalidToken
    );

    let mut transaction = site.store.write().await.unwrap();
    transaction.user_update(&emdash_store::identity::User { disabled: true, ..outcome.user }).await.unwrap();
    transaction.commit().await.unwrap();
    let bearer = site.identity.authenticate_bearer(&outcome.token).await.unwrap_err();
    assert_eq!(bearer.code(), ErrorCode::InvalidToken);
    let session = site.identity.authenticate_session(&outcome.session).await.unwrap_err();
    assert_eq!(session.code(), ErrorCode::AccountDisabled);
}

#[tokio::test]
async fn a_session_ends_after_thirty_days() {
    let site = site();
    let outcome = site.identity.setup(administrator("a@example.com")).await.unwrap();
    site.clock.advance_millis(30 * 24 * 60 * 60 * 1000);
    let ended = site.identity.authenticate_session(&outcome.session).await.unwrap_err();
    assert_eq!(ended.code(), ErrorCode::NotAuthenticated);
}

#[tokio::test]
async fn tokens_are_made_for_administrators_with_a_name_a_scope_and_a_future() {
    let site = site();
    let outcome = site.identity.setup(administrator("a@example.com")).await.unwrap();
    let user = |role| Caller::User(UserCaller { id: outcome.user.id.clone(), role, scopes: None });
    let refused = site.identity.token_create(&user(Role::Editor), token("x", vec![Scope::Admin])).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::Forbidden);
    let past = emdash_types::Timestamp::from_millis(0);
    for bad in [
        token(" ", vec![Scope::Admin]),
        token(&"x".repeat(101), vec![Scope::Admin]),
        token("x", Vec::new()),
        NewToken { expires_at: Some(past), ..token("x", vec![Scope::Admin]) },
    ] {
        let refused = site.identity.token_create(&user(Role::Admin), bad).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::ValidationError);
    }
}

#[tokio::test]
async fn a_made_up_credential_is_refused_and_nothing_stored_holds_its_text() {
    let site = site();
    let outcome = site.identity.setup(administrator("a@example.com")).await.unwrap();
    let made_up = Secret::new("ec_pat_made-up".to_owned());
    assert_eq!(
        site.identity.authenticate_bearer(&made_up).await.unwrap_err().code(),
        ErrorCode::InvalidToken
    );
    let mut transaction = site.store.read().await.unwrap();
    let stored = transaction.token_list(&outcome.user.id).await.unwrap();
    assert!(stored.iter().all(|token| token.token_hash != outcome.token.expose()));
    assert!(stored.iter().all(|token| outcome.token.expose().starts_with(&token.prefix)));
}
