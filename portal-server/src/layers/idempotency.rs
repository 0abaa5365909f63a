//! `Idempotency-Key`: a changing request that is sent twice is done once.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, Limited};
use portal_core::identity::Person;
use portal_core::{Digest, KEY_KEPT, KeyClaim, Portal, PracticeId, StoreError, StoredAnswer};
use sha2::{Digest as _, Sha256};

use super::wrote::{Noted, noting};
use crate::error::Problem;
use crate::extract::Signed;
use crate::state::AppState;

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const REPEATED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// How long a claim holds before its request counts as cut off, unless it is extended.
const LEASE: portal_core::Duration = portal_core::Duration::minutes(1);
/// How often a claim is extended while its request is worked on: an upload may take hours.
const EXTEND_EVERY: Duration = Duration::from_secs(15);
/// How long a repetition waits for the first one's answer.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Marks an answer that holds a secret and is therefore not kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NotRepeated;

/// Does a request with a key once and answers its repetitions, for a day, with what the first one was answered.
///
/// Keys belong to the person who sends them. The same key with another body is refused; of an upload, whose body is
/// not held in memory, only the length is compared. Failures that may pass (5xx, a conflict, too many requests, an upload
/// that broke off) are not kept: the request can be sent again, as long as nothing of it was done. When it failed after
/// something was, when the store cannot tell, or when the server died while it worked on it, nobody knows what became of it:
/// repetitions are answered `outcome-unknown`, and never done.
pub(crate) async fn once(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || !request.headers().contains_key(HEADER) {
        return next.run(request).await;
    }
    match guarded(state, request, next).await {
        Ok(answer) => answer,
        Err(problem) => problem.into_response(),
    }
}

async fn guarded(state: AppState, request: Request, next: Next) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let signed = Signed::from_request_parts(&mut parts, &state).await?;
    let practice = signed.context().practice;
    let key = key(&parts.headers, signed.0.session.person)?;
    let is_upload = parts.headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes();
        value.starts_with(b"multipart/") || value == b"application/offset+octet-stream"
    });
    let (body, bytes) = if is_upload {
        let length = parts.headers.get(header::CONTENT_LENGTH);
        let length = length.map_or_else(Bytes::new, |value| Bytes::copy_from_slice(value.as_bytes()));
        (body, length)
    } else {
        let bytes = Limited::new(body, state.limits().body_bytes)
            .collect()
            .await
            .map_err(|_| Problem::of(StatusCode::PAYLOAD_TOO_LARGE))?
            .to_bytes();
        (Body::from(bytes.clone()), bytes)
    };
    // An upload in several goes says there what others say in the body.
    let header = |name: &str| parts.headers.get(name).map_or(&b""[..], HeaderValue::as_bytes);
    let mut fingerprint = Sha256::new();
    for part in [
        parts.method.as_str().as_bytes(),
        parts.uri.path().as_bytes(),
        header("upload-length"),
        header("upload-metadata"),
        header("upload-offset"),
        &bytes,
    ] {
        fingerprint.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        fingerprint.update(part);
    }
    let fingerprint = Digest(fingerprint.finalize().into());
    if let Some(answer) = claim(state.portal(), practice, &key, fingerprint).await? {
        return Ok(answer);
    }
    // The handler need not look the session up again.
    parts.extensions.insert(signed);
    let request = Request::from_parts(parts, body);
    let portal = state.portal().clone();
    let claimed = key.clone();
    let (wrote, noted) = noting();
    // In a task of its own: when the caller goes away, the answer is kept all the same.
    let work = async move {
        #[cfg(feature = "failpoints")]
        fail::fail_point!("idempotency::claimed");
        let answer = extending(&portal, practice, &claimed, wrote.by(next.run(request))).await;
        #[cfg(feature = "failpoints")]
        fail::fail_point!("idempotency::answered");
        let answer = keep(&portal, practice, &claimed, answer, &noted).await;
        #[cfg(feature = "failpoints")]
        fail::fail_point!("idempotency::kept");
        answer
    };
    match tokio::spawn(tracing::Instrument::in_current_span(work)).await {
        Ok(answer) => Ok(answer),
        Err(panic) => {
            cut_off(state.portal(), practice, &key).await;
            Err(Problem::internal(panic))
        }
    }
}

