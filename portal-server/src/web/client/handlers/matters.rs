//! Choosing one of several matters.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use portal_core::access::Workspace;
use portal_core::checklist::{RequestCounts, RequestFilter};
use portal_core::identity::{Authenticated, Who};
use portal_core::{Actor, Locator};

use super::answer::{page, see_other, wants_page};
use super::{frame, words};
use crate::cookies;
use crate::error::Problem;
use crate::extract::ClientSession;
use crate::state::AppState;
use crate::web::client::ended::Ended;
use crate::web::client::matters::{ChooseMatter, MatterCard};
use crate::web::view::{Live, Person, Shell};
use crate::web::when::When;

/// The matters of whoever is signed in; with only one, its home.
pub(super) async fn choose(
    State(state): State<AppState>,
    headers: HeaderMap,
    session: Result<ClientSession, Problem>,
) -> Response {
    let session = match session {
        Ok(session) => session,
        Err(problem) => return signed_out(&state, &headers, problem),
    };
    match matters(&state, &session.signed).await {
        Ok(answer) => answer,
        Err(problem) => problem.into_response(),
    }
}

fn signed_out(state: &AppState, headers: &HeaderMap, problem: Problem) -> Response {
    if !wants_page(headers) || problem.status != StatusCode::UNAUTHORIZED {
        return problem.into_response();
    }
    let ended = Ended {
        shell: Shell {
            lang: "en".to_owned(),
            home_href: format!("{}/p", state.public_url().base()),
            ..Shell::default()
        },
        action: None,
        contact: None,
    };
    let mut answer = page(StatusCode::UNAUTHORIZED, &ended);
    cookies::clear_session(answer.headers_mut(), state.public_url());
    answer
}

async fn matters(state: &AppState, signed: &Authenticated) -> Result<Response, Problem> {
    let (portal, root) = (state.portal(), state.public_url().base());
    let ctx = &signed.context;
    let home = |workspace: &Workspace| {
        let locator = Locator::of_access(ctx.practice, workspace.access.id);
        format!("{root}/p/{locator}")
    };
    let workspaces = portal.workspaces(ctx).await?;
    if let [only] = workspaces.as_slice() {
        return Ok(see_other(&home(only)));
    }
    let mut cards = Vec::new();
    for workspace in &workspaces {
        let filter = RequestFilter {
            matter: Some(workspace.matter.id),
            ..RequestFilter::default()
        };
        let counts = portal.request_counts(ctx, &filter).await?;
        cards.push((counts, card(workspace, &counts, home(workspace))));
    }
    cards.sort_by_key(|(counts, _)| (counts.returned == 0, counts.to_do() == 0));
    let practice = &signed.practice;
    let (first, name) = names(&signed.who);
    let when = When::new(practice, ctx.at);
    let chosen = ChooseMatter {
        shell: Shell {
            live: Some(Live::new(format!("{root}/p/live"))),
            person: (!matches!(ctx.actor, Actor::Preview { .. })).then(|| Person {
                name,
                sign_out: format!("{root}/p/sign-out"),
                sign_out_everywhere: Some(format!("{root}/p/sign-out-everywhere")),
                ..Person::default()
            }),
            ..frame::outside(practice, format!("{root}/p"))
        },
        greeting: format!("{}, {}", when.greeting(), first),
        word: words::plural(&practice.matter_word),
        matters: cards.into_iter().map(|(_, card)| card).collect(),
    };
    Ok(page(StatusCode::OK, &chosen))
}

/// What the person is greeted by, and their whole name.
fn names(who: &Who) -> (String, String) {
    match who {
        Who::Client(client) => {
            let first = words::first_name(&client.given_names, &client.family_name);
            (first.to_owned(), client.name())
        }
        Who::Staff(staff) => (staff.name.clone(), staff.name.clone()),
    }
}

fn card(workspace: &Workspace, counts: &RequestCounts, href: String) -> MatterCard {
    MatterCard {
        href,
        title: workspace.matter.title.clone(),
        reference: workspace.matter.reference.clone(),
        stage: stage(&workspace.matter),
        badge: words::matter_badge(counts),
        progress: words::progress(counts),
    }
}

/// The stage in the taxonomy's words where it knows it, or else as it is written.
fn stage(matter: &portal_core::matter::Matter) -> String {
    let known = matter.canonical(portal_core::workflow::STAGE).map(str::to_owned);
    known.or(matter.stage.clone()).unwrap_or_default()
}
