//! Many matters at once, each in the stage that it is in.

use std::collections::HashMap;

use super::{Known, Scene, Wanted};
use crate::matter::Matter;
use crate::{Error, MatterId, NoRule, Portal, PracticeId, StageEntryId, Timestamp};

/// Matters that are in a stage, with the stay that each is in and all that is known of them.
#[derive(Debug)]
pub(super) struct Stays {
    matters: Vec<Matter>,
    entries: HashMap<MatterId, StageEntryId>,
    known: Known,
}

impl Portal {
    /// These matters, read with so many questions whatever their number. Those in no stage fire nothing and are left out.
    pub(super) async fn stays(
        &self,
        practice: PracticeId,
        ids: &[MatterId],
        wanted: Wanted,
    ) -> Result<Stays, Error<NoRule>> {
        let mut matters = self.store().matters_by_id(practice, ids).await?;
        matters.retain(Matter::is_in_a_stage);
        let entries = self.store().current_entries(practice, ids).await?;
        let entries = entries.into_iter().map(|entry| (entry.matter_id, entry.id));
        let entries = entries.collect();
        let all: Vec<&Matter> = matters.iter().collect();
        let known = self.known(practice, &all, wanted, None).await?;
        Ok(Stays {
            matters,
            entries,
            known,
        })
    }
}

impl Stays {
    /// Each, when automations fire on it at `now`.
    pub(super) fn scenes(&self, now: Timestamp) -> impl Iterator<Item = Scene<'_>> {
        self.matters.iter().map(move |matter| {
            // One that has no stay yet gets a new one, for which nothing was written.
            let entry = self.entries.get(&matter.id).copied();
            let entry = entry.unwrap_or(StageEntryId(uuid::Uuid::nil()));
            self.known.scene(matter, entry, (now, now))
        })
    }
}
