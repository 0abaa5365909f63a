use std::collections::BTreeMap;

use async_trait::async_trait;

use super::StageEntry;
use crate::workflow::{Case, STAGE, fold};
use crate::{MatterId, Page, PageRequest, PracticeId, StoreError};

/// Which matters a scan goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MatterScan {
    /// Those after this one; from the first when `None`.
    pub after: Option<MatterId>,
    /// Only those of which something waits for a person, because the taxonomy does not know it.
    pub unknown: bool,
    /// At most so many: 1 to [`MatterScan::MOST`].
    pub limit: u32,
}

impl MatterScan {
    /// The most matters that one look takes.
    pub const MOST: u32 = 5_000;
}

/// What workflows, and whoever looks for matters they concern, need to know of a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatterCase {
    /// The matter.
    pub id: MatterId,
    /// Its reference.
    pub reference: String,
    /// Whether it is being worked on.
    pub open: bool,
    /// What the system of record says, as [`Case::of`] the matter.
    pub case: Case,
    /// See [`Matter::normalised`](crate::matter::Matter::normalised).
    pub normalised: BTreeMap<String, String>,
    /// See [`Matter::unknown`](crate::matter::Matter::unknown).
    pub unknown: BTreeMap<String, String>,
}

impl MatterCase {
    /// See [`Matter::is_in_a_stage`](crate::matter::Matter::is_in_a_stage).
    #[must_use]
    pub fn is_in_a_stage(&self) -> bool {
        self.case.0.get(STAGE).is_some_and(|raw| !fold(raw).is_empty())
    }
}

/// Reads the stages of matters, and matters by the thousand.
#[async_trait]
pub trait Stages: Send + Sync {
    /// A matter's entries, the last first (cursor key: the number, zero-padded to ten digits).
    async fn stage_entries(
        &self,
        practice: PracticeId,
        matter: MatterId,
        page: &PageRequest,
    ) -> Result<Page<StageEntry>, StoreError>;
    /// The entries that these matters are in now, in any order: at most one of each.
    async fn current_entries(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<StageEntry>, StoreError>;
    /// Matters by id, as many as the scan takes at once; fewer only at the end.
    async fn matter_cases(
        &self,
        practice: PracticeId,
        scan: &MatterScan,
    ) -> Result<Vec<MatterCase>, StoreError>;
}
