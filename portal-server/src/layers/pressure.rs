//! Load is shed, not queued to death.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use tokio::sync::Semaphore;

use crate::error::Problem;

/// Lets so many requests in at once.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))))
    }
}

/// Answers 503 at once when there is no room. A request keeps its place until the last byte of its answer is sent.
pub(crate) async fn while_there_is_room(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let Ok(place) = gate.0.try_acquire_owned() else {
        metrics::counter!("portal_http_shed_total").increment(1);
        let busy = "The portal is very busy at the moment. Please try again in a few seconds.";
        return Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", busy)
            .retry_after(2)
            .into_response();
    };
    next.run(request).await.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _held = &place;
            frame
        }))
    })
}

/// Gives up on a request that takes too long to arrive or to answer.
pub(crate) async fn in_time(State(most): State<Duration>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(most, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "took-too-long",
            "This took too long. Please try again.",
        )
        .retry_after(5)
        .into_response(),
    }
}
