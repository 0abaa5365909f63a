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

use portal_core::testing::MemoryStore;
use portal_store_sqlite::{SqliteOptions, SqliteStore};

#[tokio::test]
async fn erasing_a_client_leaves_proofs_and_evidence_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("portal.sqlite");
    let store = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    erasure::erasing_a_client_leaves_proofs_and_evidence_as_they_are(Arc::new(store)).await;
}

#[tokio::test]
async fn erasing_in_memory_leaves_them_too() {
    let store = Arc::new(MemoryStore::default());
    erasure::erasing_a_client_leaves_proofs_and_evidence_as_they_are(store).await;
}
