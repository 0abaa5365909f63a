use bytes::BytesMut;
use futures_util::StreamExt;

use super::{NewUpload, Room, Upload, UploadRule, UploadState};
use crate::audit::Subject;
use crate::document::{FileType, FileVersion, Uploader};
use crate::{
    Actor, BlobError, BlobKey, BlobWriter, Change, Context, Duration, Error, NoRule, Portal, PracticeId,
    StoreError, UploadId,
};

/// Why uploads leave no entry of their own.
pub(super) const UNSEEN: &str =
    "nothing of an upload shows before it is a document, and that leaves an entry";

impl Portal {
    /// Begins an upload in several goes. Whatever would be refused once all bytes are there, and can be told now, is.
    ///
    /// # Errors
    /// As [`Portal::upload`], and those of [`Upload::begin`].
    pub async fn begin_upload(&self, ctx: &Context, new: &NewUpload) -> Result<Upload, Error<UploadRule>> {
        let admission = self.admit_upload(ctx, new.target).await.map_err(Error::among)?;
        let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
        let by = admission.uploader;
        let room = Room {
            most_bytes: practice.settings.upload_most_bytes,
            waiting: self.store().uploads_waiting(ctx.practice, by, ctx.at).await?,
        };
        let begun = Upload::begin(self.id(), ctx.practice, by, new, room, ctx.at);
        if let Err(UploadRule::TooMany(_)) = begun {
            self.note_too_many(ctx, by).await?;
        }
        let upload = begun?;
        let change = Change::unaudited(ctx.practice, UNSEEN).save(upload.clone());
        self.commit(change).await?;
        Ok(upload)
    }

    /// Leaves word that somebody may begin no more uploads for now: once an hour, however many they try.
    async fn note_too_many(&self, ctx: &Context, by: Uploader) -> Result<(), StoreError> {
        let (subject, id) = match by {
            Uploader::Client(client) => (Subject::new("client", client), client.0),
            Uploader::Staff(staff) => (Subject::new("staff", staff), staff.0),
        };
        let entry = || self.audit(ctx, "upload.limited", subject);
        let key = format!("uploads/{id}");
        if let Some(noted) = self.noting_once(ctx, &key, Duration::hours(1), entry).await? {
            self.leave_word(noted).await?;
        }
        Ok(())
    }

    /// The caller's own upload as it is stored, whatever became of it.
    pub(super) async fn own_upload(&self, ctx: &Context, id: UploadId) -> Result<Upload, Error<UploadRule>> {
        let caller = match ctx.actor {
            Actor::Anyone => return Err(Error::Unauthenticated),
            Actor::Staff { id, .. } => Some(Uploader::Staff(id)),
            Actor::Client { id } => Some(Uploader::Client(id)),
            Actor::Preview { .. } | Actor::System(_) => None,
        };
        let upload = self.store().upload(ctx.practice, id).await?;
        upload
            .filter(|upload| Some(upload.by) == caller)
            .ok_or(Error::NotFound("upload"))
    }

    /// How far the caller's upload has come. One whose last byte was acknowledged before the server was killed, or the
    /// database could not be reached, is filed now.
    ///
    /// # Errors
    /// `Over` when it expired, was given up or refused; else why it cannot be filed.
    pub async fn upload_progress(&self, ctx: &Context, id: UploadId) -> Result<Upload, Error<UploadRule>> {
        let upload = self.own_upload(ctx, id).await?;
        if upload.document().is_none() && !upload.is_waiting(ctx.at) {
            return Err(UploadRule::Over.into());
        }
        if upload.document().is_some() || !upload.is_whole() {
            return Ok(upload);
        }
        let writer = self.hold(&upload).await?;
        self.file_upload(ctx, upload, writer).await
    }

    /// Gives an upload up and throws its bytes away.
    ///
    /// # Errors
    /// `Over` when it is a document already, or was ended; `Busy` while bytes of it come.
    pub async fn give_upload_up(&self, ctx: &Context, id: UploadId) -> Result<(), Error<UploadRule>> {
        let upload = self.own_upload(ctx, id).await?;
        if !upload.is_waiting(ctx.at) {
            return Err(UploadRule::Over.into());
        }
        let writer = self.hold(&upload).await?;
        self.end_upload(self.own_upload(ctx, id).await?, writer).await
    }

