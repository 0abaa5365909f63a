use async_trait::async_trait;

use super::{Matter, MatterState, Participant, TeamMember};
use crate::checklist::RequestCounts;
use crate::{ClientId, Date, MatterId, Page, PageRequest, PracticeId, StaffId, StoreError};

/// The order of a list of matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum MatterSort {
    /// The most recently changed first (cursor key: `updated_at`).
    #[default]
    Updated,
    /// By reference (cursor key: the folded reference).
    Reference,
    /// By title (cursor key: the folded title).
    Title,
}

/// Which matters are wanted. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MatterFilter {
    /// Words that [`Matter::search_text`] or the [`Client::search_text`](crate::client::Client::search_text) of one of
    /// its present participants must contain, each of them somewhere. At least the first eight words count.
    pub q: Option<String>,
    /// Only open or only closed ones.
    pub state: Option<MatterState>,
    /// Only those that this staff member owns.
    pub owner: Option<StaffId>,
    /// Only those that this staff member owns or is on the team of.
    pub visible_to: Option<StaffId>,
    /// Only those in this practice area, as written.
    pub practice_area: Option<String>,
    /// Only those in this stage, as written.
    pub stage: Option<String>,
    /// Only those that this client takes part in at present.
    pub client: Option<ClientId>,
    /// Only the parts of this matter.
    pub parent: Option<MatterId>,
    /// Only those with documents that wait for review.
    pub to_review: bool,
}

/// A matter with what a list shows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterSummary {
    /// The matter.
    pub matter: Matter,
    /// Its owner's name.
    pub owner_name: String,
    /// The name of its principal (its first participant when none is), if it has anybody.
    pub client_name: Option<String>,
    /// Its requests by state, over all its clients.
    pub requests: RequestCounts,
    /// How many of its documents wait for review.
    pub to_review: u64,
    /// The earliest date at which something that waits for a client (outstanding or returned) is due.
    pub next_due_on: Option<Date>,
}

/// Reads matters.
#[async_trait]
pub trait Matters: Send + Sync {
    /// One matter.
    async fn matter(&self, practice: PracticeId, id: MatterId) -> Result<Option<Matter>, StoreError>;
    /// The matter with this reference (compared in folded form).
    async fn matter_by_reference(
        &self,
        practice: PracticeId,
        reference: &str,
    ) -> Result<Option<Matter>, StoreError>;
    /// Those of `ids` that exist, in any order.
    async fn matters_by_id(&self, practice: PracticeId, ids: &[MatterId]) -> Result<Vec<Matter>, StoreError>;
    /// Matters as lists show them.
    async fn matters(
        &self,
        practice: PracticeId,
        filter: &MatterFilter,
        sort: MatterSort,
        page: &PageRequest,
    ) -> Result<Page<MatterSummary>, StoreError>;
    /// `matter` and the matters it is part of, nearest first; at most 64, so that a circle cannot hang it.
    async fn ancestors(&self, practice: PracticeId, matter: MatterId) -> Result<Vec<MatterId>, StoreError>;
    /// The practice areas and stages in use, for filters: each at most 200, in order.
    async fn matter_vocabulary(&self, practice: PracticeId)
    -> Result<(Vec<String>, Vec<String>), StoreError>;
    /// The participants of a matter, removed ones included, in the order they were added.
    async fn participants(
        &self,
        practice: PracticeId,
        matter: MatterId,
    ) -> Result<Vec<Participant>, StoreError>;
    /// The participants of these matters, removed ones included; those of each in the order they were added.
    async fn participants_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Participant>, StoreError>;
    /// The matters a client takes part in, removed ones included.
    async fn participations(
        &self,
        practice: PracticeId,
        client: ClientId,
    ) -> Result<Vec<Participant>, StoreError>;
    /// The team of a matter, removed members included.
    async fn team(&self, practice: PracticeId, matter: MatterId) -> Result<Vec<TeamMember>, StoreError>;
    /// Whether a staff member is on a matter's team at present.
    async fn is_on_team(
        &self,
        practice: PracticeId,
        matter: MatterId,
        staff: StaffId,
    ) -> Result<bool, StoreError>;
}
