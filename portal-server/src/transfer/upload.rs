use axum::extract::Multipart;
use axum::extract::multipart::{Field, MultipartError};
use axum::http::StatusCode;
use futures_util::StreamExt;
use portal_core::document::{Confidentiality, Document, DocumentRule, FileName, Interrupted, UploadTarget};
use portal_core::{Context, DocumentId, Error, Portal};

use crate::error::Problem;

/// The most parts that are no file in one upload.
const MOST_FIELDS: usize = 16;
/// The most bytes of a part that is no file.
const MOST_FIELD_BYTES: usize = 8 * 1024;

/// What became of the files of one upload.
#[derive(Debug, Default)]
pub struct Received {
    /// Those that are documents now.
    pub stored: Vec<Document>,
    /// The names of those that were refused, and why.
    pub refused: Vec<(String, Problem)>,
}

/// Takes in every part named `file`. A part named `replaces` says which document of the same request or matter the next file
/// takes the place of; on a matter, parts named `client_id` and `confidentiality` say whose the following files are and who may
/// see them. A file that is refused does not keep the others from being stored.
///
/// # Errors
/// When the body is no multipart form, has no file in it, or breaks off; what was stored before that stays.
pub async fn receive(
    portal: &Portal,
    ctx: &Context,
    target: UploadTarget,
    mut form: Multipart,
) -> Result<Received, Problem> {
    let mut received = Received::default();
    let mut target = target;
    let mut fields = 0;
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        match field.name() {
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                if is_empty_choice(&field) {
                    continue;
                }
                let bytes = Box::pin(field.map(|chunk| chunk.map_err(|_| Interrupted)));
                match portal.upload(ctx, target, &name, bytes).await {
                    Ok(document) => {
                        crate::counts::file_uploaded();
                        received.stored.push(document);
                    }
                    Err(Error::Rule(rule @ DocumentRule::Interrupted(_))) => {
                        return Err(Error::Rule(rule).into());
                    }
                    Err(error) => {
                        let name = FileName::sanitise(&name).to_string();
                        received.refused.push((name, error.into()));
                    }
                }
                let (UploadTarget::Request { replaces, .. } | UploadTarget::Matter { replaces, .. }) =
                    &mut target;
                *replaces = None;
            }
            Some("replaces") => set_replaced(&mut target, &text(field).await?)?,
            Some("client_id") => set_client(&mut target, &text(field).await?)?,
            Some("confidentiality") => set_confidentiality(&mut target, &text(field).await?)?,
            Some(_) | None => {
                fields += 1;
                if fields > MOST_FIELDS {
                    return Err(Problem::of(StatusCode::PAYLOAD_TOO_LARGE));
                }
                text(field).await?;
            }
        }
    }
    if received.stored.is_empty() && received.refused.is_empty() {
        return Err(Problem::field("file", "required", "Choose a file first."));
    }
    Ok(received)
}

/// A form sent without choosing a file has a part without a name in the place of one.
fn is_empty_choice(field: &Field<'_>) -> bool {
    field.file_name().is_none_or(str::is_empty) && field.content_type() == Some("application/octet-stream")
}

pub(crate) fn set_replaced(target: &mut UploadTarget, text: &str) -> Result<(), Problem> {
    if text.is_empty() {
        return Ok(());
    }
    let id: DocumentId = text
        .parse()
        .map_err(|_| Problem::field("replaces", "type", "This is not the id of a document."))?;
    let (UploadTarget::Request { replaces, .. } | UploadTarget::Matter { replaces, .. }) = target;
    *replaces = Some(id);
    Ok(())
}

pub(crate) fn set_client(target: &mut UploadTarget, text: &str) -> Result<(), Problem> {
    let UploadTarget::Matter { client, .. } = target else {
        return Ok(());
    };
    *client = match text {
        "" => None,
        id => Some(
            id.parse()
                .map_err(|_| Problem::field("client_id", "type", "This is not the id of a client."))?,
        ),
    };
    Ok(())
}

pub(crate) fn set_confidentiality(target: &mut UploadTarget, text: &str) -> Result<(), Problem> {
    let UploadTarget::Matter { confidentiality, .. } = target else {
        return Ok(());
    };
    *confidentiality = [
        Confidentiality::StaffOnly,
        Confidentiality::Client,
        Confidentiality::Participants,
    ]
    .into_iter()
    .find(|known| known.as_str() == text)
    .ok_or_else(|| Problem::field("confidentiality", "unknown", "Choose who may see the files."))?;
    Ok(())
}

async fn text(mut field: Field<'_>) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_FIELD_BYTES {
            return Err(Problem::of(StatusCode::PAYLOAD_TOO_LARGE));
        }
    }
    String::from_utf8(bytes).map_err(|_| Problem::of(StatusCode::BAD_REQUEST))
}

fn broken(error: &MultipartError) -> Problem {
    if error.status().is_server_error() {
        // A connection that breaks is nobody's fault.
        tracing::info!(%error, "an upload broke off");
    }
    Problem::new(
        StatusCode::BAD_REQUEST,
        "upload-interrupted",
        "The upload was interrupted or is not a form with files. Please try again.",
    )
}
