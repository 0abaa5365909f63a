//! How a file becomes a document: only when all of its bytes are stored, hashed, typed and within limits.

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};

use super::{
    Confidentiality, Document, DocumentCounts, DocumentFilter, DocumentRule, DocumentStatus, FileName,
    FileType, FileVersion, Placement, Uploader,
};
use crate::audit::Subject;
use crate::checklist::Request;
use crate::matter::{Matter, MatterState};
use crate::policy::Capability;
use crate::{
    BlobKey, BlobWriter, Change, ClientId, Context, DocumentId, DocumentVersionId, Error, EventKind,
    MatterId, PageRequest, Portal, RecordKind, RequestId, StoreError,
};

/// What an upload is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadTarget {
    /// It answers a request.
    Request {
        /// The request.
        request: RequestId,
        /// The document of the same request whose place it takes. With none, a client's file takes the place of one that
        /// was returned to them, as long as there is one, and is added otherwise: what they send after "please send this
        /// again" is what was asked for. A staff member's is always added.
        replaces: Option<DocumentId>,
    },
    /// Staff adds it to a matter.
    Matter {
        /// The matter.
        matter: MatterId,
        /// The client it belongs to.
        client: Option<ClientId>,
        /// Who may see it.
        confidentiality: Confidentiality,
        /// The document of the same matter, which staff filed and which answers no request, whose place it takes. Whose it is
        /// and who may see it stays as it was.
        replaces: Option<DocumentId>,
    },
}

/// The connection broke before all bytes had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the connection broke before all bytes had come")]
pub struct Interrupted;

/// Where an upload may go, as far as is known when it is looked at.
pub(crate) struct Admission {
    placement: Placement,
    pub(crate) uploader: Uploader,
    matter: Matter,
    request: Option<(Request, DocumentCounts)>,
    replaces: Option<Document>,
    guard: Change,
}

impl Portal {
    /// Takes a file in. It becomes a document only when all of its bytes are stored and everything about it is
    /// allowed, in one commit with its request and the event that tells staff; until then nothing of it shows, and
    /// an upload that breaks off leaves nothing.
    ///
    /// # Errors
    /// Each rule of [`DocumentRule`] that speaks of files; what one may not upload to answers like what does not
    /// exist.
    pub async fn upload<S>(
        &self,
        ctx: &Context,
        target: UploadTarget,
        file_name: &str,
        bytes: S,
    ) -> Result<Document, Error<DocumentRule>>
    where
        S: Stream<Item = Result<Bytes, Interrupted>> + Send + Unpin,
    {
        // Refused before a byte is read where possible; decided again when all of them are there.
        self.admit_upload(ctx, target).await?;
        let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
        let name = FileName::sanitise(file_name);
        let key = BlobKey {
            practice: ctx.practice,
            id: self.id::<crate::DocumentVersionId>().0,
        };
        let file = self
            .store_file(key, name, practice.settings.upload_most_bytes, bytes)
            .await?;
        let ids = (self.id(), self.id());
        let kept = self
            .retrying(async || self.filing(ctx, target, &file, ids).await)
            .await;
        match &kept {
            // The commit may have gone through all the same, or the store may have lied; the sweep will know.
            Ok(_)
            | Err(Error::Store(
                StoreError::InDoubt(_) | StoreError::Unavailable(_) | StoreError::Failed(_),
            )) => {}
            Err(_) => self.blobs().delete(key).await?,
        }
        kept
    }

    async fn store_file<S>(
        &self,
        key: BlobKey,
        name: FileName,
        most_bytes: u64,
        bytes: S,
    ) -> Result<FileVersion, Error<DocumentRule>>
    where
        S: Stream<Item = Result<Bytes, Interrupted>> + Send + Unpin,
    {
        let mut writer = self.blobs().create(key).await?;
        match receive(&mut *writer, &name, most_bytes, bytes).await {
            Ok(kind) => Ok(FileVersion::stored(key, name, kind, writer.finish().await?)),
            Err(error) => {
                writer.abort().await?;
                Err(error)
            }
        }
    }

