//! What every store promises, kept by PostgreSQL.

use portal_core::testing::conformance;
use portal_store_postgres::testing::ThrowAway;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_store_keeps_its_promises() {
    conformance::run_all(|| async { ThrowAway::create().await.into_store().await }).await;
}
