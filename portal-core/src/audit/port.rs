use async_trait::async_trait;

use super::tree::{Tile, TileId};
use super::{AuditEntry, AuditFilter, AuditTree, KeptCheckpoint, Seal};
use crate::{AuditId, Page, PageRequest, PracticeId, StoreError, Timestamp};

/// Reads the audit trail.
#[async_trait]
pub trait Audits: Send + Sync {
    /// Entries, the newest first (cursor key: `at`).
    async fn audit_entries(
        &self,
        practice: PracticeId,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError>;
}

/// A seal with its entry.
#[derive(Debug, Clone, PartialEq)]
pub struct SealedEntry {
    /// The seal.
    pub seal: Seal,
    /// The entry; `None` when it is gone, which nothing in the portal ever does.
    pub entry: Option<AuditEntry>,
}

/// An entry as a sweep for those that were missed finds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Swept {
    /// Its time.
    pub at: Timestamp,
    /// The entry.
    pub id: AuditId,
    /// Whether it neither waits for its seal nor has it.
    pub missed: bool,
}

/// Reads what was sealed, and what waits for it. A store writes it with the [`Change`](crate::Change) that holds it.
#[async_trait]
pub trait Seals: Send + Sync {
    /// Practices with entries that are not sealed yet, by id, those after `after`. Serves all practices at once.
    async fn unsealed_practices(
        &self,
        after: Option<PracticeId>,
        limit: u32,
    ) -> Result<Vec<PracticeId>, StoreError>;

    /// Entries that are not sealed yet, by id. An entry is among them from the commit that wrote it until the one that seals
    /// it, whatever its id and its time.
    async fn unsealed(&self, practice: PracticeId, limit: u32) -> Result<Vec<AuditEntry>, StoreError>;

    /// Entries by time and id, those after `after`, each with whether it was missed: by a server of before sealing, which writes
    /// entries and lets none wait.
    async fn swept(
        &self,
        practice: PracticeId,
        after: (Timestamp, AuditId),
        limit: u32,
    ) -> Result<Vec<Swept>, StoreError>;

    /// The head of the practice's tree; `None` before anything is sealed.
    async fn audit_tree(&self, practice: PracticeId) -> Result<Option<AuditTree>, StoreError>;

    /// Tiles of the practice's tree, as far as there are any, in any order.
    async fn audit_tiles(&self, practice: PracticeId, ids: &[TileId]) -> Result<Vec<Tile>, StoreError>;

    /// The seal of an entry; `None` before it is sealed.
    async fn seal_of(&self, practice: PracticeId, entry: AuditId) -> Result<Option<Seal>, StoreError>;

    /// Entries by position, those from `from` on, without a gap.
    async fn sealed_entries(
        &self,
        practice: PracticeId,
        from: u64,
        limit: u32,
    ) -> Result<Vec<SealedEntry>, StoreError>;

    /// Checkpoints that were kept, by size, those of trees larger than `after`.
    async fn kept_checkpoints(
        &self,
        practice: PracticeId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<KeptCheckpoint>, StoreError>;

    /// The first checkpoint that each key signed, by size.
    async fn audit_keys(&self, practice: PracticeId) -> Result<Vec<KeptCheckpoint>, StoreError>;
}