    /// What makes a stored file a document, decided on what is known now: the change with its request and the event that
    /// tells staff.
    pub(crate) async fn filing(
        &self,
        ctx: &Context,
        target: UploadTarget,
        file: &FileVersion,
        (id, version_id): (DocumentId, DocumentVersionId),
    ) -> Result<(Document, Change), Error<DocumentRule>> {
        let ctx = Context {
            at: self.now(),
            ..ctx.clone()
        };
        let admission = self.admit_begun_upload(&ctx, target).await?;
        let before = admission.replaces.as_ref().map(|document| document.status);
        let (document, version) = match admission.replaces {
            Some(document) => document.replace(version_id, file.clone(), admission.uploader, ctx.at)?,
            None => Document::new(
                (id, version_id),
                ctx.practice,
                admission.placement,
                file.clone(),
                admission.uploader,
                ctx.at,
            ),
        };
        let entry = self
            .audit(&ctx, "document.uploaded", Subject::new("document", document.id))
            .on(admission.matter.id)
            .with("name", file.name.as_str())
            .with("size", file.size)
            .with("sha256", file.sha256.to_string())
            .with("number", version.number);
        let superseding = if version.number > 1 {
            let superseding = self.superseding(&ctx, &document, &version).await;
            Some(superseding.map_err(Error::widen)?)
        } else {
            None
        };
        let mut change = Change::audited(entry)
            .and(admission.guard)
            .save(document.clone())
            .save(version);
        if let Some(superseding) = superseding {
            change = change.and(superseding);
        }
        if let Some((request, counts)) = admission.request {
            change = change.save(if request.takes_late_documents() {
                request.with_late_document(ctx.at)
            } else {
                request.with_documents(counts.moved(before, document.status), ctx.at)
            });
        }
        if let Uploader::Client(client) = admission.uploader {
            let uploaded = EventKind::DocumentUploaded {
                document: document.id,
                client,
            };
            change = change.save(self.event(&ctx, uploaded));
        }
        Ok((document, change))
    }

    /// Whether whoever acts may upload there at the moment, before there is a byte.
    pub(crate) async fn admit_upload(
        &self,
        ctx: &Context,
        target: UploadTarget,
    ) -> Result<Admission, Error<DocumentRule>> {
        let admission = self.place_upload(ctx, target).await?;
        admission.check(false)?;
        Ok(admission)
    }

    /// Whether an upload that was admitted when it began may go on. Nobody loses their file because the matter came into another
    /// stage while it was on its way.
    pub(crate) async fn admit_begun_upload(
        &self,
        ctx: &Context,
        target: UploadTarget,
    ) -> Result<Admission, Error<DocumentRule>> {
        let admission = self.place_upload(ctx, target).await?;
        admission.check(true)?;
        Ok(admission)
    }

    async fn place_upload(
        &self,
        ctx: &Context,
        target: UploadTarget,
    ) -> Result<Admission, Error<DocumentRule>> {
        let mut guard = Change::unaudited(ctx.practice, "joined to the change that has the entry");
        Ok(match target {
            UploadTarget::Request { request, replaces } => {
                let capability = match ctx.client() {
                    Some(_) => Capability::SeeMatters,
                    None => Capability::EditDocuments,
                };
                let (request, matter) = self
                    .request_within(ctx, capability, request)
                    .await
                    .map_err(Error::widen)?;
                let uploader = match ctx.staff() {
                    Some((staff, _)) => Uploader::Staff(staff),
                    None => Uploader::Client(ctx.acting_client().map_err(Error::widen)?),
                };
                if let Uploader::Client(_) = uploader {
                    let access = self
                        .workspace_on(ctx, matter.id)
                        .await
                        .map_err(Error::widen)?
                        .access;
                    guard = guard.while_unchanged(RecordKind::PortalAccess, access.id, access.version);
                }
                let counts = self.counts_of(ctx, request.id).await?;
                let replaces = match (replaces, uploader) {
                    (Some(id), _) => Some(self.replaceable(ctx, &request, id).await?),
                    (None, Uploader::Client(_)) if counts.returned > 0 => {
                        self.returned(ctx, &request).await?
                    }
                    (None, _) => None,
                };
                let placement = Placement {
                    matter: matter.id,
                    client: Some(request.client_id),
                    request: Some(request.id),
                    confidentiality: Confidentiality::Client,
                };
                Admission {
                    placement,
                    uploader,
                    matter,
                    request: Some((request, counts)),
                    replaces,
                    guard,
                }
            }
            UploadTarget::Matter {
                matter,
                client,
                confidentiality,
                replaces,
            } => {
                let matter = self
                    .matter_for(ctx, Capability::EditDocuments, matter)
                    .await
                    .map_err(Error::widen)?;
                let (staff, _) = ctx
                    .staff()
                    .ok_or(Error::Denied(Capability::EditDocuments.words()))?;
                if let Some(client) = client {
                    let participants = self.store().participants(ctx.practice, matter.id).await?;
                    let on_matter = participants.iter().any(|p| p.client_id == client && !p.removed);
                    if !on_matter {
                        return Err(Error::NotFound("participant"));
                    }
                }
                let replaces = match replaces {
                    Some(id) => Some(self.filed(ctx, matter.id, id).await?),
                    None => None,
                };
                let placement = Placement {
                    matter: matter.id,
                    client,
                    request: None,
                    confidentiality,
                };
                Admission {
                    placement,
                    uploader: Uploader::Staff(staff),
                    matter,
                    request: None,
                    replaces,
                    guard,
                }
            }
        })
    }

