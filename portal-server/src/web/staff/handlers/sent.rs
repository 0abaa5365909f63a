//! What a form sent.

use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal_core::Version;
use url::form_urlencoded;

use super::desk::Desk;
use super::door;
use crate::error::Problem;
use crate::state::AppState;

/// The fields of a form, as typed.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(pub(super) Vec<(String, String)>);

impl Fields {
    pub(super) fn parse(body: &[u8]) -> Self {
        Self(form_urlencoded::parse(body).into_owned().collect())
    }

    /// The field of that name; empty when it was not sent.
    pub(super) fn text(&self, name: &str) -> String {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// The field of that name as what it stands for; `None` when it is nothing of the kind.
    pub(super) fn value<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).trim().parse().ok()
    }

    /// Whether a box was ticked.
    pub(super) fn ticked(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// The version that the form was filled with. A form without one is as good as an old one.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "services take a version or none, and a form always has one"
    )]
    pub(super) fn version(&self) -> Option<Version> {
        Some(Version(self.value("version").unwrap_or(0)))
    }
}

/// A form from somebody signed in. When the session ended meanwhile, the answer is the way to sign in, which keeps what
/// was typed.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) desk: Desk,
    pub(super) fields: Fields,
}

/// A form's body: what is of another kind is refused.
pub(super) async fn read(request: Request, state: &AppState) -> Result<Bytes, Problem> {
    let content_type = request.headers().get(header::CONTENT_TYPE);
    let is_form =
        content_type.is_none_or(|text| text.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
    let body = Bytes::from_request(request, state)
        .await
        .map_err(|rejection| Problem::of(rejection.status()))?;
    if is_form || body.is_empty() {
        Ok(body)
    } else {
        Err(Problem::of(StatusCode::UNSUPPORTED_MEDIA_TYPE))
    }
}

impl FromRequest<AppState> for Sent {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let desk = Desk::signed_in(&mut parts, state).await;
        let request = Request::from_parts(parts.clone(), body);
        let body = read(request, state).await.map_err(IntoResponse::into_response)?;
        match desk {
            Ok(desk) => Ok(Self {
                desk,
                fields: Fields::parse(&body),
            }),
            Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
                Err(door::keep(&parts, state, &body).await)
            }
            Err(problem) => Err(problem.into_response()),
        }
    }
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        state: &AppState,
    ) -> Result<Self, Response> {
        match Self::signed_in(parts, state).await {
            Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
                Err(door::lost(parts, state, problem))
            }
            other => other.map_err(IntoResponse::into_response),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_sent() {
        let fields = Fields::parse("name=%F0%9F%91%A9+%22x%22&version=7&ticked=true&bad=%ff%00".as_bytes());
        assert_eq!(fields.text("name"), "👩 \"x\"");
        assert_eq!(fields.text("absent"), "");
        assert_eq!(fields.version(), Some(Version(7)));
        assert!(fields.ticked("ticked") && !fields.ticked("absent"));
        // What is no text arrives as something that the rules refuse or keep harmlessly.
        assert_eq!(fields.text("bad"), "\u{fffd}\0");
    }

    #[test]
    fn a_form_without_its_version_is_an_old_one() {
        for body in ["", "version=", "version=x", "version=9999999999999999999999"] {
            assert_eq!(
                Fields::parse(body.as_bytes()).version(),
                Some(Version(0)),
                "{body}"
            );
        }
    }
}
