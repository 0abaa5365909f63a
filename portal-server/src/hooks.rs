//! What providers of text messages tell: how a message went on, and what somebody wrote. Nothing is believed without the
//! provider's signature, which is why no other proof of who asks is wanted here.

use std::fmt;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, State};
use axum::http::{HeaderMap, StatusCode};
use portal_core::notify::Told;
use portal_core::sms::{Callback, CallbackError, SmsCallbacks};
use portal_core::{DeliveryId, Locator};
use serde::Deserialize;
use utoipa::{IntoParams, IntoResponses};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::error::{Problem, ProblemBody};
use crate::extract::{Path, Query};
use crate::state::AppState;

/// The largest callback: providers send a few hundred bytes.
const MOST_BYTES: usize = 64 << 10;

/// The provider whose callbacks are believed, by the name that it has in addresses.
#[derive(Clone)]
pub struct SmsHooks {
    /// As [`SmsSender::name`](portal_core::sms::SmsSender::name) says.
    pub name: &'static str,
    /// Reads its callbacks.
    pub callbacks: Arc<dyn SmsCallbacks>,
}

impl fmt::Debug for SmsHooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmsHooks")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(status))
        .routes(routes!(inbound))
        .layer(DefaultBodyLimit::max(MOST_BYTES))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfMessage {
    /// The message, as its address said when it was sent.
    message: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfPractice {
    /// The practice, as in the address at which its staff sign in: whose the message is if no practice texted its sender.
    practice: String,
}

/// How a callback is refused.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it describes; problems are answered")]
enum Refusals {
    /// The signature is missing, wrong or old.
    #[response(status = 403, content_type = "application/problem+json")]
    Signature(#[to_schema] ProblemBody),
    /// There is no such provider here, message or practice.
    #[response(status = 404, content_type = "application/problem+json")]
    Unknown(#[to_schema] ProblemBody),
    /// It is larger than any callback.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] ProblemBody),
    /// It is signed and does not say what it should, or its address is incomplete.
    #[response(status = 422, content_type = "application/problem+json")]
    Malformed(#[to_schema] ProblemBody),
    /// Not at the moment; see `Retry-After`.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(#[to_schema] ProblemBody),
}

/// What a request claims, once its signature is right.
fn believed<T>(
    state: &AppState,
    provider: &str,
    (uri, headers, body): (&OriginalUri, &HeaderMap, &Bytes),
    read: impl FnOnce(&dyn SmsCallbacks, &Callback<'_>) -> Result<T, CallbackError>,
) -> Result<T, Problem> {
    let hooks = state.sms_hooks().filter(|hooks| hooks.name == provider);
    let hooks = hooks.ok_or_else(Problem::not_found)?;
    // The address that the provider was told, which it may have signed: never what the request says of its host.
    let asked = uri.path_and_query().map_or("", |asked| asked.as_str());
    let url = format!("{}{asked}", state.public_url().origin());
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
        .collect();
    let callback = Callback {
        url: &url,
        headers: &headers,
        body,
        at: state.portal().now(),
    };
    read(&*hooks.callbacks, &callback).map_err(|error| {
        tracing::warn!(provider, %error, "a callback was refused");
        match error {
            CallbackError::Signature => Problem::new(
                StatusCode::FORBIDDEN,
                "signature",
                "The signature is missing or wrong.",
            ),
            CallbackError::Stale => Problem::new(
                StatusCode::FORBIDDEN,
                "stale",
                "This was signed too long ago. Check both clocks.",
            ),
            CallbackError::Malformed(_) => Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "malformed",
                "It is signed, but it does not say what it should.",
            ),
        }
    })
}

/// A provider tells how a text message went on.
///
/// It proves itself by its own signature over the public address. States only move forward: what is told twice, or late,
/// changes nothing and is answered 204 too.
#[utoipa::path(post, path = "/hooks/sms/{provider}/status", tag = "hooks", security(()),
    params(("provider" = String, Path, description = "`twilio`, `vonage` or `gateway`: the one that is set up"), OfMessage),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "As the provider writes it, JSON where it writes that; at most 64 KiB"),
    responses((status = 204, description = "It is known now."), Refusals))]
async fn status(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    Query(of): Query<OfMessage>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let report = believed(&state, &provider, (&uri, &headers, &body), |it, callback| {
        it.report(callback)
    })?;
    let Some(report) = report else {
        return Ok(StatusCode::NO_CONTENT);
    };
    let message: Locator = of.message.parse().map_err(|_| Problem::not_found())?;
    let id = DeliveryId(message.id);
    match state
        .portal()
        .note_sms_report(message.practice, id, &report)
        .await?
    {
        Told::Changed | Told::Known => Ok(StatusCode::NO_CONTENT),
        Told::NoSuchMessage => Err(Problem::not_found()),
    }
}

/// A provider brings a text message that somebody sent. It is kept once, however often it is brought; STOP and START change
/// what is on record about the number in the same commit.
///
/// Practices of an installation share the provider's account: the message is that of the practice which texted the number last,
/// and the one that the address names where nobody did. STOP and START hold for each practice that texted it.
#[utoipa::path(post, path = "/hooks/sms/{provider}/inbound", tag = "hooks", security(()),
    params(("provider" = String, Path, description = "`twilio`, `vonage` or `gateway`: the one that is set up"), OfPractice),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "As the provider writes it, JSON where it writes that; at most 64 KiB"),
    responses((status = 204, description = "It is kept."), Refusals))]
async fn inbound(
    State(state): State<AppState>,
    Path(provider): Path<String>,
    Query(of): Query<OfPractice>,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Problem> {
    let sms = believed(&state, &provider, (&uri, &headers, &body), |it, callback| {
        it.inbound(callback)
    })?;
    let practice: Locator = of.practice.parse().map_err(|_| Problem::not_found())?;
    let practice = state.portal().store().practice(practice.practice).await;
    let practice = practice.map_err(portal_core::Error::<portal_core::NoRule>::from)?;
    let practice = practice.ok_or_else(Problem::not_found)?;
    state.portal().receive_sms(practice.id, &provider, sms).await?;
    Ok(StatusCode::NO_CONTENT)
}
