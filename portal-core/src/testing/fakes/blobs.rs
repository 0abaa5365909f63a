use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream;

use super::FixedClock;
use crate::testing::lock;
use crate::{
    BlobError, BlobKey, BlobStream, BlobWriter, Blobs, Clock, Digest, PracticeId, Stored, Timestamp,
};

/// Blobs in memory, with faults to order. Clones are the same storage.
///
/// A writer that is dropped leaves its bytes behind as an unfinished write, just as a crash leaves a half-written
/// file: it cannot be opened, and [`Blobs::discard_unfinished`] sweeps it. Of a blob written in several goes a dropped
/// writer leaves what it had made durable, and no byte more.
#[derive(Debug, Clone, Default)]
pub struct MemoryBlobs {
    clock: FixedClock,
    held: Arc<Mutex<Held>>,
}

#[derive(Debug, Default)]
struct Held {
    finished: BTreeMap<BlobKey, (Timestamp, Bytes)>,
    unfinished: BTreeMap<u64, (Timestamp, BlobKey)>,
    parts: BTreeMap<BlobKey, Bytes>,
    locked: BTreeSet<BlobKey>,
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
        let held = lock(&self.held);
        held.unfinished.len() + held.parts.len()
    }

    /// What is durable of a blob that is written in several goes and not finished.
    #[must_use]
    pub fn part(&self, key: BlobKey) -> Option<Bytes> {
        lock(&self.held).parts.get(&key).cloned()
    }

    /// Loses a blob, finished or not, as a broken disk would.
    pub fn lose(&self, key: BlobKey) {
        let mut held = lock(&self.held);
        held.finished.remove(&key);
        held.parts.remove(&key);
    }

    fn faulty(&self, written: usize) -> Result<(), BlobError> {
        let written = u64::try_from(written).unwrap_or(u64::MAX);
        match &lock(&self.held).fault {
            Some(fault) if written > fault.after_bytes => Err(fault.error.clone()),
            _ => Ok(()),
        }
    }
}

fn stored(bytes: &[u8]) -> Stored {
    Stored {
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256: Digest::of(bytes),
    }
}

/// Keeps the first `length` bytes.
fn cut(bytes: &mut BytesMut, length: u64) -> Result<(), BlobError> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if bytes.len() < length {
        return Err(BlobError::Missing);
    }
    bytes.truncate(length);
    Ok(())
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
        self.blobs.faulty(self.bytes.len())
    }

    async fn sync(&mut self) -> Result<(), BlobError> {
        Ok(())
    }

    async fn cut(&mut self, length: u64) -> Result<(), BlobError> {
        cut(&mut self.bytes, length)
    }

    async fn finish(self: Box<Self>) -> Result<Stored, BlobError> {
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
        let stored = stored(&bytes);
        held.finished.insert(key, (now, bytes.freeze()));
        Ok(stored)
    }

    async fn abort(self: Box<Self>) -> Result<(), BlobError> {
        lock(&self.blobs.held).unfinished.remove(&self.number);
        Ok(())
    }
}

/// Holds a blob that is written in several goes.
struct Holder {
    blobs: MemoryBlobs,
    key: BlobKey,
    bytes: BytesMut,
}

#[async_trait]
impl BlobWriter for Holder {
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        self.bytes.extend_from_slice(&bytes);
        self.blobs.faulty(self.bytes.len())
    }

    async fn sync(&mut self) -> Result<(), BlobError> {
        let durable = self.bytes.clone().freeze();
        lock(&self.blobs.held).parts.insert(self.key, durable);
        Ok(())
    }

    async fn cut(&mut self, length: u64) -> Result<(), BlobError> {
        cut(&mut self.bytes, length)?;
        self.sync().await
    }

    async fn finish(self: Box<Self>) -> Result<Stored, BlobError> {
        let now = self.blobs.clock.now();
        let mut held = lock(&self.blobs.held);
        held.parts.remove(&self.key);
        let bytes = self.bytes.clone().freeze();
        let stored = stored(&bytes);
        held.finished.entry(self.key).or_insert((now, bytes));
        Ok(stored)
    }

    async fn abort(self: Box<Self>) -> Result<(), BlobError> {
        lock(&self.blobs.held).parts.remove(&self.key);
        Ok(())
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        lock(&self.blobs.held).locked.remove(&self.key);
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

    async fn hold(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        let mut held = lock(&self.held);
        if !held.locked.insert(key) {
            return Err(BlobError::Busy);
        }
        let finished = held.finished.get(&key).map(|(_, bytes)| bytes.clone());
        let bytes = match finished {
            Some(bytes) => bytes,
            None => held.parts.entry(key).or_default().clone(),
        };
        Ok(Box::new(Holder {
            blobs: self.clone(),
            key,
            bytes: BytesMut::from(&*bytes),
        }))
    }

    async fn unfinished(&self, practice: PracticeId) -> Result<Vec<BlobKey>, BlobError> {
        let held = lock(&self.held);
        let of_practice = held.parts.keys().filter(|key| key.practice == practice);
        Ok(of_practice.copied().collect())
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
        lock(&self.held).finished.remove(&key);
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
