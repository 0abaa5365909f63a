use async_trait::async_trait;

use super::{Approval, ApprovalKind, ApprovalState, Evidence};
use crate::{ApprovalId, ClientId, MatterId, Page, PageRequest, PracticeId, StaffId, StoreError, Timestamp};

/// Which approvals are wanted. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApprovalFilter {
    /// Only those on this matter.
    pub matter: Option<MatterId>,
    /// Only those that this client is asked, whether or not it is their turn.
    pub client: Option<ClientId>,
    /// Only those that this client sees: the same rule as [`Approval::is_shown_to`].
    pub shown_to: Option<ClientId>,
    /// Only those that are on record in this state.
    pub state: Option<ApprovalState>,
    /// Only those of this kind.
    pub kind: Option<ApprovalKind>,
    /// Words that [`Approval::search_text`] must contain, each of them somewhere.
    pub q: Option<String>,
    /// Only those that were asked at this time or later.
    pub since: Option<Timestamp>,
    /// Only those that were asked before this time.
    pub before: Option<Timestamp>,
    /// Only those on matters that this staff member owns or is on the team of.
    pub visible_to: Option<StaffId>,
}

/// Reads approvals and the evidence of their answers.
#[async_trait]
pub trait Approvals: Send + Sync {
    /// One approval.
    async fn approval(&self, practice: PracticeId, id: ApprovalId) -> Result<Option<Approval>, StoreError>;
    /// Approvals, the newest first (cursor key: `created_at`).
    async fn approvals(
        &self,
        practice: PracticeId,
        filter: &ApprovalFilter,
        page: &PageRequest,
    ) -> Result<Page<Approval>, StoreError>;
    /// How many there are.
    async fn approval_count(&self, practice: PracticeId, filter: &ApprovalFilter) -> Result<u64, StoreError>;
    /// The evidence of an approval's answers, the oldest first.
    async fn evidence(&self, practice: PracticeId, approval: ApprovalId)
    -> Result<Vec<Evidence>, StoreError>;
}
