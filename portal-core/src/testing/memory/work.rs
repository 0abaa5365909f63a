use std::collections::BTreeMap;

use async_trait::async_trait;
use uuid::Uuid;

use super::lists::{Order, finds, page};
use super::scan::{Look, Scan};
use super::tables::Tables;
use crate::access::PortalAccess;
use crate::checklist::{ChecklistTemplate, Checklists, Request, RequestCounts, RequestFilter, RequestState};
use crate::document::{
    Document, DocumentCounts, DocumentFilter, DocumentVersion, Documents, Share, Uploader,
};
use crate::text::fold;
use crate::upload::{Upload, Uploads};
use crate::{
    ClientId, DocumentId, DocumentVersionId, MatterId, Page, PageRequest, PracticeId, RequestId, StoreError,
    TemplateId, Timestamp, UploadId,
};

#[async_trait]
impl<S: Scan> Checklists for S {
    async fn template(
        &self,
        practice: PracticeId,
        id: TemplateId,
    ) -> Result<Option<ChecklistTemplate>, StoreError> {
        self.one(practice, id)
    }

    async fn templates(
        &self,
        practice: PracticeId,
        archived: bool,
        request: &PageRequest,
    ) -> Result<Page<ChecklistTemplate>, StoreError> {
        let rows = self.all(practice, |row: &ChecklistTemplate| archived || !row.archived)?;
        Ok(page(rows, request, Order::Rising, |row| {
            (fold(&row.name), row.id.into())
        }))
    }

    async fn request(&self, practice: PracticeId, id: RequestId) -> Result<Option<Request>, StoreError> {
        self.one(practice, id)
    }

    async fn requests_by_id(
        &self,
        practice: PracticeId,
        ids: &[RequestId],
    ) -> Result<Vec<Request>, StoreError> {
        self.all(practice, |row: &Request| ids.contains(&row.id))
    }

    async fn requests(
        &self,
        practice: PracticeId,
        filter: &RequestFilter,
        request: &PageRequest,
    ) -> Result<Page<Request>, StoreError> {
        let rows = self.held()?.requests_kept(practice, filter);
        Ok(page(rows, request, Order::Rising, |row| {
            (format!("{:010}", row.position), row.id.into())
        }))
    }

    async fn last_position(&self, practice: PracticeId, matter: MatterId) -> Result<i32, StoreError> {
        let rows = self.all(practice, |row: &Request| row.matter_id == matter)?;
        Ok(rows.iter().map(|row| row.position).max().unwrap_or(0).max(0))
    }

    async fn request_counts(
        &self,
        practice: PracticeId,
        filter: &RequestFilter,
    ) -> Result<RequestCounts, StoreError> {
        let rows = self.held()?.requests_kept(practice, filter);
        Ok(rows
            .iter()
            .fold(RequestCounts::default(), |counts, row| counts.plus(row.state, 1)))
    }

    async fn next_request(
        &self,
        practice: PracticeId,
        matter: MatterId,
        client: ClientId,
    ) -> Result<Option<Request>, StoreError> {
        let waiting = self.all(practice, |row: &Request| {
            row.matter_id == matter && row.client_id == client && row.state.waits_for_client()
        })?;
        Ok(waiting.into_iter().min_by_key(|row| {
            let due = (row.due_on.is_none(), row.due_on);
            (!row.required, due, row.position, row.id)
        }))
    }
}

#[async_trait]
impl<S: Scan> Documents for S {
    async fn document(&self, practice: PracticeId, id: DocumentId) -> Result<Option<Document>, StoreError> {
        self.one(practice, id)
    }

    async fn documents(
        &self,
        practice: PracticeId,
        filter: &DocumentFilter,
        request: &PageRequest,
    ) -> Result<Page<Document>, StoreError> {
        let rows = self.held()?.documents_kept(practice, filter);
        Ok(page(rows, request, Order::Falling, |row| {
            (row.created_at.to_string(), row.id.into())
        }))
    }

    async fn document_counts(
        &self,
        practice: PracticeId,
        filter: &DocumentFilter,
    ) -> Result<DocumentCounts, StoreError> {
        let rows = self.held()?.documents_kept(practice, filter);
        Ok(rows.iter().fold(DocumentCounts::default(), |counts, row| {
            counts.plus(row.status, 1)
        }))
    }

