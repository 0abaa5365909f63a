use serde::{Deserialize, Serialize};

use super::{DocumentPatch, DocumentRule, FileName, FileType};
use crate::access::{AccessState, PortalAccess};
use crate::{
    AccessId, BlobKey, ClientId, Digest, DocumentId, DocumentVersionId, Error, MatterId, PracticeId,
    RequestId, ShareId, StaffId, Stored, Timestamp, Version, text,
};
use uuid::Uuid;

/// How far the review of a document has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentStatus {
    /// A client uploaded it; it waits for staff ("Pending Review").
    PendingReview,
    /// Staff accepted it.
    Accepted,
    /// Staff returned it with a reason.
    Returned,
    /// Staff added it; there is nothing to review.
    Filed,
}

impl DocumentStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::PendingReview, Self::Accepted, Self::Returned, Self::Filed];

    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingReview => "pending-review",
            Self::Accepted => "accepted",
            Self::Returned => "returned",
            Self::Filed => "filed",
        }
    }
}

/// Who may see a document, beside staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidentiality {
    /// Nobody.
    StaffOnly,
    /// The client that it belongs to.
    Client,
    /// Everybody with a portal access on its matter.
    Participants,
}

impl Confidentiality {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StaffOnly => "staff-only",
            Self::Client => "client",
            Self::Participants => "participants",
        }
    }
}

/// Who uploaded a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
pub enum Uploader {
    /// A client.
    Client(ClientId),
    /// A staff member.
    Staff(StaffId),
}

/// The file behind a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileVersion {
    /// Its name.
    pub name: FileName,
    /// Its media type, by name and content.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
    /// Where its bytes lie.
    pub blob: Uuid,
}

impl FileVersion {
    /// The file that lies at `key`.
    #[must_use]
    pub fn stored(key: BlobKey, name: FileName, kind: FileType, stored: Stored) -> Self {
        Self {
            name,
            media_type: kind.media_type.to_owned(),
            size: stored.size,
            sha256: stored.sha256,
            blob: key.id,
        }
    }
}

/// A file on a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: DocumentId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often the record was saved.
    pub version: Version,
    /// The matter.
    pub matter_id: MatterId,
    /// The client that it belongs to.
    pub client_id: Option<ClientId>,
    /// The request that it answers.
    pub request_id: Option<RequestId>,
    /// Its category; a client's upload begins as "Portal Upload".
    pub category: String,
    /// How far its review has come.
    pub status: DocumentStatus,
    /// Why it was returned.
    pub reason: Option<String>,
    /// Who may see it.
    pub confidentiality: Confidentiality,
    /// How many versions it has; the newest carries this number.
    pub versions: u32,
    /// The newest version's file.
    pub current: FileVersion,
    /// Who uploaded the newest version.
    pub uploaded_by: Uploader,
    /// When the first version came.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
}

/// One version of a document. It never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentVersion {
    /// Its id.
    pub id: DocumentVersionId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// Always the first.
    pub version: Version,
    /// The document.
    pub document_id: DocumentId,
    /// Its number within the document, from 1.
    pub number: u32,
    /// The file.
    pub file: FileVersion,
    /// Who uploaded it.
    pub uploaded_by: Uploader,
    /// When.
    pub created_at: Timestamp,
}

/// A document shared with a portal access that would not see it otherwise: a related matter's, say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Its id.
    pub id: ShareId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The document.
    pub document_id: DocumentId,
    /// The portal access.
    pub access_id: AccessId,
    /// Whether it was taken back.
    pub removed: bool,
    /// When it was first shared.
    pub created_at: Timestamp,
}

/// Where a new document belongs and who may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// The matter.
    pub matter: MatterId,
    /// The client.
    pub client: Option<ClientId>,
    /// The request.
    pub request: Option<RequestId>,
    /// Who may see it.
    pub confidentiality: Confidentiality,
}

impl Document {
    /// The category of what clients upload.
    pub const PORTAL_UPLOAD: &'static str = "Portal Upload";
    /// The category of what staff add, unless they say otherwise.
    pub const FILED: &'static str = "Filed";
    /// The most documents one request can have.
    pub const MOST_PER_REQUEST: u64 = 2_000;

