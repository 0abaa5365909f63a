//! Commands that may be sent twice and are done once.

use async_trait::async_trait;

use uuid::Uuid;

use crate::{Digest, Duration, PracticeId, StoreError, Timestamp};

/// The answer that was given to a command, kept for its repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// The `Content-Type` of `body`.
    pub content_type: Option<String>,
    /// The `ETag` that came with it.
    pub etag: Option<String>,
    /// The `Location` that came with it.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// A claim on a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// Made up by whoever claims, another one each time. A store whose connection broke finds by it that the claim was made
    /// already, and that it is nobody else's.
    pub by: Uuid,
    /// Of the command.
    pub fingerprint: Digest,
    /// The end of its lease, unless it is extended.
    pub until: Timestamp,
}

/// What became of a claim on a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyClaim {
    /// The key is new: do the command, then store its answer.
    Fresh,
    /// The command was done: give this answer again.
    Answered(StoredAnswer),
    /// The command is being done; its outcome is not known yet.
    Running,
    /// The claim's lease ran out without an answer: its server died, most likely. The command may have taken effect or
    /// not, so it must not be done again under this key.
    CutOff,
    /// The key was used for another command.
    Different,
}

/// How long a key is remembered after its command was answered, or after the lease of a claim that was cut off.
pub const KEY_KEPT: Duration = Duration::hours(24);

/// Keeps the answers to commands under the caller's idempotency keys (for [`KEY_KEPT`]).
#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// Claims `key`. Of parallel claims exactly one is `Fresh`; the same claim once more is `Fresh` again while it holds.
    async fn claim_key(
        &self,
        practice: PracticeId,
        key: &str,
        claim: Claim,
        now: Timestamp,
    ) -> Result<KeyClaim, StoreError>;

    /// Makes a claim hold until `lease_until`. A key that is answered or not claimed stays as it is.
    async fn extend_key(
        &self,
        practice: PracticeId,
        key: &str,
        lease_until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Stores the answer for repetitions until `kept_until`, even when the claim's lease ran out meanwhile.
    async fn store_answer(
        &self,
        practice: PracticeId,
        key: &str,
        answer: StoredAnswer,
        kept_until: Timestamp,
    ) -> Result<(), StoreError>;

    /// Lets the key be claimed again, because the command changed nothing.
    async fn release_key(&self, practice: PracticeId, key: &str) -> Result<(), StoreError>;
}
