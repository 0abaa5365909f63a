use async_trait::async_trait;

use super::lists::{Order, page};
use super::scan::{Look, Scan};
use crate::matter::{Matter, MatterState};
use crate::rulebook::{KeptWorkflow, Rulebook, Rulebooks};
use crate::stage::{MatterCase, MatterScan, StageEntry, Stages};
use crate::text::fold;
use crate::workflow::Case;
use crate::{MatterId, Page, PageRequest, PracticeId, StoreError, Version, WorkflowId};

#[async_trait]
impl<S: Scan> Rulebooks for S {
    async fn rulebook(&self, practice: PracticeId) -> Result<Option<Rulebook>, StoreError> {
        self.one(practice, practice)
    }

    async fn rulebook_version(&self, practice: PracticeId) -> Result<Option<Version>, StoreError> {
        let book: Option<Rulebook> = self.one(practice, practice)?;
        Ok(book.map(|book| book.version))
    }

    async fn workflow(
        &self,
        practice: PracticeId,
        id: WorkflowId,
    ) -> Result<Option<KeptWorkflow>, StoreError> {
        self.one(practice, id)
    }

    async fn workflows(
        &self,
        practice: PracticeId,
        request: &PageRequest,
    ) -> Result<Page<KeptWorkflow>, StoreError> {
        let rows = self.all(practice, |row: &KeptWorkflow| !row.removed)?;
        Ok(page(rows, request, Order::Rising, |row| {
            (fold(&row.draft.name), row.id.into())
        }))
    }
}

#[async_trait]
impl<S: Scan> Stages for S {
    async fn stage_entries(
        &self,
        practice: PracticeId,
        matter: MatterId,
        request: &PageRequest,
    ) -> Result<Page<StageEntry>, StoreError> {
        let rows = self.all(practice, |row: &StageEntry| row.matter_id == matter)?;
        Ok(page(rows, request, Order::Falling, |row| {
            (format!("{:010}", row.number), row.id.into())
        }))
    }

    async fn current_entries(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<StageEntry>, StoreError> {
        self.all(practice, |row: &StageEntry| {
            row.left_at.is_none() && matters.contains(&row.matter_id)
        })
    }

    async fn matter_cases(
        &self,
        practice: PracticeId,
        scan: &MatterScan,
    ) -> Result<Vec<MatterCase>, StoreError> {
        let kept = self.all(practice, |row: &Matter| {
            scan.after.is_none_or(|after| row.id > after) && (!scan.unknown || !row.unknown.is_empty())
        })?;
        let limit = usize::try_from(scan.limit).unwrap_or(usize::MAX);
        let case = |row: Matter| MatterCase {
            case: Case::of(&row),
            id: row.id,
            reference: row.reference,
            open: row.state == MatterState::Open,
            normalised: row.normalised,
            unknown: row.unknown,
        };
        Ok(kept.into_iter().take(limit).map(case).collect())
    }
}
