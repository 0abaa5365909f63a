use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal_core::Version;
use serde::Serialize;

use super::Json;
use crate::error::Problem;

/// The version that the caller read, from `If-Match`; `None` when they do not say, or `*`.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub Option<Version>);

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            return Ok(Self(None));
        };
        let text = value.to_str().unwrap_or_default().trim();
        if text == "*" {
            return Ok(Self(None));
        }
        let version = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
            .and_then(|text| text.parse().ok());
        match version {
            Some(version) => Ok(Self(Some(Version(version)))),
            // Not a tag that the portal gave out: it matches nothing.
            None => Err(Problem::of(StatusCode::PRECONDITION_FAILED)),
        }
    }
}

/// A record with its version as `ETag`.
#[derive(Debug)]
pub struct ETagged<T> {
    status: StatusCode,
    version: Version,
    location: Option<String>,
    body: T,
}

impl<T> ETagged<T> {
    /// A record as it was read or changed.
    pub fn new(version: Version, body: T) -> Self {
        Self {
            status: StatusCode::OK,
            version,
            location: None,
            body,
        }
    }

    /// A record that was made just now and is found at `location`.
    pub fn created(version: Version, location: String, body: T) -> Self {
        Self {
            status: StatusCode::CREATED,
            version,
            location: Some(location),
            body,
        }
    }
}

impl<T: Serialize> IntoResponse for ETagged<T> {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", self.version.0)) {
            headers.insert(header::ETAG, tag);
        }
        if let Some(location) = self.location.and_then(|location| location.parse().ok()) {
            headers.insert(header::LOCATION, location);
        }
        response
    }
}
