//! `DELETE /content/{collection}/{id}`: into the trash.

use axum::extract::{Path, State};

use super::{DeletedAnswer, EntryPath, LocaleQuery};
use crate::AppState;
use crate::request::{Authenticated, QueryOf};
use crate::respond::{Done, Failure};

pub async fn handler(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    Path(path): Path<EntryPath>,
    QueryOf(query): QueryOf<LocaleQuery>,
) -> Result<Done<DeletedAnswer>, Failure> {
    let id = state.content.delete(&caller, path.target(&query)).await?;
    Ok(Done(DeletedAnswer { deleted: true, id: id.to_string() }))
}
