//! Requests that go away: what was acknowledged is there, and nothing is half there.

#[path = "../../portal-store-sql/tests/shared/cancelled.rs"]
mod cancelled;

use std::sync::Arc;

use portal_core::Store;
use portal_store_sqlite::{SqliteOptions, SqliteStore};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_caller_goes_away_is_done_whole_or_not_at_all() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("portal.sqlite");
    let store = Arc::new(SqliteStore::open(&path, SqliteOptions::default()).await.unwrap());
    store.migrate().await.unwrap();
    let outcomes = cancelled::commit_and_go_away(&(Arc::clone(&store) as Arc<dyn Store>)).await;
    store.close().await;

    let store = SqliteStore::open(&path, SqliteOptions::default()).await.unwrap();
    outcomes.check(&store).await;
}
