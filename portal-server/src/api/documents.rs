//! Documents: what is known of files. Their bytes are in [`super::files`].

use axum::extract::State;
use axum::http::StatusCode;
use portal_core::document::{
    Confidentiality, Document, DocumentFilter, DocumentPatch, DocumentStatus, DocumentVersion, FileVersion,
    Share, Uploader,
};
use portal_core::{AccessId, ClientId, DocumentId, MatterId, Portal, RequestId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::requests::ReasonInput;
use super::values::Failures;
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(list_of_matter))
        .routes(routes!(list_of_request))
        .routes(routes!(get, change))
        .routes(routes!(versions))
        .routes(routes!(accept))
        .routes(routes!(return_with_reason))
        .routes(routes!(shares))
        .routes(routes!(share, unshare))
}

/// A file on a matter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    matter_id: Uuid,
    /// The client that it belongs to.
    client_id: Option<Uuid>,
    /// The request that it answers.
    request_id: Option<Uuid>,
    category: String,
    #[schema(example = "pending-review")]
    status: &'static str,
    /// Why it was returned.
    reason: Option<String>,
    /// Who may see it: `staff-only`, `client` or `participants`.
    #[schema(example = "client")]
    confidentiality: &'static str,
    /// How many versions it has; the newest carries this number.
    versions: u32,
    /// The newest version's file.
    file: FileBody,
    /// `client` or `staff`.
    uploaded_by: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FileBody {
    #[schema(example = "passport.pdf")]
    name: String,
    #[schema(example = "application/pdf")]
    media_type: String,
    /// In bytes.
    size: u64,
    /// Hexadecimal.
    sha256: String,
}

impl From<FileVersion> for FileBody {
    fn from(file: FileVersion) -> Self {
        Self {
            name: file.name.to_string(),
            media_type: file.media_type,
            size: file.size,
            sha256: file.sha256.to_string(),
        }
    }
}

const fn uploader(by: Uploader) -> &'static str {
    match by {
        Uploader::Client(_) => "client",
        Uploader::Staff(_) => "staff",
    }
}

impl From<Document> for DocumentBody {
    fn from(document: Document) -> Self {
        Self {
            id: document.id.0,
            version: document.version.0,
            matter_id: document.matter_id.0,
            client_id: document.client_id.map(|id| id.0),
            request_id: document.request_id.map(|id| id.0),
            category: document.category,
            status: document.status.as_str(),
            reason: document.reason,
            confidentiality: document.confidentiality.as_str(),
            versions: document.versions,
            file: document.current.into(),
            uploaded_by: uploader(document.uploaded_by),
            created_at: document.created_at,
            updated_at: document.updated_at,
        }
    }
}

/// One version of a document. It never changes.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionBody {
    /// Its number within the document, from 1.
    number: u32,
    file: FileBody,
    /// `client` or `staff`.
    uploaded_by: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<DocumentVersion> for VersionBody {
    fn from(version: DocumentVersion) -> Self {
        Self {
            number: version.number,
            file: version.file.into(),
            uploaded_by: uploader(version.uploaded_by),
            created_at: version.created_at,
        }
    }
}

fn tagged(document: Document) -> ETagged<DocumentBody> {
    ETagged::new(document.version, document.into())
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DocumentsQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Words that file name or category must contain.
    q: Option<String>,
    /// Only those of this client.
    #[param(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
    /// Only those in this status: `pending-review`, `accepted`, `returned` or `filed`.
    #[param(value_type = Option<String>)]
    status: Option<DocumentStatus>,
}

async fn listed(
    portal: &Portal,
    signed: &Signed,
    (matter, request): (Option<MatterId>, Option<RequestId>),
    query: DocumentsQuery,
) -> Result<Json<Listed<DocumentBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let filter = DocumentFilter {
        matter,
        request,
        client: query.client_id,
        status: query.status,
        q: query.q,
        ..DocumentFilter::default()
    };
    let page = portal.documents(signed.context(), &filter, &page).await?;
    Ok(Json(Listed::present(page, DocumentBody::from)))
}

/// All documents that the caller may see, the newest first. A client sees those of their first workspace.
#[utoipa::path(get, path = "/documents", tag = "documents", params(DocumentsQuery),
    responses((status = 200, body = Listed<DocumentBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<DocumentsQuery>,
) -> Result<Json<Listed<DocumentBody>>, Problem> {
    listed(&portal, &signed, (None, None), query).await
}

/// The documents on a matter, the newest first. A client sees theirs and what is shared with them.
#[utoipa::path(get, path = "/matters/{id}/documents", tag = "documents", params(("id" = Uuid, Path), DocumentsQuery),
    responses((status = 200, body = Listed<DocumentBody>), Failures))]
async fn list_of_matter(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Query(query): Query<DocumentsQuery>,
) -> Result<Json<Listed<DocumentBody>>, Problem> {
    listed(&portal, &signed, (Some(matter), None), query).await
}

