//! Files' bytes in a folder.
//!
//! ```text
//! ROOT/tmp/PRACTICE.ID      being written in one go
//! ROOT/parts/PRACTICE/ID    being written in several goes; who holds it has locked it
//! ROOT/PRACTICE/ID          finished: renamed to here once every byte is on the disk
//! ```
//!
//! Paths are made of UUIDs only, so nothing a person typed can lead out of the folder. Files are written and hashed on
//! blocking threads, a quarter of a megabyte at a time, while the next bytes are received: a transfer holds two such pieces
//! in memory, and no thread while it waits for the network.

mod hashes;
mod hold;
mod reading;
#[cfg(test)]
mod tests;
mod work;
mod writer;

use std::fs::Metadata;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use portal_core::{BlobError, BlobKey, BlobStream, BlobWriter, Blobs, PracticeId, Timestamp};
use tokio::fs;

use hashes::Hashes;
use work::Work;
use writer::{FileWriter, Hands, Place};

/// [`Blobs`] in a folder of the local file system.
#[derive(Debug, Clone)]
pub struct FileBlobs {
    root: Arc<Path>,
    hashes: Hashes,
    hands: Hands,
}

impl FileBlobs {
    /// Opens the folder `root`, which is made when it is not there.
    pub async fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let blobs = Self {
            root: root.into().into(),
            hashes: Hashes::default(),
            hands: Hands::default(),
        };
        let (one_go, parts) = (blobs.one_go(), blobs.root.join("parts"));
        in_background(move || {
            make_folder(&one_go)?;
            make_folder(&parts)
        })
        .await?;
        Ok(blobs)
    }

    /// Where the files lie that are written in one go.
    fn one_go(&self) -> PathBuf {
        self.root.join("tmp")
    }

    /// Where the files of a practice lie that are written in several goes.
    fn parts(&self, practice: PracticeId) -> PathBuf {
        self.root.join("parts").join(practice.to_string())
    }

    fn folder(&self, practice: PracticeId) -> PathBuf {
        self.root.join(practice.to_string())
    }

    fn path(&self, key: BlobKey) -> PathBuf {
        self.folder(key.practice).join(key.id.to_string())
    }

    fn place(&self, key: BlobKey, unfinished: PathBuf) -> Place {
        Place {
            unfinished,
            folder: self.folder(key.practice),
            root: self.root.to_path_buf(),
            target: self.path(key),
        }
    }
}

/// Runs what may wait for a disk where waiting harms nobody.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Makes a folder that only the server's own user can read.
fn make_folder(path: &Path) -> io::Result<()> {
    let mut folder = std::fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)
}

/// Makes the names in a folder durable: a new name alone may be lost when the power fails.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        std::fs::File::open(path)?.sync_all()?;
    }
    Ok(())
}

/// How files are opened that are written: by the server's own user alone.
fn writable() -> std::fs::OpenOptions {
    let mut options = std::fs::File::options();
    options.read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is the shape that `map_err` takes"
)]
fn blob_error(error: io::Error) -> BlobError {
    match error.kind() {
        io::ErrorKind::NotFound => BlobError::Missing,
        io::ErrorKind::WouldBlock => BlobError::Busy,
        // A file system that takes no file as large, or a limit set for the process, is no room either.
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            BlobError::Full
        }
        _ => BlobError::Failed(error.to_string()),
    }
}

/// A file could not be made: its folder is missing, not its bytes.
fn not_made(error: io::Error) -> BlobError {
    match error.kind() {
        io::ErrorKind::NotFound => BlobError::Failed("the folder of unfinished files is gone".into()),
        _ => blob_error(error),
    }
}

/// When a file was last written, on the file system's clock.
fn written_at(metadata: &Metadata) -> io::Result<Timestamp> {
    Ok(Timestamp::new(metadata.modified()?.into()))
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The files in a folder whose names are ids, with what the file system says of each.
async fn files(folder: PathBuf) -> Result<Vec<(uuid::Uuid, Metadata)>, BlobError> {
    let mut found = Vec::new();
    let mut entries = match fs::read_dir(folder).await {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries.map_err(blob_error)?,
    };
    while let Some(entry) = entries.next_entry().await.map_err(blob_error)? {
        let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        match entry.metadata().await {
            Ok(metadata) => found.push((id, metadata)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(blob_error(error)),
            Err(_) => {}
        }
    }
    Ok(found)
}

#[async_trait]
impl Blobs for FileBlobs {
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        let unfinished = self.one_go().join(format!("{}.{}", key.practice, key.id));
        let path = unfinished.clone();
        let file = in_background(move || writable().create_new(true).open(path))
            .await
            .map_err(not_made)?;
        let place = self.place(key, unfinished);
        let (work, hands) = (Work::begin(file), self.hands.clone());
        Ok(Box::new(FileWriter::in_one_go(work, place, hands)))
    }

    async fn hold(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        let parts = self.parts(key.practice);
        let unfinished = parts.join(key.id.to_string());
        let (path, finished) = (unfinished.clone(), self.path(key));
        let work = in_background(move || hold::hold(&parts, &path, &finished))
            .await
            .map_err(not_made)?;
        let place = self.place(key, unfinished);
        let (hands, hashes) = (self.hands.clone(), self.hashes.clone());
        Ok(Box::new(FileWriter::held(work, place, hands, (key, hashes))))
    }

    async fn unfinished(&self, practice: PracticeId) -> Result<Vec<BlobKey>, BlobError> {
        let files = files(self.parts(practice)).await?;
        Ok(files
            .into_iter()
            .map(|(id, _)| BlobKey { practice, id })
            .collect())
    }

    async fn open(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<BlobStream, BlobError> {
        reading::open(self.path(key), range).await.map_err(blob_error)
    }

    async fn delete(&self, key: BlobKey) -> Result<(), BlobError> {
        let path = self.path(key);
        in_background(move || remove(&path)).await.map_err(blob_error)
    }

    async fn written_before(
        &self,
        practice: PracticeId,
        before: Timestamp,
    ) -> Result<Vec<BlobKey>, BlobError> {
        let mut found = Vec::new();
        for (id, metadata) in files(self.folder(practice)).await? {
            if written_at(&metadata).map_err(blob_error)? < before {
                found.push(BlobKey { practice, id });
            }
        }
        Ok(found)
    }

    /// Goes by when a write was last continued, so that a long one under way is left alone.
    async fn discard_unfinished(&self, before: Timestamp) -> Result<u64, BlobError> {
        let mut discarded = 0;
        let mut entries = fs::read_dir(self.one_go()).await.map_err(blob_error)?;
        while let Some(entry) = entries.next_entry().await.map_err(blob_error)? {
            let at = entry.metadata().await.and_then(|metadata| written_at(&metadata));
            if at.is_ok_and(|at| at < before) {
                let path = entry.path();
                in_background(move || remove(&path)).await.map_err(blob_error)?;
                discarded += 1;
            }
        }
        Ok(discarded)
    }

    async fn check(&self) -> Result<(), BlobError> {
        let path = self.one_go().join(format!("check.{}", std::process::id()));
        in_background(move || {
            std::fs::write(&path, b"ok")?;
            remove(&path)
        })
        .await
        .map_err(not_made)
    }
}
