//! Counters that hold across server processes.

use async_trait::async_trait;
use portal_core::{Counters, PracticeId, StoreError, Timestamp};
use sqlx::FromRow;

use crate::driver::Driver;
use crate::list::unique_key;
use crate::statement::Statement;
use crate::store::{CountRow, DbRow, SqlStore, record};
use crate::value::Argument;

pub(crate) fn count(practice: PracticeId, key: &str, until: Timestamp) -> Statement {
    Statement::fixed(
        "INSERT INTO counter (practice_id, name, count, until_at) VALUES ($1, $2, 1, $3) \
         ON CONFLICT (practice_id, name) DO UPDATE SET count = counter.count + 1, until_at = excluded.until_at \
         RETURNING count",
        vec![practice.value(), unique_key(key).value(), until.value()],
    )
}

pub(crate) fn counted(practice: PracticeId, key: &str, now: Timestamp) -> Statement {
    Statement::fixed(
        "SELECT count FROM counter WHERE practice_id = $1 AND name = $2 AND until_at >= $3",
        vec![practice.value(), unique_key(key).value(), now.value()],
    )
}

#[async_trait]
impl<D: Driver> Counters for SqlStore<D>
where
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn count(&self, practice: PracticeId, key: &str, until: Timestamp) -> Result<u32, StoreError> {
        let written = self.driver.write(count(practice, key, until)).await?;
        let row = written
            .rows
            .first()
            .ok_or_else(|| StoreError::Failed("a counter answered nothing".to_owned()))?;
        Ok(u32::try_from(record::<D, CountRow>(row)?).unwrap_or(u32::MAX))
    }

    async fn counted(&self, practice: PracticeId, key: &str, now: Timestamp) -> Result<u32, StoreError> {
        let count = self.count(counted(practice, key, now)).await?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}
