//! Files on their way out: by an address that is signed on click, and authorised again when it is used.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use portal_core::{DocumentId, Error, NoRule};
use serde::Deserialize;

use super::answer::{refusal, see_other, wants_page};
use super::request::Named;
use super::visit::Visit;
use crate::cookies;
use crate::error::Problem;
use crate::extract::{Path, RequestOrigin};
use crate::state::AppState;
use crate::transfer::{self, Disposition};
use crate::web::view::Shell;

/// How a file is wanted.
#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    view: Option<String>,
}

impl Wanted {
    fn disposition(&self) -> Disposition {
        match self.view.as_deref() {
            Some("1") => Disposition::Preview,
            _ => Disposition::Attachment,
        }
    }
}

/// Signs an address for a document, and goes there.
pub(super) async fn open(
    State(state): State<AppState>,
    visit: Visit,
    Path(named): Path<Named>,
    Query(wanted): Query<Wanted>,
) -> Response {
    let ticket = match named.id.parse::<DocumentId>() {
        Ok(id) => state
            .portal()
            .download_ticket(&visit.ctx, id)
            .await
            .map_err(Problem::from),
        Err(_) => Err(Problem::not_found()),
    };
    let query = match wanted.disposition() {
        Disposition::Preview => "?view=1",
        Disposition::Attachment => "",
    };
    match ticket {
        Ok(ticket) => see_other(&format!("{}/d/{ticket}{query}", visit.door.root)),
        Err(problem) => visit.refuse(&state, &problem),
    }
}

/// The file behind a signed address.
pub(super) async fn redeem(
    State(state): State<AppState>,
    Path(ticket): Path<String>,
    Query(wanted): Query<Wanted>,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
) -> Response {
    let request_id = origin.request_id.clone();
    let sent = match state.portal().redeem_ticket(&ticket, origin).await {
        Ok(download) => transfer::send(state.portal(), &download, wanted.disposition(), &headers).await,
        Err(error) => Err(error.into()),
    };
    match sent {
        Ok(answer) => answer,
        Err(problem) if wants_page(&headers) && problem.status != StatusCode::RANGE_NOT_SATISFIABLE => {
            over(&state, &headers, &problem, request_id.as_deref())
        }
        Err(problem) => problem.into_response(),
    }
}

fn over(state: &AppState, headers: &HeaderMap, problem: &Problem, request_id: Option<&str>) -> Response {
    let url = state.public_url();
    let is_staff = cookies::session(headers, url).is_none() && cookies::staff_session(headers, url).is_some();
    let (path, label) = if is_staff {
        ("/staff/matters", "Go to your matters")
    } else {
        ("/p", "Go to your portal")
    };
    let home = format!("{}{path}", url.base());
    let shell = Shell {
        lang: "en".to_owned(),
        home_href: home.clone(),
        ..Shell::default()
    };
    refusal(shell, problem, (home, label), request_id)
}

/// Which version of which document.
#[derive(Debug, Deserialize)]
pub(super) struct VersionOf {
    id: String,
    number: String,
}

/// An earlier version of a document, for the session that asks.
pub(super) async fn version(
    State(state): State<AppState>,
    visit: Visit,
    Path(named): Path<VersionOf>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Response {
    let portal = state.portal();
    let sent = match (named.id.parse::<DocumentId>(), named.number.parse::<u32>()) {
        (Ok(id), Ok(number)) => match portal.download(&visit.ctx, id, Some(number)).await {
            Ok(download) => transfer::send(portal, &download, wanted.disposition(), &headers).await,
            Err(error) => Err(error.into()),
        },
        _ => Err(Error::<NoRule>::NotFound("document").into()),
    };
    sent.unwrap_or_else(|problem| visit.refuse(&state, &problem))
}
