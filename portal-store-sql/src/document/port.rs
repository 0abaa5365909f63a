use std::collections::HashMap;

use async_trait::async_trait;
use portal_core::document::{
    Document, DocumentCounts, DocumentFilter, DocumentStatus, DocumentVersion, Documents, Share,
};
use portal_core::{
    AccessId, DocumentId, DocumentVersionId, Page, PageRequest, PracticeId, RequestId, StoreError,
};
use sqlx::FromRow;
use uuid::Uuid;

use super::rows::{DocumentRow, DocumentVersionRow, ShareRow};
use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor};
use crate::matter::visible_to;
use crate::statement::{Sql, Statement};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::Selects;

/// The same rule as `Document::is_visible_to`: what belongs to the access's matter and is for its client or for all
/// who take part, and what was shared with the access; never what is for staff only. The few documents are found first,
/// by their matter and by their shares.
fn visible_to_access(sql: &mut Sql, practice: PracticeId, access: AccessId) {
    sql.push(
        " AND document.confidentiality IN ('client', 'participants') AND document.id IN (\
         SELECT own.id FROM portal_access AS mine JOIN document AS own ON own.practice_id = mine.practice_id \
         AND own.matter_id = mine.matter_id AND (own.confidentiality = 'participants' OR own.client_id = mine.client_id) \
         WHERE mine.practice_id = ",
    )
    .bind(practice)
    .push(" AND mine.id = ")
    .bind(access)
    .push(" UNION ALL SELECT share.document_id FROM share WHERE share.practice_id = ")
    .bind(practice)
    .push(" AND share.access_id = ")
    .bind(access)
    .push(" AND NOT share.removed)");
}

fn narrow(sql: &mut Sql, practice: PracticeId, filter: &DocumentFilter) {
    sql.and(" AND document.matter_id = ", filter.matter)
        .and(" AND document.client_id = ", filter.client)
        .and(" AND document.request_id = ", filter.request)
        .and(
            " AND document.status = ",
            filter.status.map(DocumentStatus::as_str),
        );
    if let Some(access) = filter.visible_to_access {
        visible_to_access(sql, practice, access);
    }
    visible_to!(sql, practice, filter.visible_to_staff, "document.matter_id");
    sql.words(filter.q.as_deref(), |sql, pattern| {
        sql.like("document.search_text", pattern);
    });
}

pub(crate) fn documents(
    practice: PracticeId,
    filter: &DocumentFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = DocumentRow::select(practice);
    narrow(&mut sql, practice, filter);
    sql.after(page, Key::Stamp, " AND (document.created_at, document.id) < (")?
        .push(" ORDER BY document.created_at DESC, document.id DESC")
        .limit(page);
    Ok(sql.done())
}

pub(crate) fn documents_count(practice: PracticeId, filter: &DocumentFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM document WHERE document.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, practice, filter);
    sql.done()
}