    /// A document of the request that was returned. Of parallel uploads that find the same one, one takes its place and
    /// the others look again: its version tells.
    async fn returned(
        &self,
        ctx: &Context,
        request: &Request,
    ) -> Result<Option<Document>, Error<DocumentRule>> {
        let filter = DocumentFilter {
            request: Some(request.id),
            status: Some(DocumentStatus::Returned),
            ..DocumentFilter::default()
        };
        let page = PageRequest::first(1);
        let page = self.store().documents(ctx.practice, &filter, &page).await?;
        Ok(page.items.into_iter().next())
    }

    /// A document of the matter that answers no request.
    async fn filed(
        &self,
        ctx: &Context,
        matter: MatterId,
        id: DocumentId,
    ) -> Result<Document, Error<DocumentRule>> {
        let document = self.store().document(ctx.practice, id).await?;
        document
            .filter(|document| document.matter_id == matter && document.request_id.is_none())
            .ok_or(Error::NotFound("document"))
    }

    async fn replaceable(
        &self,
        ctx: &Context,
        request: &Request,
        id: DocumentId,
    ) -> Result<Document, Error<DocumentRule>> {
        let document = self.store().document(ctx.practice, id).await?;
        document
            .filter(|d| d.request_id == Some(request.id))
            .ok_or(Error::NotFound("document"))
    }
}

impl Admission {
    /// The rules that need no byte of the file.
    fn check(&self, was_begun: bool) -> Result<(), DocumentRule> {
        if self.matter.state == MatterState::Closed {
            return Err(DocumentRule::MatterClosed);
        }
        if let Some((request, counts)) = &self.request {
            let is_late = was_begun && request.takes_late_documents();
            if !request.state.takes_documents() && !is_late {
                return Err(DocumentRule::RequestSettled);
            }
            if self.replaces.is_none() && counts.total() >= Document::MOST_PER_REQUEST {
                return Err(DocumentRule::TooMany(counts.total()));
            }
        }
        Ok(())
    }
}

/// Writes all of `bytes` and tells of what kind they are.
async fn receive<S>(
    writer: &mut dyn BlobWriter,
    name: &FileName,
    most_bytes: u64,
    mut bytes: S,
) -> Result<FileType, Error<DocumentRule>>
where
    S: Stream<Item = Result<Bytes, Interrupted>> + Send + Unpin,
{
    let mut head = Head::new(name);
    let mut size: u64 = 0;
    while let Some(chunk) = bytes.next().await {
        let chunk = chunk.map_err(|Interrupted| DocumentRule::Interrupted(name.to_string()))?;
        size = size.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if size > most_bytes {
            return Err(DocumentRule::TooLarge {
                name: name.to_string(),
                most_bytes,
            }
            .into());
        }
        head.see(&chunk)?;
        writer.write(chunk).await?;
    }
    if size == 0 {
        return Err(DocumentRule::Empty(name.to_string()).into());
    }
    Ok(head.kind()?)
}

/// A file's first bytes, until they are enough to tell its kind.
pub(crate) struct Head<'a> {
    name: &'a FileName,
    bytes: BytesMut,
    kind: Option<FileType>,
}

impl<'a> Head<'a> {
    pub(crate) fn new(name: &'a FileName) -> Self {
        Self {
            name,
            bytes: BytesMut::new(),
            kind: None,
        }
    }

    /// Looks at the next bytes. A file that is not taken is refused as soon as that can be told.
    pub(crate) fn see(&mut self, chunk: &[u8]) -> Result<(), DocumentRule> {
        if self.kind.is_none() {
            let seen = chunk.get(..chunk.len().min(FileType::HEAD));
            self.bytes.extend_from_slice(seen.unwrap_or_default());
            if self.bytes.len() >= FileType::HEAD {
                self.kind = Some(FileType::decide(self.name, &self.bytes)?);
            }
        }
        Ok(())
    }

    /// The kind, when no more bytes come.
    pub(crate) fn kind(self) -> Result<FileType, DocumentRule> {
        match self.kind {
            Some(kind) => Ok(kind),
            None => FileType::decide(self.name, &self.bytes),
        }
    }
}
