//! One thing that is asked for.

use axum::extract::{Query, State};
use axum::response::Response;
use portal_core::checklist::{Request, RequestState};
use portal_core::{Portal, RequestId};

use super::documents::{self, At, Listing};
use super::frame::{self, Counts};
use super::home::{documents_of, matter};
use super::visit::Visit;
use super::words;
use crate::error::Problem;
use crate::extract::Path;
use crate::state::AppState;
use crate::web::client::request::RequestPage;
use crate::web::client::{Outcome, Place, Upload};

/// Which record a path names, beside the workspace.
#[derive(Debug, serde::Deserialize)]
pub(super) struct Named {
    pub(super) id: String,
}

/// Shows a request.
pub(super) async fn show(
    State(state): State<AppState>,
    visit: Visit,
    Path(named): Path<Named>,
    Query(at): Query<At>,
) -> Response {
    let page = page(state.portal(), &visit, &named.id, &at, Vec::new()).await;
    visit.answer(&state, page)
}

/// The request with this id on this workspace's matter.
pub(super) async fn find(portal: &Portal, visit: &Visit, id: &str) -> Result<Request, Problem> {
    let id: RequestId = id.parse().map_err(|_| Problem::not_found())?;
    let request = portal.request(&visit.ctx, id).await?;
    if request.matter_id == visit.workspace.matter.id {
        Ok(request)
    } else {
        Err(Problem::not_found())
    }
}

/// The page of a request; `outcomes` says what became of files that were just sent.
pub(super) async fn page(
    portal: &Portal,
    visit: &Visit,
    id: &str,
    at: &At,
    outcomes: Vec<Outcome>,
) -> Result<RequestPage, Problem> {
    let request = find(portal, visit, id).await?;
    let counts = Counts::of(portal, visit).await?;
    let base = &visit.door.base;
    let here = format!("{base}/requests/{}", request.id);
    let filter = documents_of(visit, &request);
    let Listing {
        mut files,
        documents,
        total,
        pager,
    } = documents::listing(portal, visit, &filter, at, &here).await?;
    // With one file only, what is sent above takes its place anyway.
    let takes_files = request.state.takes_documents() && !visit.is_preview() && total > 1;
    for (row, document) in files.iter_mut().zip(&documents) {
        if takes_files && !row.reason.is_empty() {
            row.replace = Some((format!("{here}/documents"), document.id.to_string()));
        }
    }
    let sent = portal.document_counts(&visit.ctx, &filter).await?;
    let next = portal.next_request(&visit.ctx, visit.workspace.matter.id).await?;
    let next = next.filter(|next| next.id != request.id);
    let waived = matches!(request.state, RequestState::Waived | RequestState::Withdrawn);
    Ok(RequestPage {
        shell: frame::inside(portal, visit, Place::Requests, counts).await?,
        matter: matter(visit),
        requests_href: format!("{base}/requests"),
        title: request.title.clone(),
        badge: words::request_badge(&request),
        due: request
            .due_on
            .filter(|_| request.state.waits_for_client())
            .map(|date| visit.when.due(date)),
        wanted: words::wanted(&request, &sent),
        why: match &request.reason {
            Some(reason) if waived => reason.clone(),
            _ => request.help.clone(),
        },
        help: request.example.clone(),
        returned: returned(&request),
        pager: (total > documents::AT_ONCE.into() || at.cursor.is_some()).then_some(pager),
        files,
        total,
        upload: upload(visit, &request).map(|upload| Upload { outcomes, ..upload }),
        next: next.map(|next| (next.title.clone(), format!("{base}/requests/{}", next.id))),
    })
}

/// Why what was sent came back.
pub(super) fn returned(request: &Request) -> String {
    match (&request.reason, request.state) {
        (Some(reason), RequestState::Returned) => reason.clone(),
        _ => String::new(),
    }
}

/// The way to provide what is asked for, while it is.
pub(super) fn upload(visit: &Visit, request: &Request) -> Option<Upload> {
    let action = format!("{}/requests/{}/documents", visit.door.base, request.id);
    let open = request.state.takes_documents() && !visit.is_preview();
    open.then(|| words::upload(&visit.door.practice, action))
}
