use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::Problem;

/// A JSON body. Anything that is not exactly what is expected is refused with the field named.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

/// A JSON body that may be left out.
#[derive(Debug, Clone, Copy)]
pub struct Optional<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let bytes = read(request, state).await?;
        if !is_json {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Send JSON, with the header Content-Type: application/json.",
            ));
        }
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Send + Sync> FromRequest<S> for Optional<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_empty = request.headers().get(header::CONTENT_TYPE).is_none();
        if !is_empty {
            return Json::from_request(request, state)
                .await
                .map(|Json(value)| Self(value));
        }
        match read(request, state).await?.as_ref() {
            [] => Ok(Self(T::default())),
            _ => Err(Problem::of(StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        }
    }
}

async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    Bytes::from_request(request, state)
        .await
        .map_err(|rejection| Problem::of(rejection.status()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|text| text.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        refuse(&path, error.inner())
    })?;
    deserializer.end().map_err(|error| refuse(".", &error))?;
    Ok(value)
}

fn refuse(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    match error.classify() {
        Category::Data => {
            let (field, code) = field_of(path, &text);
            // The place in the text says more than line and column, which serde adds.
            let message = text
                .rsplit_once(" at line ")
                .map_or(text.as_str(), |(message, _)| message);
            Problem::field(field, code, format!("{message}."))
        }
        Category::Syntax | Category::Eof | Category::Io => {
            let mut problem = Problem::new(
                StatusCode::BAD_REQUEST,
                "malformed-json",
                format!("This is not JSON: {text}."),
            );
            if path != "." && path != "?" {
                problem.errors = Problem::field(path, "malformed", text).errors;
            }
            problem
        }
    }
}

/// Which field serde speaks of, and how it is wrong. It names unknown and missing fields in back quotes only.
pub(super) fn field_of(path: &str, text: &str) -> (String, &'static str) {
    let parent = if path == "." || path == "?" { "" } else { path };
    let quoted = || text.split('`').nth(1).unwrap_or_default();
    let within = |name: &str| match parent {
        "" => name.to_owned(),
        parent => format!("{parent}.{name}"),
    };
    // Whether serde counts such a field to the path depends on the format.
    let named = |name: &str| {
        let is_last = parent == name || parent.ends_with(&format!(".{name}"));
        if is_last { parent.to_owned() } else { within(name) }
    };
    match text {
        _ if text.starts_with("unknown field") => (named(quoted()), "unknown-field"),
        _ if text.starts_with("duplicate field") => (named(quoted()), "duplicate"),
        _ if text.starts_with("missing field") => (within(quoted()), "required"),
        _ => {
            let code = if text.starts_with("unknown variant") {
                "unknown"
            } else {
                "type"
            };
            let field = if parent.is_empty() { "body" } else { parent };
            (field.to_owned(), code)
        }
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Group {
        #[serde(rename = "name")]
        _name: String,
        #[serde(rename = "items", default)]
        _items: Vec<Item>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Item {
        #[serde(rename = "wanted")]
        _wanted: u32,
    }

    #[test]
    fn the_field_that_is_wrong_is_named() {
        for (body, status, field, code) in [
            (r#"{"name": 5}"#, 422, "name", "type"),
            (r#"{"name": null}"#, 422, "name", "type"),
            ("{}", 422, "name", "required"),
            (r#"{"name": "a", "colour": "b"}"#, 422, "colour", "unknown-field"),
            (
                r#"{"name": "a", "items": [{"wanted": 1}, {"wanted": "2"}]}"#,
                422,
                "items[1].wanted",
                "type",
            ),
            (
                r#"{"name": "a", "items": [{"wanted": -1}]}"#,
                422,
                "items[0].wanted",
                "type",
            ),
            (
                r#"{"name": "a", "items": [{"wanted": 1, "x": 1}]}"#,
                422,
                "items[0].x",
                "unknown-field",
            ),
            (
                r#"{"name": "a", "items": [{}]}"#,
                422,
                "items[0].wanted",
                "required",
            ),
            ("[]", 422, "body", "type"),
            (r#"{"name": "a", "name": "b"}"#, 422, "name", "duplicate"),
            ("7", 422, "body", "type"),
        ] {
            let problem = parse::<Group>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.status.as_u16(), status, "{body}");
            assert_eq!(
                (problem.errors[0].field.as_str(), problem.errors[0].code.as_ref()),
                (field, code),
                "{body}"
            );
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let deep = "[".repeat(100_000);
        for body in [
            b"".as_slice(),
            b"{",
            b"{\"name\": \"\xFF\xFE\"}",
            b"{\"name\":\"a\"} x",
            deep.as_bytes(),
        ] {
            let problem = parse::<Group>(body).unwrap_err();
            assert!(problem.status.is_client_error());
        }
    }
}
