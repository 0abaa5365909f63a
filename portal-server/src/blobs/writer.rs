use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use portal_core::{BlobError, BlobKey, BlobWriter, Stored};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use super::hashes::{Hashes, Written};
use super::work::Work;
use super::{blob_error, in_background, remove};

/// How many bytes go to the disk at a time: enough that the way there costs next to nothing.
pub(super) const PIECE: usize = 256 * 1024;

/// Where a file is written, and where it lies afterwards.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) unfinished: PathBuf,
    pub(super) folder: PathBuf,
    pub(super) root: PathBuf,
    pub(super) target: PathBuf,
}

/// Fills one piece while the one before it is hashed and written.
pub(super) struct FileWriter {
    filling: Vec<u8>,
    disk: Disk,
    place: Place,
    kept: Kept,
    hands: Hands,
}

/// How many pieces are hashed and written at once, by all writers together: as many as there are processors, so that many
/// uploads leave the pages their share.
#[derive(Debug, Clone)]
pub(super) struct Hands(Arc<Semaphore>);

impl Default for Hands {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self(Arc::new(Semaphore::new(processors.max(2))))
    }
}

/// Whether the disk has something to do.
enum Disk {
    Idle(Box<Work>),
    Writing(JoinHandle<(Box<Work>, io::Result<()>)>),
    /// Its thread panicked, or the file is done with.
    Gone,
}

/// What becomes of the file when its writer is dropped.
#[derive(Clone)]
enum Kept {
    /// It is removed.
    Not,
    /// It stays, and this is where its hash waits for the next writer.
    For(BlobKey, Hashes),
}

impl Kept {
    fn recall(&self) -> Option<Written> {
        match self {
            Self::For(key, hashes) => hashes.take(*key),
            Self::Not => None,
        }
    }

    fn note(&self, work: &Work) -> io::Result<()> {
        if let (Self::For(key, hashes), Some(written)) = (self, work.written()?) {
            hashes.keep(*key, written);
        }
        Ok(())
    }
}

impl FileWriter {
    pub(super) fn in_one_go(work: Work, place: Place, hands: Hands) -> Self {
        Self::new(work, place, hands, Kept::Not)
    }

    pub(super) fn held(work: Work, place: Place, hands: Hands, (key, hashes): (BlobKey, Hashes)) -> Self {
        Self::new(work, place, hands, Kept::For(key, hashes))
    }

    fn new(work: Work, place: Place, hands: Hands, kept: Kept) -> Self {
        Self {
            filling: Vec::new(),
            disk: Disk::Idle(Box::new(work)),
            place,
            kept,
            hands,
        }
    }

    /// Waits until the disk has nothing to do, and tells how it went. It does not matter where waiting is broken off.
    async fn settle(&mut self) -> io::Result<()> {
        let Disk::Writing(writing) = &mut self.disk else {
            return Ok(());
        };
        let (disk, outcome) = match writing.await {
            Ok((work, outcome)) => (Disk::Idle(work), outcome),
            Err(error) => (Disk::Gone, Err(io::Error::other(error))),
        };
        self.disk = disk;
        outcome
    }

    /// Gives the disk what was filled, and something to do with it.
    async fn hand_over(
        &mut self,
        todo: impl FnOnce(&mut Work) -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        self.settle().await?;
        let Disk::Idle(mut work) = std::mem::replace(&mut self.disk, Disk::Gone) else {
            return Err(io::Error::other("the file was lost before"));
        };
        std::mem::swap(&mut self.filling, &mut work.piece);
        self.disk = Disk::Writing(tokio::task::spawn_blocking(move || {
            let outcome = todo(&mut work);
            (work, outcome)
        }));
        Ok(())
    }
}

#[async_trait]
impl BlobWriter for FileWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        let mut rest = &*bytes;
        while !rest.is_empty() {
            if self.filling.capacity() == 0 {
                // Most files are smaller than a piece.
                self.filling.reserve(rest.len().min(PIECE));
            }
            let (now, later) = rest.split_at(rest.len().min(PIECE - self.filling.len()));
            self.filling.extend_from_slice(now);
            rest = later;
            if self.filling.len() == PIECE {
                // Only a writer whose last piece is done waits for a hand.
                self.settle().await.map_err(blob_error)?;
                let hand = Arc::clone(&self.hands.0).acquire_owned().await;
                let append = move |work: &mut Work| {
                    let _hand = hand;
                    work.append()
                };
                self.hand_over(append).await.map_err(blob_error)?;
            }
        }
        Ok(())
    }

    async fn sync(&mut self) -> Result<(), BlobError> {
        let kept = self.kept.clone();
        let sync = move |work: &mut Work| {
            work.sync()?;
            kept.note(work)
        };
        self.hand_over(sync).await.map_err(blob_error)?;
        self.settle().await.map_err(blob_error)
    }

    async fn cut(&mut self, length: u64) -> Result<(), BlobError> {
        // Whatever failed before, it is cut off.
        let _ = self.settle().await;
        self.filling.clear();
        let kept = self.kept.clone();
        let cut = move |work: &mut Work| {
            work.cut(length, kept.recall())?;
            kept.note(work)
        };
        self.hand_over(cut).await.map_err(blob_error)?;
        self.settle().await.map_err(blob_error)
    }

    async fn finish(mut self: Box<Self>) -> Result<Stored, BlobError> {
        self.settle().await.map_err(blob_error)?;
        let Disk::Idle(mut work) = std::mem::replace(&mut self.disk, Disk::Gone) else {
            return Err(BlobError::Failed("the file was lost before".into()));
        };
        std::mem::swap(&mut self.filling, &mut work.piece);
        let place = self.place.clone();
        let (stored, work) = in_background(move || Ok((work.finish(&place), work)))
            .await
            .map_err(blob_error)?;
        // Not before it is known how it ended: the file is locked, and is removed if it was to be.
        drop(work);
        if stored.is_ok() {
            self.place.unfinished = PathBuf::new();
        }
        stored.map_err(blob_error)
    }

    async fn abort(mut self: Box<Self>) -> Result<(), BlobError> {
        let _ = self.settle().await;
        drop(self.kept.recall());
        let path = std::mem::take(&mut self.place.unfinished);
        in_background(move || remove(&path)).await.map_err(blob_error)
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.place.unfinished);
        if matches!(self.kept, Kept::For(..)) || path.as_os_str().is_empty() {
            return;
        }
        // What cannot be removed now is removed by the sweep.
        let remove = move || drop(std::fs::remove_file(path));
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn_blocking(remove)),
            Err(_) => remove(),
        }
    }
}
