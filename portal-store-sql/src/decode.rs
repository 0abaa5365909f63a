//! From columns back to the domain's types. A value that is not one of theirs was written by other hands.

use portal_core::text::{Address, Email, Phone};
use portal_core::{Digest, StoreError};
use serde::de::value::{Error as WordError, StrDeserializer};
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde::{Deserialize, Serialize};

fn broken(column: &'static str, why: &impl ToString) -> StoreError {
    StoreError::Failed(format!(
        "column {column} holds what it never should: {}",
        why.to_string()
    ))
}

/// The value of an enum without fields, or of anything else that serde reads from one text.
pub(crate) fn word<T>(column: &'static str, text: &str) -> Result<T, StoreError>
where
    T: for<'de> Deserialize<'de>,
{
    let text: StrDeserializer<'_, WordError> = text.into_deserializer();
    T::deserialize(text).map_err(|error| broken(column, &error))
}

/// The text that [`word`] reads.
pub(crate) fn text_of(value: &impl Serialize) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => Ok(text),
        other => Err(StoreError::Failed(format!("not a word: {other:?}"))),
    }
}

pub(crate) fn json<T: DeserializeOwned>(
    column: &'static str,
    value: serde_json::Value,
) -> Result<T, StoreError> {
    serde_json::from_value(value).map_err(|error| broken(column, &error))
}

pub(crate) fn digest(column: &'static str, bytes: &[u8]) -> Result<Digest, StoreError> {
    <[u8; 32]>::try_from(bytes)
        .map(Digest)
        .map_err(|error| broken(column, &error))
}

pub(crate) fn optional_digest(
    column: &'static str,
    bytes: Option<&[u8]>,
) -> Result<Option<Digest>, StoreError> {
    bytes.map(|bytes| digest(column, bytes)).transpose()
}

pub(crate) fn address(column: &'static str, text: String) -> Result<Address, StoreError> {
    Address::try_from(text).map_err(|error| broken(column, &error))
}

pub(crate) fn phone(column: &'static str, text: String) -> Result<Phone, StoreError> {
    Phone::try_from(text).map_err(|error| broken(column, &error))
}

pub(crate) fn email(column: &'static str, text: String) -> Result<Email, StoreError> {
    Email::try_from(text).map_err(|error| broken(column, &error))
}

/// Any number that does not fit was written by other hands.
pub(crate) fn number<T: TryFrom<i64>>(column: &'static str, number: i64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|_| broken(column, &number))
}

pub(crate) fn missing(column: &'static str) -> StoreError {
    broken(column, &"nothing")
}
