//! Commands that may be sent twice and are done once.

use async_trait::async_trait;

use crate::{Digest, PracticeId, StoreError, Timestamp};

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

/// What became of a claim on a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyClaim {
    /// The key is new: do the command, then store its answer.
    Fresh,
    /// The command was done: give this answer again.
    Answered(StoredAnswer),
    /// The command is being done, or its server died while doing it; its outcome is not known yet.
    Running,
    /// The key was used for another command.
    Different,
}

/// Keeps the answers to commands under the caller's idempotency keys (24 hours).
#[async_trait]
pub trait IdempotencyKeys: Send + Sync {
    /// Claims `key` for the command whose fingerprint this is. Of parallel claims exactly one is `Fresh`.
    async fn claim_key(
        &self,
        practice: PracticeId,
        key: &str,
        fingerprint: Digest,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<KeyClaim, StoreError>;

    /// Stores the answer for repetitions.
    async fn store_answer(
        &self,
        practice: PracticeId,
        key: &str,
        answer: StoredAnswer,
    ) -> Result<(), StoreError>;

    /// Lets the key be claimed again, because the command changed nothing.
    async fn release_key(&self, practice: PracticeId, key: &str) -> Result<(), StoreError>;
}
