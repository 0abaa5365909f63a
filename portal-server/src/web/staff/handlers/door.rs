//! Signing in and out.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal_core::identity::Password;
use portal_core::practice::Practice;
use portal_core::{Error, Locator, NoRule, PageRequest, PracticeId};
use url::form_urlencoded;

use super::asked::Asked;
use super::desk::{Desk, Outcome, plain_shell, render, see_other, tried};
use super::sent::{self, Fields, Sent};
use crate::cookies;
use crate::error::Problem;
use crate::extract::{Path, RequestOrigin};
use crate::state::AppState;
use crate::web::staff::door::{Resume, SignIn};
use crate::web::view::{Errors, Flash, Tone};

const ENDED: &str = "You were signed out after a while. Sign in to go on where you were.";
const KEPT: &str = "You were signed out meanwhile. Sign in to go on: what you typed is kept.";

/// The practice that a sign-in page is for: the one in its address, the one whose session the browser held last, or the
/// only one there is.
pub(super) async fn practice(
    state: &AppState,
    headers: &HeaderMap,
    locator: Option<&str>,
) -> Result<Practice, Problem> {
    let store = state.portal().store();
    let failed = Error::<NoRule>::from;
    if let Some(text) = locator {
        let locator: Locator = text.parse().map_err(|_| Problem::not_found())?;
        let found = store.practice(locator.practice).await.map_err(failed)?;
        return found
            .filter(|_| locator == Locator::of_practice(locator.practice))
            .ok_or_else(Problem::not_found);
    }
    if let Some(token) = cookies::staff_session(headers, state.public_url())
        && let Some(practice) = store.practice(token.practice).await.map_err(failed)?
    {
        return Ok(practice);
    }
    let all = store
        .practices(&PageRequest::first(2))
        .await
        .map_err(failed)?
        .items;
    match <[Practice; 1]>::try_from(all) {
        Ok([only]) => Ok(only),
        Err(_) => Err(Problem::new(
            StatusCode::NOT_FOUND,
            "which-practice",
            "Several practices work here. Open the sign-in address that your practice gave you.",
        )),
    }
}

fn action(practice: PracticeId) -> String {
    format!("/staff/sign-in/{}", Locator::of_practice(practice))
}

/// A path of the staff's pages to go on to; nothing else is followed.
pub(super) fn local(next: &str) -> Option<&str> {
    let is_ours = next == "/staff" || next.starts_with("/staff/") || next.starts_with("/staff?");
    let is_ours = is_ours || next.starts_with("/dev/outbox");
    let is_plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    (is_ours && is_plain && !next.contains("//") && !next.starts_with("/staff/sign-")).then_some(next)
}

fn page(practice: &Practice, next: &str, note: &str) -> SignIn {
    SignIn {
        shell: plain_shell(practice),
        action: action(practice.id),
        next: local(next).unwrap_or_default().to_owned(),
        email: String::new(),
        errors: Errors::default(),
        note: note.to_owned(),
        kept: Vec::new(),
    }
}

pub(super) async fn show(
    state: State<AppState>,
    headers: HeaderMap,
    asked: Asked,
) -> Result<Response, Problem> {
    show_one(state, headers, asked, None).await
}

pub(super) async fn show_for(
    state: State<AppState>,
    headers: HeaderMap,
    Path(locator): Path<String>,
    asked: Asked,
) -> Result<Response, Problem> {
    show_one(state, headers, asked, Some(locator)).await
}

async fn show_one(
    State(state): State<AppState>,
    headers: HeaderMap,
    asked: Asked,
    locator: Option<String>,
) -> Result<Response, Problem> {
    let practice = practice(&state, &headers, locator.as_deref()).await?;
    let note = if asked.text("next").is_empty() { "" } else { ENDED };
    let mut page = page(&practice, asked.text("next"), note);
    page.shell.flash = cookies::flash(&headers, state.public_url());
    let mut response = render(StatusCode::OK, &page);
    cookies::clear_flash(response.headers_mut(), state.public_url());
    Ok(response)
}

pub(super) async fn enter(
    state: State<AppState>,
    origin: RequestOrigin,
    request: Request,
) -> Result<Response, Problem> {
    enter_one(state, origin, None, request).await
}

pub(super) async fn enter_for(
    state: State<AppState>,
    origin: RequestOrigin,
    Path(locator): Path<String>,
    request: Request,
) -> Result<Response, Problem> {
    enter_one(state, origin, Some(locator), request).await
}

