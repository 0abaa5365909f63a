//! Whether an open page may stay open. Pages ask often, so this is light, and it does not count as using the session.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use portal_core::identity::Authenticated;
use portal_core::{AccessId, Error, NoRule, Origin};

use super::visit::Door;
use crate::cookies;
use crate::error::Problem;
use crate::state::AppState;

/// Whether somebody is signed in at all.
pub(super) async fn signed_in(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    watch(&state, &headers).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether somebody is signed in and this workspace is open to them.
pub(super) async fn inside(
    State(state): State<AppState>,
    headers: HeaderMap,
    door: Door,
) -> Result<StatusCode, Problem> {
    let signed = watch(&state, &headers).await?;
    if signed.practice.id != door.practice.id {
        return Err(Problem::not_found());
    }
    let access = AccessId(door.locator.id);
    state.portal().workspace(&signed.context, access).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn watch(state: &AppState, headers: &HeaderMap) -> Result<Authenticated, Error<NoRule>> {
    let token = cookies::session(headers, state.public_url()).ok_or(Error::Unauthenticated)?;
    state.portal().watch(&token, Origin::default()).await
}
