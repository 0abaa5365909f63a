//! Whether the process lives, and whether it can do its work.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use portal_core::Portal;
use serde::Serialize;

/// The process answers.
pub(crate) async fn healthz() -> &'static str {
    "ok"
}

#[derive(Serialize)]
pub(crate) struct Readiness {
    store: &'static str,
    blobs: &'static str,
}

/// The store answers with the schema that this build needs, and files can be written. What is wrong stands in the log.
pub(crate) async fn readyz(State(portal): State<Portal>) -> (StatusCode, Json<Readiness>) {
    let (store, blobs) = tokio::join!(portal.store().check(), portal.blobs().check());
    let word = |failure: Option<String>| match failure {
        None => "ok",
        Some(error) => {
            tracing::error!(%error, "not ready");
            "failing"
        }
    };
    let readiness = Readiness {
        store: word(store.err().map(|error| error.to_string())),
        blobs: word(blobs.err().map(|error| error.to_string())),
    };
    let status = match (readiness.store, readiness.blobs) {
        ("ok", "ok") => StatusCode::OK,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    (status, Json(readiness))
}
