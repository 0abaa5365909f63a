//! Files' bytes: uploads, downloads, signed addresses, archives.

use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use portal_core::document::{Confidentiality, DownloadTicket, UploadTarget};
use portal_core::{ClientId, DocumentId, MatterId, Portal, RequestId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::documents::DocumentBody;
use super::values::Failures;
use crate::error::Problem;
use crate::extract::{Json, Listed, Path, Query, Signed};
use crate::layers::NotRepeated;
use crate::state::AppState;
use crate::transfer::{Disposition, Received, receive, send, zip};

pub(super) fn quick() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(signed_url))
}

pub(super) fn transfers() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(upload))
        .routes(routes!(upload_to_matter))
        .routes(routes!(content))
        .routes(routes!(archive))
}

/// A form with files.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form, which is streamed")]
struct UploadForm {
    /// The document of the same request whose place the first file takes. It comes before the file.
    replaces: Option<Uuid>,
    /// The files.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<Vec<u8>>,
}

fn answer(received: Received) -> Result<Response, Problem> {
    let stored = received.stored.len();
    match received.refused.into_iter().next() {
        None => {
            let items = received.stored.into_iter().map(DocumentBody::from).collect();
            Ok((StatusCode::CREATED, Json(Listed::<DocumentBody>::whole(items))).into_response())
        }
        Some((_, problem)) if stored == 0 => Err(problem),
        Some((_, mut problem)) => {
            let text = format!(
                "{} The other files of this upload were stored: {stored}.",
                problem.detail
            );
            problem.detail = text.into();
            Err(problem)
        }
    }
}

/// Provides files for a request. Each becomes a document only when all of its bytes have come and are allowed.
#[utoipa::path(post, path = "/requests/{id}/documents", tag = "documents", params(("id" = Uuid, Path)),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Listed<DocumentBody>), Failures))]
async fn upload(
    signed: Signed,
    State(portal): State<Portal>,
    Path(request): Path<RequestId>,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Problem> {
    let target = UploadTarget::Request {
        request,
        replaces: None,
    };
    // Who may not upload is told so, whatever they sent.
    portal.request(signed.context(), request).await?;
    answer(receive(&portal, signed.context(), target, form?).await?)
}

impl From<axum::extract::multipart::MultipartRejection> for Problem {
    fn from(_: axum::extract::multipart::MultipartRejection) -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
            "Send the files as multipart/form-data, in parts named file.",
        )
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FilingQuery {
    /// The client that the documents belong to.
    #[param(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
    /// Who may see them: `staff-only` (the default), `client` or `participants`.
    #[param(value_type = Option<String>)]
    confidentiality: Option<Confidentiality>,
}

/// Staff file documents on a matter.
#[utoipa::path(post, path = "/matters/{id}/documents", tag = "documents", params(("id" = Uuid, Path), FilingQuery),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Listed<DocumentBody>), Failures))]
async fn upload_to_matter(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Query(query): Query<FilingQuery>,
    form: Result<Multipart, axum::extract::multipart::MultipartRejection>,
) -> Result<Response, Problem> {
    let target = UploadTarget::Matter {
        matter,
        client: query.client_id,
        confidentiality: query.confidentiality.unwrap_or(Confidentiality::StaffOnly),
        replaces: None,
    };
    portal.matter(signed.context(), matter).await?;
    answer(receive(&portal, signed.context(), target, form?).await?)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ContentQuery {
    /// Which version; the newest by default.
    number: Option<u32>,
    /// Whether a browser should show it, in a sandbox, if it can.
    preview: Option<bool>,
}

/// A document's bytes, as an attachment. Takes `Range`.
#[utoipa::path(get, path = "/documents/{id}/content", tag = "documents", params(("id" = Uuid, Path), ContentQuery),
    responses((status = 200, content_type = "application/octet-stream"), (status = 206), Failures))]
async fn content(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<DocumentId>,
    Query(query): Query<ContentQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let download = portal.download(signed.context(), id, query.number).await?;
    let disposition = match query.preview {
        Some(true) => Disposition::Preview,
        _ => Disposition::Attachment,
    };
    send(&portal, &download, disposition, &headers).await
}

/// An address that opens one file without further proof, for a while.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedUrlBody {
    url: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Makes an address that downloads the document for 15 minutes. It dies with the session that made it.
#[utoipa::path(get, path = "/documents/{id}/signed-url", tag = "documents", params(("id" = Uuid, Path)),
    responses((status = 200, body = SignedUrlBody), Failures))]
async fn signed_url(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<DocumentId>,
) -> Result<Response, Problem> {
    let ticket = portal.download_ticket(signed.context(), id).await?;
    let body = SignedUrlBody {
        url: portal.url(&format!("/d/{ticket}")),
        expires_at: signed.context().at + DownloadTicket::LIFE,
    };
    let mut response = Json(body).into_response();
    response.extensions_mut().insert(NotRepeated);
    Ok(response)
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ArchiveQuery {
    /// Only this client's documents.
    #[param(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
}

/// All documents on a matter as one archive, a folder for each request.
#[utoipa::path(get, path = "/matters/{id}/documents.zip", tag = "documents", params(("id" = Uuid, Path), ArchiveQuery),
    responses((status = 200, content_type = "application/zip"), Failures))]
async fn archive(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Query(query): Query<ArchiveQuery>,
) -> Result<Response, Problem> {
    let entries = portal.archive(signed.context(), matter, query.client_id).await?;
    let reference = portal.matter(signed.context(), matter).await?.reference;
    Ok(zip(&portal, entries, &format!("{reference}.zip")))
}
