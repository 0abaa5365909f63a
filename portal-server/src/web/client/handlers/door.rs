//! Before a workspace: asking for a link, and leaving.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use portal_core::{Error, Locator, NoRule};
use serde::Deserialize;

use super::answer::see_other;
use super::frame;
use super::visit::Door;
use super::words::length;
use crate::cookies;
use crate::error::Problem;
use crate::extract::ClientSession;
use crate::state::AppState;
use crate::web::client::door::{AskForLink, AskedForLink};
use crate::web::view::{Flash, Tone};

/// The page of a workspace for someone outside: the same for every workspace, whether it exists or not.
pub(super) fn ask_page(door: &Door) -> AskForLink {
    AskForLink {
        shell: door.shell(),
        action: door.ask_action(),
    }
}

/// Someone asks for a link. What they see does not depend on what becomes of it.
pub(super) async fn ask(State(state): State<AppState>, headers: HeaderMap, door: Door) -> Response {
    let (portal, url) = (state.portal(), state.public_url());
    // One that was given before serves on, so that a link for each of two workspaces opens with a press.
    let secret = cookies::browser_secret(&headers, url).unwrap_or_else(|| portal.new_secret());
    let asked = portal
        .ask_for_link(door.locator, Some(secret.digest()), door.origin.clone())
        .await;
    if let Err(error) = asked {
        return door.refuse(&Problem::from(error));
    }
    let page = AskedForLink {
        shell: door.shell(),
        action: door.ask_action(),
        lifetime: length(door.practice.settings.link_minutes),
        contact: frame::contact(&door.practice),
    };
    let mut answer = door.show(StatusCode::OK, &state, &page);
    cookies::set_browser(answer.headers_mut(), url, &secret);
    answer
}

/// Where somebody signs out.
#[derive(Debug, Deserialize)]
pub(super) struct Leaving {
    from: Option<String>,
}

/// Ends this session.
pub(super) async fn sign_out(
    State(state): State<AppState>,
    Query(leaving): Query<Leaving>,
    session: Result<ClientSession, Problem>,
) -> Response {
    let ended = match &session {
        Ok(session) => state.portal().sign_out(session.context()).await,
        Err(_) => Ok(()),
    };
    left(&state, &leaving, ended, "You are signed out.")
}

/// Ends all sessions of this person.
pub(super) async fn sign_out_everywhere(
    State(state): State<AppState>,
    Query(leaving): Query<Leaving>,
    session: Result<ClientSession, Problem>,
) -> Response {
    let ended = match &session {
        Ok(session) => state
            .portal()
            .sign_out_everywhere(session.context())
            .await
            .map(|_| ()),
        Err(_) => Ok(()),
    };
    left(&state, &leaving, ended, "You are signed out on all devices.")
}

fn left(state: &AppState, leaving: &Leaving, ended: Result<(), Error<NoRule>>, said: &str) -> Response {
    if let Err(error) = ended {
        return Problem::from(error).into_response();
    }
    let root = state.public_url().base();
    let door = leaving
        .from
        .as_deref()
        .and_then(|text| text.parse::<Locator>().ok());
    let mut answer = match door {
        Some(locator) => see_other(&format!("{root}/p/{locator}")),
        None => see_other(&format!("{root}/p")),
    };
    let flash = Flash {
        tone: Tone::Success,
        text: said.to_owned(),
    };
    let url = state.public_url();
    cookies::clear_session(answer.headers_mut(), url);
    if door.is_some() {
        cookies::set_flash(answer.headers_mut(), url, &flash);
    }
    answer
}
