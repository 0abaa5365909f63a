use std::io;

use async_zip::base::write::ZipFileWriter;
use async_zip::error::ZipError;
use async_zip::{Compression, ZipEntryBuilder};
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use portal_core::Portal;
use portal_core::document::ArchiveEntry;
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio_util::compat::FuturesAsyncWriteCompatExt;
use tokio_util::io::ReaderStream;

use super::download::content_disposition;

/// How much of the archive waits for a slow reader.
const BUFFER: usize = 256 * 1024;

#[derive(Debug, thiserror::Error)]
enum ArchiveError {
    #[error(transparent)]
    Zip(#[from] ZipError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Blob(#[from] portal_core::BlobError),
}

/// Sends files as one archive named `name`, made while it is being sent: nothing is held in memory or on disk. When a file
/// cannot be read the answer breaks off, so that nobody takes half an archive for a whole one.
#[must_use]
pub fn zip(portal: &Portal, entries: Vec<ArchiveEntry>, name: &str) -> Response {
    let (writer, reader) = tokio::io::duplex(BUFFER);
    let portal = portal.clone();
    let work = tokio::spawn(async move { write(&portal, entries, writer).await });
    let end = async move {
        match work.await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => {
                tracing::error!(%error, "an archive broke off");
                Some(Err(io::Error::other("the archive could not be finished")))
            }
            Err(error) => Some(Err(io::Error::other(error))),
        }
    };
    let end = stream::once(end).filter_map(std::future::ready);
    let mut response = Response::new(Body::from_stream(
        ReaderStream::with_capacity(reader, 64 * 1024).chain(end),
    ));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    if let Ok(value) = HeaderValue::try_from(content_disposition("attachment", name)) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

async fn write(
    portal: &Portal,
    entries: Vec<ArchiveEntry>,
    writer: DuplexStream,
) -> Result<(), ArchiveError> {
    let mut archive = ZipFileWriter::with_tokio(writer);
    if is_small(&entries) {
        archive = archive.force_no_zip64();
    }
    for entry in entries {
        let mut bytes = portal.open(&entry.download, None).await?;
        // Not stored plainly, though most files hardly shrink: only compressed entries may have their size written
        // behind them (APPNOTE 4.4.4), and readers that stream insist on it.
        let head = ZipEntryBuilder::new(entry.path.into(), Compression::Deflate);
        let mut file = archive.write_entry_stream(head).await?.compat_write();
        while let Some(chunk) = bytes.next().await {
            file.write_all(&chunk?).await?;
        }
        file.into_inner().close().await?;
    }
    archive.close().await?.into_inner().shutdown().await?;
    Ok(())
}

/// Whether the archive does without the 64-bit extension, which some readers do not know.
fn is_small(entries: &[ArchiveEntry]) -> bool {
    // Half of what the plain format can hold, which leaves room for names and for files that do not shrink.
    const PLENTY: u64 = 2 << 30;
    let size = |entry: &ArchiveEntry| entry.download.file.size;
    entries.len() < 10_000 && entries.iter().map(size).fold(0, u64::saturating_add) < PLENTY
}
