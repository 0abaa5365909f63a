use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::stream;
use portal_core::BlobStream;
use tokio::task::JoinHandle;

use super::{blob_error, in_background};

/// How much is read from the disk at a time.
const PIECE: usize = 256 * 1024;

/// A file that is being read, and how much of it is still wanted.
struct Reading {
    file: File,
    left: u64,
}

impl Reading {
    /// The next piece; empty at the end.
    fn next(&mut self) -> io::Result<Bytes> {
        let wanted = usize::try_from(self.left).map_or(PIECE, |left| left.min(PIECE));
        let mut piece = Vec::with_capacity(wanted);
        let read = (&mut self.file)
            .take(u64::try_from(wanted).unwrap_or(u64::MAX))
            .read_to_end(&mut piece)?;
        self.left -= u64::try_from(read).unwrap_or(self.left);
        Ok(piece.into())
    }
}

/// The next piece, which is being read while the one before is sent.
type Ahead = JoinHandle<io::Result<(Bytes, Reading)>>;

fn ahead(mut reading: Reading) -> Ahead {
    tokio::task::spawn_blocking(move || {
        let piece = reading.next()?;
        Ok((piece, reading))
    })
}

/// Reads a file, or the part of it in `range`, one piece ahead of whoever takes the bytes.
pub(super) async fn open(path: PathBuf, range: Option<Range<u64>>) -> io::Result<BlobStream> {
    let range = range.unwrap_or(0..u64::MAX);
    let reading = in_background(move || {
        let mut file = File::open(path)?;
        if range.start > 0 {
            file.seek(SeekFrom::Start(range.start))?;
        }
        let left = range.end.saturating_sub(range.start);
        Ok(Reading { file, left })
    })
    .await?;
    let pieces = stream::try_unfold(ahead(reading), async |next: Ahead| {
        let read = next.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        let (piece, reading) = read.map_err(blob_error)?;
        if piece.is_empty() {
            return Ok(None);
        }
        Ok(Some((piece, ahead(reading))))
    });
    Ok(Box::pin(pieces))
}
