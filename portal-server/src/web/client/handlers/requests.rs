//! Everything that is asked for.

use axum::extract::State;
use axum::response::Response;
use portal_core::checklist::{Request, RequestState};
use portal_core::{Date, Error, NoRule, PageRequest, Portal, RequestId};

use super::frame::{self, Counts};
use super::home::{counts_of, matter};
use super::visit::Visit;
use super::words;
use crate::error::Problem;
use crate::state::AppState;
use crate::web::client::Place;
use crate::web::client::requests::{Group, Requests};

/// Shows all requests.
pub(super) async fn list(State(state): State<AppState>, visit: Visit) -> Response {
    let page = requests(state.portal(), &visit).await;
    visit.answer(&state, page)
}

/// Every request of the workspace, in the order of the checklist.
pub(super) async fn all(portal: &Portal, visit: &Visit) -> Result<Vec<Request>, Error<NoRule>> {
    let filter = frame::requests_of(visit);
    let mut requests = Vec::new();
    let mut next = None;
    loop {
        let page = PageRequest::first(PageRequest::MOST).after(next);
        let page = portal.requests(&visit.ctx, &filter, &page).await?;
        requests.extend(page.items);
        next = page.next;
        if next.is_none() {
            return Ok(requests);
        }
    }
}

/// What sorts the most urgent first: what the matter cannot do without, then the earliest date, then the checklist's
/// own order. It is the order in which the next thing to do is chosen.
pub(super) fn urgency(request: &Request) -> (bool, Date, i32, RequestId) {
    let due = request.due_on.unwrap_or(Date::MAX);
    (!request.required, due, request.position, request.id)
}

/// The heading that a request stands under. What is to do comes first.
const fn heading(state: RequestState) -> (usize, &'static str) {
    match state {
        RequestState::Outstanding | RequestState::Returned => (0, "To provide"),
        RequestState::Submitted => (1, "Being checked"),
        RequestState::Accepted => (2, "Done"),
        RequestState::Waived | RequestState::Withdrawn => (3, "Not needed any more"),
    }
}

async fn requests(portal: &Portal, visit: &Visit) -> Result<Requests, Problem> {
    let counts = Counts::of(portal, visit).await?;
    let mut requests = all(portal, visit).await?;
    let files = counts_of(portal, visit, &requests).await?;
    // What came back is looked at first; the rest keeps the checklist's order.
    requests.sort_by_key(|request| (heading(request.state).0, request.state != RequestState::Returned));
    let mut groups: Vec<Group> = Vec::new();
    for request in &requests {
        let (_, title) = heading(request.state);
        let mut row = words::request_row(&visit.door.base, request, files.total(request.id), &visit.when);
        if !request.group.is_empty() {
            let parts = [request.group.as_str(), &row.provided];
            row.provided = parts
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect::<Vec<_>>()
                .join(" \u{b7} ");
        }
        match groups.last_mut().filter(|group| group.title == title) {
            Some(group) => group.rows.push(row),
            None => groups.push(Group {
                title: title.to_owned(),
                rows: vec![row],
            }),
        }
    }
    Ok(Requests {
        shell: frame::inside(portal, visit, Place::Requests, counts).await?,
        matter: matter(visit),
        progress: counts.requests,
        groups,
    })
}