pub(crate) fn document_counts(practice: PracticeId, filter: &DocumentFilter) -> Statement {
    let mut sql =
        Sql::new("SELECT document.status, COUNT(*) AS count FROM document WHERE document.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, practice, filter);
    sql.push(" GROUP BY document.status");
    sql.done()
}

pub(crate) fn counts_by_request(practice: PracticeId, requests: &[Uuid]) -> Statement {
    let mut sql = Sql::new(
        "SELECT document.request_id, document.status, COUNT(*) AS count FROM document WHERE document.practice_id = ",
    );
    sql.bind(practice)
        .push(" AND document.request_id IN ")
        .bind_ids(requests)
        .push(" GROUP BY document.request_id, document.status");
    sql.done()
}

pub(crate) fn document_versions(practice: PracticeId, document: DocumentId) -> Statement {
    let mut sql = DocumentVersionRow::select(practice);
    sql.push(" AND document_version.document_id = ")
        .bind(document)
        .push(" ORDER BY document_version.number DESC");
    sql.done()
}

pub(crate) fn shares(practice: PracticeId, document: DocumentId) -> Statement {
    let mut sql = ShareRow::select(practice);
    sql.push(" AND share.document_id = ")
        .bind(document)
        .push(" ORDER BY share.created_at, share.id");
    sql.done()
}

pub(crate) fn known_blobs(practice: PracticeId, blobs: &[Uuid]) -> Statement {
    let mut sql = Sql::new(
        "SELECT DISTINCT document_version.blob FROM document_version WHERE document_version.practice_id = ",
    );
    sql.bind(practice)
        .push(" AND document_version.blob IN ")
        .bind_ids(blobs);
    sql.done()
}

/// How many documents are in one status.
#[derive(FromRow)]
pub(crate) struct StatusRow {
    status: String,
    count: i64,
}

impl Reads for StatusRow {
    type Record = (DocumentStatus, u64);
    fn record(self) -> Result<Self::Record, StoreError> {
        Ok((
            decode::word("status", &self.status)?,
            decode::number("count", self.count)?,
        ))
    }
}

/// How many documents of one request are in one status.
#[derive(FromRow)]
pub(crate) struct RequestStatusRow {
    request_id: Uuid,
    status: String,
    count: i64,
}

impl Reads for RequestStatusRow {
    type Record = (RequestId, DocumentStatus, u64);
    fn record(self) -> Result<Self::Record, StoreError> {
        Ok((
            self.request_id.into(),
            decode::word("status", &self.status)?,
            decode::number("count", self.count)?,
        ))
    }
}

#[derive(FromRow)]
pub(crate) struct BlobRow {
    blob: Uuid,
}

impl Reads for BlobRow {
    type Record = Uuid;
    fn record(self) -> Result<Uuid, StoreError> {
        Ok(self.blob)
    }
}

#[async_trait]
impl<D: Driver> Documents for SqlStore<D>
where
    DocumentRow: for<'r> FromRow<'r, DbRow<D>>,
    DocumentVersionRow: for<'r> FromRow<'r, DbRow<D>>,
    ShareRow: for<'r> FromRow<'r, DbRow<D>>,
    StatusRow: for<'r> FromRow<'r, DbRow<D>>,
    RequestStatusRow: for<'r> FromRow<'r, DbRow<D>>,
    BlobRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn document(&self, practice: PracticeId, id: DocumentId) -> Result<Option<Document>, StoreError> {
        self.one::<DocumentRow>(DocumentRow::by_id(practice, id)).await
    }

    async fn documents(
        &self,
        practice: PracticeId,
        filter: &DocumentFilter,
        page: &PageRequest,
    ) -> Result<Page<Document>, StoreError> {
        let total = page.total.then(|| documents_count(practice, filter));
        self.page::<DocumentRow>(documents(practice, filter, page)?, total, page, |document| {
            cursor(&document.created_at, document.id)
        })
        .await
    }

    async fn document_counts(
        &self,
        practice: PracticeId,
        filter: &DocumentFilter,
    ) -> Result<DocumentCounts, StoreError> {
        let counts = self.all::<StatusRow>(document_counts(practice, filter)).await?;
        Ok(counts
            .into_iter()
            .fold(DocumentCounts::default(), |counts, (status, count)| {
                counts.plus(status, count)
            }))
    }

    async fn document_counts_by_request(
        &self,
        practice: PracticeId,
        requests: &[RequestId],
    ) -> Result<Vec<(RequestId, DocumentCounts)>, StoreError> {
        let rows = self
            .by_ids::<RequestStatusRow>(requests.iter().map(|id| id.0), |ids| {
                counts_by_request(practice, ids)
            })
            .await?;
        let mut counts: HashMap<RequestId, DocumentCounts> = HashMap::new();
        for (request, status, count) in rows {
            let of_request = counts.entry(request).or_default();
            *of_request = of_request.plus(status, count);
        }
        Ok(counts.into_iter().collect())
    }

    async fn document_version(
        &self,
        practice: PracticeId,
        id: DocumentVersionId,
    ) -> Result<Option<DocumentVersion>, StoreError> {
        self.one::<DocumentVersionRow>(DocumentVersionRow::by_id(practice, id))
            .await
    }

    async fn document_versions(
        &self,
        practice: PracticeId,
        document: DocumentId,
    ) -> Result<Vec<DocumentVersion>, StoreError> {
        self.all::<DocumentVersionRow>(document_versions(practice, document))
            .await
    }

    async fn shares(&self, practice: PracticeId, document: DocumentId) -> Result<Vec<Share>, StoreError> {
        self.all::<ShareRow>(shares(practice, document)).await
    }

    async fn known_blobs(&self, practice: PracticeId, blobs: &[Uuid]) -> Result<Vec<Uuid>, StoreError> {
        self.by_ids::<BlobRow>(blobs.iter().copied(), |blobs| known_blobs(practice, blobs))
            .await
    }
}
