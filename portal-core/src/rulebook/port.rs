use async_trait::async_trait;

use super::{KeptWorkflow, Rulebook};
use crate::{Page, PageRequest, PracticeId, StoreError, Version, WorkflowId};

/// Reads a practice's rules.
#[async_trait]
pub trait Rulebooks: Send + Sync {
    /// The practice's rulebook; `None` before anything was saved.
    async fn rulebook(&self, practice: PracticeId) -> Result<Option<Rulebook>, StoreError>;
    /// Its version alone, which every decision asks for.
    async fn rulebook_version(&self, practice: PracticeId) -> Result<Option<Version>, StoreError>;
    /// One workflow, removed or not.
    async fn workflow(
        &self,
        practice: PracticeId,
        id: WorkflowId,
    ) -> Result<Option<KeptWorkflow>, StoreError>;
    /// The workflows that were not removed, by name (cursor key: the folded name).
    async fn workflows(
        &self,
        practice: PracticeId,
        page: &PageRequest,
    ) -> Result<Page<KeptWorkflow>, StoreError>;
}
