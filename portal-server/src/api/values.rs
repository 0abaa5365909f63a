//! Shapes that several capabilities share.

use std::borrow::Cow;

use portal_core::{Date, FieldError};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::macros::format_description;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::error::{Problem, ProblemBody};

/// A calendar date: `2026-11-20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IsoDate(pub(crate) Date);

impl Serialize for IsoDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for IsoDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match Date::parse(&text, format_description!("[year]-[month]-[day]")) {
            Ok(date) if text.len() == 10 && (1_850..=2_200).contains(&date.year()) => Ok(Self(date)),
            _ => Err(serde::de::Error::custom("not a date like 2026-11-20")),
        }
    }
}

impl PartialSchema for IsoDate {
    fn schema() -> RefOr<utoipa::openapi::Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .into()
    }
}

impl ToSchema for IsoDate {
    fn name() -> Cow<'static, str> {
        "IsoDate".into()
    }
}

/// What a `PATCH` says of one field: nothing (it stays), or a value, where null empties it.
#[expect(clippy::option_option, reason = "absent and null say different things")]
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// The text of a field after a `PATCH`: the draft of a record holds "none" as empty text.
#[expect(clippy::option_option, reason = "absent and null say different things")]
pub(crate) fn patched(field: &mut String, given: Option<Option<String>>) {
    if let Some(value) = given {
        *field = value.unwrap_or_default();
    }
}

/// Reads a word of the API as the core does.
pub(crate) fn word<T>(result: Result<T, FieldError>) -> Result<T, Problem> {
    result.map_err(|error| Problem::field(error.field, error.code, error.message))
}

/// The failures that every operation can answer with.
pub(crate) struct Failures;

impl IntoResponses for Failures {
    fn responses() -> std::collections::BTreeMap<String, RefOr<Response>> {
        let problem = |text: &str| {
            let content = utoipa::openapi::content::ContentBuilder::new()
                .schema(Some(utoipa::openapi::Ref::from_schema_name(ProblemBody::name())))
                .build();
            let response = ResponseBuilder::new().description(text);
            RefOr::T(response.content("application/problem+json", content).build())
        };
        [
            ("401", "Nobody is signed in, or the proof is no longer good."),
            (
                "403",
                "A known thing that the caller may not do, or a request forged by another site.",
            ),
            ("404", "There is no such thing, or none that the caller may see."),
            (
                "409",
                "The record's state does not allow it, or somebody else was quicker.",
            ),
            ("412", "The record is not at the version that `If-Match` names."),
            ("422", "Fields are wrong; each is named."),
            ("429", "Too often; see `Retry-After`."),
            ("503", "Not at the moment; see `Retry-After`."),
            ("507", "There is no room left for files; see `Retry-After`."),
        ]
        .into_iter()
        .map(|(status, text)| (status.to_owned(), problem(text)))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_one_form_only() {
        let read = |text: &str| serde_json::from_str::<IsoDate>(&format!("{text:?}"));
        assert_eq!(
            serde_json::to_string(&read("2026-11-20").unwrap()).unwrap(),
            "\"2026-11-20\""
        );
        for wrong in [
            "",
            "20261120",
            "2026-W47-5",
            "2026-324",
            "2026-02-30",
            "0001-01-01",
            "20/11/2026",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
