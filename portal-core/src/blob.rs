//! The port to where files' bytes lie.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use uuid::Uuid;

use crate::{Digest, PracticeId, Timestamp};

/// The opaque address of a stored file. Nothing a person typed is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobKey {
    /// The practice that the file belongs to.
    pub practice: PracticeId,
    /// The blob.
    pub id: Uuid,
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.practice, self.id)
    }
}

/// A file's bytes as they come.
pub type BlobStream = Pin<Box<dyn Stream<Item = Result<Bytes, BlobError>> + Send>>;

/// What a finished blob is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of all of its bytes.
    pub sha256: Digest,
}

/// Why bytes could not be stored or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// There are no such bytes.
    #[error("the file's bytes are missing")]
    Missing,
    /// There is no room left.
    #[error("the file storage is full")]
    Full,
    /// Another writer holds the blob.
    #[error("the file is being written by somebody else")]
    Busy,
    /// Anything else; the text is for the log.
    #[error("the file storage failed: {0}")]
    Failed(String),
}

/// A blob being written. It cannot be opened before it is [finished](BlobWriter::finish).
///
/// After an error only [`cut`](BlobWriter::cut) and [`abort`](BlobWriter::abort) make sense.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends `bytes`. They may wait in memory, in bounded number, so that a failure may be told by a later call.
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError>;
    /// Makes all that was written so far durable: it is still there after the process was killed or the power failed.
    async fn sync(&mut self) -> Result<(), BlobError>;
    /// Forgets everything after the first `length` bytes and goes on behind them. `Missing` when there are fewer.
    async fn cut(&mut self, length: u64) -> Result<(), BlobError>;
    /// Makes the blob durable, lets it be opened, and tells what it is.
    async fn finish(self: Box<Self>) -> Result<Stored, BlobError>;
    /// Throws away what was written.
    async fn abort(self: Box<Self>) -> Result<(), BlobError>;
}

/// Where files' bytes lie.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Begins a new blob that is written in one go: dropped before it is finished, it leaves nothing that can be opened.
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError>;
    /// Takes hold of a blob that is written in several goes: begins it, or goes on with it, where its last writer, in
    /// this process or one that was killed, left it. Dropped, it stays.
    ///
    /// The caller [cuts](BlobWriter::cut) it to what it knows to be there before it writes. A blob that is finished
    /// already can be held and finished once more, which changes nothing; it cannot be shortened.
    ///
    /// # Errors
    /// `Busy` while another writer, of whatever process, holds it.
    async fn hold(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError>;
    /// The blobs of a practice that are written in several goes and not finished.
    async fn unfinished(&self, practice: PracticeId) -> Result<Vec<BlobKey>, BlobError>;
    /// Opens a blob, or the part of it in `range` (bytes).
    async fn open(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<BlobStream, BlobError>;
    /// Deletes a blob; deleting what is not there is no error.
    async fn delete(&self, key: BlobKey) -> Result<(), BlobError>;
    /// The finished blobs of a practice last written before `before`: what a sweep looks through.
    async fn written_before(
        &self,
        practice: PracticeId,
        before: Timestamp,
    ) -> Result<Vec<BlobKey>, BlobError>;
    /// Throws away what was begun before `before` to be written in one go, and never finished; answers how many.
    async fn discard_unfinished(&self, before: Timestamp) -> Result<u64, BlobError>;
    /// Whether blobs can be written at the moment.
    async fn check(&self) -> Result<(), BlobError>;
}
