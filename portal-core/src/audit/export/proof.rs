use serde::{Deserialize, Deserializer, Serialize};

use super::line::{Kind, Line, MOST_LINE_BYTES};
use crate::audit::note::{NoteError, VerifierKey};
use crate::audit::tree::{Tile, TileId, Tiles, inclusion_nodes, inclusion_proof, verify_inclusion};
use crate::audit::{AuditEntry, Checkpoint, Leaf, Seal};
use crate::{AuditId, Digest, Portal, PracticeId, StoreError};

/// What the proof says that it is.
const FORMAT: &str = "portal-audit-proof/1";

/// The most bytes of a proof as a file.
pub const MOST_PROOF_BYTES: usize = 1 << 21;

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
    #[serde(deserialize_with = "path")]
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

/// Hashes in lower case only: a verifier in another language has no reason to read more than the format says.
fn path<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Digest>, D::Error> {
    let hash = |text: String| {
        let hash = text.parse::<Digest>().ok();
        hash.filter(|hash| hash.to_string() == text)
            .ok_or_else(|| serde::de::Error::custom("not a hash in hexadecimal"))
    };
    Vec::<String>::deserialize(from)?.into_iter().map(hash).collect()
}

/// What a proof shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The entry.
    pub entry: AuditId,
    /// The checkpoint that it stands under.
    pub checkpoint: Checkpoint,
    /// How many of its facts are erased.
    pub erased: u64,
}

impl AuditProof {
    /// Whether a file is meant to be a proof and no export: it is one JSON object that has a `path`.
    #[must_use]
    pub fn is_one(file: &[u8]) -> bool {
        let value = serde_json::from_slice::<serde_json::Value>(file);
        value.is_ok_and(|value| value.get("path").is_some())
    }

    /// Reads a file: one JSON object with these members and no others, each once, in any order and with any spaces between.
    pub fn read(file: &[u8]) -> Result<Self, ProofError> {
        // The library would also read an array of the members' values.
        let is_object = file.trim_ascii_start().starts_with(b"{");
        if !is_object || file.len() > MOST_PROOF_BYTES {
            return Err(ProofError::Malformed);
        }
        serde_json::from_slice(file).map_err(|_| ProofError::Malformed)
    }

    /// Makes sure of it.
    pub fn verify(&self, keys: &[VerifierKey]) -> Result<Proven, ProofError> {
        let line: Line<'_> = serde_json::from_str(&self.entry).map_err(|_| ProofError::Malformed)?;
        let written = line.bytes();
        let canonical = written.strip_suffix(b"\n") == Some(self.entry.as_bytes());
        let is_known = self.format == FORMAT && canonical && written.len() <= MOST_LINE_BYTES;
        let (Some(Kind::Entry(position, leaf)), true) = (line.kind(), is_known) else {
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
        let erased = line.erased();
        let id = line
            .fields
            .and_then(|fields| fields.id?.parse::<uuid::Uuid>().ok());
        Ok(Proven {
            entry: AuditId(id.ok_or(ProofError::Malformed)?),
            checkpoint,
            erased,
        })
    }
}

impl AuditProof {
    /// What the entry says; nothing is made sure of, and what is not open is left out. `None` when it is not of its form.
    #[must_use]
    pub fn entry(&self) -> Option<AuditEntry> {
        let line: Line<'_> = serde_json::from_str(&self.entry).ok()?;
        line.entry(Checkpoint::practice_of(
            &Checkpoint::read(&self.checkpoint).ok()?.origin,
        )?)
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
        self.proof_under(practice, &seal, tree.note, |_| true).await
    }

    /// The same, under the first checkpoint of all that are kept for good which covers the entry, and with only those of its facts open
    /// that `open` chooses: the same bytes whenever it is made, however the trail grew since. `None` also until such a checkpoint is kept:
    /// one is with every entry that [binds evidence](AuditEntry::binds_evidence).
    pub async fn kept_audit_proof(
        &self,
        practice: PracticeId,
        entry: AuditId,
        open: impl Fn(&str) -> bool + Send,
    ) -> Result<Option<AuditProof>, StoreError> {
        let store = self.store();
        let Some(seal) = store.seal_of(practice, entry).await? else {
            return Ok(None);
        };
        let kept = store.kept_checkpoints(practice, seal.position, 1).await?;
        match kept.into_iter().next() {
            Some(kept) => self.proof_under(practice, &seal, kept.note, open).await,
            None => Ok(None),
        }
    }

    /// The proof that the sealed entry stands under the checkpoint of this note, which is one of the practice's.
    async fn proof_under(
        &self,
        practice: PracticeId,
        seal: &Seal,
        note: String,
        open: impl Fn(&str) -> bool + Send,
    ) -> Result<Option<AuditProof>, StoreError> {
        let store = self.store();
        let head = Checkpoint::read(&note)
            .map_err(|wrong| StoreError::Failed(format!("a checkpoint of the audit trail {wrong}")))?;
        let ids: std::collections::BTreeSet<TileId> = inclusion_nodes(seal.position, head.size)
            .into_iter()
            .map(Tile::holding)
            .collect();
        let ids: Vec<TileId> = ids.into_iter().collect();
        let tiles: Tiles = store.audit_tiles(practice, &ids).await?.into_iter().collect();
        let path = inclusion_proof(seal.position, head.size, |node| tiles.node(node));
        // By position, which reads the seal once more: an erasure in between changes both or neither.
        let sealed = store
            .sealed_entries(practice, seal.position, 1)
            .await?
            .into_iter()
            .next();
        let leaf = sealed.and_then(|sealed| Leaf::of(&sealed.entry?, &sealed.seal.salts));
        let (Some(path), Some(mut leaf)) = (path, leaf) else {
            return Ok(None);
        };
        leaf.close_unless(open);
        let line = Line::of_entry(seal.position, leaf.hash(practice), &leaf);
        let mut bytes = line.bytes();
        bytes.pop();
        let proof = AuditProof {
            format: FORMAT.to_owned(),
            entry: String::from_utf8(bytes).map_err(|error| StoreError::Failed(error.to_string()))?,
            path,
            checkpoint: note,
        };
        let root_holds = verify_inclusion(
            &leaf.hash(practice),
            seal.position,
            head.size,
            &head.root,
            &proof.path,
        );
        Ok(root_holds.then_some(proof))
    }
}