fn key(headers: &HeaderMap, person: Person) -> Result<String, Problem> {
    let key = headers
        .get(HEADER)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !(1..=200).contains(&key.len()) {
        return Err(Problem::field(
            "Idempotency-Key",
            "malformed",
            "Send 1 to 200 visible ASCII characters, such as a UUID.",
        ));
    }
    let whose = match person {
        Person::Staff(id) => format!("staff/{id}"),
        Person::Client(id) => format!("client/{id}"),
        Person::Preview { staff, .. } => format!("staff/{staff}"),
    };
    Ok(format!("{whose}/{key}"))
}

/// Claims the key, or answers what its first use was answered.
async fn claim(
    portal: &Portal,
    practice: PracticeId,
    key: &str,
    fingerprint: Digest,
) -> Result<Option<Response>, Problem> {
    let failed = |error: StoreError| Problem::from(portal_core::Error::<portal_core::NoRule>::from(error));
    let given_up = tokio::time::Instant::now() + PATIENCE;
    loop {
        let now = portal.now();
        let claim = portal.new_claim(fingerprint, now + LEASE);
        let claimed = portal.store().claim_key(practice, key, claim, now).await;
        match claimed.map_err(failed)? {
            KeyClaim::Fresh => return Ok(None),
            KeyClaim::Answered(answer) => return Ok(Some(repeat(answer))),
            KeyClaim::Different => {
                return Err(Problem::field(
                    "Idempotency-Key",
                    "reused",
                    "This key was used for another request. Take a new one.",
                ));
            }
            KeyClaim::CutOff => {
                return Err(Problem::new(
                    StatusCode::CONFLICT,
                    "outcome-unknown",
                    "The first request with this key was cut off. Look whether it took effect, then use a new key.",
                ));
            }
            KeyClaim::Running if tokio::time::Instant::now() < given_up => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            KeyClaim::Running => {
                return Err(Problem::new(
                    StatusCode::CONFLICT,
                    "still-running",
                    "The first request with this key is not answered yet. Ask again in a moment.",
                )
                .retry_after(2));
            }
        }
    }
}

fn repeat(answer: StoredAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_TYPE);
    for (name, value) in [
        (header::CONTENT_TYPE, answer.content_type),
        (header::ETAG, answer.etag),
        (header::LOCATION, answer.location),
    ] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers.insert(REPEATED, HeaderValue::from_static("true"));
    response
}

/// Does `work`, and keeps the claim on its key alive meanwhile.
async fn extending<T>(portal: &Portal, practice: PracticeId, key: &str, work: impl Future<Output = T>) -> T {
    tokio::select! {
        done = work => done,
        never = extend(portal, practice, key) => match never {},
    }
}

async fn extend(portal: &Portal, practice: PracticeId, key: &str) -> Infallible {
    loop {
        tokio::time::sleep(EXTEND_EVERY).await;
        let lease_until = portal.now() + LEASE;
        if let Err(error) = portal.store().extend_key(practice, key, lease_until).await {
            tracing::warn!(%error, "the claim on an idempotency key could not be extended");
        }
    }
}

async fn release(portal: &Portal, practice: PracticeId, key: &str) {
    if let Err(error) = portal.store().release_key(practice, key).await {
        tracing::error!(%error, "an idempotency key could not be released");
    }
}

/// Ends the claim's lease, which tells repetitions that nobody knows. If that fails, it ends by itself.
async fn cut_off(portal: &Portal, practice: PracticeId, key: &str) {
    if let Err(error) = portal.store().extend_key(practice, key, portal.now()).await {
        tracing::warn!(%error, "the claim on an idempotency key could not be ended");
    }
}

