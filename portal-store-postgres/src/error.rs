//! What PostgreSQL's errors mean to the portal.

use portal_core::StoreError;
use sqlx::error::ErrorKind;

use crate::compose::UNDONE;

/// `serialization_failure` and `deadlock_detected`: the transaction was undone and may be tried again.
pub(crate) fn is_worth_retrying(error: &sqlx::Error) -> bool {
    matches!(code(error).as_deref(), Some("40001" | "40P01"))
}

/// A step of a composed change did not do what it must.
pub(crate) fn is_undone(error: &sqlx::Error) -> bool {
    code(error).as_deref() == Some(UNDONE)
}

pub(crate) fn is_unique_violation(error: &sqlx::Error) -> bool {
    let database = error.as_database_error();
    database.is_some_and(sqlx::error::DatabaseError::is_unique_violation)
}

/// The connection is of no more use: it broke, or the server ended it (class 08, and class 57 while it shuts down or
/// starts). What was under way may have been done or not.
pub(crate) fn is_broken(error: &sqlx::Error) -> bool {
    let ended = |code: String| code.starts_with("08") || matches!(code.as_str(), "57P01" | "57P02" | "57P03");
    matches!(error, sqlx::Error::Io(_) | sqlx::Error::Protocol(_)) || code(error).is_some_and(ended)
}

pub(crate) fn store_error(error: &sqlx::Error) -> StoreError {
    let sqlx::Error::Database(database) = error else {
        return match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => StoreError::Unavailable(error.to_string()),
            _ => StoreError::Failed(error.to_string()),
        };
    };
    if database.kind() == ErrorKind::UniqueViolation {
        return StoreError::Conflict(database.constraint().unwrap_or("unique").to_owned());
    }
    // Tried again in vain: others are changing the same records. Whoever reads them again sees what came of it.
    if is_worth_retrying(error) {
        return StoreError::Stale;
    }
    // Classes 08 (connection), 53 (insufficient resources), 57 (operator intervention), 58 (system error), a lock that
    // was not to be had (55P03), and a server that only reads (25006), as a replica does after a failover.
    let class_is_not_now = code(error).is_some_and(|code| {
        ["08", "53", "57", "58"]
            .iter()
            .any(|class| code.starts_with(class))
            || matches!(code.as_str(), "25006" | "55P03")
    });
    if class_is_not_now {
        StoreError::Unavailable(error.to_string())
    } else {
        StoreError::Failed(error.to_string())
    }
}

fn code(error: &sqlx::Error) -> Option<String> {
    error
        .as_database_error()?
        .code()
        .map(std::borrow::Cow::into_owned)
}
