use super::note::VerifierKey;
use super::{Checkpoint, KeptCheckpoint};
use crate::Timestamp;

/// A public key by which a practice's checkpoints are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditKey {
    /// The key.
    pub key: VerifierKey,
    /// The first checkpoint that it signed, as far as one is stored that it did sign: how many entries that was of, and when.
    pub since: Option<(u64, Timestamp)>,
}

impl AuditKey {
    pub(super) fn of(key: VerifierKey, kept: &[KeptCheckpoint]) -> Self {
        let known = std::slice::from_ref(&key);
        let since = kept.iter().find_map(|kept| {
            let (checkpoint, _) = Checkpoint::verify(&kept.note, known).ok()?;
            Some((checkpoint.size, kept.signed_at))
        });
        Self { key, since }
    }
}

/// The checkpoints among `kept` that none of `keys` signed: whoever is given `keys` alone cannot verify an export that has them.
#[must_use]
pub fn keys_not_known<'c>(kept: &'c [KeptCheckpoint], keys: &[VerifierKey]) -> Vec<&'c KeptCheckpoint> {
    kept.iter()
        .filter(|kept| Checkpoint::verify(&kept.note, keys).is_err())
        .collect()
}
