//! What goes into a statement and comes out of a row, alike for both databases.

use portal_core::{Date, Digest, StoreError, Timestamp, Version};
use serde::Serialize;
use sqlx::types::Json;
use sqlx::{Arguments, Database, Encode, Type};
use uuid::Uuid;

/// A point in time in a row: `TIMESTAMPTZ` on PostgreSQL; on SQLite text of fixed width, which sorts as time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub Timestamp);

/// A calendar date in a row: `DATE` on PostgreSQL, `YYYY-MM-DD` on SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

/// An argument of a statement. Each variant holds an `Option`, so that a null has a type too.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `UUID`; sixteen bytes on SQLite.
    Id(Option<Uuid>),
    /// `BIGINT`.
    Int(Option<i64>),
    /// `BOOLEAN`; 0 or 1 on SQLite.
    Bool(Option<bool>),
    /// `TEXT`.
    Text(Option<String>),
    /// `BYTEA`; `BLOB` on SQLite.
    Bytes(Option<Vec<u8>>),
    /// See [`Stamp`].
    Stamp(Option<Timestamp>),
    /// See [`Day`].
    Day(Option<Date>),
    /// `JSONB`; text on SQLite.
    Json(Option<serde_json::Value>),
}

/// PostgreSQL's text cannot hold U+0000. What people fill in never has one, but what they search for may: put
/// the replacement character in its place, which no stored text matches.
fn storable(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{FFFD}")
    } else {
        text
    }
}

fn storable_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) if text.contains('\0') => *text = storable(std::mem::take(text)),
        serde_json::Value::Array(items) => items.iter_mut().for_each(storable_json),
        serde_json::Value::Object(fields) => {
            if fields.keys().any(|name| name.contains('\0')) {
                *fields = std::mem::take(fields)
                    .into_iter()
                    .map(|(name, value)| (storable(name), value))
                    .collect();
            }
            fields.values_mut().for_each(storable_json);
        }
        _ => {}
    }
}

impl Value {
    /// Whatever can be written as JSON.
    ///
    /// # Errors
    /// `Failed` when it cannot.
    pub fn json(value: &impl Serialize) -> Result<Self, StoreError> {
        let mut value = serde_json::to_value(value).map_err(|error| StoreError::Failed(error.to_string()))?;
        storable_json(&mut value);
        Ok(Self::Json(Some(value)))
    }
}

/// What can be an argument.
pub trait Argument {
    /// The argument.
    fn value(self) -> Value;
}

macro_rules! arguments {
    ($($type:ty => $variant:ident, |$it:ident| $value:expr;)*) => {$(
        impl Argument for $type {
            fn value(self) -> Value {
                let $it = self;
                Value::$variant(Some($value))
            }
        }

        impl Argument for Option<$type> {
            fn value(self) -> Value {
                Value::$variant(self.map(|$it| $value))
            }
        }
    )*};
}

macro_rules! ids {
    ($($id:ident)*) => { arguments! { $(portal_core::$id => Id, |it| it.0;)* } };
}

ids!(PracticeId StaffId ClientId MatterId ParticipantId TeamMemberId AccessId LinkId SessionId TemplateId WorkflowId StageEntryId RequestId
    DocumentId DocumentVersionId ShareId UploadId TaskId ApprovalId EvidenceId ConsentId NotificationId EventId DeliveryId PhoneRecordId ReceivedSmsId ConversationId AuditId);

arguments! {
    Uuid => Id, |it| it;
    i64 => Int, |it| it;
    i32 => Int, |it| it.into();
    u32 => Int, |it| it.into();
    u16 => Int, |it| it.into();
    // A size that no disk can hold is cut to the end of the range.
    u64 => Int, |it| i64::try_from(it).unwrap_or(i64::MAX);
    Version => Int, |it| it.0;
    bool => Bool, |it| it;
    &str => Text, |it| storable(it.to_owned());
    &String => Text, |it| storable(it.clone());
    String => Text, |it| storable(it);
    Digest => Bytes, |it| it.0.to_vec();
    Vec<u8> => Bytes, |it| it;
    Timestamp => Stamp, |it| it;
    Date => Day, |it| it;
}

impl Argument for Value {
    fn value(self) -> Value {
        self
    }
}

