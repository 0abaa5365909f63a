//! What every store promises, kept by SQLite.

use std::sync::Arc;

use portal_core::Store;
use portal_core::testing::conformance;
use portal_store_sqlite::SqliteStore;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_keeps_its_promises() {
    conformance::run_all(|| async {
        let store = SqliteStore::in_memory().await.expect("a store");
        Arc::new(store) as Arc<dyn Store>
    })
    .await;
}
