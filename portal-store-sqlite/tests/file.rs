//! The file itself: its schema, its neighbours, its end.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use portal_core::notify::{DeliveryState, Lane, Outbox};
use portal_core::policy::Role;
use portal_core::practice::Practices;
use portal_core::testing::{Fakes, Samples, save};
use portal_core::{Housekeeping, StoreError};
use portal_store_sqlite::{SqliteOptions, SqliteStore};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Executor};
use tempfile::TempDir;

struct File(TempDir);

impl File {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> std::path::PathBuf {
        // Its directory does not exist yet either.
        self.0.path().join("data").join("portal.sqlite")
    }

    async fn open(&self, options: SqliteOptions) -> SqliteStore {
        SqliteStore::open(self.path(), options).await.unwrap()
    }

    async fn other_process(&self) -> SqliteConnection {
        SqliteConnectOptions::new()
            .filename(self.path())
            .connect()
            .await
            .unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_is_brought_up_to_date_once_by_whoever_comes_first() {
    let file = File::new();
    let stores = [
        file.open(SqliteOptions::default()).await,
        file.open(SqliteOptions::default()).await,
        file.open(SqliteOptions::default()).await,
    ];
    let [store, ..] = &stores;
    assert_eq!(
        store.pending().await.unwrap(),
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
    assert!(matches!(store.check().await, Err(StoreError::Failed(_))));
    let [one, two, three] = &stores;
    let (one, two, three) = tokio::join!(one.migrate(), two.migrate(), three.migrate());
    assert_eq!([one, two, three], [Ok(()), Ok(()), Ok(())]);
    assert!(store.pending().await.unwrap().is_empty());
    assert_eq!(store.check().await, Ok(()));
    assert_eq!(store.migrate().await, Ok(()), "again");
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    let file = File::new();
    let store = file.open(SqliteOptions::default()).await;
    store.migrate().await.unwrap();
    let mut other = file.other_process().await;
    other
        .execute("INSERT INTO _sqlx_migrations VALUES (9999, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 0)")
        .await
        .unwrap();
    let refused = store.check().await;
    assert!(
        matches!(&refused, Err(StoreError::Failed(why)) if why.contains("newer")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn while_another_process_writes_nothing_is_done_and_reading_goes_on() {
    let file = File::new();
    let options = SqliteOptions {
        busy_timeout: Duration::from_millis(20),
        ..SqliteOptions::default()
    };
    let store = file.open(options).await;
    store.migrate().await.unwrap();
    let samples = Samples::new(1);
    let mut other = file.other_process().await;
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    let refused = save(&store, [samples.practice()]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert_eq!(
        store.practice(samples.practice).await,
        Ok(None),
        "readers do not wait"
    );
    other.execute("COMMIT").await.unwrap();
    assert_eq!(save(&store, [samples.practice()]).await, Ok(()));
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let file = File::new();
    let store = file.open(SqliteOptions::default()).await;
    store.migrate().await.unwrap();
    save(&store, [Samples::new(1).practice()]).await.unwrap();
    for name in ["portal.sqlite", "portal.sqlite-wal", "portal.sqlite-shm"] {
        let mode = file
            .path()
            .with_file_name(name)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn closing_finishes_what_was_begun_and_then_refuses() {
    let file = File::new();
    let store = file.open(SqliteOptions::default()).await;
    store.migrate().await.unwrap();
    let samples = Samples::new(1);
    let (saved, ()) = tokio::join!(save(&store, [samples.practice()]), store.close());
    assert_eq!(saved, Ok(()));
    let refused = save(&store, [samples.practice()]).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(matches!(store.check().await, Err(StoreError::Unavailable(_))));
    let again = file.open(SqliteOptions::default()).await;
    assert!(again.practice(samples.practice).await.unwrap().is_some());
}

#[tokio::test]
async fn what_cannot_be_opened_is_unavailable() {
    let directory = tempfile::tempdir().unwrap();
    let taken = directory.path().join("a-file");
    std::fs::write(&taken, "not a directory").unwrap();
    let refused = SqliteStore::open(taken.join("portal.sqlite"), SqliteOptions::default())
        .await
        .map(drop);
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    std::fs::write(directory.path().join("b"), "x".repeat(5_000)).unwrap();
    let refused = SqliteStore::open(directory.path().join("b"), SqliteOptions::default())
        .await
        .map(drop);
    assert!(
        matches!(refused, Err(StoreError::Unavailable(_))),
        "not a database: {refused:?}"
    );
}

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_no_other_waiting() {
    let file = File::new();
    let store = file.open(SqliteOptions::default()).await;
    store.migrate().await.unwrap();
    let samples = Samples::new(1);
    save(&store, [samples.practice()]).await.unwrap();
    let owner = samples.staff(Role::Owner);
    save(&store, [owner.clone()]).await.unwrap();
    let (matter, client) = (samples.matter(&owner), samples.client("Anna", "Berg"));
    save(&store, [matter.clone()]).await.unwrap();
    save(&store, [client.clone()]).await.unwrap();
    let event = samples.event(&matter, &owner);
    let deliveries: Vec<_> = (0..3)
        .map(|_| samples.delivery(&event, &matter, &client))
        .collect();
    save(&store, deliveries.clone()).await.unwrap();
    let mut other = file.other_process().await;
    let id = format!("{:X}", deliveries[1].id.0.as_simple());
    let spoiled = format!("UPDATE delivery SET letter = '{{\"kind\": \"of-tomorrow\"}}' WHERE id = x'{id}'");
    let spoiled = other.execute(sqlx::AssertSqlSafe(spoiled)).await.unwrap();
    assert_eq!(spoiled.rows_affected(), 1);
    let lease = samples.at + portal_core::Duration::minutes(5);
    let claim = async |now| {
        store
            .claim_deliveries(samples.practice, Lane::Mail, now, lease, 10)
            .await
    };
    let claimed = claim(samples.at).await.unwrap();
    let ids: Vec<_> = claimed.iter().map(|delivery| delivery.id).collect();
    assert_eq!(ids, [deliveries[0].id, deliveries[2].id]);
    let open = store
        .open_deliveries(samples.practice, &deliveries[0].to, 10)
        .await;
    let open: Vec<_> = open.unwrap().iter().map(|delivery| delivery.id).collect();
    assert_eq!(open, ids, "the reader's others are not kept by it either");
    let two = store
        .open_deliveries(samples.practice, &deliveries[0].to, 2)
        .await;
    let two: Vec<_> = two.unwrap().iter().map(|delivery| delivery.id).collect();
    assert_eq!(two, ids, "nor does it take the place of one of them");
    let settled: Vec<_> = claimed
        .into_iter()
        .map(|delivery| delivery.sent(samples.at))
        .collect();
    save(&store, settled).await.unwrap();
    let alone = claim(lease).await;
    assert!(matches!(alone, Err(StoreError::Failed(_))), "{alone:?}");
}

#[tokio::test]
async fn a_practice_whose_rows_cannot_be_read_keeps_no_other_waiting() {
    let file = File::new();
    let store = std::sync::Arc::new(file.open(SqliteOptions::default()).await);
    store.migrate().await.unwrap();
    let mut waiting = Vec::new();
    for samples in [Samples::new(1), Samples::new(2)] {
        save(&*store, [samples.practice()]).await.unwrap();
        let owner = samples.staff(Role::Owner);
        save(&*store, [owner.clone()]).await.unwrap();
        let (matter, client) = (samples.matter(&owner), samples.client("Anna", "Berg"));
        save(&*store, [matter.clone()]).await.unwrap();
        save(&*store, [client.clone()]).await.unwrap();
        let event = samples.event(&matter, &owner);
        let delivery = samples.delivery(&event, &matter, &client);
        save(&*store, [delivery.clone()]).await.unwrap();
        waiting.push((samples, delivery));
    }
    // Whoever comes first in turn.
    waiting.sort_by_key(|(samples, _)| samples.practice);
    let [(_, unreadable), (samples, other)] = &waiting[..] else {
        panic!("there are two");
    };
    let id = format!("{:X}", unreadable.id.0.as_simple());
    let spoiled = format!("UPDATE delivery SET letter = '{{\"kind\": \"of-tomorrow\"}}' WHERE id = x'{id}'");
    let mut process = file.other_process().await;
    process.execute(sqlx::AssertSqlSafe(spoiled)).await.unwrap();
    let fakes = Fakes::default();
    fakes.clock.set(samples.at);
    let portal = fakes.portal(store.clone());
    let round = portal.send_due(Lane::Mail, &|| false).await;
    assert!(
        matches!(round, Err(StoreError::Failed(_))),
        "it is told: {round:?}"
    );
    let after = store.delivery(samples.practice, other.id).await.unwrap().unwrap();
    assert_ne!(after.state, DeliveryState::Queued, "{after:?}");
}
