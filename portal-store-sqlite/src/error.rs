//! What SQLite's errors mean to the portal.

use portal_core::StoreError;
use portal_store_sql::rule_of_columns;
use sqlx::error::ErrorKind;

/// Primary result codes (<https://www.sqlite.org/rescode.html>) that say "not now": busy, locked, out of memory,
/// read-only, interrupted, input or output failed, full, cannot open, not a database.
const NOT_NOW: [i32; 9] = [5, 6, 7, 8, 9, 10, 13, 14, 26];

pub(crate) fn store_error(error: &sqlx::Error) -> StoreError {
    let sqlx::Error::Database(database) = error else {
        return match error {
            sqlx::Error::Io(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => StoreError::Unavailable(error.to_string()),
            _ => StoreError::Failed(error.to_string()),
        };
    };
    if database.kind() == ErrorKind::UniqueViolation {
        let message = database.message();
        let columns = message
            .strip_prefix("UNIQUE constraint failed: ")
            .unwrap_or(message);
        return StoreError::Conflict(rule_of_columns(columns).unwrap_or(columns).to_owned());
    }
    if primary_code(error).is_some_and(|code| NOT_NOW.contains(&code)) {
        StoreError::Unavailable(error.to_string())
    } else {
        StoreError::Failed(error.to_string())
    }
}

/// What a `COMMIT` that fails means. When the file could not be read, written or forced to disk, the commit may stand in it all the
/// same, and be found when it is opened next.
pub(crate) fn commit_error(error: &sqlx::Error) -> StoreError {
    const IOERR: i32 = 10;
    if primary_code(error) == Some(IOERR) || matches!(error, sqlx::Error::WorkerCrashed) {
        StoreError::InDoubt(error.to_string())
    } else {
        store_error(error)
    }
}

fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code = error.as_database_error()?.code()?.parse::<i32>().ok()?;
    Some(code & 0xff)
}
