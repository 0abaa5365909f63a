use serde::{Deserialize, Serialize};

use super::line::Line;
use crate::audit::note::{NoteError, VerifierKey};
use crate::audit::tree::{Tile, TileId, Tiles, inclusion_nodes, inclusion_proof, verify_inclusion};
use crate::audit::{Checkpoint, Leaf};
use crate::{AuditId, Digest, Portal, PracticeId, StoreError};

/// What the proof says that it is.
const FORMAT: &str = "portal-audit-proof/1";

/// That one entry stands in the trail: the entry, its place, the hashes up to a root, and the checkpoint that signed it.
/// Whoever has the public key needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditProof {
    /// `portal-audit-proof/1`.
    pub format: String,
    /// The entry: a line of an export.
    pub entry: String,
    /// The hashes on the way from the leaf up, as RFC 9162 orders them.
    pub path: Vec<Digest>,
    /// The signed checkpoint.
    pub checkpoint: String,
}

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// It is not of this form.
    #[error("this is not a proof of the form {FORMAT}")]
    Malformed,
    /// Its checkpoint is not believed.
    #[error("the checkpoint {0}")]
    Checkpoint(#[from] NoteError),
    /// The entry is not the one that was sealed.
    #[error("the entry was changed: it is not the one that was sealed")]
    Changed,
    /// The hashes do not lead to the root that was signed.
    #[error("the entry is not in the trail that was signed")]
    NotIncluded,
}

impl AuditProof {
    /// Makes sure of it; answers the entry's id and the checkpoint that it stands under.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<(AuditId, Checkpoint), ProofError> {
        let line: Line<'_> = serde_json::from_str(&self.entry).map_err(|_| ProofError::Malformed)?;
        let written = line.bytes();
        let canonical = written.strip_suffix(b"\n") == Some(self.entry.as_bytes());
        let (Some(position), Some(leaf), true, true) =
            (line.position, line.leaf, canonical, self.format == FORMAT)
        else {
            return Err(ProofError::Malformed);
        };
        let (checkpoint, _) = Checkpoint::verify(&self.checkpoint, keys)?;
        let practice = Checkpoint::practice_of(&checkpoint.origin).ok_or(ProofError::Malformed)?;
        if line.leaf_hash(&practice.to_string()) != Some(leaf) {
            return Err(ProofError::Changed);
        }
        if !verify_inclusion(&leaf, position, checkpoint.size, &checkpoint.root, &self.path) {
            return Err(ProofError::NotIncluded);
        }
        let id = line
            .fields
            .and_then(|fields| fields.id?.parse::<uuid::Uuid>().ok());
        Ok((AuditId(id.ok_or(ProofError::Malformed)?), checkpoint))
    }
}

impl Portal {
    /// The proof that an entry stands in the practice's trail, under its newest checkpoint. `None` until it is sealed, which takes
    /// a second or so, or when it is not the one that was sealed. Whether the caller may see the entry is the caller's to decide.
    pub async fn audit_proof(
        &self,
        practice: PracticeId,
        entry: AuditId,
    ) -> Result<Option<AuditProof>, StoreError> {
        let store = self.store();
        let (Some(seal), Some(tree)) = (
            store.seal_of(practice, entry).await?,
            store.audit_tree(practice).await?,
        ) else {
            return Ok(None);
        };
        let ids: std::collections::BTreeSet<TileId> = inclusion_nodes(seal.position, tree.size)
            .into_iter()
            .map(Tile::holding)
            .collect();
        let ids: Vec<TileId> = ids.into_iter().collect();
        let tiles: Tiles = store.audit_tiles(practice, &ids).await?.into_iter().collect();
        let path = inclusion_proof(seal.position, tree.size, |node| tiles.node(node));
        // By position, which reads the seal once more: an erasure in between changes both or neither.
        let sealed = store
            .sealed_entries(practice, seal.position, 1)
            .await?
            .into_iter()
            .next();
        let leaf = sealed.and_then(|sealed| Leaf::of(&sealed.entry?, &sealed.seal.salts));
        let (Some(path), Some(leaf)) = (path, leaf) else {
            return Ok(None);
        };
        let line = Line::of_entry(seal.position, leaf.hash(practice), &leaf);
        let mut bytes = line.bytes();
        bytes.pop();
        let proof = AuditProof {
            format: FORMAT.to_owned(),
            entry: String::from_utf8(bytes).map_err(|error| StoreError::Failed(error.to_string()))?,
            path,
            checkpoint: tree.note,
        };
        let root_holds = verify_inclusion(
            &leaf.hash(practice),
            seal.position,
            tree.size,
            &tree.root,
            &proof.path,
        );
        Ok(root_holds.then_some(proof))
    }
}
