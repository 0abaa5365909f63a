//! Files' bytes in a folder.
//!
//! ```text
//! ROOT/tmp/PRACTICE.ID    being written
//! ROOT/PRACTICE/ID        finished: renamed to here once every byte is on the disk
//! ```
//!
//! Paths are made of UUIDs only, so nothing a person typed can lead out of the folder.

use std::fs::Metadata;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use portal_core::{BlobError, BlobKey, BlobStream, BlobWriter, Blobs, PracticeId, Timestamp};
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio_util::io::ReaderStream;

/// How much is read from the disk at a time.
const CHUNK: usize = 64 * 1024;

/// [`Blobs`] in a folder of the local file system.
#[derive(Debug, Clone)]
pub struct FileBlobs {
    root: PathBuf,
}

impl FileBlobs {
    /// Opens the folder `root`, which is made when it is not there.
    pub async fn open(root: impl Into<PathBuf>) -> io::Result<Self> {
        let blobs = Self { root: root.into() };
        make_folder(&blobs.unfinished()).await?;
        Ok(blobs)
    }

    fn unfinished(&self) -> PathBuf {
        self.root.join("tmp")
    }

    fn folder(&self, practice: PracticeId) -> PathBuf {
        self.root.join(practice.to_string())
    }

    fn path(&self, key: BlobKey) -> PathBuf {
        self.folder(key.practice).join(key.id.to_string())
    }
}

/// Makes a folder that only the server's own user can read.
async fn make_folder(path: &Path) -> io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    folder.mode(0o700);
    folder.create(path).await
}

/// Makes the names in a folder durable: a rename alone may be lost when the power fails.
async fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path).await?.sync_all().await?;
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is the shape that `map_err` takes"
)]
fn blob_error(error: io::Error) -> BlobError {
    match error.kind() {
        io::ErrorKind::NotFound => BlobError::Missing,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => BlobError::Full,
        _ => BlobError::Failed(error.to_string()),
    }
}

/// When a file was last written, on the file system's clock.
fn written_at(metadata: &Metadata) -> io::Result<Timestamp> {
    Ok(Timestamp::new(metadata.modified()?.into()))
}

struct FileWriter {
    file: File,
    unfinished: PathBuf,
    folder: PathBuf,
    root: PathBuf,
    target: PathBuf,
    finished: bool,
}

#[async_trait]
impl BlobWriter for FileWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), BlobError> {
        self.file.write_all(&bytes).await.map_err(blob_error)
    }

    async fn finish(mut self: Box<Self>) -> Result<(), BlobError> {
        let finish = async {
            self.file.flush().await?;
            self.file.sync_all().await?;
            if !fs::try_exists(&self.folder).await? {
                make_folder(&self.folder).await?;
                sync_folder(&self.root).await?;
            }
            fs::rename(&self.unfinished, &self.target).await?;
            self.finished = true;
            sync_folder(&self.folder).await
        };
        finish.await.map_err(blob_error)
    }

    async fn abort(mut self: Box<Self>) -> Result<(), BlobError> {
        self.finished = true;
        remove(&self.unfinished).await
    }
}

impl Drop for FileWriter {
    fn drop(&mut self) {
        if !self.finished {
            // What cannot be removed now is removed by the sweep.
            let path = std::mem::take(&mut self.unfinished);
            let remove = move || drop(std::fs::remove_file(path));
            match tokio::runtime::Handle::try_current() {
                Ok(runtime) => drop(runtime.spawn_blocking(remove)),
                Err(_) => remove(),
            }
        }
    }
}

async fn remove(path: &Path) -> Result<(), BlobError> {
    match fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(blob_error(error)),
        _ => Ok(()),
    }
}

