use bytes::Bytes;
use futures_util::{Stream, StreamExt};

use super::service::UNSEEN;
use super::{Upload, UploadPart, UploadRule};
use crate::document::{Head, Interrupted};
use crate::{BlobError, BlobWriter, Change, Context, Error, Portal, UploadId};

/// After how many bytes a long go is acknowledged to itself: what a killed server can lose of it.
const STRIDE: u64 = 32 << 20;

/// A go at an upload: who holds it, and how far it has come.
struct Go {
    writer: Box<dyn BlobWriter>,
    /// As it was last saved.
    upload: Upload,
    /// How many of the file's bytes were given to the writer.
    written: u64,
}

/// Why a go ends before its last byte.
enum Stop {
    /// The connection broke.
    Broken,
    /// A rule, or the storage.
    Failed(Error<UploadRule>),
}

impl From<Error<UploadRule>> for Stop {
    fn from(error: Error<UploadRule>) -> Self {
        Self::Failed(error)
    }
}

impl From<UploadRule> for Stop {
    fn from(rule: UploadRule) -> Self {
        Self::Failed(rule.into())
    }
}

impl From<BlobError> for Stop {
    fn from(error: BlobError) -> Self {
        Self::Failed(error.into())
    }
}

impl Portal {
    /// Takes some bytes of the caller's upload in. All that is acknowledged, by the answer or by `Interrupted`, is durable;
    /// with the last byte the file becomes a document.
    ///
    /// When the connection breaks what came until then is kept, unless it has a checksum, which cannot be compared then.
    /// The caller runs this to its end even if nobody waits for the answer any more: dropped half way, it loses what this
    /// go brought.
    ///
    /// # Errors
    /// Those of [`Upload::expect`]; `Busy` while another go is under way; `Garbled`; `Interrupted`; whatever
    /// [`Portal::upload`] answers to whom and what is refused.
    pub async fn receive_upload<S>(
        &self,
        ctx: &Context,
        id: UploadId,
        part: UploadPart,
        bytes: S,
    ) -> Result<Upload, Error<UploadRule>>
    where
        S: Stream<Item = Result<Bytes, Interrupted>> + Send + Unpin,
    {
        // Refused before a byte is read where possible.
        let upload = self.own_upload(ctx, id).await?;
        upload.expect(&part, ctx.at)?;
        if upload.document().is_some() {
            return Ok(upload);
        }
        self.admit_begun_upload(ctx, upload.target)
            .await
            .map_err(Error::among)?;
        let writer = self.hold(&upload).await?;
        // Somebody may have been quicker before it was held.
        let upload = self.own_upload(ctx, id).await?;
        upload.expect(&part, ctx.at)?;
        if upload.document().is_some() {
            return Ok(upload);
        }
        let mut go = Go {
            writer,
            written: upload.received,
            upload,
        };
        match go.writer.cut(go.upload.received).await {
            Err(BlobError::Missing) => {
                self.end_upload(go.upload, go.writer).await?;
                return Err(UploadRule::Over.into());
            }
            other => other?,
        }
        let went = self.go(&mut go, &part, bytes).await;
        let broken = match went {
            Ok(()) => false,
            Err(Stop::Broken) => true,
            Err(Stop::Failed(error)) => return Err(self.undo(go, error).await),
        };
        if let Err(error) = self.acknowledge(&mut go).await {
            return Err(self.undo(go, error).await);
        }
        match go.upload {
            Upload { received, .. } if broken => Err(UploadRule::Interrupted { received }.into()),
            upload if upload.is_whole() => self.file_upload(ctx, upload, go.writer).await,
            upload => Ok(upload),
        }
    }

    async fn go<S>(&self, go: &mut Go, part: &UploadPart, mut bytes: S) -> Result<(), Stop>
    where
        S: Stream<Item = Result<Bytes, Interrupted>> + Send + Unpin,
    {
        let name = go.upload.name.clone();
        let mut head = (go.written == 0).then(|| Head::new(&name));
        let mut check = part.checksum.map(super::Checksum::check);
        while let Some(chunk) = bytes.next().await {
            let chunk = match chunk {
                Ok(chunk) => chunk,
                // What cannot be compared with its checksum is not kept.
                Err(Interrupted) if check.is_some() => {
                    let received = go.upload.received;
                    return Err(UploadRule::Interrupted { received }.into());
                }
                Err(Interrupted) => return Err(Stop::Broken),
            };
            let written = go
                .written
                .saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            if written > go.upload.size {
                return Err(UploadRule::TooMuch { size: go.upload.size }.into());
            }
            if let Some(head) = &mut head {
                head.see(&chunk).map_err(UploadRule::from)?;
            }
            if let Some(check) = &mut check {
                check.see(&chunk);
            }
            go.writer.write(chunk).await?;
            go.written = written;
            if check.is_none() && go.written - go.upload.received >= STRIDE {
                self.acknowledge(go).await?;
            }
        }
        if check.is_none_or(super::checksum::Check::holds) {
            Ok(())
        } else {
            Err(UploadRule::Garbled.into())
        }
    }

    /// Makes what was written durable, and then says so.
    async fn acknowledge(&self, go: &mut Go) -> Result<(), Error<UploadRule>> {
        if go.written == go.upload.received {
            return Ok(());
        }
        go.writer.sync().await?;
        let upload = go.upload.clone().receive(go.written, self.now())?;
        let change = Change::unaudited(upload.practice_id, UNSEEN).save(upload.clone());
        self.commit(change).await?;
        go.upload = upload;
        Ok(())
    }

    /// Forgets what was not acknowledged; a file that is not taken is forgotten altogether. Answers why.
    async fn undo(&self, mut go: Go, why: Error<UploadRule>) -> Error<UploadRule> {
        let undone = match &why {
            Error::Rule(UploadRule::Document(_)) => self.end_upload(go.upload, go.writer).await,
            // It may have been acknowledged all the same; what was not is cut off by the next go.
            Error::Store(_) => Ok(()),
            _ => go.writer.cut(go.upload.received).await.map_err(Error::from),
        };
        // What is left behind all the same is cut off by the next go, or swept: the first failure is the one to tell.
        drop(undone);
        why
    }
}
