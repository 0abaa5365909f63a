//! The sealer: it runs beside the portal, and writers never wait for it.

use super::note::NoteSigner;
use super::tree::{Edge, TileId};
use super::{AuditTree, Checkpoint, SealedHeads, Sealer};
use crate::{Change, Portal, PracticeId, StoreError};

/// The most entries of one batch: some 10 ms of hashing, and a commit of half a megabyte.
const BATCH: u32 = 2_048;
/// The most batches of one practice before the next one has its turn.
const BATCHES_IN_TURN: usize = 8;
const PRACTICES: u32 = 100;

/// What a round of sealing did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Entries that were sealed.
    pub entries: u64,
    /// Practices whose trees grew.
    pub practices: u32,
    /// Practices whose entries could not be sealed, and why. Each is left alone for five seconds; the others go on.
    pub failed: Vec<(PracticeId, StoreError)>,
    /// Whether entries are left that were there already.
    pub more: bool,
}

impl Portal {
    /// Signs the checkpoints of a practice's tree, which is called `origin`.
    #[must_use]
    pub fn audit_signer(&self, practice: PracticeId, origin: &str) -> NoteSigner {
        NoteSigner::new(origin, &self.keys().audit_seed(practice))
    }

    /// Seals what waits, of every practice in turn. `heads` is kept from round to round. `sealed` is told of each head that was
    /// committed.
    pub async fn seal_due(
        &self,
        heads: &SealedHeads,
        mut sealed: impl FnMut(&AuditTree) + Send,
    ) -> Result<Sealed, StoreError> {
        let mut done = Sealed::default();
        let mut after = None;
        loop {
            let practices = self.store().unsealed_practices(after, PRACTICES).await?;
            for practice in &practices {
                if heads.is_paused(*practice, self.now()) {
                    continue;
                }
                match self.seal_in_turn(heads, *practice, &mut sealed).await {
                    Ok((entries, more)) => {
                        done.entries += entries;
                        done.practices += u32::from(entries > 0);
                        done.more |= more;
                    }
                    // Another sealer was quicker, or the database went away in the middle: the next round reads again.
                    Err(StoreError::Stale | StoreError::Conflict(_) | StoreError::InDoubt(_)) => {
                        done.more = true;
                    }
                    Err(error) => {
                        heads.pause(*practice, self.now());
                        done.failed.push((*practice, error));
                    }
                }
            }
            after = practices.last().copied();
            if practices.len() < usize::try_from(PRACTICES).unwrap_or(usize::MAX) {
                return Ok(done);
            }
        }
    }

    async fn seal_in_turn(
        &self,
        heads: &SealedHeads,
        practice: PracticeId,
        sealed: &mut (impl FnMut(&AuditTree) + Send),
    ) -> Result<(u64, bool), StoreError> {
        let mut entries = 0;
        for _ in 0..BATCHES_IN_TURN {
            let Some((tree, count)) = self.seal_batch(heads, practice).await? else {
                return Ok((entries, false));
            };
            sealed(&tree);
            entries += count;
            if count < u64::from(BATCH) {
                return Ok((entries, false));
            }
        }
        Ok((entries, true))
    }

    /// Seals one batch: reads the head, the edge and what waits, and commits all that follows from them or nothing.
    async fn seal_batch(
        &self,
        heads: &SealedHeads,
        practice: PracticeId,
    ) -> Result<Option<(AuditTree, u64)>, StoreError> {
        let store = self.store();
        let tree = store.audit_tree(practice).await?;
        heads.meet(store, practice, tree.as_ref()).await?;
        let size = tree.as_ref().map_or(0, |tree| tree.size);
        let ids: Vec<TileId> = Edge::tiles(size);
        let tiles = store.audit_tiles(practice, &ids).await?.into_iter().collect();
        let edge = Edge::new(size, &tiles)
            .ok_or_else(|| StoreError::Failed("hashes of the audit trail's tree are missing".to_owned()))?;
        let entries = store.unsealed(practice, BATCH).await?;
        if entries.is_empty() {
            return Ok(None);
        }
        let count = u64::try_from(entries.len()).unwrap_or(u64::MAX);
        let origin = match &tree {
            Some(tree) => tree.origin.clone(),
            None => Checkpoint::origin_of(&self.settings().public_url, practice),
        };
        let sealer = Sealer {
            signer: &self.audit_signer(practice, &origin),
            keys: &self.keys().audit_verifiers(practice, &origin),
            now: self.now(),
        };
        let entries = entries.into_iter().map(|entry| (entry, self.ids().random()));
        let sealing = sealer.seal(practice, tree.as_ref(), edge, entries)?;
        // It is as it was signed: also when somebody else's batch comes first, this is where the tree was.
        if let Some(tree) = &tree {
            heads.remember(practice, (tree.size, tree.root));
        }
        let head = sealing.tree.clone();
        // Not through `Portal::commit`: nobody waits for a hint that entries were sealed.
        store.commit(Change::sealing(sealing)).await?;
        heads.remember(practice, (head.size, head.root));
        Ok(Some((head, count)))
    }
}
