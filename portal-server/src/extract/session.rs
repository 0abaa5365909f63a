use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use portal_core::identity::{Authenticated, StaffMember, Who};
use portal_core::{ClientId, Context, Error, NoRule};

use super::origin::origin;
use crate::cookies;
use crate::error::Problem;
use crate::state::AppState;

/// Somebody signed in: by the browser's cookie, or by an access token.
#[derive(Debug, Clone)]
pub struct Signed(pub Authenticated);

/// A signed-in staff member.
#[derive(Debug, Clone)]
pub struct StaffSession {
    /// The session, the practice and the circumstances.
    pub signed: Authenticated,
    /// The staff member.
    pub staff: StaffMember,
}

/// A signed-in client, or staff who look at the portal as one.
#[derive(Debug, Clone)]
pub struct ClientSession {
    /// The session, the practice and the circumstances.
    pub signed: Authenticated,
    /// The client.
    pub client: ClientId,
}

impl Signed {
    /// The circumstances of the request.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.0.context
    }
}

impl StaffSession {
    /// The circumstances of the request.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.signed.context
    }
}

impl ClientSession {
    /// The circumstances of the request.
    #[must_use]
    pub const fn context(&self) -> &Context {
        &self.signed.context
    }
}

/// An access token, when the request carries one. Then the cookie does not count.
pub(crate) fn bearer(headers: &axum::http::HeaderMap) -> Option<&str> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

async fn authenticate(parts: &Parts, state: &AppState) -> Result<Authenticated, Error<NoRule>> {
    let portal = state.portal();
    let origin = origin(parts, state);
    if parts.headers.contains_key(header::AUTHORIZATION) {
        let named = bearer(&parts.headers).and_then(|token| state.tokens().read(token, portal.now()));
        let (practice, session) = named.ok_or(Error::Unauthenticated)?;
        return portal.authenticate_session(practice, session, origin).await;
    }
    let token = cookies::session(&parts.headers, state.public_url()).ok_or(Error::Unauthenticated)?;
    portal.authenticate(&token, origin).await
}

impl<S: Send + Sync> FromRequestParts<S> for Signed
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        Ok(Self(authenticate(parts, &AppState::from_ref(state)).await?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for StaffSession
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Signed(signed) = Signed::from_request_parts(parts, state).await?;
        match signed.who.clone() {
            Who::Staff(staff) => Ok(Self { signed, staff }),
            Who::Client(_) => Err(Problem::not_found()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientSession
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Signed(signed) = Signed::from_request_parts(parts, state).await?;
        match &signed.who {
            Who::Client(client) => Ok(Self {
                client: client.id,
                signed,
            }),
            Who::Staff(_) => Err(Problem::not_found()),
        }
    }
}
