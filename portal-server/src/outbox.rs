//! Captured mail and text messages for programs: what a demo or a test would otherwise read in a mailbox.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use portal_core::sms::SmsLength;
use serde::Serialize;

use crate::error::Problem;
use crate::state::AppState;

/// A captured mail.
#[derive(Debug, Serialize)]
struct MailBody {
    number: u64,
    from_name: String,
    to_name: String,
    to: String,
    subject: String,
    text: String,
    html: String,
}

pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    let mut routes = Router::new();
    if state.captured().is_some() {
        routes = routes.route("/dev/outbox.json", get(list));
    }
    if state.captured_sms().is_some() {
        routes = routes.route("/dev/texts.json", get(texts));
    }
    routes
}

/// The mails that are kept, the newest first.
async fn list(State(state): State<AppState>) -> Result<Json<Vec<MailBody>>, Problem> {
    let captured = state.captured().ok_or_else(Problem::not_found)?;
    let body = |mail: portal_notify::CapturedMail| MailBody {
        number: mail.number,
        from_name: mail.message.from_name.clone(),
        to_name: mail.message.to_name.clone(),
        to: mail.message.to.to_string(),
        subject: mail.message.content.subject.clone(),
        text: mail.message.content.text.clone(),
        html: mail.message.content.html.clone(),
    };
    Ok(Json(captured.list().into_iter().map(body).collect()))
}

/// A captured text message.
#[derive(Debug, Serialize)]
struct TextBody {
    number: u64,
    to: String,
    text: String,
    segments: u32,
    status_url: Option<String>,
}

/// The text messages that are kept, the newest first.
async fn texts(State(state): State<AppState>) -> Result<Json<Vec<TextBody>>, Problem> {
    let captured = state.captured_sms().ok_or_else(Problem::not_found)?;
    let body = |text: portal_notify::CapturedText| TextBody {
        number: text.number,
        to: text.message.to.to_string(),
        text: text.message.text.clone(),
        segments: SmsLength::of(&text.message.text).segments,
        status_url: text.message.status_url.clone(),
    };
    Ok(Json(captured.list().into_iter().map(body).collect()))
}
