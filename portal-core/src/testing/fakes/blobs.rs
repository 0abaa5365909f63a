use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream;

use super::FixedClock;
use crate::testing::lock;
use crate::{BlobError, BlobKey, BlobStream, BlobWriter, Blobs, Clock, PracticeId, Timestamp};

/// Blobs in memory, with faults to order. Clones are the same storage.
///
/// A writer that is dropped leaves its bytes behind as an unfinished write, just as a crash leaves a half-written
/// file: it cannot be opened, and [`Blobs::discard_unfinished`] sweeps it.
#[derive(Debug, Clone, Default)]
pub struct MemoryBlobs {
    clock: FixedClock,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    finished: BTreeMap<BlobKey, (Timestamp, Bytes)>,
    unfinished: BTreeMap<u64, (Timestamp, BlobKey)>,
    begun: u64,
    fault: Option<Fault>,
}

#[derive(Debug, Clone)]
struct Fault {
    after_bytes: u64,
    error: BlobError,
}

impl MemoryBlobs {
    /// Empty storage whose times come from `clock`.
    #[must_use]
    pub fn new(clock: FixedClock) -> Self {
        Self {
            clock,
            held: Arc::default(),
        }
    }

    /// From now on each blob's writer fails with `error` once it was given more than `after_bytes` bytes
    /// (0: at once, and [`Blobs::check`] fails too). An error of [`BlobError::Full`] is a full disk.
    pub fn fail_after(&self, after_bytes: u64, error: BlobError) {
        lock(&self.held).fault = Some(Fault { after_bytes, error });
    }

    /// Writes work again.
    pub fn mend(&self) {
        lock(&self.held).fault = None;
    }

    /// The finished blobs, in the order of their keys.
    #[must_use]
    pub fn keys(&self) -> Vec<BlobKey> {
        lock(&self.held).finished.keys().copied().collect()
    }

    /// The bytes of a finished blob.
    #[must_use]
    pub fn bytes(&self, key: BlobKey) -> Option<Bytes> {
        lock(&self.held)
            .finished
            .get(&key)
            .map(|(_, bytes)| bytes.clone())
    }

    /// How many writes were begun and neither finished nor aborted.
    #[must_use]
    pub fn unfinished(&self) -> usize {
        lock(&self.held).unfinished.len()
    }

    /// Loses a blob, as a broken disk would.
    pub fn lose(&self, key: BlobKey) {
        lock(&self.held).finished.remove(&key);
    }
}

struct Writer {
    blobs: MemoryBlobs,
    number: u64,
    key: BlobKey,
    bytes: BytesMut,
}

#[async_trait]
impl BlobWriter for Writer {
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        self.bytes.extend_from_slice(&bytes);
        let written = u64::try_from(self.bytes.len()).unwrap_or(u64::MAX);
        match &lock(&self.blobs.held).fault {
            Some(fault) if written > fault.after_bytes => Err(fault.error.clone()),
            _ => Ok(()),
        }
    }

    async fn finish(self: Box<Self>) -> Result<(), BlobError> {
        let Self {
            blobs,
            number,
            key,
            bytes,
        } = *self;
        let now = blobs.clock.now();
        let mut held = lock(&blobs.held);
        if held.unfinished.remove(&number).is_none() {
            return Err(BlobError::Missing);
        }
        held.finished.insert(key, (now, bytes.freeze()));
        Ok(())
    }

    async fn abort(self: Box<Self>) -> Result<(), BlobError> {
        lock(&self.blobs.held).unfinished.remove(&self.number);
        Ok(())
    }
}

/// How many bytes a chunk of a read has: small, so that readers meet several.
const CHUNK: usize = 16 << 10;

#[async_trait]
impl Blobs for MemoryBlobs {
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        let now = self.clock.now();
        let mut held = lock(&self.held);
        held.begun += 1;
        let number = held.begun;
        held.unfinished.insert(number, (now, key));
        Ok(Box::new(Writer {
            blobs: self.clone(),
            number,
            key,
            bytes: BytesMut::new(),
        }))
    }

    async fn open(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<BlobStream, BlobError> {
        let whole = self.bytes(key).ok_or(BlobError::Missing)?;
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(whole.len());
        let mut rest = match range {
            Some(range) => {
                let (start, end) = (place(range.start), place(range.end));
                whole.slice(start..end.max(start))
            }
            None => whole,
        };
        let mut chunks = Vec::new();
        while !rest.is_empty() {
            chunks.push(Ok(rest.split_to(rest.len().min(CHUNK))));
        }
        Ok(Box::pin(stream::iter(chunks)))
    }

    async fn delete(&self, key: BlobKey) -> Result<(), BlobError> {
        self.lose(key);
        Ok(())
    }

    async fn written_before(
        &self,
        practice: PracticeId,
        before: Timestamp,
    ) -> Result<Vec<BlobKey>, BlobError> {
        let held = lock(&self.held);
        let old = held
            .finished
            .iter()
            .filter(|(key, (at, _))| key.practice == practice && *at < before);
        Ok(old.map(|(key, _)| *key).collect())
    }

    async fn discard_unfinished(&self, before: Timestamp) -> Result<u64, BlobError> {
        let mut held = lock(&self.held);
        let had = held.unfinished.len();
        held.unfinished.retain(|_, (begun, _)| *begun >= before);
        Ok(u64::try_from(had - held.unfinished.len()).unwrap_or(u64::MAX))
    }

    async fn check(&self) -> Result<(), BlobError> {
        match &lock(&self.held).fault {
            Some(fault) if fault.after_bytes == 0 => Err(fault.error.clone()),
            _ => Ok(()),
        }
    }
}