    /// A new document with its first version. What a client uploads waits for review; what staff provides for a
    /// request is accepted.
    #[must_use]
    pub fn new(
        (id, version_id): (DocumentId, DocumentVersionId),
        practice: PracticeId,
        placement: Placement,
        file: FileVersion,
        uploaded_by: Uploader,
        at: Timestamp,
    ) -> (Self, DocumentVersion) {
        let (category, status) = match uploaded_by {
            Uploader::Client(_) => (Self::PORTAL_UPLOAD, DocumentStatus::PendingReview),
            Uploader::Staff(_) if placement.request.is_some() => (Self::FILED, DocumentStatus::Accepted),
            Uploader::Staff(_) => (Self::FILED, DocumentStatus::Filed),
        };
        let document = Self {
            id,
            practice_id: practice,
            version: Version::FIRST,
            matter_id: placement.matter,
            client_id: placement.client,
            request_id: placement.request,
            category: category.to_owned(),
            status,
            reason: None,
            confidentiality: placement.confidentiality,
            versions: 1,
            current: file,
            uploaded_by,
            created_at: at,
            updated_at: at,
        };
        let version = document.newest(version_id, at);
        (document, version)
    }

    /// The document with one more version, which takes the place of the one before and waits for review again
    /// when a client uploaded it. Nothing is overwritten: the earlier version stays.
    ///
    /// # Errors
    /// `NotReplaceable` once staff accepted it.
    pub fn replace(
        mut self,
        version_id: DocumentVersionId,
        file: FileVersion,
        uploaded_by: Uploader,
        at: Timestamp,
    ) -> Result<(Self, DocumentVersion), DocumentRule> {
        self.status = match (self.status, uploaded_by) {
            (DocumentStatus::Accepted | DocumentStatus::Filed, Uploader::Client(_)) => {
                return Err(DocumentRule::NotReplaceable);
            }
            (_, Uploader::Client(_)) => DocumentStatus::PendingReview,
            (status, Uploader::Staff(_)) => status,
        };
        self.version.bump();
        self.reason = self.reason.filter(|_| self.status == DocumentStatus::Returned);
        self.versions += 1;
        self.current = file;
        self.uploaded_by = uploaded_by;
        self.updated_at = at;
        let version = self.newest(version_id, at);
        Ok((self, version))
    }

    /// The document as it was saved, once more: who saves it next must have read it after this.
    #[must_use]
    pub fn touched(mut self, at: Timestamp) -> Self {
        self.version.bump();
        self.updated_at = at;
        self
    }

    /// The document as somebody sees it who is given one of its versions and no other: without what is between its owner and staff.
    #[must_use]
    pub fn as_of(mut self, version: &DocumentVersion) -> Self {
        self.versions = version.number;
        self.current = version.file.clone();
        self.uploaded_by = version.uploaded_by;
        self.client_id = None;
        self.request_id = None;
        self.reason = None;
        self
    }

    fn newest(&self, id: DocumentVersionId, at: Timestamp) -> DocumentVersion {
        DocumentVersion {
            id,
            practice_id: self.practice_id,
            version: Version::FIRST,
            document_id: self.id,
            number: self.versions,
            file: self.current.clone(),
            uploaded_by: self.uploaded_by,
            created_at: at,
        }
    }

    /// Accepts it.
    pub fn accept(mut self, at: Timestamp) -> Result<Self, DocumentRule> {
        if self.status != DocumentStatus::PendingReview {
            return Err(DocumentRule::NotPending);
        }
        self.version.bump();
        self.status = DocumentStatus::Accepted;
        self.reason = None;
        self.updated_at = at;
        Ok(self)
    }

    /// Returns it with a reason that the client reads. What was accepted by mistake can be returned too.
    pub fn return_with(mut self, reason: &str, at: Timestamp) -> Result<Self, Error<DocumentRule>> {
        let reason = text::block("reason", reason, 1_000)?;
        if reason.is_empty() {
            return Err(DocumentRule::ReasonNeeded.into());
        }
        if !matches!(
            self.status,
            DocumentStatus::PendingReview | DocumentStatus::Accepted
        ) {
            return Err(DocumentRule::NotPending.into());
        }
        self.version.bump();
        self.status = DocumentStatus::Returned;
        self.reason = Some(reason);
        self.updated_at = at;
        Ok(self)
    }

