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

/// Whose cookie counts.
#[derive(Debug, Clone, Copy)]
enum Cookie {
    Staff,
    Client,
    /// A staff member's, or else a client's: where both may ask.
    Any,
}

async fn authenticate(
    parts: &Parts,
    state: &AppState,
    cookie: Cookie,
) -> Result<Authenticated, Error<NoRule>> {
    let portal = state.portal();
    let origin = origin(parts, state);
    if parts.headers.contains_key(header::AUTHORIZATION) {
        let named = bearer(&parts.headers).and_then(|token| state.tokens().read(token, portal.now()));
        let (practice, session) = named.ok_or(Error::Unauthenticated)?;
        return portal.authenticate_session(practice, session, origin).await;
    }
    let (headers, url) = (&parts.headers, state.public_url());
    let staff = cookies::staff_session(headers, url).filter(|_| !matches!(cookie, Cookie::Client));
    let client = cookies::session(headers, url).filter(|_| !matches!(cookie, Cookie::Staff));
    if let Some(token) = staff {
        match portal.authenticate(&token, origin.clone()).await {
            Err(Error::Unauthenticated) if client.is_some() => {}
            answer => return answer,
        }
    }
    let token = client.ok_or(Error::Unauthenticated)?;
    portal.authenticate(&token, origin).await
}

async fn signed(parts: &Parts, state: &AppState, cookie: Cookie) -> Result<Authenticated, Problem> {
    match parts.extensions.get::<Signed>() {
        Some(Signed(known)) => Ok(known.clone()),
        None => Ok(authenticate(parts, state, cookie).await?),
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Signed
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let state = AppState::from_ref(state);
        signed(parts, &state, Cookie::Any).await.map(Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for StaffSession
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let signed = signed(parts, &AppState::from_ref(state), Cookie::Staff).await?;
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
        let signed = signed(parts, &AppState::from_ref(state), Cookie::Client).await?;
        match &signed.who {
            Who::Client(client) => Ok(Self {
                client: client.id,
                signed,
            }),
            Who::Staff(_) => Err(Problem::not_found()),
        }
    }
}
