//! The router: which layers every request passes, and in which order.

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{Extensions, HeaderMap, Method, StatusCode, Uri, Version, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::error::Problem;
use crate::layers::{Gate, frame, in_time, once, refuse_forgeries, while_there_is_room};
use crate::state::AppState;
use crate::{api, health, hooks, outbox, web};

/// The whole portal as a router: pages, API and health checks. It can be nested below a path of another axum
/// application, when the portal's public address ends with that path.
///
/// Outermost first: request id, log, problems and secure headers; compression; refusal of forged requests; then either
/// the room and time that quick requests have, or those of uploads and downloads.
pub fn router(state: AppState) -> Router {
    let limits = state.limits().clone();
    let api = api::routes(&state);
    let pages = web::routes(&state);
    let once = from_fn_with_state(state.clone(), once);
    let quick = api
        .quick
        .layer(once.clone())
        .merge(pages.quick)
        .merge(outbox::routes(&state))
        .layer(DefaultBodyLimit::max(limits.body_bytes))
        .layer(from_fn_with_state(limits.request_time, in_time))
        .layer(from_fn_with_state(
            Gate::new(state.clone(), limits.requests),
            while_there_is_room,
        ));
    let transfers = api
        .transfers
        .layer(once)
        .merge(pages.transfers)
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyTimeoutLayer::new(limits.idle_upload_time))
        .layer(from_fn_with_state(
            Gate::new(state.clone(), limits.transfers),
            while_there_is_room,
        ));
    // Programs call these, from anywhere: signatures stand in for the refusal of forged requests.
    let (hooks, _) = hooks::routes().split_for_parts();
    let hooks = hooks
        .layer(from_fn_with_state(limits.request_time, in_time))
        .layer(from_fn_with_state(
            Gate::new(state.clone(), limits.requests),
            while_there_is_room,
        ));
    Router::new()
        .merge(quick)
        .merge(transfers)
        .layer(from_fn_with_state(state.clone(), refuse_forgeries))
        .merge(hooks)
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .fallback(elsewhere)
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(512).and(is_text)))
        .layer(from_fn_with_state(state.clone(), frame))
        .with_state(state)
}

/// Where nothing is. The bare address leads staff to their door; an embedder who has a front page of their own routes
/// it before this.
async fn elsewhere(State(state): State<AppState>, method: Method, uri: Uri) -> Response {
    if method == Method::GET && uri.path() == "/" {
        return Redirect::to(&format!("{}/staff", state.public_url().base())).into_response();
    }
    Problem::not_found().into_response()
}

/// Only what shrinks: files that people uploaded are sent as they are.
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let content_type = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_attachment = headers.contains_key(header::CONTENT_DISPOSITION);
    let texts = [
        "text/html",
        "text/css",
        "text/javascript",
        "application/json",
        "image/svg+xml",
    ];
    !is_attachment && content_type.is_some_and(|text| texts.iter().any(|start| text.starts_with(start)))
}