    /// Takes hold of an upload's bytes, so that nobody else writes meanwhile.
    pub(super) async fn hold(&self, upload: &Upload) -> Result<Box<dyn BlobWriter>, Error<UploadRule>> {
        self.blobs()
            .hold(upload.blob())
            .await
            .map_err(|error| match error {
                BlobError::Busy => UploadRule::Busy.into(),
                other => other.into(),
            })
    }

    /// Ends an upload, and then throws its bytes away: nobody begins to file them in between.
    pub(super) async fn end_upload(
        &self,
        upload: Upload,
        writer: Box<dyn BlobWriter>,
    ) -> Result<(), Error<UploadRule>> {
        let practice = upload.practice_id;
        let change = Change::unaudited(practice, UNSEEN).save(upload.end()?);
        self.commit(change).await?;
        Ok(writer.abort().await?)
    }

    /// Makes an upload a document, all of whose bytes are durable. The document and the end of its upload are one commit;
    /// when that fails for the moment, nothing is lost and asking how far the upload has come tries again.
    pub(super) async fn file_upload(
        &self,
        ctx: &Context,
        upload: Upload,
        mut writer: Box<dyn BlobWriter>,
    ) -> Result<Upload, Error<UploadRule>> {
        let key = upload.blob();
        match writer.cut(upload.size).await {
            Err(BlobError::Missing) => {
                self.end_upload(upload, writer).await?;
                return Err(UploadRule::Over.into());
            }
            other => other?,
        }
        let stored = writer.finish().await?;
        let filed = match FileType::decide(&upload.name, &self.head(key).await?) {
            Ok(kind) => {
                let file = FileVersion::stored(key, upload.name.clone(), kind, stored);
                self.file_once(ctx, &upload, &file).await
            }
            Err(rule) => Err(UploadRule::from(rule).into()),
        };
        if let Err(Error::Rule(UploadRule::Document(_))) = &filed {
            // Of two that file it at once, the one that ends it first decides.
            let change = Change::unaudited(upload.practice_id, UNSEEN).save(upload.end()?);
            match self.commit(change).await {
                Ok(()) => self.blobs().delete(key).await?,
                Err(StoreError::Stale) => return self.own_upload(ctx, key.id.into()).await,
                Err(error) => return Err(error.into()),
            }
        }
        filed
    }

    async fn file_once(
        &self,
        ctx: &Context,
        upload: &Upload,
        file: &FileVersion,
    ) -> Result<Upload, Error<UploadRule>> {
        let ids = (self.id(), self.id());
        self.retrying(async || {
            let upload = self.own_upload(ctx, upload.id).await?;
            if let UploadState::Finished(_) = upload.state {
                return Ok((upload, Change::unaudited(ctx.practice, "it is so already")));
            }
            let filing = self.filing(ctx, upload.target, file, ids).await;
            let (document, change) = filing.map_err(Error::among)?;
            let upload = upload.finish(document.id, self.now())?;
            Ok((upload.clone(), change.save(upload)))
        })
        .await
    }

    /// The first bytes of a finished blob.
    async fn head(&self, key: BlobKey) -> Result<BytesMut, Error<UploadRule>> {
        let most = u64::try_from(FileType::HEAD).unwrap_or(u64::MAX);
        let mut chunks = self.blobs().open(key, Some(0..most)).await?;
        let mut head = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            head.extend_from_slice(&chunk?);
        }
        Ok(head)
    }

    /// Throws the bytes of a practice's uploads away that are over; those that wait stay. Answers how many went.
    pub async fn sweep_uploads(&self, practice: PracticeId) -> Result<u64, Error<NoRule>> {
        let mut swept = 0;
        for key in self.blobs().unfinished(practice).await? {
            let upload = self.store().upload(practice, key.id.into()).await?;
            if upload.is_some_and(|upload| upload.is_waiting(self.now())) {
                continue;
            }
            match self.blobs().hold(key).await {
                Ok(writer) => writer.abort().await?,
                Err(BlobError::Busy) => continue,
                Err(error) => return Err(error.into()),
            }
            swept += 1;
        }
        Ok(swept)
    }
}
