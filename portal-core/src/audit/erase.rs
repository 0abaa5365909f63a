//! Erasing what is personal in sealed entries, which leaves every leaf, proof and root as it was.

use uuid::Uuid;

use super::leaf::{facts, without};
use super::{AuditEntry, Commitment, Fact, Leaf, Salts, Seal};
use crate::{AccessId, ClientId};

/// An entry without what was erased, and its seal without the salts that would let somebody try values out.
#[derive(Debug, Clone, PartialEq)]
pub struct Erasure {
    /// The entry as it is from now on.
    pub entry: AuditEntry,
    /// Its seal as it is from now on.
    pub seal: Seal,
}

/// Erases the facts of `entry` whose names (`detail.reason`, `origin.ip`, ..) `erased` chooses. `None` when there is
/// nothing to erase, or the entry is not the one that was sealed.
#[must_use]
pub fn erase(entry: &AuditEntry, seal: &Seal, erased: impl Fn(&str) -> bool) -> Option<Erasure> {
    let leaf = Leaf::of(entry, &seal.salts)?;
    let mut any = false;
    let fact = |commitment: &Commitment| match commitment {
        Commitment::Open { name, .. } if erased(name) => {
            any = true;
            Fact::Erased(commitment.digest())
        }
        Commitment::Open { name, salt, .. } => Fact::Kept(name.clone(), *salt),
        Commitment::Closed(digest) => Fact::Erased(*digest),
    };
    let facts = leaf.commitments.iter().map(fact).collect();
    any.then(|| Erasure {
        entry: without(entry.clone(), &erased),
        seal: Seal {
            salts: Salts::Each(facts),
            ..seal.clone()
        },
    })
}

/// The records that are a client's own: what is done to them is told of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnRecords {
    /// The client.
    pub client: ClientId,
    /// Their portal accesses, revoked ones too: whoever asks for a link or signs in does it to one of these.
    pub accesses: Vec<AccessId>,
}

impl OwnRecords {
    /// Their ids, as entries name them.
    pub fn subjects(&self) -> impl Iterator<Item = Uuid> {
        std::iter::once(self.client.0).chain(self.accesses.iter().map(|access| access.0))
    }

    /// Whether a fact of `entry` tells of the client: from where they acted, or somebody did who may be they (who asked for a link to
    /// their workspace, or failed to come in), and every detail of what they did or of what was done to a record of theirs. From
    /// where staff acted is told of staff and stays.
    ///
    /// What proves an answer to an approval tells nothing of anybody and stays: the hash of what was shown and that of the evidence.
    /// So does the account of an erasure.
    #[must_use]
    pub fn are_told_of(&self, entry: &AuditEntry, fact: &str) -> bool {
        let acted = entry.client_id == Some(self.client);
        let done_to = self.subjects().any(|id| id == entry.subject_id);
        if fact.starts_with("origin.") {
            let is_anyones = entry.actor_kind == "anyone" && done_to;
            return entry.staff_id.is_none() && (acted || is_anyones);
        }
        let proves = entry.subject_kind == "approval" && PROVING.contains(&fact);
        let accounts = entry.action == Self::ERASED;
        (acted || done_to) && !proves && !accounts
    }

    /// Whether anything in `entry` tells of the client.
    #[must_use]
    pub fn are_told_of_in(&self, entry: &AuditEntry) -> bool {
        facts(entry).keys().any(|fact| self.are_told_of(entry, fact))
    }

    /// The action of the entry that an erasure leaves.
    pub const ERASED: &str = "audit.erased";
}

/// What ties the evidence of an answer to its entry.
const PROVING: [&str; 2] = ["detail.sha256", "detail.evidence"];
