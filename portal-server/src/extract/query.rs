use std::error::Error as _;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use portal_core::{Page, PageRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use super::json::field_of;
use crate::error::Problem;

/// What follows the question mark. Unknown names and wrong values are refused with the name.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::try_from_uri(&parts.uri);
        query
            .map(|axum::extract::Query(value)| Self(value))
            .map_err(|rejection| {
                let source = rejection.source().map(ToString::to_string).unwrap_or_default();
                let (path, text) = source.split_once(": ").unwrap_or((".", &source));
                let known_shape = ["unknown field", "missing field", "duplicate field"];
                let (path, text) = if known_shape.iter().any(|start| source.starts_with(start)) {
                    (".", source.as_str())
                } else {
                    (path, text)
                };
                let (field, code) = field_of(path, text);
                Problem::field(field, code, format!("{text}."))
            })
    }
}

/// The part of a list that `limit`, `cursor` and `total` ask for.
pub fn page_request(
    limit: Option<u32>,
    cursor: Option<&str>,
    total: Option<bool>,
) -> Result<PageRequest, Problem> {
    let limit = limit.unwrap_or(50);
    if !(1..=PageRequest::MOST).contains(&limit) {
        let text = format!("Choose 1 to {} items.", PageRequest::MOST);
        return Err(Problem::field("limit", "out-of-range", text));
    }
    let cursor = cursor.map(str::parse).transpose().map_err(|error| {
        let error: portal_core::FieldError = error;
        Problem::field(error.field, error.code, error.message)
    })?;
    let page = PageRequest::first(limit).after(cursor);
    Ok(if total == Some(true) {
        page.with_total()
    } else {
        page
    })
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next part; null at the end of the list.
    pub next_cursor: Option<String>,
    /// How many items the whole list has, when asked for with `total=true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
}

impl<T> Listed<T> {
    /// Presents each item of a page.
    pub fn present<U>(page: Page<U>, present: impl FnMut(U) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(present).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
            total: page.total,
        }
    }

    /// A list that is short by nature and comes whole.
    #[must_use]
    pub fn whole(items: Vec<T>) -> Self {
        Self {
            items,
            next_cursor: None,
            total: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filter {
        limit: Option<u32>,
        #[serde(rename = "total")]
        _total: Option<bool>,
    }

    async fn read(query: &str) -> Result<Filter, Problem> {
        let (mut parts, ()) = Request::get(format!("/x?{query}")).body(()).unwrap().into_parts();
        Query::from_request_parts(&mut parts, &())
            .await
            .map(|Query(filter)| filter)
    }

    #[tokio::test]
    async fn the_name_that_is_wrong_is_named() {
        assert_eq!(read("limit=5&total=true").await.unwrap().limit, Some(5));
        for (query, field, code) in [
            ("limit=many", "limit", "type"),
            ("limit=-1", "limit", "type"),
            ("total=perhaps", "total", "type"),
            ("colour=blue", "colour", "unknown-field"),
            ("limit=1&limit=2", "limit", "duplicate"),
        ] {
            let problem = read(query).await.unwrap_err();
            assert_eq!(problem.status.as_u16(), 422, "{query}");
            assert_eq!(problem.errors[0].field, field, "{query}: {problem:?}");
            assert_eq!(problem.errors[0].code, code, "{query}: {problem:?}");
        }
    }

    #[test]
    fn limits_and_cursors_are_checked() {
        assert!(page_request(Some(0), None, None).is_err());
        assert!(page_request(Some(201), None, None).is_err());
        assert!(page_request(None, Some("nonsense!"), None).is_err());
        let page = page_request(Some(200), None, Some(true)).unwrap();
        assert!(page.total && page.limit == 200);
    }
}
