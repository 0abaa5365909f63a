//! Requests that go away: what was acknowledged is there, and nothing is half there.

#[path = "../../portal-store-sql/tests/shared/cancelled.rs"]
mod cancelled;

use std::sync::Arc;

use portal_core::testing::Samples;
use portal_core::{Counters, Store};
use portal_store_postgres::testing::ThrowAway;
use portal_store_postgres::{PostgresOptions, PostgresStore};

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

/// What sqlx's issue 4393 comes down to: a connection that the pool takes for idle is in a transaction. Whatever is
/// written through it is acknowledged, and lost when the connection closes.
#[tokio::test]
async fn a_connection_left_in_a_transaction_is_not_used_again() {
    let database = ThrowAway::create().await;
    let options = PostgresOptions {
        max_connections: 1,
        ..PostgresOptions::default()
    };
    let store = database.store_with(options).await.unwrap();
    let mut connection = store.driver().pool().acquire().await.unwrap();
    sqlx::raw_sql("BEGIN").execute(&mut *connection).await.unwrap();
    drop(connection);

    let samples = Samples::new(1);
    let count = async |store: &PostgresStore| store.count(samples.practice, "tries", samples.at).await;
    assert_eq!(count(&store).await, Ok(1));
    store.close().await;
    let store = database.store().await.unwrap();
    assert_eq!(count(&store).await, Ok(2), "what was acknowledged is lost");
}
