use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use portal_core::BlobKey;
use sha2::Sha256;

/// How many are kept: a few hundred bytes each, so that many uploads can pause at once.
const MOST: usize = 4_096;

/// The hashes of unfinished files as far as these are written, so that a file need not be read again when its next bytes
/// come to the same process. What is not here any more is hashed anew from the disk when the file is finished.
#[derive(Debug, Clone, Default)]
pub(super) struct Hashes(Arc<Mutex<VecDeque<(BlobKey, Written)>>>);

/// A file's first bytes, and when they were last written: another process may have written others since.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) length: u64,
    pub(super) at: SystemTime,
    pub(super) hash: Sha256,
}

impl Hashes {
    /// Keeps what is written of `key`, in the place of what was before.
    pub(super) fn keep(&self, key: BlobKey, written: Written) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(of, _)| *of != key);
        if kept.len() >= MOST {
            kept.pop_front();
        }
        kept.push_back((key, written));
    }

    /// What was written of `key`; it is not kept any longer.
    pub(super) fn take(&self, key: BlobKey) -> Option<Written> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().rposition(|(of, _)| *of == key)?;
        kept.remove(at).map(|(_, written)| written)
    }
}
