//! Answers kept under the caller's idempotency keys.

use async_trait::async_trait;
use portal_core::{
    Claim, IdempotencyKeys, KEY_KEPT, KeyClaim, PracticeId, StoreError, StoredAnswer, Timestamp,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::unique_key;
use crate::statement::Statement;
use crate::store::{DbRow, Reads, SqlStore};
use crate::value::{Argument, Stamp};

/// A new key, or one that has expired, is the claimer's; any other stays as it is and no row is written. `until_at` is
/// the end of an answer, or of a claim's lease while there is none: a claim that was cut off expires later.
pub(crate) fn claim(practice: PracticeId, key: &str, claim: Claim, now: Timestamp) -> Statement {
    Statement::fixed(
        "INSERT INTO idempotency_key (practice_id, name, fingerprint, until_at, claimed_by) VALUES ($1, $2, $3, $4, $7) \
         ON CONFLICT (practice_id, name) DO UPDATE SET fingerprint = excluded.fingerprint, \
         until_at = excluded.until_at, claimed_by = excluded.claimed_by, status = NULL, content_type = NULL, etag = NULL, location = NULL, body = NULL \
         WHERE idempotency_key.until_at <= $5 \
         AND (idempotency_key.status IS NOT NULL OR idempotency_key.until_at <= $6) RETURNING name",
        vec![
            practice.value(),
            unique_key(key).value(),
            claim.fingerprint.value(),
            claim.until.value(),
            now.value(),
            (now - KEY_KEPT).value(),
            claim.by.value(),
        ],
    )
}

pub(crate) fn find(practice: PracticeId, key: &str) -> Statement {
    Statement::fixed(
        "SELECT fingerprint, until_at, claimed_by, status, content_type, etag, location, body FROM idempotency_key \
         WHERE practice_id = $1 AND name = $2",
        vec![practice.value(), unique_key(key).value()],
    )
}

pub(crate) fn extend(practice: PracticeId, key: &str, lease_until: Timestamp) -> Statement {
    Statement::fixed(
        "UPDATE idempotency_key SET until_at = $3 WHERE practice_id = $1 AND name = $2 AND status IS NULL",
        vec![practice.value(), unique_key(key).value(), lease_until.value()],
    )
}

pub(crate) fn answer(
    practice: PracticeId,
    key: &str,
    answer: StoredAnswer,
    kept_until: Timestamp,
) -> Statement {
    Statement::fixed(
        "UPDATE idempotency_key SET status = $3, content_type = $4, etag = $5, location = $6, body = $7, until_at = $8 \
         WHERE practice_id = $1 AND name = $2",
        vec![
            practice.value(),
            unique_key(key).value(),
            answer.status.value(),
            answer.content_type.value(),
            answer.etag.value(),
            answer.location.value(),
            answer.body.value(),
            kept_until.value(),
        ],
    )
}

pub(crate) fn release(practice: PracticeId, key: &str) -> Statement {
    Statement::fixed(
        "DELETE FROM idempotency_key WHERE practice_id = $1 AND name = $2",
        vec![practice.value(), unique_key(key).value()],
    )
}

#[derive(FromRow)]
pub(crate) struct KeyRow {
    fingerprint: Vec<u8>,
    until_at: Stamp,
    claimed_by: Option<Uuid>,
    status: Option<i64>,
    content_type: Option<String>,
    etag: Option<String>,
    location: Option<String>,
    body: Option<Vec<u8>>,
}

impl Reads for KeyRow {
    type Record = (Claim, Option<StoredAnswer>);
    fn record(self) -> Result<Self::Record, StoreError> {
        let answer = match self.status {
            None => None,
            Some(status) => Some(StoredAnswer {
                status: decode::number("status", status)?,
                content_type: self.content_type,
                etag: self.etag,
                location: self.location,
                body: self.body.unwrap_or_default(),
            }),
        };
        let claim = Claim {
            by: self.claimed_by.unwrap_or_default(),
            fingerprint: decode::digest("fingerprint", &self.fingerprint)?,
            until: self.until_at.0,
        };
        Ok((claim, answer))
    }
}

#[async_trait]
impl<D: Driver> IdempotencyKeys for SqlStore<D>
where
    KeyRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn claim_key(
        &self,
        practice: PracticeId,
        key: &str,
        claim: Claim,
        now: Timestamp,
    ) -> Result<KeyClaim, StoreError> {
        // Between the claim that failed and the look at the key, its holder may let it go: then claim again.
        const TRIES: u32 = 5;
        for _ in 0..TRIES {
            let claimed = self.driver.write(self::claim(practice, key, claim, now)).await?;
            if !claimed.rows.is_empty() {
                return Ok(KeyClaim::Fresh);
            }
            match self.one::<KeyRow>(find(practice, key)).await? {
                None => {}
                Some((held, _)) if held.fingerprint != claim.fingerprint => return Ok(KeyClaim::Different),
                Some((_, Some(answer))) => return Ok(KeyClaim::Answered(answer)),
                Some((held, None)) if held.until <= now => return Ok(KeyClaim::CutOff),
                // Made already, through a connection that broke.
                Some((held, None)) if held.by == claim.by => return Ok(KeyClaim::Fresh),
                Some((_, None)) => return Ok(KeyClaim::Running),
            }
        }
        Ok(KeyClaim::Running)
    }

    async fn extend_key(
        &self,
        practice: PracticeId,
        key: &str,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        self.driver
            .write(extend(practice, key, lease_until))
            .await
            .map(drop)
    }

    async fn store_answer(
        &self,
        practice: PracticeId,
        key: &str,
        stored: StoredAnswer,
        kept_until: Timestamp,
    ) -> Result<(), StoreError> {
        self.driver
            .write(answer(practice, key, stored, kept_until))
            .await
            .map(drop)
    }

    async fn release_key(&self, practice: PracticeId, key: &str) -> Result<(), StoreError> {
        self.driver.write(release(practice, key)).await.map(drop)
    }
}
