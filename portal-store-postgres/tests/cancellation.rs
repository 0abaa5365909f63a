//! Requests that go away: what was acknowledged is there, and nothing is half there.

#[path = "../../portal-store-sql/tests/shared/cancelled.rs"]
mod cancelled;

use std::sync::Arc;

use portal_core::Store;
use portal_store_postgres::PostgresOptions;
use portal_store_postgres::testing::ThrowAway;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_whose_caller_goes_away_is_done_whole_or_not_at_all() {
    let database = ThrowAway::create().await;
    // Few connections, so that each is used again after a caller went away.
    let options = PostgresOptions {
        max_connections: 3,
        ..PostgresOptions::default()
    };
    let store = Arc::new(database.store_with(options).await.unwrap());
    let outcomes = cancelled::commit_and_go_away(&(Arc::clone(&store) as Arc<dyn Store>)).await;
    store.close().await;

    let store = database.store().await.unwrap();
    outcomes.check(&store).await;
}
