//! Erasing what is personal in sealed entries, which leaves every leaf, proof and root as it was.

use super::leaf::without;
use super::{AuditEntry, Commitment, Fact, Leaf, Salts, Seal};
use crate::ClientId;

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

/// Whether a fact of `entry` tells of `client`: from where they acted, and every detail of what they did or of what was done to
/// their own record. From where staff acted is told of staff and stays.
#[must_use]
pub fn tells_of(client: ClientId, entry: &AuditEntry, fact: &str) -> bool {
    let acted = entry.client_id == Some(client);
    let concerned = acted || entry.subject_id == client.0;
    if fact.starts_with("origin.") {
        acted && entry.staff_id.is_none()
    } else {
        concerned
    }
}
