//! What erasing a client's personal data takes, and what it leaves.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[path = "../../portal-store-sql/tests/shared/entering.rs"]
mod entering;
#[path = "../../portal-store-sql/tests/shared/erasure.rs"]
mod erasure;
#[path = "../../portal-store-sql/tests/shared/portal.rs"]
mod portal;

use std::sync::Arc;

use portal_store_postgres::testing::ThrowAway;

#[tokio::test]
async fn erasing_a_client_leaves_proofs_and_evidence_as_they_are() {
    let database = ThrowAway::create().await;
    let store = Arc::new(database.store().await.unwrap());
    erasure::erasing_a_client_leaves_proofs_and_evidence_as_they_are(store).await;
}
