//! Uploads in several goes: tus 1.0.0 with its extensions creation, creation-with-upload, checksum, expiration and
//! termination (<https://tus.io/protocols/resumable-upload>).

mod answers;
mod metadata;
mod protocol;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use portal_core::document::Interrupted;
use portal_core::upload::{Upload, UploadPart, UploadRule};
use portal_core::{Context, Error, Portal, UploadId};
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use self::answers::{Answer, UploadBody};
use super::values::Failures;
use crate::error::Problem;
use crate::extract::{Json, Path, Signed};
use crate::layers::counted;
use crate::state::AppState;

pub(super) fn quick() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(abilities))
        .routes(routes!(show, stand, give_up, abilities_of_one))
        .layer(from_fn(protocol::speak))
}

pub(super) fn transfers() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(go_on, overridden))
        .layer(from_fn(protocol::speak))
}

fn problem(error: Error<UploadRule>) -> Problem {
    let own_status = match error {
        Error::Rule(UploadRule::Garbled) => Some(protocol::checksum_mismatch()),
        // Clients try again after this one, and begin anew after others.
        Error::Rule(UploadRule::Busy) => Some(StatusCode::LOCKED),
        _ => None,
    };
    let mut problem = Problem::from(error);
    problem.status = own_status.unwrap_or(problem.status);
    problem
}

/// Says what of the tus protocol is spoken here, to anybody; to who is signed in also the most bytes of a file.
#[utoipa::path(options, path = "/uploads", tag = "uploads", responses((status = 204)))]
async fn abilities(
    signed: Result<Signed, Problem>,
    State(portal): State<Portal>,
) -> Result<Response, Problem> {
    let most_bytes = match signed {
        Ok(signed) => Some(
            portal
                .practice(signed.context())
                .await?
                .settings
                .upload_most_bytes,
        ),
        Err(_) => None,
    };
    Ok(answers::abilities(most_bytes))
}

/// Says what of the tus protocol is spoken here.
#[utoipa::path(options, path = "/uploads/{id}", tag = "uploads", params(("id" = Uuid, Path)), responses((status = 204)))]
async fn abilities_of_one() -> Response {
    answers::abilities(None)
}

/// Begins an upload in several goes.
///
/// `Upload-Length` says how many bytes the file has. `Upload-Metadata` says what it is called (`filename`) and where it
/// goes: `request_id`, and with it `replaces` if it takes a document's place; or, for staff, `matter_id`, and with it
/// `client_id` and `confidentiality`. A body of type `application/offset+octet-stream` is its first bytes.
#[utoipa::path(post, path = "/uploads", tag = "uploads",
    params(("Upload-Length" = u64, Header), ("Upload-Metadata" = String, Header)),
    responses((status = 201, headers(("Location" = String), ("Upload-Expires" = String))), Failures))]
async fn begin(
    signed: Signed,
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let ctx = signed.context();
    let new = metadata::new_upload(&headers)?;
    // A body of another kind means nothing here: some clients always name one.
    let with_bytes = protocol::expect_bytes(&headers).is_ok();
    let checksum = protocol::checksum(&headers)?;
    let upload = state.portal().begin_upload(ctx, &new).await.map_err(problem)?;
    let location = format!("{}/api/v1/uploads/{}", state.public_url().base(), upload.id);
    if !with_bytes {
        return Ok(Answer::new(StatusCode::CREATED).of(&upload).at(&location).done());
    }
    let part = UploadPart {
        offset: 0,
        length: protocol::number(&headers, &header::CONTENT_LENGTH)?,
        checksum,
    };
    match receive(&state, ctx, upload.id, part, body).await {
        Ok(upload) => Ok(Answer::new(StatusCode::CREATED).of(&upload).at(&location).done()),
        // It is begun all the same, and its address says where to go on.
        Err(problem) => Ok(Answer::from(problem.into_response()).at(&location).done()),
    }
}

/// How far an upload has come.
#[utoipa::path(get, path = "/uploads/{id}", tag = "uploads", params(("id" = Uuid, Path)),
    responses((status = 200, body = UploadBody), Failures))]
async fn show(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<UploadId>,
) -> Result<Json<UploadBody>, Problem> {
    let upload = portal.upload_progress(signed.context(), id).await;
    Ok(Json(upload.map_err(problem)?.into()))
}

/// Where to go on, in `Upload-Offset`. A go of the same upload that is under way is ended first, for who asks has lost its
/// connection.
#[utoipa::path(head, path = "/uploads/{id}", tag = "uploads", params(("id" = Uuid, Path)),
    responses((status = 200, headers(("Upload-Offset" = u64), ("Upload-Length" = u64), ("Upload-Expires" = String),
        ("Portal-Document-Id" = Uuid))), Failures))]