#[async_trait]
impl Blobs for FileBlobs {
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, BlobError> {
        let unfinished = self.unfinished().join(format!("{}.{}", key.practice, key.id));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let file = options
            .open(&unfinished)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => BlobError::Failed("the folder of unfinished files is gone".into()),
                _ => blob_error(error),
            })?;
        Ok(Box::new(FileWriter {
            file,
            unfinished,
            folder: self.folder(key.practice),
            root: self.root.clone(),
            target: self.path(key),
            finished: false,
        }))
    }

    async fn open(&self, key: BlobKey, range: Option<Range<u64>>) -> Result<BlobStream, BlobError> {
        let mut file = File::open(self.path(key)).await.map_err(blob_error)?;
        let range = range.unwrap_or(0..u64::MAX);
        file.seek(io::SeekFrom::Start(range.start))
            .await
            .map_err(blob_error)?;
        let wanted = file.take(range.end.saturating_sub(range.start));
        let stream = ReaderStream::with_capacity(wanted, CHUNK);
        Ok(Box::pin(stream.map(|chunk| chunk.map_err(blob_error))))
    }

    async fn delete(&self, key: BlobKey) -> Result<(), BlobError> {
        remove(&self.path(key)).await
    }

    async fn written_before(
        &self,
        practice: PracticeId,
        before: Timestamp,
    ) -> Result<Vec<BlobKey>, BlobError> {
        let mut found = Vec::new();
        let mut entries = match fs::read_dir(self.folder(practice)).await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            entries => entries.map_err(blob_error)?,
        };
        while let Some(entry) = entries.next_entry().await.map_err(blob_error)? {
            let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            match entry.metadata().await.and_then(|metadata| written_at(&metadata)) {
                Ok(at) if at < before => found.push(BlobKey { practice, id }),
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(blob_error(error)),
                _ => {}
            }
        }
        Ok(found)
    }

    /// Goes by when a write was last continued, so that a long one under way is left alone.
    async fn discard_unfinished(&self, before: Timestamp) -> Result<u64, BlobError> {
        let mut discarded = 0;
        let mut entries = fs::read_dir(self.unfinished()).await.map_err(blob_error)?;
        while let Some(entry) = entries.next_entry().await.map_err(blob_error)? {
            let at = entry.metadata().await.and_then(|metadata| written_at(&metadata));
            if at.is_ok_and(|at| at < before) {
                remove(&entry.path()).await?;
                discarded += 1;
            }
        }
        Ok(discarded)
    }

    async fn check(&self) -> Result<(), BlobError> {
        let path = self.unfinished().join(format!("check.{}", std::process::id()));
        fs::write(&path, b"ok")
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => BlobError::Failed("the folder of unfinished files is gone".into()),
                _ => blob_error(error),
            })?;
        remove(&path).await
    }
}

#[cfg(test)]
mod tests {
    use portal_core::{Clock, Duration, Ids, RandomIds, SystemClock};

    use super::*;

    async fn blobs() -> (tempfile::TempDir, FileBlobs, BlobKey) {
        let folder = tempfile::tempdir().unwrap();
        let blobs = FileBlobs::open(folder.path().join("blobs")).await.unwrap();
        let key = BlobKey {
            practice: RandomIds.uuid().into(),
            id: RandomIds.uuid(),
        };
        (folder, blobs, key)
    }

    async fn store(blobs: &FileBlobs, key: BlobKey, bytes: &[u8]) {
        let mut writer = blobs.create(key).await.unwrap();
        for chunk in bytes.chunks(7_000) {
            writer.write(Bytes::copy_from_slice(chunk)).await.unwrap();
        }
        writer.finish().await.unwrap();
    }

    async fn read(blobs: &FileBlobs, key: BlobKey, range: Option<Range<u64>>) -> Vec<u8> {
        let mut stream = blobs.open(key, range).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = stream.next().await {
            bytes.extend_from_slice(&chunk.unwrap());
        }
        bytes
    }

    fn later() -> Timestamp {
        SystemClock.now() + Duration::hours(1)
    }

