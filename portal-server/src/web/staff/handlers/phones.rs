//! Captured text messages as on telephones, and a developer who plays their owners and the provider: what is done here goes
//! the way of a provider's callback, but for the signature.

use std::collections::BTreeMap;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use portal_core::notify::{DeliveryState, Told};
use portal_core::sms::{InboundSms, SmsLength, SmsProgress, SmsReport, SmsSender};
use portal_core::text::Phone;
use portal_core::{DeliveryId, Error, Locator, NoRule, PracticeId};
use portal_notify::{CapturedSms, CapturedText};
use url::Url;

use super::asked::counted;
use super::desk::see_other;
use super::sent::{self, Fields};
use super::{door, words};
use crate::error::Problem;
use crate::extract::Path;
use crate::state::AppState;
use crate::web::staff::mail::{PhoneScreen, TextBubble};
use crate::web::view::Badge;

/// The longest message that can be written, in characters: ten segments.
const LONGEST: usize = 1_600;

fn captured(state: &AppState) -> Result<&CapturedSms, Problem> {
    state.captured_sms().ok_or_else(Problem::not_found)
}

/// Which message it is, as the address says that a provider would report to.
fn locator(text: &CapturedText) -> Option<Locator> {
    let url = Url::parse(text.message.status_url.as_deref()?).ok()?;
    let (_, message) = url.query_pairs().find(|(name, _)| name == "message")?;
    message.parse().ok()
}

async fn bubble(state: &AppState, text: &CapturedText) -> Result<TextBubble, Problem> {
    let length = SmsLength::of(&text.message.text);
    let delivery = match locator(text) {
        Some(Locator { practice, id }) => state.portal().store().delivery(practice, DeliveryId(id)).await,
        None => Ok(None),
    };
    let known = delivery.map_err(Error::<NoRule>::from)?.map(|it| it.state);
    let may_report = matches!(known, Some(DeliveryState::Sent | DeliveryState::Unknown));
    Ok(TextBubble {
        text: text.message.text.clone(),
        note: format!(
            "No. {}, {}, {}",
            text.number,
            counted(length.segments.into(), "segment", "segments"),
            length.encoding.as_str().to_uppercase()
        ),
        written_here: false,
        badge: known.map_or_else(Badge::default, words::delivery_badge),
        report_action: may_report.then(|| format!("/dev/outbox/texts/{}/report", text.number)),
    })
}

/// Each telephone with its messages in order; the one where something happened last comes first.
pub(super) async fn phones(state: &AppState) -> Result<Vec<PhoneScreen>, Problem> {
    let Some(captured) = state.captured_sms() else {
        return Ok(Vec::new());
    };
    // What was written stands behind the newest message that there was then.
    let mut phones: BTreeMap<String, BTreeMap<(u64, u64), TextBubble>> = BTreeMap::new();
    for text in captured.list() {
        let phone = phones.entry(text.message.to.to_string()).or_default();
        phone.insert((text.number, 0), bubble(state, &text).await?);
    }
    for written in captured.written() {
        let phone = phones.entry(written.message.from.to_string()).or_default();
        let bubble = TextBubble {
            text: written.message.text,
            written_here: true,
            ..TextBubble::default()
        };
        phone.insert((written.after, written.number), bubble);
    }
    let mut phones: Vec<_> = phones.into_iter().collect();
    phones.sort_by_key(|(_, texts)| std::cmp::Reverse(texts.keys().next_back().copied()));
    let screen = |(number, texts): (String, BTreeMap<_, _>)| PhoneScreen {
        id: number.trim_start_matches('+').to_owned(),
        number,
        texts: texts.into_values().collect(),
    };
    Ok(phones.into_iter().map(screen).collect())
}

/// Whom a telephone writes to: the practice that wrote to it last, else the one that the browser belongs to, or the only one.
async fn practice(state: &AppState, headers: &HeaderMap, from: &Phone) -> Result<PracticeId, Problem> {
    match captured(state)?.to(from).iter().find_map(locator) {
        Some(locator) => Ok(locator.practice),
        None => Ok(door::practice(state, headers, None).await?.id),
    }
}

/// Somebody writes a message on a telephone: `from` and `text`.
pub(super) async fn write(State(state): State<AppState>, request: Request) -> Result<Response, Problem> {
    let captured = captured(&state)?;
    let headers = request.headers().clone();
    let fields = Fields::parse(&sent::read(request, &state).await?);
    let text = fields.text("text");
    if text.trim().is_empty() || text.chars().count() > LONGEST {
        let why = format!("Write something, with at most {LONGEST} characters.");
        return Err(Problem::field("text", "length", why));
    }
    // A number without its country's code could be anybody's.
    let from = Phone::parse("from", &fields.text("from"), "");
    let from = from.map_err(|error| Problem::field(error.field, error.code, error.message))?;
    let practice = practice(&state, &headers, &from).await?;
    let message = InboundSms {
        provider_id: state.portal().new_secret().reveal(),
        from,
        to: "the portal".into(),
        text,
        is_part: false,
    };
    let portal = state.portal();
    portal
        .receive_sms(practice, captured.name(), message.clone())
        .await?;
    captured.write(message);
    Ok(see_other("/dev/outbox#texts"))
}

/// The provider tells how a message went on: `progress` is `delivered` or `failed`.
pub(super) async fn report(
    State(state): State<AppState>,
    Path(number): Path<u64>,
    request: Request,
) -> Result<Response, Problem> {
    let text = captured(&state)?.get(number).ok_or_else(Problem::not_found)?;
    let Locator { practice, id } = locator(&text).ok_or_else(Problem::not_found)?;
    let fields = Fields::parse(&sent::read(request, &state).await?);
    let progress = match fields.text("progress").as_str() {
        "delivered" => SmsProgress::Delivered,
        "failed" => SmsProgress::Failed {
            why: "the telephone could not be reached".into(),
            opted_out: false,
        },
        _ => {
            let why = "Choose delivered or failed.";
            return Err(Problem::field("progress", "unknown", why));
        }
    };
    let report = SmsReport {
        provider_id: text.provider_id(),
        progress,
    };
    let told = state
        .portal()
        .note_sms_report(practice, DeliveryId(id), &report)
        .await?;
    match told {
        Told::Changed => Ok(see_other("/dev/outbox#texts")),
        Told::Known => Err(Problem::new(
            StatusCode::CONFLICT,
            "known",
            "It is known how this message ended. That does not change any more.",
        )),
        Told::NoSuchMessage => Err(Problem::not_found()),
    }
}