async fn stand(
    signed: Signed,
    State(state): State<AppState>,
    Path(id): Path<UploadId>,
) -> Result<Response, Problem> {
    let ctx = signed.context();
    let mut progress = state.portal().upload_progress(ctx, id).await;
    // Only whoever began it gets so far.
    let is_theirs = matches!(progress, Ok(_) | Err(Error::Rule(UploadRule::Busy)));
    if is_theirs && state.goes().end(ctx.practice, id).await {
        progress = state.portal().upload_progress(ctx, id).await;
    }
    let upload = progress.map_err(problem)?;
    Ok(Answer::new(StatusCode::OK)
        .of(&upload)
        .with_length(&upload)
        .done())
}

/// Sends bytes, beginning at `Upload-Offset`. What is answered to have come is durable. The answer to the last byte names
/// the document in `Portal-Document-Id`.
///
/// `Upload-Checksum` (`sha1` or `sha256`, then the value in base64) is compared with the bytes of this request: they are
/// kept when it is theirs, and otherwise answered with 460.
#[utoipa::path(patch, path = "/uploads/{id}", tag = "uploads",
    params(("id" = Uuid, Path), ("Upload-Offset" = u64, Header), ("Upload-Checksum" = Option<String>, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204, headers(("Upload-Offset" = u64), ("Upload-Expires" = String), ("Portal-Document-Id" = Uuid))),
        Failures))]
async fn go_on(
    signed: Signed,
    State(state): State<AppState>,
    Path(id): Path<UploadId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    protocol::expect_bytes(&headers)?;
    let part = UploadPart {
        offset: protocol::needed(&headers, &protocol::UPLOAD_OFFSET)?,
        length: protocol::number(&headers, &header::CONTENT_LENGTH)?,
        checksum: protocol::checksum(&headers)?,
    };
    let upload = receive(&state, signed.context(), id, part, body).await?;
    Ok(Answer::new(StatusCode::NO_CONTENT).of(&upload).done())
}

/// Gives an upload up; its bytes are thrown away.
#[utoipa::path(delete, path = "/uploads/{id}", tag = "uploads", params(("id" = Uuid, Path)),
    responses((status = 204), Failures))]
async fn give_up(
    signed: Signed,
    State(state): State<AppState>,
    Path(id): Path<UploadId>,
) -> Result<StatusCode, Problem> {
    let ctx = signed.context();
    let mut given_up = state.portal().give_upload_up(ctx, id).await;
    let is_busy = matches!(given_up, Err(Error::Rule(UploadRule::Busy)));
    if is_busy && state.goes().end(ctx.practice, id).await {
        given_up = state.portal().give_upload_up(ctx, id).await;
    }
    given_up.map_err(problem)?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PATCH` or `DELETE`, as `X-HTTP-Method-Override` says, for senders that can do neither.
#[utoipa::path(post, path = "/uploads/{id}", tag = "uploads",
    params(("id" = Uuid, Path), ("X-HTTP-Method-Override" = String, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses((status = 204), Failures))]
async fn overridden(
    signed: Signed,
    State(state): State<AppState>,
    id: Path<UploadId>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    match protocol::method(&headers) {
        Some(Method::PATCH) => go_on(signed, State(state), id, headers, body).await,
        Some(Method::DELETE) => Ok(give_up(signed, State(state), id).await?.into_response()),
        _ => Err(Problem::of(StatusCode::METHOD_NOT_ALLOWED)),
    }
}

/// Takes bytes in, in a task of its own: when the connection breaks, what came until then is kept all the same.
async fn receive(
    state: &AppState,
    ctx: &Context,
    id: UploadId,
    part: UploadPart,
    body: Body,
) -> Result<Upload, Problem> {
    let go = state.goes().begin(ctx.practice, id);
    let told = go.told_to_end();
    let was_told = told.clone();
    let bytes = body
        .into_data_stream()
        .map(|chunk| chunk.map_err(|_| Interrupted))
        .take_until(told.cancelled_owned());
    let ended = move |()| std::future::ready(was_told.is_cancelled().then_some(Err(Interrupted)));
    let bytes = Box::pin(bytes.chain(stream::once(std::future::ready(())).filter_map(ended)));
    let (portal, ctx) = (state.portal().clone(), ctx.clone());
    let work = async move {
        let received = portal.receive_upload(&ctx, id, part, bytes).await;
        drop(go);
        received
    };
    let upload = match tokio::spawn(counted(work).in_current_span()).await {
        Ok(received) => received.map_err(problem)?,
        Err(panic) => return Err(Problem::internal(panic)),
    };
    if upload.document().is_some() {
        crate::counts::file_uploaded();
    }
    Ok(upload)
}
