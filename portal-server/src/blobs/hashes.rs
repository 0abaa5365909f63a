use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use portal_core::BlobKey;
use sha2::Sha256;

/// How many are kept: a hundred bytes each, so that many uploads can pause at once.
const MOST: usize = 4_096;

/// The hashes of unfinished files as far as these are written, so that a file need not be read again when its next bytes
/// come to the same process. What is not here any more is hashed anew from the disk when the file is finished.
#[derive(Debug, Clone, Default)]
pub(super) struct Hashes(Arc<Mutex<VecDeque<Begun>>>);

#[derive(Debug)]
struct Begun {
    key: BlobKey,
    length: u64,
    hash: Sha256,
}

impl Hashes {
    /// Keeps the hash of the first `length` bytes of `key`.
    pub(super) fn keep(&self, key: BlobKey, length: u64, hash: Sha256) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back(Begun { key, length, hash });
    }

    /// The hash of the first `length` bytes of `key`, which is not kept any longer.
    pub(super) fn take(&self, key: BlobKey, length: u64) -> Option<Sha256> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().rposition(|begun| begun.key == key)?;
        let begun = kept.remove(at)?;
        (begun.length == length).then_some(begun.hash)
    }
}
