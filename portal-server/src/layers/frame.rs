use std::panic::AssertUnwindSafe;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use tracing::Instrument;

use super::request_id::{self, RequestId};
use super::{headers, problems};
use crate::error::Problem;
use crate::state::AppState;
use crate::web::assets;

/// The outermost layer: names the request, logs and counts it, survives panics, writes problems, and sets the headers
/// that every answer carries.
///
/// The log shows the route's template and never the path, since paths can hold tokens, and no query.
pub(crate) async fn frame(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = RequestId::of(request.headers());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "(none)".to_owned(), |path| path.as_str().to_owned());
    let asked = problems::Asked::of(&request);
    let span = tracing::info_span!("request", request_id = %id, %method, %route);
    request.extensions_mut().insert(id.clone());
    if method == Method::HEAD {
        // Parts of an answer are GET's alone (RFC 9110, section 14.2).
        request.headers_mut().remove(header::RANGE);
    }
    let answer = async {
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let answer = answer.unwrap_or_else(|panic| panicked(panic.as_ref()));
        let mut answer = problems::write(answer, &asked, &id);
        headers::secure(&mut answer, state.public_url());
        if let Some(value) = id.header() {
            answer.headers_mut().insert(request_id::HEADER, value);
        }
        note(&method, &route, answer.status(), begun);
        answer
    };
    assets::below(state.public_url().base(), answer.instrument(span)).await
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("(no message)");
    Problem::internal(format_args!("panicked: {text}")).into_response()
}

fn note(method: &Method, route: &str, status: StatusCode, begun: Instant) {
    let took = begun.elapsed();
    let ms = took.as_millis();
    let status = status.as_u16();
    if matches!(route, "/healthz" | "/readyz") {
        tracing::debug!(status, ms, "answered");
    } else {
        tracing::info!(status, ms, "answered");
    }
    // Methods are few only as long as nobody invents any.
    let method = match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    let labels = [("method", method.to_owned()), ("route", route.to_owned())];
    metrics::histogram!("portal_http_request_seconds", &labels).record(took.as_secs_f64());
    let [method, route] = labels;
    let labels = [method, route, ("status", status.to_string())];
    metrics::counter!("portal_http_requests_total", &labels).increment(1);
}
