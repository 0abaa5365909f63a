//! The server behind the store: its schema, its restarts, its absence.

use std::sync::Arc;
use std::time::Duration;

use portal_core::practice::Practices;
use portal_core::testing::{Samples, save};
use portal_core::{Housekeeping, StoreError};
use portal_store_postgres::testing::ThrowAway;
use portal_store_postgres::{PostgresOptions, PostgresStore};
use sqlx::{Connection, Executor, PgConnection};

#[tokio::test]
async fn the_schema_is_brought_up_to_date_once_by_whoever_comes_first() {
    let database = ThrowAway::empty().await;
    let stores = [
        database.store().await.unwrap(),
        database.store().await.unwrap(),
        database.store().await.unwrap(),
    ];
    let [one, two, three] = &stores;
    assert_eq!(
        one.pending().await.unwrap(),
        [
            "0001_begin",
            "0002_uploads",
            "0003_growth",
            "0004_claims",
            "0005_order",
            "0006_workflows",
            "0007_messages",
            "0008_conversations",
            "0009_tasks",
            "0010_consents",
            "0011_lanes",
            "0012_answers",
            "0013_editions",
            "0014_counts",
            "0015_tried",
            "0016_seals",
            "0017_approvals",
            "0018_segments",
            "0019_accepting",
            "0020_zones",
            "0021_doubts",
            "0024_parts"
        ]
    );
    assert!(matches!(one.check().await, Err(StoreError::Failed(_))));
    let (first, second, third) = tokio::join!(one.migrate(), two.migrate(), three.migrate());
    assert_eq!([first, second, third], [Ok(()), Ok(()), Ok(())]);
    assert!(one.pending().await.unwrap().is_empty());
    assert_eq!(one.check().await, Ok(()));
    assert_eq!(one.migrate().await, Ok(()), "again");
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    let database = ThrowAway::create().await;
    let store = database.store().await.unwrap();
    let mut other = PgConnection::connect(&database.url()).await.unwrap();
    other
        .execute("INSERT INTO _sqlx_migrations VALUES (9999, 'later', now(), TRUE, '\\x00', 0)")
        .await
        .unwrap();
    let refused = store.check().await;
    assert!(
        matches!(&refused, Err(StoreError::Failed(why)) if why.contains("newer")),
        "{refused:?}"
    );
}

/// Connections that the server ended while they were idle are replaced, and nobody notices.
#[tokio::test]
async fn a_restart_of_the_server_is_survived() {
    let database = ThrowAway::create().await;
    let store = database.store().await.unwrap();
    let samples = Samples::new(1);
    save(&store, [samples.practice()]).await.unwrap();
    let mut other = PgConnection::connect(&database.url()).await.unwrap();
    other
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
    let client = samples.client("Amira", "Haddad");
    assert_eq!(save(&store, [client]).await, Ok(()));
    assert!(store.practice(samples.practice).await.unwrap().is_some());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    // A port that was free a moment ago, and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let options = PostgresOptions {
        acquire_timeout: Duration::from_millis(300),
        ..PostgresOptions::default()
    };
    let url = format!("postgres://nobody@127.0.0.1:{port}/nothing");
    let refused = PostgresStore::connect(&url, options).await.map(drop);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    let refused = PostgresStore::connect("mysql://somewhere", PostgresOptions::default())
        .await
        .map(drop);
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
}

/// Waiting for a connection ends; nothing was done then.
#[tokio::test]
async fn when_all_connections_are_busy_the_store_is_unavailable() {
    let database = ThrowAway::create().await;
    let options = PostgresOptions {
        max_connections: 1,
        acquire_timeout: Duration::from_millis(50),
        ..PostgresOptions::default()
    };
    let store = Arc::new(database.store_with(options).await.unwrap());
    let samples = Samples::new(1);
    let mut other = PgConnection::connect(&database.url()).await.unwrap();
    other.execute("BEGIN; LOCK TABLE practice").await.unwrap();
    let (waiting, practice) = (Arc::clone(&store), samples.practice);
    let waiting = tokio::spawn(async move { waiting.practice(practice).await });
    let blocked = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sqlx::query_scalar::<_, i64>(blocked)
        .fetch_one(&mut other)
        .await
        .unwrap()
        == 0
    {}
    let refused = save(&*store, [samples.practice()]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(waiting.await.unwrap(), Ok(None));
    assert_eq!(save(&*store, [samples.practice()]).await, Ok(()));
}

/// Somebody at the database's own console forgot to commit.
#[tokio::test]
async fn a_row_that_somebody_holds_is_not_waited_for_for_ever() {
    let database = ThrowAway::create().await;
    let options = PostgresOptions {
        lock_timeout: Duration::from_millis(50),
        ..PostgresOptions::default()
    };
    let store = database.store_with(options).await.unwrap();
    let samples = Samples::new(1);
    let practice = samples.practice();
    save(&store, [practice.clone()]).await.unwrap();
    let mut other = PgConnection::connect(&database.url()).await.unwrap();
    other
        .execute("BEGIN; SELECT * FROM practice FOR UPDATE")
        .await
        .unwrap();
    let mut next = practice;
    next.version.bump();
    let refused = save(&store, [next.clone()]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    other.execute("ROLLBACK").await.unwrap();
    assert_eq!(save(&store, [next]).await, Ok(()));
}

#[tokio::test]
async fn every_unique_rule_has_its_name() {
    let database = ThrowAway::create().await;
    let mut connection = PgConnection::connect(&database.url()).await.unwrap();
    let mut rules: Vec<String> =
        sqlx::query_scalar("SELECT conname::text FROM pg_constraint WHERE contype = 'u' AND connamespace = 'public'::regnamespace")
            .fetch_all(&mut connection)
            .await
            .unwrap();
    rules.sort_unstable();
    let mut known = portal_core::unique::ALL.to_vec();
    known.sort_unstable();
    assert_eq!(rules, known);
}
