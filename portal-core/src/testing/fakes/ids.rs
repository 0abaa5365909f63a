use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use crate::{Digest, Ids};

/// Ids and "random" bits that are the same in each run: they follow from a seed and a count.
///
/// Ids sort in the order in which they were made, as `UUIDv7` does. **Not for secrets**: anybody can work them out.
/// Clones go on counting together; sources of different seeds never give out the same id.
#[derive(Debug, Clone, Default)]
pub struct CountingIds {
    seed: u64,
    count: Arc<AtomicU64>,
}

impl CountingIds {
    /// A source that begins to count.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            count: Arc::default(),
        }
    }

    /// The next id, as the type that is wanted.
    #[must_use]
    pub fn id<T: From<Uuid>>(&self) -> T {
        T::from(self.uuid())
    }

    /// The next number, from 0, counted together with ids and bits.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.next()
    }

    fn next(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }
}

impl Ids for CountingIds {
    fn uuid(&self) -> Uuid {
        // The count stands where `UUIDv7` has its milliseconds; 2 March 2026 in the sequence of real ids.
        let millis = 1_772_452_800_000 + self.next();
        let mut tail = [0; 10];
        let (_, low) = tail.split_at_mut(2);
        low.copy_from_slice(&self.seed.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    fn random(&self) -> [u8; 32] {
        let mut bytes = b"not random".to_vec();
        bytes.extend(self.seed.to_be_bytes());
        bytes.extend(self.next().to_be_bytes());
        Digest::of(&bytes).0
    }
}
