//! Failures as answers: one mapping from what the core says to what HTTP says (RFC 9457).

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal_core::{Error, ErrorKind, FieldError, Rule, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

/// A failure, before it is written as JSON or as a page.
///
/// As a response it has no body yet: the outermost layer writes it, because only there it is known who asked and under
/// which request id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The HTTP status.
    pub status: StatusCode,
    /// A stable name in kebab-case, part of the API.
    pub code: Cow<'static, str>,
    /// What happened and the way on, in a sentence.
    pub detail: Cow<'static, str>,
    /// The fields that are wrong.
    pub errors: Vec<FieldProblem>,
    /// When it is worth trying again, in seconds.
    pub retry_after: Option<u32>,
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// The field's name; nested fields are joined with dots.
    #[schema(example = "email")]
    pub field: String,
    /// A stable name in kebab-case.
    #[schema(example = "required")]
    pub code: Cow<'static, str>,
    /// A sentence for the person who filled it in.
    #[schema(example = "Please fill this in.")]
    pub message: String,
}

/// A failure as JSON: `application/problem+json` (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// A stable address that names the kind of failure.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid")]
    pub type_uri: String,
    /// The HTTP status in words.
    #[schema(example = "Unprocessable Entity")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What happened and the way on, in a sentence.
    pub detail: String,
    /// The fields that are wrong; empty when no field is.
    pub errors: Vec<FieldProblem>,
    /// Names this request in the server's log.
    pub request_id: String,
}

impl Problem {
    /// A failure with a sentence that says what happened and the way on.
    pub fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// A failure of one field.
    pub fn field(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid",
            "Some of what was sent is not right. Please correct it and send it again.",
        );
        problem.errors.push(FieldProblem {
            field: field.into(),
            code: code.into(),
            message: message.into(),
        });
        problem
    }

    /// There is no such thing, or none that the caller may see.
    #[must_use]
    pub fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND)
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::of(StatusCode::UNAUTHORIZED)
    }

    /// A fault of the portal; `cause` goes to the log and nowhere else.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "request failed");
        Self::of(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Nobody knows whether it was done. There is no `Retry-After`: who sends it again may do it twice.
    #[must_use]
    pub fn outcome_unknown() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "outcome-unknown",
            "The connection to the portal's records broke, and whether this was done is not known. Look whether it took effect before you do it again.",
        )
    }

    /// What a status says by itself.
    #[must_use]
    pub fn of(status: StatusCode) -> Self {
        let (code, detail) = match status {
            StatusCode::BAD_REQUEST => ("bad-request", "The request could not be understood."),
            StatusCode::UNAUTHORIZED => ("unauthenticated", "Please sign in."),
            StatusCode::FORBIDDEN => ("denied", "You are not allowed to do this."),
            StatusCode::NOT_FOUND => ("not-found", "There is nothing here."),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method-not-allowed", "This address does not take such a request.")
            }
            StatusCode::REQUEST_TIMEOUT => ("request-timeout", "The request took too long to arrive."),
            StatusCode::CONFLICT => ("conflict", "Somebody else was quicker. Please look again."),
            StatusCode::GONE => ("gone", "This is not here any more."),
            StatusCode::PRECONDITION_FAILED => (
                "stale",
                "Somebody else changed this in the meantime. Please look again before you change it.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "This is more than is taken at once."),
            StatusCode::URI_TOO_LONG => ("address-too-long", "The address is too long."),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => (
                "unsupported-media-type",
                "This kind of content is not taken here.",
            ),
            StatusCode::RANGE_NOT_SATISFIABLE => ("range-not-satisfiable", "The file has no such part."),
            StatusCode::TOO_MANY_REQUESTS => {
                ("too-many-requests", "Too many attempts. Please try again later.")
            }
            StatusCode::SERVICE_UNAVAILABLE => (
                "unavailable",
                "The portal cannot do this at the moment. Please try again in a minute.",
            ),
            StatusCode::INSUFFICIENT_STORAGE => (
                "storage-full",
                "The portal has no room for files at the moment. Nothing is lost: please try again later, and tell us if it stays like this.",
            ),
            status if status.is_client_error() => ("bad-request", "The request could not be understood."),
            _ => (
                "internal",
                "Something went wrong on our side. Please try again; if it stays like this, tell us the request's id.",
            ),
        };
        Self::new(status, code, detail)
    }

    /// The same, worth trying again after so many seconds.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The failure as JSON says it.
    #[must_use]
    pub fn body(&self, request_id: &str) -> ProblemBody {
        ProblemBody {
            type_uri: format!("/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Error").to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.clone().into_owned(),
            errors: self.errors.clone(),
            request_id: request_id.to_owned(),
        }
    }
}

