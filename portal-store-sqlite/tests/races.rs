//! What must hold however many come at once, through the portal's services.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

#[path = "../../portal-store-sql/tests/shared/approvals.rs"]
mod approvals;
#[path = "../../portal-store-sql/tests/shared/entering.rs"]
mod entering;
#[path = "../../portal-store-sql/tests/shared/limits.rs"]
mod limits;
#[path = "../../portal-store-sql/tests/shared/lockout.rs"]
mod lockout;
#[path = "../../portal-store-sql/tests/shared/missed.rs"]
mod missed;
#[path = "../../portal-store-sql/tests/shared/portal.rs"]
mod portal;
#[path = "../../portal-store-sql/tests/shared/races.rs"]
mod races;
#[path = "../../portal-store-sql/tests/shared/stages.rs"]
mod stages;

use std::sync::Arc;

use portal_core::Store;
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor};

async fn store(folder: &tempfile::TempDir) -> Arc<dyn Store> {
    let path = folder.path().join("portal.sqlite");
    let store = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
    store.migrate().await.unwrap();
    Arc::new(store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_confirmed_a_thousand_times_at_once_begins_one_session() {
    let folder = tempfile::tempdir().unwrap();
    races::a_link_confirmed_a_thousand_times_at_once_begins_one_session(store(&folder).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_practice_is_not_locked_out_by_many_networks() {
    let folder = tempfile::tempdir().unwrap();
    lockout::a_practice_is_not_locked_out_by_many_networks(store(&folder).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_met_by_a_flood_leaves_one_entry() {
    let folder = tempfile::tempdir().unwrap();
    limits::a_limit_met_by_a_flood_leaves_one_entry(store(&folder).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_and_stages_that_change_at_once_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    stages::people_and_stages_that_change_at_once_lose_nothing(store(&folder).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_answers_and_new_versions_one_comes_first() {
    let folder = tempfile::tempdir().unwrap();
    approvals::of_answers_and_new_versions_one_comes_first(store(&folder).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn entries_that_nobody_let_wait_are_found_and_sealed_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder).await;
    let path = folder.path().join("portal.sqlite");
    let older = async || {
        let mut other = SqliteConnectOptions::new()
            .filename(&path)
            .connect()
            .await
            .unwrap();
        other.execute("DELETE FROM audit_unsealed").await.unwrap();
    };
    missed::entries_that_nobody_let_wait_are_found_and_sealed_once(store, older).await;
}
