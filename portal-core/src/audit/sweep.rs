//! Finds entries that nobody let wait for their seal: an older server wrote them, beside a newer one or in its place.

use super::{Subject, Swept};
use crate::{AuditId, Change, Context, Portal, PracticeId, RecordKind, StoreError, Timestamp};

/// How many entries one look takes in: some milliseconds of reading indexes.
const LOOK: u32 = 1_000;

/// Where a sweep of a practice's trail is, by the entries' times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sweep {
    practice: PracticeId,
    after: (Timestamp, AuditId),
    is_over: bool,
    missed: u64,
}

impl Sweep {
    /// A sweep of what happened from `from` on.
    #[must_use]
    pub fn new(practice: PracticeId, from: Timestamp) -> Self {
        Self {
            practice,
            after: (from, AuditId(uuid::Uuid::nil())),
            is_over: false,
            missed: 0,
        }
    }

    /// Whether it came to the end of the trail.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many entries it put to wait so far.
    #[must_use]
    pub const fn missed(&self) -> u64 {
        self.missed
    }
}

impl Portal {
    /// Looks at the next 1,000 entries of a sweep and puts those to wait that were missed; an entry `audit.missed` tells how many.
    /// Answers whether the sweep got on. It does not when a batch is sealed at the same time, or the practice's first one still has
    /// to be: then ask again in a moment.
    pub async fn sweep_audit(&self, sweep: &mut Sweep) -> Result<bool, StoreError> {
        let (store, practice) = (self.store(), sweep.practice);
        // Before the entries: whatever is sealed after this moves the head, and then nothing is put to wait.
        let tree = store.audit_tree(practice).await?;
        let looked = store.swept(practice, sweep.after, LOOK).await?;
        let missed: Vec<Swept> = looked.iter().filter(|it| it.missed).copied().collect();
        let count = u64::try_from(missed.len()).unwrap_or(u64::MAX);
        if count > 0 {
            let ctx = Context::system(practice, "sealer", self.now());
            let entry = self.audit(&ctx, "audit.missed", Subject::new("practice", practice));
            let change = Change::audited(entry.with("entries", count));
            let Some(tree) = tree else {
                // Two servers that sweep at once are kept apart by the head, and there is none yet. What tells of the find is
                // the first to be sealed.
                if store.unsealed(practice, 1).await?.is_empty() {
                    self.commit(change).await?;
                }
                return Ok(false);
            };
            let change = change.while_unchanged(RecordKind::AuditTree, practice, tree.version);
            match self
                .commit(missed.into_iter().fold(change, Change::wait_for_seal))
                .await
            {
                Ok(()) => sweep.missed += count,
                Err(StoreError::Stale | StoreError::Conflict(_)) => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        if let Some(last) = looked.last() {
            sweep.after = (last.at, last.id);
        }
        // What is written meanwhile waits by itself.
        sweep.is_over = looked.len() < LOOK as usize;
        Ok(true)
    }
}
