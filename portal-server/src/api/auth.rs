//! Signing in, refreshing and signing out.

use axum::extract::State;
use axum::http::StatusCode;
use portal_core::identity::{Password, SignedIn};
use portal_core::{PageRequest, Portal, PracticeId, SecretLocator, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::values::Failures;
use crate::error::Problem;
use crate::extract::{Json, RequestOrigin, Signed};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(redeem_link))
        .routes(routes!(refresh))
        .routes(routes!(sign_out))
        .routes(routes!(sign_out_everywhere))
}

/// What proves who somebody is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TokensBody {
    /// For `Authorization: Bearer`. It dies with its session.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// When the access token stops working.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// For one call of `refresh`; each use gives a new one.
    refresh_token: String,
    /// When the session ends in any case.
    #[schema(value_type = String, format = DateTime)]
    session_expires_at: Timestamp,
}

pub(super) fn tokens(state: &AppState, signed_in: &SignedIn) -> Result<Json<TokensBody>, Problem> {
    let now = state.portal().now();
    let (access_token, expires_at) = state
        .tokens()
        .issue(&signed_in.session, now)
        .ok_or_else(|| Problem::internal("an access token could not be signed"))?;
    Ok(Json(TokensBody {
        access_token,
        token_type: "Bearer",
        expires_at,
        refresh_token: signed_in.token.reveal(),
        session_expires_at: signed_in.session.expires_at,
    }))
}

/// A staff member's email and password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInInput {
    /// The practice; can be left out where there is one only.
    #[schema(value_type = Option<uuid::Uuid>)]
    practice_id: Option<PracticeId>,
    email: String,
    #[schema(format = Password)]
    password: Typed,
}

/// A password on its way in: never printed.
#[derive(Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub(crate) struct Typed(pub(super) String);

impl std::fmt::Debug for Typed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Typed(..)")
    }
}

/// Signs a staff member in.
#[utoipa::path(post, path = "/auth/sign-in", tag = "auth", security(()), request_body = SignInInput,
    responses((status = 200, body = TokensBody), Failures))]
async fn sign_in(
    State(state): State<AppState>,
    RequestOrigin(origin): RequestOrigin,
    Json(input): Json<SignInInput>,
) -> Result<Json<TokensBody>, Problem> {
    let portal = state.portal();
    let practice = the_practice(portal, input.practice_id).await?;
    let password = Password::typed(input.password.0);
    let signed_in = portal
        .sign_in_staff(practice, &input.email, password, origin)
        .await?;
    crate::counts::staff_signed_in();
    tokens(&state, &signed_in)
}

/// The practice that is named, or the only one that there is.
async fn the_practice(portal: &Portal, named: Option<PracticeId>) -> Result<PracticeId, Problem> {
    if let Some(practice) = named {
        return Ok(practice);
    }
    let practices = portal.store().practices(&PageRequest::first(2)).await;
    let practices = practices.map_err(portal_core::Error::<portal_core::NoRule>::from)?;
    match practices.items.as_slice() {
        [only] => Ok(only.id),
        _ => Err(Problem::field(
            "practice_id",
            "required",
            "Say which practice you belong to.",
        )),
    }
}

/// The token of a sign-in link and the short code of the same mail.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkInput {
    #[schema(format = Password)]
    token: Typed,
    #[schema(format = Password)]
    code: Typed,
}

/// Signs a client in with a sign-in link. The link is used up.
#[utoipa::path(post, path = "/auth/redeem-link", tag = "auth", security(()), request_body = LinkInput,
    responses((status = 200, body = TokensBody), Failures))]
async fn redeem_link(
    State(state): State<AppState>,
    RequestOrigin(origin): RequestOrigin,
    Json(input): Json<LinkInput>,
) -> Result<Json<TokensBody>, Problem> {
    let spent = || portal_core::Error::Rule(portal_core::access::SignInRule::LinkSpent);
    let token: SecretLocator = input.token.0.parse().map_err(|_| spent())?;
    let code = Some(input.code.0.as_str());
    let (signed_in, _) = state.portal().redeem_link(&token, None, code, origin).await?;
    crate::counts::client_signed_in();
    tokens(&state, &signed_in)
}

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshInput {
    #[schema(format = Password)]
    refresh_token: Typed,
}

/// Gives a new access token and a new refresh token; the old refresh token is worth nothing from then on.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", security(()), request_body = RefreshInput,
    responses((status = 200, body = TokensBody), Failures))]
async fn refresh(
    State(state): State<AppState>,
    RequestOrigin(origin): RequestOrigin,
    Json(input): Json<RefreshInput>,
) -> Result<Json<TokensBody>, Problem> {
    let token: SecretLocator = input
        .refresh_token
        .0
        .parse()
        .map_err(|_| Problem::unauthenticated())?;
    let portal = state.portal();
    let authenticated = portal.authenticate(&token, origin).await?;
    let signed_in = portal.refresh_session(&authenticated.context).await?;
    tokens(&state, &signed_in)
}

/// Ends the session: its access tokens, its refresh token and its signed download addresses.
#[utoipa::path(post, path = "/auth/sign-out", tag = "auth", responses((status = 204), Failures))]
async fn sign_out(signed: Signed, State(portal): State<Portal>) -> Result<StatusCode, Problem> {
    portal.sign_out(signed.context()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all sessions of the caller.
#[utoipa::path(post, path = "/auth/sign-out-everywhere", tag = "auth", responses((status = 204), Failures))]
async fn sign_out_everywhere(signed: Signed, State(portal): State<Portal>) -> Result<StatusCode, Problem> {
    portal.sign_out_everywhere(signed.context()).await?;
    Ok(StatusCode::NO_CONTENT)
}