/// The documents that answer a request, the newest first.
#[utoipa::path(get, path = "/requests/{id}/documents", tag = "documents", params(("id" = Uuid, Path), DocumentsQuery),
    responses((status = 200, body = Listed<DocumentBody>), Failures))]
async fn list_of_request(
    signed: Signed,
    State(portal): State<Portal>,
    Path(request): Path<RequestId>,
    Query(query): Query<DocumentsQuery>,
) -> Result<Json<Listed<DocumentBody>>, Problem> {
    let matter = portal.request(signed.context(), request).await?.matter_id;
    listed(&portal, &signed, (Some(matter), Some(request)), query).await
}

/// One document.
#[utoipa::path(get, path = "/documents/{id}", tag = "documents", params(("id" = Uuid, Path)),
    responses((status = 200, body = DocumentBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<DocumentId>,
) -> Result<ETagged<DocumentBody>, Problem> {
    Ok(tagged(portal.document(signed.context(), id).await?))
}

/// What staff change about a document; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DocumentInput {
    /// At most 60 characters.
    category: Option<String>,
    /// `staff-only`, `client` or `participants`.
    #[schema(value_type = Option<String>)]
    confidentiality: Option<Confidentiality>,
}

/// Changes a document's category or who may see it.
#[utoipa::path(patch, path = "/documents/{id}", tag = "documents", params(("id" = Uuid, Path)),
    request_body = DocumentInput, responses((status = 200, body = DocumentBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<DocumentId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<DocumentInput>,
) -> Result<ETagged<DocumentBody>, Problem> {
    let patch = DocumentPatch {
        category: input.category,
        confidentiality: input.confidentiality,
    };
    Ok(tagged(
        portal
            .update_document(signed.context(), id, expected, &patch)
            .await?,
    ))
}

/// All versions of a document, the newest first.
#[utoipa::path(get, path = "/documents/{id}/versions", tag = "documents", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listed<VersionBody>), Failures))]
async fn versions(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<DocumentId>,
) -> Result<Json<Listed<VersionBody>>, Problem> {
    let versions = portal.document_versions(signed.context(), id).await?;
    Ok(Json(Listed::whole(
        versions.into_iter().map(VersionBody::from).collect(),
    )))
}

/// Accepts a document.
#[utoipa::path(post, path = "/documents/{id}/accept", tag = "documents", params(("id" = Uuid, Path)),
    responses((status = 200, body = DocumentBody), Failures))]
async fn accept(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<DocumentId>,
) -> Result<ETagged<DocumentBody>, Problem> {
    Ok(tagged(portal.accept_document(signed.context(), id).await?))
}

/// Returns a document with a reason that its client reads.
#[utoipa::path(post, path = "/documents/{id}/return", tag = "documents", params(("id" = Uuid, Path)),
    request_body = ReasonInput, responses((status = 200, body = DocumentBody), Failures))]
async fn return_with_reason(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<DocumentId>,
    Json(input): Json<ReasonInput>,
) -> Result<ETagged<DocumentBody>, Problem> {
    Ok(tagged(
        portal
            .return_document(signed.context(), id, &input.reason)
            .await?,
    ))
}

/// With whom a document is shared.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShareBody {
    access_id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl From<Share> for ShareBody {
    fn from(share: Share) -> Self {
        Self {
            access_id: share.access_id.0,
            created_at: share.created_at,
        }
    }
}

/// The workspaces that a document is shared with and that would not see it otherwise.
#[utoipa::path(get, path = "/documents/{id}/shares", tag = "documents", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listed<ShareBody>), Failures))]
async fn shares(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<DocumentId>,
) -> Result<Json<Listed<ShareBody>>, Problem> {
    let shares = portal.shares(signed.context(), id).await?;
    Ok(Json(Listed::whole(
        shares.into_iter().map(ShareBody::from).collect(),
    )))
}

/// Shares a document with a workspace. Doing it twice is no error.
#[utoipa::path(put, path = "/documents/{id}/shares/{access_id}", tag = "documents",
    params(("id" = Uuid, Path), ("access_id" = Uuid, Path)), responses((status = 204), Failures))]
async fn share(
    signed: Signed,
    State(portal): State<Portal>,
    Path((id, access)): Path<(DocumentId, AccessId)>,
) -> Result<StatusCode, Problem> {
    portal.share_document(signed.context(), id, access, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a share back. Doing it twice is no error.
#[utoipa::path(delete, path = "/documents/{id}/shares/{access_id}", tag = "documents",
    params(("id" = Uuid, Path), ("access_id" = Uuid, Path)), responses((status = 204), Failures))]
async fn unshare(
    signed: Signed,
    State(portal): State<Portal>,
    Path((id, access)): Path<(DocumentId, AccessId)>,
) -> Result<StatusCode, Problem> {
    portal.share_document(signed.context(), id, access, false).await?;
    Ok(StatusCode::NO_CONTENT)
}
