use std::io;

use async_zip::base::write::ZipFileWriter;
use async_zip::error::ZipError;
use async_zip::{Compression, ZipEntryBuilder};
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use futures_util::{StreamExt, stream};
use portal_core::document::ArchiveEntry;
use portal_core::{BlobStream, Portal};
use tokio::io::{AsyncWriteExt, DuplexStream};
use tokio_util::compat::{Compat, FuturesAsyncWriteCompatExt};
use tokio_util::io::ReaderStream;

use super::download::content_disposition;

/// Files up to this size are taken into memory, one at a time.
const WHOLE: u64 = 8 << 20;
/// How much of the archive waits for a slow reader.
const BUFFER: usize = 256 * 1024;
/// How much is compressed before others get their turn: about a millisecond's work.
const TURN: usize = 64 * 1024;

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
    for entry in entries {
        let bytes = portal.open(&entry.download, None).await?;
        if entry.download.file.size <= WHOLE {
            write_whole(&mut archive, entry, bytes).await?;
        } else {
            write_streamed(&mut archive, entry, bytes).await?;
        }
    }
    archive.close().await?.into_inner().shutdown().await?;
    Ok(())
}

/// With its size in front and as it is: what people upload hardly shrinks, and every reader understands it.
async fn write_whole(
    archive: &mut ZipFileWriter<Compat<DuplexStream>>,
    entry: ArchiveEntry,
    mut bytes: BlobStream,
) -> Result<(), ArchiveError> {
    let mut content = Vec::new();
    while let Some(chunk) = bytes.next().await {
        content.extend_from_slice(&chunk?);
    }
    let head = ZipEntryBuilder::new(entry.path.into(), Compression::Stored);
    archive.write_entry_whole(head, &content).await?;
    Ok(())
}

/// With its size behind it, which is allowed for compressed entries only (APPNOTE 4.4.4).
async fn write_streamed(
    archive: &mut ZipFileWriter<Compat<DuplexStream>>,
    entry: ArchiveEntry,
    mut bytes: BlobStream,
) -> Result<(), ArchiveError> {
    let head = ZipEntryBuilder::new(entry.path.into(), Compression::Deflate);
    let mut file = archive.write_entry_stream(head).await?.compat_write();
    while let Some(chunk) = bytes.next().await {
        for part in chunk?.chunks(TURN) {
            file.write_all(part).await?;
            // What shrinks well never has to wait for its reader, so that nothing else would make it pause.
            tokio::task::yield_now().await;
        }
    }
    file.into_inner().close().await?;
    Ok(())
}
