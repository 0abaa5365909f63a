//! Captured mail and text messages: what a demo, or a server without a provider of its own, would have sent. It is open to anybody who reaches the demo, as a mailbox would not be.

use axum::extract::FromRequestParts;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use portal_notify::CapturedMailer;

use super::asked::counted;
use super::desk::{Desk, render};
use super::phones::phones;
use crate::error::Problem;
use crate::extract::Path;
use crate::state::AppState;
use crate::web::staff::mail::{MailPage, MailRow, Mails};
use crate::web::staff::{Place, nav};
use crate::web::view::{Badge, Pager, Shell, Tone};

/// The frame: that of whoever is signed in, else one that leads nowhere else.
pub(super) struct Frame(Shell);

impl FromRequestParts<AppState> for Frame {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        if let Ok(desk) = Desk::signed_in(parts, state).await {
            return desk.shell(Some(Place::Mail)).await.map(Self);
        }
        let own = |href: &str| href.starts_with("/dev/");
        Ok(Self(Shell {
            lang: "en".into(),
            practice_name: "Client portal".into(),
            home_href: "/dev/outbox".into(),
            nav: nav(Some(Place::Mail), 0, true)
                .into_iter()
                .filter(|item| own(&item.href))
                .collect(),
            ..Shell::default()
        }))
    }
}

fn captured(state: &AppState) -> Result<&CapturedMailer, Problem> {
    state.captured().ok_or_else(Problem::not_found)
}

pub(super) async fn list(State(state): State<AppState>, Frame(shell): Frame) -> Result<Response, Problem> {
    if !state.captures() {
        return Err(Problem::not_found());
    }
    let mails = state.captured().map(CapturedMailer::list);
    let are_captured = mails.is_some();
    let mails = mails.unwrap_or_default();
    let count = u64::try_from(mails.len()).unwrap_or_default();
    let rows = mails
        .iter()
        .map(|mail| MailRow {
            href: format!("/dev/outbox/{}", mail.number),
            subject: mail.message.content.subject.clone(),
            to: format!("{} <{}>", mail.message.to_name, mail.message.to),
            when: format!("No. {}", mail.number),
            badge: Badge::new(Tone::Success, "Captured"),
        })
        .collect();
    let pager = Pager {
        shown: counted(count, "mail", "mails"),
        ..Pager::default()
    };
    let page = Mails {
        shell,
        mails_are_captured: are_captured,
        rows,
        pager,
        phones: phones(&state).await?,
        write_action: state.captured_sms().map(|_| "/dev/outbox/texts".into()),
    };
    Ok(render(StatusCode::OK, &page))
}

/// The addresses in a text.
fn links(text: &str) -> Vec<String> {
    let mut links: Vec<String> = text
        .split_whitespace()
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .map(|word| word.trim_end_matches(['.', ',', ')', '>']).to_owned())
        .collect();
    links.dedup();
    links
}

pub(super) async fn show(
    State(state): State<AppState>,
    Path(number): Path<u64>,
    Frame(shell): Frame,
) -> Result<Response, Problem> {
    let mail = captured(&state)?.get(number).ok_or_else(Problem::not_found)?;
    let message = &mail.message;
    Ok(render(
        StatusCode::OK,
        &MailPage {
            shell,
            list_href: "/dev/outbox".into(),
            subject: message.content.subject.clone(),
            from: message.from_name.clone(),
            to: format!("{} <{}>", message.to_name, message.to),
            when: format!("No. {number}"),
            text: message.content.text.clone(),
            html_href: format!("/dev/outbox/{number}/html"),
            links: links(&message.content.text),
        },
    ))
}

/// A mail's HTML, for the frame on its page: nothing runs in it, and it reaches nothing.
const MAIL_POLICY: &str =
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";

pub(super) async fn html(
    State(state): State<AppState>,
    Path(number): Path<u64>,
) -> Result<Response, Problem> {
    let mail = captured(&state)?.get(number).ok_or_else(Problem::not_found)?;
    let mut headers = HeaderMap::new();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(MAIL_POLICY),
    );
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    Ok((headers, Html(mail.message.content.html.clone())).into_response())
}