impl From<FieldError> for FieldProblem {
    fn from(error: FieldError) -> Self {
        Self {
            field: error.field,
            code: error.code.into(),
            message: error.message,
        }
    }
}

/// The HTTP status of each kind of failure.
const fn status(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Denied => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Gone => StatusCode::GONE,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::Limited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Full => StatusCode::INSUFFICIENT_STORAGE,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl<R: Rule> From<Error<R>> for Problem {
    fn from(error: Error<R>) -> Self {
        let status = status(error.kind());
        if status.is_server_error() {
            tracing::error!(%error, "request failed");
            if matches!(error, Error::Store(StoreError::InDoubt(_))) {
                return Self::outcome_unknown();
            }
            let problem = Self::of(status);
            return match status {
                StatusCode::SERVICE_UNAVAILABLE => problem.retry_after(5),
                // Somebody has to make room first.
                StatusCode::INSUFFICIENT_STORAGE => problem.retry_after(300),
                _ => problem,
            };
        }
        let mut problem = Self::new(status, error.code(), error.to_string());
        match error {
            Error::Invalid(invalid) => {
                problem.detail =
                    "Some of what was sent is not right. Please correct it and send it again.".into();
                problem.errors = invalid.errors.into_iter().map(FieldProblem::from).collect();
            }
            Error::Rule(rule) => problem.errors.extend(rule.field().map(|field| FieldProblem {
                field: field.to_owned(),
                code: rule.code().into(),
                message: rule.to_string(),
            })),
            Error::Limited { retry_after_seconds } => problem.retry_after = Some(retry_after_seconds),
            // The name of a unique rule is no text for people.
            Error::Store(StoreError::Conflict(_)) => {
                problem.detail = "There is one like this already.".into();
            }
            _ => {}
        }
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use portal_core::access::SignInRule;
    use portal_core::{Invalid, NoRule};

    use super::*;

    #[test]
    fn what_fails_inside_stays_inside() {
        let error: Error<NoRule> = Error::Store(StoreError::Failed("password=hunter2 at 10.0.0.5".into()));
        let body = serde_json::to_string(&Problem::from(error).body("r-1")).unwrap();
        assert!(!body.contains("hunter2") && body.contains("r-1"), "{body}");
        let error: Error<NoRule> = Error::Store(StoreError::Conflict("clients_reference_key".into()));
        assert!(!Problem::from(error).detail.contains("clients_reference_key"));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let mut invalid = Invalid::field("email", "email", "This does not look like an email address.");
        invalid
            .errors
            .push(FieldError::new("name", "required", "Please fill this in."));
        let problem = Problem::from(Error::<NoRule>::Invalid(invalid));
        assert_eq!(problem.status, StatusCode::UNPROCESSABLE_ENTITY);
        let fields: Vec<_> = problem.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["email", "name"]);
    }

    #[test]
    fn a_rule_says_its_field_and_its_kind() {
        let problem = Problem::from(Error::Rule(SignInRule::WrongCode));
        assert_eq!(
            (problem.status.as_u16(), problem.code.as_ref()),
            (422, "wrong-code")
        );
        assert_eq!(problem.errors[0].field, "code");
        let in_doubt = Problem::from(Error::<NoRule>::Store(StoreError::InDoubt(
            "10.0.0.5 broke".into(),
        )));
        assert_eq!(
            (in_doubt.status.as_u16(), in_doubt.code.as_ref()),
            (503, "outcome-unknown")
        );
        assert_eq!(in_doubt.retry_after, None, "nobody is told to send it again");
        let limited = Problem::from(Error::<NoRule>::Limited {
            retry_after_seconds: 61,
        });
        assert_eq!((limited.status.as_u16(), limited.retry_after), (429, Some(61)));
    }
}
