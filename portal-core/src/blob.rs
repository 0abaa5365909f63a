//! The port to where files' bytes lie.

use std::fmt;
use std::ops::Range;
use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use uuid::Uuid;

use crate::{PracticeId, Timestamp};

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

/// Why bytes could not be stored or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// There are no such bytes.
    #[error("the file's bytes are missing")]
    Missing,
    /// There is no room left.
    #[error("the file storage is full")]
    Full,
    /// Anything else; the text is for the log.
    #[error("the file storage failed: {0}")]
    Failed(String),
}

/// A blob being written. Dropped without [`finish`](BlobWriter::finish), it leaves nothing that can be opened.
#[async_trait]
pub trait BlobWriter: Send {
    /// Appends `bytes`.
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError>;
    /// Makes the blob durable and lets it be opened.
    async fn finish(self: Box<Self>) -> Result<(), BlobError>;
    /// Throws away what was written.
    async fn abort(self: Box<Self>) -> Result<(), BlobError>;
}

/// Where files' bytes lie.
#[async_trait]
pub trait Blobs: Send + Sync {
    /// Begins a new blob.
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError>;
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
    /// Throws away unfinished writes begun before `before`; answers how many.
    async fn discard_unfinished(&self, before: Timestamp) -> Result<u64, BlobError>;
    /// Whether blobs can be written at the moment.
    async fn check(&self) -> Result<(), BlobError>;
}
