//! What nobody needs any more, and whether the store is fit for use.

use async_trait::async_trait;
use portal_core::{Duration, Housekeeping, KEY_KEPT, StoreError, Timestamp};

use crate::driver::Driver;
use crate::statement::Statement;
use crate::store::SqlStore;
use crate::value::Argument;

/// How long sessions, links and uploads are kept after they ended.
const KEPT: Duration = Duration::days(30);

/// These statements serve all practices at once.
pub(crate) fn sweeps(now: Timestamp) -> [Statement; 6] {
    let ended = now - KEPT;
    [
        Statement::fixed("DELETE FROM counter WHERE until_at < $1", vec![now.value()]),
        Statement::fixed(
            "DELETE FROM idempotency_key WHERE until_at < $1 AND (status IS NOT NULL OR until_at < $2)",
            vec![now.value(), (now - KEY_KEPT).value()],
        ),
        Statement::fixed("DELETE FROM event WHERE state = 'done'", Vec::new()),
        Statement::fixed(
            "DELETE FROM session WHERE ended_at < $1 OR (ended_at IS NULL AND expires_at < $1)",
            vec![ended.value()],
        ),
        Statement::fixed(
            "DELETE FROM sign_in_link WHERE used_at < $1 OR (used_at IS NULL AND expires_at < $1)",
            vec![ended.value()],
        ),
        Statement::fixed("DELETE FROM upload WHERE expires_at < $1", vec![ended.value()]),
    ]
}

#[async_trait]
impl<D: Driver> Housekeeping for SqlStore<D> {
    async fn tidy(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut gone = 0;
        for sweep in sweeps(now) {
            gone += self.driver.write(sweep).await?.count;
        }
        Ok(gone)
    }

    async fn check(&self) -> Result<(), StoreError> {
        let pending = self.driver.pending().await?;
        if pending.is_empty() {
            Ok(())
        } else {
            Err(StoreError::Failed(format!(
                "the schema is not up to date; missing: {}",
                pending.join(", ")
            )))
        }
    }
}
