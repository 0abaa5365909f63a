//! Files on their way in and out of the staff's pages.

use axum::Json;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use portal_core::DocumentId;
use serde_json::json;

use super::asked::{Asked, counted};
use super::desk::Desk;
use crate::error::Problem;
use crate::extract::Path;
use crate::transfer::{Disposition, Received, send};

/// The answer to an upload: for the script, which sends one file at a time, or back to the page with what became of all.
pub(super) fn received(
    desk: &Desk,
    headers: &HeaderMap,
    received: Result<Received, Problem>,
    back: &str,
) -> Result<Response, Problem> {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let is_script = accept.is_some_and(|accept| accept.starts_with("application/json"));
    let received = match received {
        Ok(received) => received,
        Err(problem) if is_script || problem.status.is_server_error() => return Err(problem),
        Err(problem) => {
            let text = problem.errors.first().map(|error| error.message.clone());
            return Ok(desk.failed(back, text.unwrap_or_else(|| problem.detail.clone().into_owned())));
        }
    };
    let stored = u64::try_from(received.stored.len()).unwrap_or_default();
    if let Some((_, problem)) = received.refused.first() {
        if is_script {
            return Err(problem.clone());
        }
        let mut texts = vec![format!("{} stored.", counted(stored, "file is", "files are"))];
        texts.extend(received.refused.iter().map(|(_, problem)| {
            let text = problem.errors.first().map(|error| error.message.clone());
            text.unwrap_or_else(|| problem.detail.clone().into_owned())
        }));
        return Ok(desk.failed(back, texts.join(" ")));
    }
    if is_script {
        return Ok(Json(json!({ "stored": stored })).into_response());
    }
    Ok(desk.done(
        back,
        format!("{} stored.", counted(stored, "file is", "files are")),
    ))
}

pub(super) async fn download(
    desk: Desk,
    Path(id): Path<DocumentId>,
    asked: Asked,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let download = desk
        .portal()
        .download(desk.ctx(), id, asked.value("version"))
        .await?;
    send(desk.portal(), &download, Disposition::Attachment, &headers).await
}

/// A picture for the page, in a sandbox. Other files are not shown inside a page.
pub(super) async fn picture(
    desk: Desk,
    Path(id): Path<DocumentId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let document = desk.portal().document(desk.ctx(), id).await?;
    if !document.current.media_type.starts_with("image/") {
        return Err(Problem::not_found());
    }
    let download = desk.portal().download(desk.ctx(), id, None).await?;
    send(desk.portal(), &download, Disposition::Preview, &headers).await
}