/// The arguments of a statement as a driver takes them.
///
/// # Errors
/// `Failed` when a value cannot be encoded.
pub fn arguments<Db: Database>(values: Vec<Value>) -> Result<Db::Arguments, StoreError>
where
    for<'q> Option<Uuid>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<i64>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<bool>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<String>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<Vec<u8>>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<Stamp>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<Day>: Encode<'q, Db> + Type<Db>,
    for<'q> Option<Json<serde_json::Value>>: Encode<'q, Db> + Type<Db>,
{
    let mut arguments = Db::Arguments::default();
    arguments.reserve(values.len(), values.len() * 16);
    for value in values {
        match value {
            Value::Id(id) => arguments.add(id),
            Value::Int(number) => arguments.add(number),
            Value::Bool(yes) => arguments.add(yes),
            Value::Text(text) => arguments.add(text),
            Value::Bytes(bytes) => arguments.add(bytes),
            Value::Stamp(at) => arguments.add(at.map(Stamp)),
            Value::Day(date) => arguments.add(date.map(Day)),
            Value::Json(json) => arguments.add(json.map(Json)),
        }
        .map_err(|error| StoreError::Failed(format!("an argument cannot be encoded: {error}")))?;
    }
    Ok(arguments)
}

#[cfg(feature = "postgres")]
mod postgres {
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError as BoxError;
    use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef, Postgres};
    use sqlx::{Decode, Encode, Type};
    use time::{Date, OffsetDateTime};

    use super::{Day, Stamp, Timestamp};

    impl Type<Postgres> for Stamp {
        fn type_info() -> PgTypeInfo {
            <OffsetDateTime as Type<Postgres>>::type_info()
        }
    }

    impl Encode<'_, Postgres> for Stamp {
        fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxError> {
            Encode::<Postgres>::encode(self.0.to_offset_date_time(), buffer)
        }
    }

    impl<'r> Decode<'r, Postgres> for Stamp {
        fn decode(value: PgValueRef<'r>) -> Result<Self, BoxError> {
            <OffsetDateTime as Decode<Postgres>>::decode(value).map(|at| Self(Timestamp::new(at)))
        }
    }

    impl Type<Postgres> for Day {
        fn type_info() -> PgTypeInfo {
            <Date as Type<Postgres>>::type_info()
        }
    }

    impl Encode<'_, Postgres> for Day {
        fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxError> {
            Encode::<Postgres>::encode(self.0, buffer)
        }
    }

    impl<'r> Decode<'r, Postgres> for Day {
        fn decode(value: PgValueRef<'r>) -> Result<Self, BoxError> {
            <Date as Decode<Postgres>>::decode(value).map(Self)
        }
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError as BoxError;
    use sqlx::sqlite::{Sqlite, SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
    use sqlx::{Decode, Encode, Type};
    use time::Date;
    use time::macros::format_description;

    use super::{Day, Stamp};

    macro_rules! as_text {
        ($type:ident) => {
            impl Type<Sqlite> for $type {
                fn type_info() -> SqliteTypeInfo {
                    <String as Type<Sqlite>>::type_info()
                }

                fn compatible(other: &SqliteTypeInfo) -> bool {
                    <String as Type<Sqlite>>::compatible(other)
                }
            }
        };
    }
    as_text!(Stamp);
    as_text!(Day);

    impl Encode<'_, Sqlite> for Stamp {
        fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxError> {
            Encode::<Sqlite>::encode(self.0.to_string(), buffer)
        }
    }

    impl<'r> Decode<'r, Sqlite> for Stamp {
        fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxError> {
            Ok(Self(<String as Decode<Sqlite>>::decode(value)?.parse()?))
        }
    }

    impl Encode<'_, Sqlite> for Day {
        fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxError> {
            let text = self.0.format(format_description!("[year]-[month]-[day]"))?;
            Encode::<Sqlite>::encode(text, buffer)
        }
    }

    impl<'r> Decode<'r, Sqlite> for Day {
        fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxError> {
            let text = <String as Decode<Sqlite>>::decode(value)?;
            Ok(Self(Date::parse(
                &text,
                format_description!("[year]-[month]-[day]"),
            )?))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_postgresql_cannot_store_is_replaced() {
        assert_eq!("a\0b".value(), Value::Text(Some("a\u{FFFD}b".into())));
        assert_eq!("ab".value(), Value::Text(Some("ab".into())));
        let json = serde_json::json!({ "k\0": ["a\0", { "b": "\0" }, 1] });
        let expected = serde_json::json!({ "k\u{FFFD}": ["a\u{FFFD}", { "b": "\u{FFFD}" }, 1] });
        assert_eq!(Value::json(&json), Ok(Value::Json(Some(expected))));
    }

    #[test]
    fn a_size_beyond_all_disks_is_cut() {
        assert_eq!(u64::MAX.value(), Value::Int(Some(i64::MAX)));
        assert_eq!(7_u64.value(), Value::Int(Some(7)));
    }
}
