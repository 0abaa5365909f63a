use std::io;
use std::path::PathBuf;

use async_trait::async_trait;
use bytes::Bytes;
use portal_core::{BlobError, BlobKey, BlobWriter, Stored};
use tokio::task::JoinHandle;

use super::hashes::Hashes;
use super::work::Work;
use super::{blob_error, in_background, remove};

/// How many bytes go to the disk at a time: enough that the way there costs next to nothing.
pub(super) const PIECE: usize = 512 * 1024;

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
}

/// Whether the disk has something to do.
enum Disk {
    Idle(Box<Work>),
    Writing(JoinHandle<(Box<Work>, io::Result<()>)>),
    /// Its thread panicked, or the file is done with.
    Gone,
}

/// What becomes of the file when its writer is dropped.
enum Kept {
    /// It is removed.
    Not,
    /// It stays, and this is where its hash waits for the next writer.
    For(BlobKey, Hashes),
}

impl FileWriter {
    pub(super) fn in_one_go(work: Work, place: Place) -> Self {
        Self::new(work, place, Kept::Not)
    }

    pub(super) fn held(work: Work, place: Place, key: BlobKey, hashes: Hashes) -> Self {
        Self::new(work, place, Kept::For(key, hashes))
    }

    fn new(work: Work, place: Place, kept: Kept) -> Self {
        Self {
            filling: Vec::new(),
            disk: Disk::Idle(Box::new(work)),
            place,
            kept,
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
                self.hand_over(Work::append).await.map_err(blob_error)?;
            }
        }
        Ok(())
    }

    async fn sync(&mut self) -> Result<(), BlobError> {
        self.hand_over(Work::sync).await.map_err(blob_error)?;
        self.settle().await.map_err(blob_error)?;
        if let (Kept::For(key, hashes), Disk::Idle(work)) = (&self.kept, &self.disk)
            && let Some(hash) = &work.hash
        {
            hashes.take(*key, 0);
            hashes.keep(*key, work.length, hash.clone());
        }
        Ok(())
    }

    async fn cut(&mut self, length: u64) -> Result<(), BlobError> {
        // Whatever failed before, it is cut off.
        let _ = self.settle().await;
        self.filling.clear();
        let hash = match &self.kept {
            Kept::For(key, hashes) => hashes.take(*key, length),
            Kept::Not => None,
        };
        self.hand_over(move |work| work.cut(length, hash))
            .await
            .map_err(blob_error)?;
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
        if let Kept::For(key, hashes) = &self.kept {
            hashes.take(*key, 0);
        }
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