async fn enter_one(
    State(state): State<AppState>,
    RequestOrigin(origin): RequestOrigin,
    locator: Option<String>,
    request: Request,
) -> Result<Response, Problem> {
    let headers = request.headers().clone();
    let practice = practice(&state, &headers, locator.as_deref()).await?;
    let fields = Fields::parse(&sent::read(request, &state).await?);
    let (email, next) = (fields.text("email"), fields.text("next"));
    let mut page = SignIn {
        email: email.clone(),
        kept: kept(&fields),
        ..page(&practice, &next, "")
    };
    if email.trim().is_empty() {
        page.errors.add("email", "Enter your email address.");
    }
    if fields.text("password").is_empty() {
        page.errors.add("password", "Enter your password.");
    }
    if !page.errors.is_empty() {
        return Ok(render(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let password = Password::typed(fields.text("password"));
    let portal = state.portal();
    let signed_in = match portal
        .sign_in_staff(practice.id, &email, password, origin.clone())
        .await
    {
        Ok(signed_in) => {
            crate::counts::staff_signed_in();
            signed_in
        }
        Err(error) => {
            let status = Problem::from(tried_kind(&error)).status;
            match tried::<(), _>(Err(error))? {
                Outcome::Wrong(errors) => page.errors = errors,
                Outcome::Done(()) => {}
            }
            return Ok(render(status, &page));
        }
    };
    // The session that this browser held before has done its work.
    if let Some(old) = cookies::staff_session(&headers, state.public_url())
        && let Ok(old) = portal.authenticate(&old, origin).await
    {
        portal.sign_out(&old.context).await?;
    }
    let mut response = match resume(&practice, &fields) {
        Some(resume) => render(StatusCode::OK, &resume),
        None => see_other(local(&next).unwrap_or("/staff")),
    };
    cookies::set_staff_session(response.headers_mut(), state.public_url(), &signed_in.token);
    Ok(response)
}

/// The failure's status without its words.
fn tried_kind<R: portal_core::Rule>(error: &Error<R>) -> Error<NoRule> {
    match error {
        Error::Limited { retry_after_seconds } => Error::Limited {
            retry_after_seconds: *retry_after_seconds,
        },
        _ => Error::Unauthenticated,
    }
}

/// What a form sent whose session had ended: where to, and its fields. It travels with the sign-in form, since there is
/// nobody yet whom it could be kept for.
fn kept(fields: &Fields) -> Vec<(String, String)> {
    let names = ["kept_action", "kept_body"];
    names
        .into_iter()
        .filter(|name| fields.ticked(name))
        .map(|name| (name.to_owned(), fields.text(name)))
        .collect()
}

/// The page from which what was kept is sent again, by a press.
fn resume(practice: &Practice, fields: &Fields) -> Option<Resume> {
    let action = fields.text("kept_action");
    let action = local(&action)?.to_owned();
    let body = fields.text("kept_body");
    let shown = |name: &str| !matches!(name, "version" | "next");
    let pairs: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let typed = pairs
        .iter()
        .filter(|(name, value)| {
            shown(name) && !value.trim().is_empty() && value.parse::<uuid::Uuid>().is_err()
        })
        .map(|(_, value)| value.clone())
        .collect();
    Some(Resume {
        shell: plain_shell(practice),
        action,
        fields: pairs,
        typed,
    })
}

/// The answer to a page asked for without a session.
pub(super) fn lost(parts: &Parts, state: &AppState, problem: Problem) -> Response {
    let wants_page = parts
        .headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if !wants_page {
        return problem.into_response();
    }
    let practice = cookies::staff_session(&parts.headers, state.public_url()).map(|token| token.practice);
    let door = practice.map_or_else(|| "/staff/sign-in".to_owned(), action);
    let here = parts.uri.path_and_query().map_or("", |path| path.as_str());
    // An upload is not kept; the page it was sent from is asked for by its browser again.
    let here = if parts.method == Method::GET { here } else { "" };
    let next = local(here).filter(|here| *here != "/staff");
    see_other(&match next {
        Some(next) => {
            let query: String = form_urlencoded::Serializer::new(String::new())
                .append_pair("next", next)
                .finish();
            format!("{door}?{query}")
        }
        None => door,
    })
}

/// The answer to a form sent without a session: the way to sign in, with what was typed.
pub(super) async fn keep(parts: &Parts, state: &AppState, body: &Bytes) -> Response {
    let path = parts.uri.path();
    let body = str::from_utf8(body).unwrap_or_default();
    let has_password = form_urlencoded::parse(body.as_bytes()).any(|(name, _)| name == "password");
    let mut page = match practice(state, &parts.headers, None).await {
        Ok(practice) => page(&practice, "", KEPT),
        Err(problem) => return problem.into_response(),
    };
    if !body.is_empty() && !has_password {
        page.kept = vec![
            ("kept_action".to_owned(), path.to_owned()),
            ("kept_body".to_owned(), body.to_owned()),
        ];
    } else {
        ENDED.clone_into(&mut page.note);
    }
    render(StatusCode::UNAUTHORIZED, &page)
}

fn gone(desk: &Desk, text: &str) -> Response {
    let url = desk.state.public_url();
    let mut response = see_other(&action(desk.practice().id));
    cookies::clear_staff_session(response.headers_mut(), url);
    let flash = Flash {
        tone: Tone::Success,
        text: text.to_owned(),
    };
    cookies::set_flash(response.headers_mut(), url, &flash);
    response
}

pub(super) async fn leave(Sent { desk, .. }: Sent) -> Result<Response, Problem> {
    desk.portal().sign_out(desk.ctx()).await?;
    Ok(gone(&desk, "You are signed out."))
}

pub(super) async fn leave_everywhere(Sent { desk, .. }: Sent) -> Result<Response, Problem> {
    let count = desk.portal().sign_out_everywhere(desk.ctx()).await?;
    let devices = if count == 1 { "device" } else { "devices" };
    Ok(gone(&desk, &format!("You are signed out on {count} {devices}.")))
}

/// Whether an open page may stay open. Asking does not count as use of the session.
pub(super) async fn alive(
    State(state): State<AppState>,
    RequestOrigin(origin): RequestOrigin,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let token = cookies::staff_session(&headers, state.public_url()).ok_or_else(Problem::unauthenticated)?;
    let signed = state.portal().watch(&token, origin).await?;
    match signed.context.staff() {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Problem::unauthenticated()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_are_gone_on_to() {
        for next in ["/staff", "/staff/matters?q=a%20b", "/staff?x=1", "/dev/outbox/3"] {
            assert_eq!(local(next), Some(next));
        }
        for next in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/staff/../..//evil.example",
            "/staffed",
            "/p/x",
            "javascript:alert(1)",
            "/staff/x\r\nSet-Cookie: a=b",
            "/staff/sign-out",
            "/staff/ä",
        ] {
            assert_eq!(local(next), None, "{next}");
        }
    }
}