    async fn document_counts_by_request(
        &self,
        practice: PracticeId,
        requests: &[RequestId],
    ) -> Result<Vec<(RequestId, DocumentCounts)>, StoreError> {
        let mut counts: BTreeMap<RequestId, DocumentCounts> = BTreeMap::new();
        for row in self.all(practice, |_: &Document| true)? {
            if let Some(request) = row.request_id.filter(|id| requests.contains(id)) {
                let count = counts.entry(request).or_default();
                *count = count.plus(row.status, 1);
            }
        }
        Ok(counts.into_iter().collect())
    }

    async fn document_version(
        &self,
        practice: PracticeId,
        id: DocumentVersionId,
    ) -> Result<Option<DocumentVersion>, StoreError> {
        self.one(practice, id)
    }

    async fn document_versions(
        &self,
        practice: PracticeId,
        document: DocumentId,
    ) -> Result<Vec<DocumentVersion>, StoreError> {
        let mut rows = self.all(practice, |row: &DocumentVersion| row.document_id == document)?;
        rows.sort_by_key(|row| std::cmp::Reverse(row.number));
        Ok(rows)
    }

    async fn shares(&self, practice: PracticeId, document: DocumentId) -> Result<Vec<Share>, StoreError> {
        self.all(practice, |row: &Share| row.document_id == document)
    }

    async fn known_blobs(&self, practice: PracticeId, blobs: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        let versions = self.all(practice, |row: &DocumentVersion| blobs.contains(&row.file.blob))?;
        Ok(versions.into_iter().map(|row| row.file.blob).collect())
    }
}

#[async_trait]
impl<S: Scan> Uploads for S {
    async fn upload(&self, practice: PracticeId, id: UploadId) -> Result<Option<Upload>, StoreError> {
        self.one(practice, id)
    }

    async fn uploads_waiting(
        &self,
        practice: PracticeId,
        by: Uploader,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let waiting = self.all(practice, |row: &Upload| row.by == by && row.is_waiting(at))?;
        Ok(u64::try_from(waiting.len()).unwrap_or(u64::MAX))
    }
}

impl Tables {
    fn requests_kept(&self, practice: PracticeId, filter: &RequestFilter) -> Vec<Request> {
        let was_provided = |request: &Request| {
            self.of(practice)
                .any(|document: &Document| document.request_id == Some(request.id))
        };
        self.of(practice)
            .filter(|row: &&Request| {
                filter.matter.is_none_or(|matter| row.matter_id == matter)
                    && filter.client.is_none_or(|client| row.client_id == client)
                    && filter.state.is_none_or(|state| row.state == state)
                    && (!filter.shown_to_client || row.state != RequestState::Withdrawn || was_provided(row))
                    && filter
                        .visible_to
                        .is_none_or(|staff| self.works_on(practice, row.matter_id, staff))
                    && filter.overdue_on.is_none_or(|today| row.is_overdue(today))
            })
            .cloned()
            .collect()
    }

    fn documents_kept(&self, practice: PracticeId, filter: &DocumentFilter) -> Vec<Document> {
        let access = filter
            .visible_to_access
            .map(|id| self.accesses.get(&(practice, id.into())));
        let sees = |access: &PortalAccess, document: &Document| {
            let shared = self.of(practice).any(|share: &Share| {
                share.document_id == document.id && share.access_id == access.id && !share.removed
            });
            document.is_visible_to(access, shared)
        };
        self.of(practice)
            .filter(|row: &&Document| {
                let words = fold(&format!("{} {}", row.current.name, row.category));
                filter.matter.is_none_or(|matter| row.matter_id == matter)
                    && (filter.client.is_none() || row.client_id == filter.client)
                    && (filter.request.is_none() || row.request_id == filter.request)
                    && filter.status.is_none_or(|status| row.status == status)
                    && finds(filter.q.as_deref(), &words)
                    && access.is_none_or(|access| access.is_some_and(|access| sees(access, row)))
                    && filter
                        .visible_to_staff
                        .is_none_or(|staff| self.works_on(practice, row.matter_id, staff))
            })
            .cloned()
            .collect()
    }
}