    /// Puts it into another category, and lets others see it, or fewer.
    pub fn patch(mut self, patch: &DocumentPatch, at: Timestamp) -> Result<Self, Error<DocumentRule>> {
        if let Some(category) = &patch.category {
            self.category = text::line("category", category, 60)?;
        }
        if let Some(confidentiality) = patch.confidentiality {
            // Only what answers a request comes from clients, and all that does stays visible to them.
            if confidentiality == Confidentiality::StaffOnly && self.request_id.is_some() {
                return Err(DocumentRule::UploadedByClient.into());
            }
            self.confidentiality = confidentiality;
        }
        self.version.bump();
        self.updated_at = at;
        Ok(self)
    }

    /// Whether the client of `access` may see it; `shared` says whether staff shared it with that access.
    /// Nothing crosses to another person or matter unless staff says so.
    #[must_use]
    pub fn is_visible_to(&self, access: &PortalAccess, shared: bool) -> bool {
        let on_matter = self.matter_id == access.matter_id;
        match self.confidentiality {
            Confidentiality::StaffOnly => false,
            Confidentiality::Client => shared || (on_matter && self.client_id == Some(access.client_id)),
            Confidentiality::Participants => shared || on_matter,
        }
    }

    /// Whether the client sees its earlier versions and why it came back: who it belongs to does, others see the
    /// newest version and no more.
    #[must_use]
    pub fn shows_history_to(&self, client: ClientId) -> bool {
        self.client_id == Some(client)
    }

    /// Shares it with `access`.
    pub fn share_with(
        &self,
        id: ShareId,
        access: &PortalAccess,
        at: Timestamp,
    ) -> Result<Share, DocumentRule> {
        if self.confidentiality == Confidentiality::StaffOnly {
            return Err(DocumentRule::StaffOnly);
        }
        if access.practice_id != self.practice_id
            || access.state != AccessState::Active
            || self.is_visible_to(access, false)
        {
            return Err(DocumentRule::NotShareable);
        }
        Ok(Share {
            id,
            practice_id: self.practice_id,
            version: Version::FIRST,
            document_id: self.id,
            access_id: access.id,
            removed: false,
            created_at: at,
        })
    }

    /// Where the newest version's bytes lie.
    #[must_use]
    pub const fn blob(&self) -> BlobKey {
        BlobKey {
            practice: self.practice_id,
            id: self.current.blob,
        }
    }
}

impl Share {
    /// The share, taken back or given again.
    #[must_use]
    pub fn with_removed(mut self, removed: bool) -> Self {
        self.version.bump();
        self.removed = removed;
        self
    }
}

/// How many documents are in each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentCounts {
    /// Waiting for review.
    pub pending_review: u64,
    /// Accepted.
    pub accepted: u64,
    /// Returned and not replaced yet.
    pub returned: u64,
    /// Added by staff.
    pub filed: u64,
}

impl DocumentCounts {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.pending_review + self.accepted + self.returned + self.filed
    }

    /// Adds `count` documents in `status`.
    #[must_use]
    pub const fn plus(mut self, status: DocumentStatus, count: u64) -> Self {
        match status {
            DocumentStatus::PendingReview => self.pending_review += count,
            DocumentStatus::Accepted => self.accepted += count,
            DocumentStatus::Returned => self.returned += count,
            DocumentStatus::Filed => self.filed += count,
        }
        self
    }

    /// The counts after one document went from `from` (none: it is new) to `to`.
    #[must_use]
    pub const fn moved(mut self, from: Option<DocumentStatus>, to: DocumentStatus) -> Self {
        match from {
            Some(DocumentStatus::PendingReview) => {
                self.pending_review = self.pending_review.saturating_sub(1);
            }
            Some(DocumentStatus::Accepted) => self.accepted = self.accepted.saturating_sub(1),
            Some(DocumentStatus::Returned) => self.returned = self.returned.saturating_sub(1),
            Some(DocumentStatus::Filed) => self.filed = self.filed.saturating_sub(1),
            None => {}
        }
        self.plus(to, 1)
    }
}
