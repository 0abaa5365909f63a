//! Sealing: unsealed entries get their place in the tree, and the tree its next head. Pure: entries, secrets and time
//! come in, a [`Sealing`] comes out.

use super::note::{NoteError, NoteSigner, VerifierKey};
use super::tree::{Edge, Tile};
use super::{AuditEntry, Checkpoint, Leaf, Salts, TreeFault};
use crate::{AuditId, Digest, Duration, PracticeId, StoreError, Timestamp, Version};

/// How often a checkpoint is kept for good while entries come in: an export holds them all, and between two of them a
/// forgery can be located even when whoever forged it computed all hashes anew.
const KEPT_EVERY: Duration = Duration::minutes(10);
/// The same, in entries.
const KEPT_EVERY_ENTRIES: u64 = 65_536;

/// The head of a practice's tree. One record a practice; each batch saves its next version, so that of two sealers one
/// wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditTree {
    /// The practice.
    pub practice_id: PracticeId,
    /// The practice's id again: there is one tree each.
    pub id: PracticeId,
    /// How often it grew.
    pub version: Version,
    /// What its checkpoints call it; never changes, also when the portal moves to another address.
    pub origin: String,
    /// How many entries are sealed.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// The signed checkpoint that says so.
    pub note: String,
    /// The public key that verifies it, as text.
    pub key: String,
    /// When it was signed.
    pub signed_at: Timestamp,
    /// When a checkpoint was last kept for good, and
    pub kept_at: Timestamp,
    /// of which size.
    pub kept_size: u64,
}

/// An entry's place in the tree, and what opens its commitments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// Its place, counted from 0.
    pub position: u64,
    /// The entry.
    pub entry_id: AuditId,
    /// What hides its facts.
    pub salts: Salts,
}

/// A checkpoint that is kept for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCheckpoint {
    /// The practice.
    pub practice_id: PracticeId,
    /// The size of the tree.
    pub size: u64,
    /// The signed checkpoint.
    pub note: String,
    /// The public key that verifies it, as text.
    pub key: String,
    /// Whether it is the first that this key signed.
    pub begins_key: bool,
    /// When it was signed.
    pub signed_at: Timestamp,
}

/// A batch of seals, saved whole or not at all with the tree's next head. See [`Change::seals`](crate::Change::seals).
#[derive(Debug, Clone, PartialEq)]
pub struct Sealing {
    /// The head that it leads to.
    pub tree: AuditTree,
    /// The seals, by position, without a gap, after those of the head before.
    pub seals: Vec<Seal>,
    /// The tiles that were begun or went on, each with all of its hashes.
    pub tiles: Vec<Tile>,
    /// The head's checkpoint, when it is to be kept for good.
    pub kept: Option<KeptCheckpoint>,
}

/// What sealing needs beside the entries.
#[derive(Debug, Clone)]
pub struct Sealer<'a> {
    /// Signs the checkpoint.
    pub signer: &'a NoteSigner,
    /// The keys by one of which the head before must be signed; see [`Keys::audit_verifiers`](crate::Keys::audit_verifiers).
    pub keys: &'a [VerifierKey],
    /// Now.
    pub now: Timestamp,
}

impl Sealer<'_> {
    /// Seals `entries` in their order, each with 256 bits of its own to hide what is personal. `edge` is the right edge of
    /// the tree as it is stored; `before` its head, if there is one.
    ///
    /// # Errors
    /// `Failed` when the stored tree is not the one that its head speaks of, or no key of `keys` signed that: somebody else's hands
    /// were in the database, and nothing is signed on top of it. See [`TreeFault`].
    pub fn seal(
        &self,
        practice: PracticeId,
        before: Option<&AuditTree>,
        mut edge: Edge,
        entries: impl IntoIterator<Item = (AuditEntry, [u8; 32])>,
    ) -> Result<Sealing, StoreError> {
        let key = self.signer.verifier();
        let signed_by = check(before, &edge, self.keys)?;
        let (mut seals, mut leaves, mut binds_evidence) = (Vec::new(), Vec::new(), false);
        for (position, (entry, seed)) in (edge.size()..).zip(entries) {
            let salts = Salts::Seed(seed);
            let leaf = Leaf::of(&entry, &salts).filter(|_| entry.practice_id == practice);
            let leaf = leaf.ok_or_else(|| StoreError::Failed("an entry of another practice".to_owned()))?;
            leaves.push(leaf.hash(practice));
            binds_evidence |= entry.binds_evidence();
            seals.push(Seal {
                position,
                entry_id: entry.id,
                salts,
            });
        }
        let tiles = edge.extend(leaves);
        let checkpoint = Checkpoint {
            origin: before.map_or_else(|| key.name().to_owned(), |tree| tree.origin.clone()),
            size: edge.size(),
            root: edge.root(),
        };
        let note = checkpoint.sign(self.signer);
        let begins_key = signed_by != Some(&key);
        let key = key.to_string();
        // A certificate stands under a checkpoint for good: the first that is kept after the answer.
        let keeps = begins_key
            || binds_evidence
            || before.is_some_and(|tree| {
                let since = self.now - tree.kept_at;
                // Also when the clock was set back: then nobody knows how long it was.
                since >= KEPT_EVERY
                    || since.is_negative()
                    || edge.size() - tree.kept_size >= KEPT_EVERY_ENTRIES
            });
        let kept = keeps.then(|| KeptCheckpoint {
            practice_id: practice,
            size: edge.size(),
            note: note.clone(),
            key: key.clone(),
            begins_key,
            signed_at: self.now,
        });
        let tree = AuditTree {
            practice_id: practice,
            id: practice,
            version: before.map_or(Version::FIRST, |tree| tree.version.next()),
            origin: checkpoint.origin,
            size: checkpoint.size,
            root: checkpoint.root,
            note,
            key,
            signed_at: self.now,
            kept_at: before.filter(|_| !keeps).map_or(self.now, |tree| tree.kept_at),
            kept_size: before
                .filter(|_| !keeps)
                .map_or(edge.size(), |tree| tree.kept_size),
        };
        Ok(Sealing {
            tree,
            seals,
            tiles,
            kept,
        })
    }
}

/// Which key signed the head, if there is one; an error when the tree that is stored is not the one that was signed.
fn check<'k>(
    before: Option<&AuditTree>,
    edge: &Edge,
    keys: &'k [VerifierKey],
) -> Result<Option<&'k VerifierKey>, TreeFault> {
    let Some(tree) = before else {
        return match edge.size() {
            0 => Ok(None),
            _ => Err(TreeFault::Headless),
        };
    };
    if (edge.size(), edge.root()) != (tree.size, tree.root) {
        return Err(TreeFault::Hashes);
    }
    tree.signed_by(keys).map(Some)
}

impl AuditTree {
    /// The key among `keys` that signed this very head.
    ///
    /// # Errors
    /// `UnknownKey` or `Head`.
    pub fn signed_by<'k>(&self, keys: &'k [VerifierKey]) -> Result<&'k VerifierKey, TreeFault> {
        let (checkpoint, key) = Checkpoint::verify(&self.note, keys).map_err(|why| match why {
            NoteError::UnknownKey(names) => TreeFault::UnknownKey(names.join(", ")),
            NoteError::Malformed | NoteError::WrongSignature(_) => TreeFault::Head,
        })?;
        let says = (&*checkpoint.origin, checkpoint.size, checkpoint.root);
        if says == (&*self.origin, self.size, self.root) {
            Ok(key)
        } else {
            Err(TreeFault::Head)
        }
    }
}