    #[tokio::test]
    async fn what_was_written_is_read_whole_and_in_parts() {
        let (_folder, blobs, key) = blobs().await;
        let bytes: Vec<u8> = (0..200_000_u32)
            .map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1])
            .collect();
        store(&blobs, key, &bytes).await;
        assert_eq!(read(&blobs, key, None).await, bytes);
        assert_eq!(
            read(&blobs, key, Some(65_530..65_545)).await,
            &bytes[65_530..65_545]
        );
        assert_eq!(read(&blobs, key, Some(199_990..300_000)).await, &bytes[199_990..]);
        assert_eq!(read(&blobs, key, Some(300_000..300_010)).await, b"");
        blobs.check().await.unwrap();
    }

    #[tokio::test]
    async fn a_write_dropped_half_way_leaves_nothing() {
        let (folder, blobs, key) = blobs().await;
        let mut writer = blobs.create(key).await.unwrap();
        writer.write(Bytes::from_static(b"half a pass")).await.unwrap();
        drop(writer);
        assert_eq!(blobs.open(key, None).await.err(), Some(BlobError::Missing));
        assert_eq!(blobs.written_before(key.practice, later()).await.unwrap(), []);
        // The removal runs on a blocking thread: the sweep finds either the file or nothing, and then it is gone.
        blobs.discard_unfinished(later()).await.unwrap();
        let left = std::fs::read_dir(folder.path().join("blobs/tmp"))
            .unwrap()
            .count();
        assert_eq!(left, 0);
    }

    #[tokio::test]
    async fn an_aborted_write_can_be_made_again() {
        let (_folder, blobs, key) = blobs().await;
        let mut writer = blobs.create(key).await.unwrap();
        writer.write(Bytes::from_static(b"first")).await.unwrap();
        writer.abort().await.unwrap();
        store(&blobs, key, b"second").await;
        assert_eq!(read(&blobs, key, None).await, b"second");
    }

    #[tokio::test]
    async fn what_a_crash_left_is_discarded_once_it_is_old() {
        let (folder, blobs, key) = blobs().await;
        let left_behind = folder
            .path()
            .join(format!("blobs/tmp/{}.{}", key.practice, key.id));
        std::fs::write(&left_behind, b"half").unwrap();
        let earlier = SystemClock.now() - Duration::hours(1);
        assert_eq!(blobs.discard_unfinished(earlier).await.unwrap(), 0);
        assert!(left_behind.exists());
        assert_eq!(blobs.discard_unfinished(later()).await.unwrap(), 1);
        assert!(!left_behind.exists());
    }

    #[tokio::test]
    async fn a_sweep_sees_its_own_practice_only_and_strangers_files_never() {
        let (folder, blobs, key) = blobs().await;
        let other = BlobKey {
            practice: RandomIds.uuid().into(),
            id: RandomIds.uuid(),
        };
        store(&blobs, key, b"one").await;
        store(&blobs, other, b"two").await;
        std::fs::write(
            folder.path().join(format!("blobs/{}/notes.txt", key.practice)),
            b"x",
        )
        .unwrap();
        assert_eq!(blobs.written_before(key.practice, later()).await.unwrap(), [key]);
        let earlier = SystemClock.now() - Duration::hours(1);
        assert_eq!(blobs.written_before(key.practice, earlier).await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_deleted_blob_is_missing_and_can_be_deleted_again() {
        let (_folder, blobs, key) = blobs().await;
        store(&blobs, key, b"gone soon").await;
        blobs.delete(key).await.unwrap();
        blobs.delete(key).await.unwrap();
        assert_eq!(blobs.open(key, None).await.err(), Some(BlobError::Missing));
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nobody_else_can_read_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let (_folder, blobs, key) = blobs().await;
        store(&blobs, key, b"secret").await;
        let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(blobs.path(key)), 0o600);
        assert_eq!(mode(blobs.folder(key.practice)), 0o700);
    }
}
