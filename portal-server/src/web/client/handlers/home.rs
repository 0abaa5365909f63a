//! A workspace's front: its home for its client, a way to a sign-in link for everybody else.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use portal_core::checklist::Request;
use portal_core::document::{DocumentCounts, DocumentFilter};
use portal_core::{Error, NoRule, Portal, RequestId};

use super::door::ask_page;
use super::frame::{self, Counts};
use super::visit::{Entry, Outside, Visit};
use super::words;
use crate::error::Problem;
use crate::state::AppState;
use crate::web::client::home::{Home, Next, Stage, Step};
use crate::web::client::{Contact, Matter, Place};

/// How many of the further things to do are shown at once.
const THEN: usize = 4;

/// The home, or the door.
pub(super) async fn front(State(state): State<AppState>, entry: Entry) -> Response {
    match entry {
        Entry::Inside(visit) => {
            let page = home(state.portal(), &visit).await;
            visit.answer(&state, page)
        }
        Entry::Outside(door, Outside::SessionOver) if door.wants_page => door.signed_out(&state),
        Entry::Outside(door, _) => door.show(StatusCode::OK, &state, &ask_page(&door)),
    }
}

async fn home(portal: &Portal, visit: &Visit) -> Result<Home, Problem> {
    let counts = Counts::of(portal, visit).await?;
    let next = portal.next_request(&visit.ctx, visit.workspace.matter.id).await?;
    let mut then = super::requests::all(portal, visit).await?;
    then.retain(|request| {
        request.state.waits_for_client() && next.as_ref().is_none_or(|next| next.id != request.id)
    });
    then.sort_by_key(super::requests::urgency);
    then.truncate(THEN);
    let files = counts_of(portal, visit, &then).await?;
    let base = &visit.door.base;
    let client = &visit.workspace.client;
    let name = words::first_name(&client.given_names, &client.family_name);
    Ok(Home {
        shell: frame::inside(portal, visit, Place::Home, counts).await?,
        greeting: format!("{}, {name}", visit.when.greeting()),
        matter: matter(visit),
        stage: stage(portal, visit).await?,
        approvals: super::approvals::waiting(portal, visit).await?,
        next: next.map(|request| next_of(visit, &request)),
        progress: counts.requests,
        then: then
            .iter()
            .map(|request| words::request_row(base, request, files.total(request.id), &visit.when))
            .collect(),
        requests_href: format!("{base}/requests"),
        people: people(portal, visit).await?,
    })
}

/// The matter that every page of the workspace names.
pub(super) fn matter(visit: &Visit) -> Matter {
    Matter {
        title: visit.workspace.matter.title.clone(),
        reference: visit.workspace.matter.reference.clone(),
    }
}

/// The most steps that fit beside each other.
const MOST_STEPS: usize = 8;

/// Where the matter stands: in the taxonomy's words where it knows the stage, or else as it is written.
async fn stage(portal: &Portal, visit: &Visit) -> Result<Option<Stage>, Problem> {
    let matter = &visit.workspace.matter;
    let Some(known) = portal.stage_steps(&visit.ctx, matter).await? else {
        return Ok(matter.stage.clone().map(|now| Stage {
            now,
            ..Stage::default()
        }));
    };
    let next = known.steps.get(known.at + 1);
    let meaning = next.map(|next| format!("Next: {next}")).unwrap_or_default();
    let is_shown = (2..=MOST_STEPS).contains(&known.steps.len());
    let step = |(place, label): (usize, String)| Step {
        label,
        done: place < known.at,
        current: place == known.at,
    };
    let steps = known.steps.into_iter().enumerate().filter(|_| is_shown);
    Ok(Some(Stage {
        steps: steps.map(step).collect(),
        now: known.now,
        meaning,
    }))
}

fn next_of(visit: &Visit, request: &Request) -> Next {
    let href = format!("{}/requests/{}", visit.door.base, request.id);
    Next {
        title: request.title.clone(),
        why: request.help.clone(),
        due: request.due_on.map(|date| visit.when.due(date)),
        returned: super::request::returned(request),
        upload: super::request::upload(visit, request),
        href,
    }
}

/// Who answers for the matter.
async fn people(portal: &Portal, visit: &Visit) -> Result<Vec<Contact>, Error<NoRule>> {
    let owner = visit.workspace.matter.owner_id;
    let owner = portal.store().staff_member(visit.ctx.practice, owner).await?;
    let owner = owner.filter(|staff| staff.active).map(|staff| Contact {
        name: staff.name,
        role: format!("Works on your {}", visit.door.practice.matter_word.to_lowercase()),
        email: staff.email.to_string(),
        ..Contact::default()
    });
    Ok(owner
        .into_iter()
        .chain(frame::contact(&visit.door.practice))
        .collect())
}

/// How many files each of several requests has.
pub(super) struct Files(Vec<(RequestId, DocumentCounts)>);

impl Files {
    /// How many this one has.
    pub(super) fn total(&self, id: RequestId) -> u64 {
        let found = self.0.iter().find(|(request, _)| *request == id);
        found.map_or(0, |(_, counts)| counts.total())
    }
}

/// Counts the files of several requests.
pub(super) async fn counts_of(
    portal: &Portal,
    visit: &Visit,
    requests: &[Request],
) -> Result<Files, Error<NoRule>> {
    let ids: Vec<RequestId> = requests.iter().map(|request| request.id).collect();
    Ok(Files(portal.document_counts_of(&visit.ctx, &ids).await?))
}

/// The documents of one request.
pub(super) fn documents_of(visit: &Visit, request: &Request) -> DocumentFilter {
    DocumentFilter {
        request: Some(request.id),
        ..frame::documents_of(visit)
    }
}
