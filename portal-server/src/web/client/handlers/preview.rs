//! Staff who look at a workspace as its client: they can look at everything and change nothing.

use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use portal_core::identity::{Authenticated, Who};
use portal_core::{Actor, Error, Locator, NoRule};

use super::answer::{refusal, see_other, wants_page};
use super::frame;
use crate::cookies;
use crate::error::Problem;
use crate::extract::{ClientSession, RequestOrigin};
use crate::state::AppState;
use crate::web::view::{Preview, Shell};

/// The one thing that can be sent while previewing: the end of it.
const END: &str = "/p/preview/end";

/// Refuses whatever would change something while staff preview. The services refuse it too; here it gets a page that
/// says so, on routes that need no session as well.
pub(super) async fn reads_only(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || request.uri().path().ends_with(END) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(RequestOrigin(origin)) = RequestOrigin::from_request_parts(&mut parts, &state).await;
    let request_id = origin.request_id.clone();
    let signed = match cookies::session(&parts.headers, state.public_url()) {
        Some(token) => state.portal().watch(&token, origin).await,
        None => Err(Error::Unauthenticated),
    };
    match signed {
        Ok(signed) if matches!(signed.context.actor, Actor::Preview { .. }) => {
            refused(&state, &parts.headers, &signed, request_id.as_deref())
        }
        _ => next.run(Request::from_parts(parts, body)).await,
    }
}

fn refused(
    state: &AppState,
    headers: &HeaderMap,
    signed: &Authenticated,
    request_id: Option<&str>,
) -> Response {
    let problem = Problem::from(Error::<NoRule>::Denied("change anything while previewing"));
    let Actor::Preview { access, .. } = signed.context.actor else {
        return problem.into_response();
    };
    if !wants_page(headers) {
        return problem.into_response();
    }
    let root = state.public_url().base();
    let home = format!("{root}/p/{}", Locator::of_access(signed.practice.id, access));
    let shell = Shell {
        preview: Some(Preview {
            client: client_name(signed),
            end_action: format!("{root}{END}"),
        }),
        ..frame::outside(&signed.practice, home.clone())
    };
    refusal(shell, &problem, (home, "Back to the preview"), request_id)
}

fn client_name(signed: &Authenticated) -> String {
    match &signed.who {
        Who::Client(client) => client.name(),
        Who::Staff(staff) => staff.name.clone(),
    }
}

/// Leaves the preview, and goes back to the matter among the staff's pages.
pub(super) async fn end(State(state): State<AppState>, session: Result<ClientSession, Problem>) -> Response {
    let (portal, root) = (state.portal(), state.public_url().base());
    let previewed = session
        .as_ref()
        .map(|session| (session.context(), session.context().actor));
    let Ok((ctx, Actor::Preview { access, .. })) = previewed else {
        return see_other(&format!("{root}/p"));
    };
    let matters = format!("{root}/staff/matters");
    let back = match portal.workspace(ctx, access).await {
        Ok(workspace) => format!("{matters}/{}/access", workspace.matter.id),
        Err(_) => matters,
    };
    if let Err(error) = portal.sign_out(ctx).await {
        return Problem::from(error).into_response();
    }
    let mut answer = see_other(&back);
    cookies::clear_session(answer.headers_mut(), state.public_url());
    answer
}
