//! What a process remembers of the trees that it saw, and what it refuses to go on from.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::tree::{
    Tile, TileId, Tiles, consistency_nodes, consistency_proof, empty_root, verify_consistency,
};
use super::{AuditTree, Checkpoint};
use crate::{Digest, Duration, PracticeId, Store, StoreError, Timestamp};

/// How long a practice is left alone whose entries could not be sealed.
const PAUSE: Duration = Duration::seconds(5);

/// Why nothing is signed on top of a stored tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "their texts say what they are")]
pub enum TreeFault {
    #[error("its head is signed by a key that is not configured ({0})")]
    UnknownKey(String),
    #[error("its head is not the one that was signed")]
    Head,
    #[error("it has entries and no head")]
    Headless,
    #[error("its hashes do not add up to its root")]
    Hashes,
    #[error("it has {found} entries and had {seen} before: it was put back to an earlier state")]
    PutBack { seen: u64, found: u64 },
    #[error("its first {seen} entries are not those that it had before: it was written anew")]
    Rewritten { seen: u64 },
    #[error("what is known of it from before cannot be believed: {0}")]
    NotBelieved(String),
}

impl TreeFault {
    /// What to do about it, for whoever runs the server.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::UnknownKey(_) => {
                "If you changed audit.key_id, name the id before in audit.previous_keys; if you changed audit.signing_secret or \
                 secrets.master_key, name the public key there as you wrote it down while it signed (docs/audit-format.md, Keys). If \
                 nobody changed a key, somebody changed the database: restore a backup."
            }
            Self::PutBack { .. } => {
                "If you restored a backup: move the practice's files out of audit.checkpoint_dir, restart the portal, and say so to \
                 whoever holds checkpoints. If nobody did, somebody changed the database."
            }
            Self::NotBelieved(_) => {
                "If the file is damaged, or of a key that you changed, put the whole file back or name the key in \
                 audit.previous_keys; else move it out of audit.checkpoint_dir, and find out who wrote it. Then restart the portal."
            }
            Self::Head | Self::Headless | Self::Hashes | Self::Rewritten { .. } => {
                "Somebody changed the database: restore a backup, and verify an export of it with a checkpoint that is kept elsewhere."
            }
        }
    }
}

impl From<TreeFault> for StoreError {
    fn from(fault: TreeFault) -> Self {
        Self::Failed(format!(
            "the audit trail's tree is not the one that was signed, and nothing is sealed on top of it: {fault}. {}",
            fault.advice()
        ))
    }
}

/// A size and the root that a tree had then.
type Head = (u64, Digest);

#[derive(Debug, Clone, Default)]
struct Known {
    head: Option<Head>,
    not_believed: Option<String>,
    failed_at: Option<Timestamp>,
}

/// The heads that one process saw, so that it signs nothing on top of a tree that somebody put back to an earlier state or wrote
/// anew; and whose entries it could not seal a moment ago.
#[derive(Debug, Default)]
pub struct SealedHeads(Mutex<HashMap<PracticeId, Known>>);

impl SealedHeads {
    fn with<T>(&self, practice: PracticeId, look: impl FnOnce(&mut Known) -> T) -> T {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        look(known.entry(practice).or_default())
    }

    /// Remembers a checkpoint from before the process began, whose signature was verified. Of several, the largest counts.
    pub fn remember_checkpoint(&self, practice: PracticeId, checkpoint: &Checkpoint) {
        self.remember(practice, (checkpoint.size, checkpoint.root));
    }

    /// Seals nothing of the practice: `why` says what is there of it from before that cannot be believed.
    pub fn distrust(&self, practice: PracticeId, why: String) {
        self.with(practice, |known| known.not_believed = Some(why));
    }

    pub(super) fn remember(&self, practice: PracticeId, head: Head) {
        self.with(practice, |known| {
            if known.head.is_none_or(|before| before.0 < head.0) {
                known.head = Some(head);
            }
        });
    }

    pub(super) fn pause(&self, practice: PracticeId, now: Timestamp) {
        self.with(practice, |known| known.failed_at = Some(now));
    }

    pub(super) fn is_paused(&self, practice: PracticeId, now: Timestamp) -> bool {
        self.with(practice, |known| {
            known.failed_at.is_some_and(|at| {
                let since = now - at;
                // Not when the clock was set back: then nobody knows how long it was.
                !since.is_negative() && since < PAUSE
            })
        })
    }

    /// # Errors
    /// `Failed` when the tree does not go on from the one that was seen last.
    pub(super) async fn meet(
        &self,
        store: &dyn Store,
        practice: PracticeId,
        tree: Option<&AuditTree>,
    ) -> Result<(), StoreError> {
        let known = self.with(practice, |known| known.clone());
        if let Some(why) = known.not_believed {
            return Err(TreeFault::NotBelieved(why).into());
        }
        if let Some(seen) = known.head {
            check_growth(store, practice, seen, tree).await??;
        }
        Ok(())
    }
}

/// Whether a tree begins with the one that had this size and root once, by a consistency proof (RFC 9162, 2.1.4) from the stored
/// hashes. The proof is computed up to both roots: hashes that were changed make none.
pub async fn check_growth(
    store: &dyn Store,
    practice: PracticeId,
    (seen, root): (u64, Digest),
    tree: Option<&AuditTree>,
) -> Result<Result<(), TreeFault>, StoreError> {
    let (size, now) = tree.map_or((0, empty_root()), |tree| (tree.size, tree.root));
    if size < seen {
        return Ok(Err(TreeFault::PutBack { seen, found: size }));
    }
    // All trees begin with the one of nothing.
    if seen == 0 || (size, now) == (seen, root) {
        return Ok(Ok(()));
    }
    let ids: std::collections::BTreeSet<TileId> = consistency_nodes(seen, size)
        .into_iter()
        .map(Tile::holding)
        .collect();
    let ids: Vec<TileId> = ids.into_iter().collect();
    let tiles: Tiles = store.audit_tiles(practice, &ids).await?.into_iter().collect();
    let proof = consistency_proof(seen, size, |node| tiles.node(node));
    let grew = proof.is_some_and(|proof| verify_consistency((seen, &root), (size, &now), &proof));
    Ok(if grew {
        Ok(())
    } else {
        Err(TreeFault::Rewritten { seen })
    })
}
