use async_trait::async_trait;
use uuid::Uuid;

use super::{Document, DocumentCounts, DocumentStatus, DocumentVersion, Share};
use crate::{
    AccessId, ClientId, DocumentId, DocumentVersionId, MatterId, Page, PageRequest, PracticeId, RequestId,
    StaffId, StoreError,
};

/// Which documents are wanted. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    /// Only those on this matter.
    pub matter: Option<MatterId>,
    /// Only those of this client.
    pub client: Option<ClientId>,
    /// Only those that answer this request.
    pub request: Option<RequestId>,
    /// Only those in this status.
    pub status: Option<DocumentStatus>,
    /// Only those whose folded file name or category contains these words, each of them somewhere.
    pub q: Option<String>,
    /// Only those that this portal access may see: the same rule as
    /// [`Document::is_visible_to`](super::Document::is_visible_to).
    pub visible_to_access: Option<AccessId>,
    /// Only those on matters that this staff member owns or is on the team of.
    pub visible_to_staff: Option<StaffId>,
}

/// Reads documents.
#[async_trait]
pub trait Documents: Send + Sync {
    /// One document.
    async fn document(&self, practice: PracticeId, id: DocumentId) -> Result<Option<Document>, StoreError>;
    /// Documents, the newest first (cursor key: `created_at`).
    async fn documents(
        &self,
        practice: PracticeId,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<Document>, StoreError>;
    /// How many documents are in each status.
    async fn document_counts(
        &self,
        practice: PracticeId,
        filter: &DocumentFilter,
    ) -> Result<DocumentCounts, StoreError>;
    /// The counts of several requests at once; requests without documents are left out.
    async fn document_counts_by_request(
        &self,
        practice: PracticeId,
        requests: &[RequestId],
    ) -> Result<Vec<(RequestId, DocumentCounts)>, StoreError>;
    /// One version.
    async fn document_version(
        &self,
        practice: PracticeId,
        id: DocumentVersionId,
    ) -> Result<Option<DocumentVersion>, StoreError>;
    /// All versions of a document, the newest first.
    async fn document_versions(
        &self,
        practice: PracticeId,
        document: DocumentId,
    ) -> Result<Vec<DocumentVersion>, StoreError>;
    /// With whom a document is shared, removed shares included.
    async fn shares(&self, practice: PracticeId, document: DocumentId) -> Result<Vec<Share>, StoreError>;
    /// Which of these blobs belong to a version: the sweep deletes the others.
    async fn known_blobs(&self, practice: PracticeId, blobs: &[Uuid]) -> Result<Vec<Uuid>, StoreError>;
}
