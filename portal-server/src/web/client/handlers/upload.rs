//! Files on their way in: several in one form, or one at a time from our script. Each has its own outcome.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use portal_core::document::UploadTarget;
use serde::Serialize;

use super::answer::see_other;
use super::documents::At;
use super::request::{self, Named};
use super::visit::Visit;
use super::words;
use crate::cookies;
use crate::error::Problem;
use crate::extract::Path;
use crate::state::AppState;
use crate::transfer::{self, Received};
use crate::web::client::Outcome;
use crate::web::view::{Flash, Tone};

/// What became of the files, for our script.
#[derive(Debug, Serialize)]
struct Report {
    files: Vec<Line>,
}

/// What became of one file.
#[derive(Debug, Serialize)]
struct Line {
    name: String,
    /// The document it became; null when it was refused.
    id: Option<String>,
    /// Why it was refused; null when it was not.
    problem: Option<String>,
}

/// Takes files in for a request.
pub(super) async fn receive(
    State(state): State<AppState>,
    visit: Visit,
    Path(named): Path<Named>,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let received = take(&state, &visit, &named, form).await;
    if visit.door.wants_page {
        as_page(&state, &visit, &named, received).await
    } else {
        as_json(received)
    }
}

async fn take(
    state: &AppState,
    visit: &Visit,
    named: &Named,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Received, Problem> {
    let request = request::find(state.portal(), visit, &named.id).await?;
    let form = form.map_err(|rejection| Problem::of(rejection.status()))?;
    let target = UploadTarget::Request {
        request: request.id,
        replaces: None,
    };
    transfer::receive(state.portal(), &visit.ctx, target, form).await
}

async fn as_page(
    state: &AppState,
    visit: &Visit,
    named: &Named,
    received: Result<Received, Problem>,
) -> Response {
    let (outcomes, status) = match received {
        Ok(received) if received.refused.is_empty() => {
            let count = u64::try_from(received.stored.len()).unwrap_or(u64::MAX);
            let flash = Flash {
                tone: Tone::Success,
                text: match count {
                    1 => "1 file sent. We will check it and let you know.".to_owned(),
                    count => format!(
                        "{} sent. We will check them and let you know.",
                        words::files(count)
                    ),
                },
            };
            let mut answer = see_other(&format!("{}/requests/{}", visit.door.base, named.id));
            cookies::set_flash(answer.headers_mut(), state.public_url(), &flash);
            return answer;
        }
        Ok(received) => (outcomes(received), StatusCode::UNPROCESSABLE_ENTITY),
        // What is wrong with the form as a whole belongs beside it.
        Err(problem) if !problem.errors.is_empty() => {
            let said = problem.errors.into_iter().map(|error| Outcome {
                text: error.message,
                ..Outcome::default()
            });
            (said.collect(), problem.status)
        }
        Err(problem) => return visit.refuse(state, &problem),
    };
    match request::page(state.portal(), visit, &named.id, &At::default(), outcomes).await {
        Ok(page) => visit.door.show(status, state, &page),
        Err(problem) => visit.refuse(state, &problem),
    }
}

/// What became of each file, the refused ones first.
fn outcomes(received: Received) -> Vec<Outcome> {
    let refused = received.refused.into_iter().map(|(name, problem)| Outcome {
        name,
        sent: false,
        text: said(&problem),
    });
    let stored = received.stored.into_iter().map(|document| Outcome {
        name: document.current.name.to_string(),
        sent: true,
        text: String::new(),
    });
    refused.chain(stored).collect()
}

fn said(problem: &Problem) -> String {
    match problem.errors.as_slice() {
        [one] => one.message.clone(),
        _ => problem.detail.clone().into_owned(),
    }
}

fn as_json(received: Result<Received, Problem>) -> Response {
    let received = match received {
        Ok(received) => received,
        Err(problem) => return problem.into_response(),
    };
    if let ([], [(_, problem)]) = (received.stored.as_slice(), received.refused.as_slice()) {
        return problem.clone().into_response();
    }
    let status = if received.refused.is_empty() {
        StatusCode::CREATED
    } else {
        StatusCode::MULTI_STATUS
    };
    let stored = received.stored.into_iter().map(|document| Line {
        name: document.current.name.to_string(),
        id: Some(document.id.to_string()),
        problem: None,
    });
    let refused = received.refused.into_iter().map(|(name, problem)| Line {
        name,
        id: None,
        problem: Some(said(&problem)),
    });
    let files = stored.chain(refused).collect();
    (status, Json(Report { files })).into_response()
}