/// Whether a failure may be gone the next time: keeping it would make its repetition fail as well.
fn passes(answer: &Response) -> bool {
    let status = answer.status();
    let interrupted = answer
        .extensions()
        .get::<Problem>()
        .is_some_and(|problem| problem.code == "upload-interrupted");
    interrupted || status.is_server_error() || matches!(status.as_u16(), 400 | 408 | 409 | 425 | 429)
}

/// What is to become of a key.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// Its answer is given again.
    Keep,
    /// It may be used again: nothing was done, or doing it again does no harm.
    Release,
    /// Nobody knows.
    CutOff,
}

fn fate(answer: &Response, something_was_done: bool) -> Fate {
    let problem = answer.extensions().get::<Problem>();
    if problem.is_some_and(|problem| problem.code == "outcome-unknown") {
        Fate::CutOff
    } else if passes(answer) {
        if something_was_done {
            Fate::CutOff
        } else {
            Fate::Release
        }
    } else if answer.extensions().get::<NotRepeated>().is_some() {
        Fate::Release
    } else {
        Fate::Keep
    }
}

/// Keeps an answer for repetitions. A problem has no body yet: its parts are kept in the body's place.
async fn keep(portal: &Portal, practice: PracticeId, key: &str, answer: Response, noted: &Noted) -> Response {
    match fate(&answer, noted.something()) {
        Fate::Keep => {}
        Fate::Release => {
            release(portal, practice, key).await;
            return answer;
        }
        Fate::CutOff => {
            cut_off(portal, practice, key).await;
            return answer;
        }
    }
    let (parts, body) = answer.into_parts();
    let mut bytes = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return Problem::internal(error).into_response(),
    };
    let text = |name| {
        parts
            .headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .map(str::to_owned)
    };
    let mut content_type = text(header::CONTENT_TYPE);
    if let Some(problem) = parts.extensions.get::<Problem>() {
        let body = problem.body("of the first request");
        bytes = serde_json::to_vec(&body).unwrap_or_default().into();
        content_type = Some("application/problem+json".to_owned());
    }
    let stored = StoredAnswer {
        status: parts.status.as_u16(),
        content_type,
        etag: text(header::ETAG),
        location: text(header::LOCATION),
        body: bytes.to_vec(),
    };
    if let Err(error) = portal
        .store()
        .store_answer(practice, key, stored, portal.now() + KEY_KEPT)
        .await
    {
        tracing::error!(%error, "an answer could not be kept for its idempotency key");
    }
    Response::from_parts(parts, Body::from(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_not_kept() {
        let passes = |status: u16| {
            let status = StatusCode::from_u16(status).unwrap();
            passes(&status.into_response())
        };
        for status in [400, 408, 409, 425, 429, 500, 502, 503, 504] {
            assert!(passes(status), "{status}");
        }
        for status in [200, 201, 204, 403, 404, 412, 413, 415, 422] {
            assert!(!passes(status), "{status}");
        }
        let interrupted = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "upload-interrupted",
            "It broke off.",
        );
        assert!(super::passes(&interrupted.into_response()));
    }

    #[test]
    fn what_was_done_or_may_have_been_is_not_done_again() {
        let answer = |status: u16| StatusCode::from_u16(status).unwrap().into_response();
        assert_eq!(fate(&answer(503), false), Fate::Release);
        assert_eq!(fate(&answer(503), true), Fate::CutOff);
        assert_eq!(fate(&answer(409), true), Fate::CutOff);
        assert_eq!(fate(&answer(201), true), Fate::Keep);
        assert_eq!(
            fate(&Problem::outcome_unknown().into_response(), false),
            Fate::CutOff
        );
        let mut secret = answer(201);
        secret.extensions_mut().insert(NotRepeated);
        assert_eq!(fate(&secret, true), Fate::Release);
    }
}
