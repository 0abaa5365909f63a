//! Connections that break: what was acknowledged is done, once, and what was done is acknowledged.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use portal_core::audit::{AuditFilter, Audits};
use portal_core::client::Clients;
use portal_core::policy::Role;
use portal_core::testing::{Samples, save};
use portal_core::{Change, Claim, Commits, Digest, IdempotencyKeys, KeyClaim, PageRequest, StoreError};
use portal_store_postgres::testing::{ThrowAway, Wire};
use portal_store_postgres::{PostgresOptions, PostgresStore};

async fn store_behind_a_wire(database: &ThrowAway) -> (PostgresStore, Wire) {
    let wire = Wire::to(database).await;
    let options = PostgresOptions {
        max_connections: 1,
        ..PostgresOptions::default()
    };
    (PostgresStore::connect(wire.url(), options).await.unwrap(), wire)
}

/// One change, with as many more records as make it a transaction of several statements, if it shall be one.
fn change(samples: &Samples, more: usize) -> Change {
    let staff = samples.staff(Role::Owner);
    let client = samples.client("Amira", "Haddad");
    let entry = samples.audit(&samples.as_staff(&staff), &samples.matter(&staff));
    let others = (0..more).map(|_| samples.client("Somebody", "Else"));
    Change::audited(entry).save(client).save_all(others)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_whose_answer_is_lost_is_done_once_and_acknowledged() {
    // At once, the change itself is what is sent last; one by one it is what is committed last. (The text of BEGIN says COMMITTED.)
    for (more, text) in [(0, &b""[..]), (20, b"BEGIN"), (20, b"COMMIT\0")] {
        let database = ThrowAway::create().await;
        let (store, wire) = store_behind_a_wire(&database).await;
        let samples = Samples::new(1);
        save(&store, [samples.practice()]).await.unwrap();
        // The first of its shape is prepared, which is what is lost first; the answer to the change itself comes second.
        for committed in 1_u64..=4 {
            wire.lose_the_answer_to(text);
            assert_eq!(
                store.commit(change(&samples, more)).await,
                Ok(()),
                "{more} more, {committed}"
            );
            assert!(wire.has_lost_it());
            let one = PageRequest::first(1).with_total();
            let entries = store
                .audit_entries(samples.practice, &AuditFilter::default(), &one)
                .await
                .unwrap();
            assert_eq!(entries.total, Some(committed), "{more} more");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_that_inserts_nothing_is_not_guessed_at() {
    let database = ThrowAway::create().await;
    let (store, wire) = store_behind_a_wire(&database).await;
    let samples = Samples::new(1);
    let mut client = samples.client("Amira", "Haddad");
    save(&store, [samples.practice()]).await.unwrap();
    save(&store, [client.clone()]).await.unwrap();
    let mut lost = false;
    for _ in 0..2 {
        client.version.bump();
        wire.lose_the_answer_to(b"");
        match save(&store, [client.clone()]).await {
            Ok(()) => {}
            Err(StoreError::InDoubt(_)) => lost = true,
            Err(other) => unreachable!("{other}"),
        }
        client = store.client(samples.practice, client.id).await.unwrap().unwrap();
    }
    assert!(lost, "the answer to the change itself was lost once");
}

/// Nobody can be asked afterwards: then nobody may say that nothing was done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_after_which_the_server_is_gone_is_in_doubt() {
    for (more, text, was_done) in [
        (0, &b""[..], true),
        (20, b"COMMIT\0", true),
        (20, b"BEGIN", false),
    ] {
        let database = ThrowAway::create().await;
        let (store, wire) = store_behind_a_wire(&database).await;
        let samples = Samples::new(1);
        save(&store, [samples.practice()]).await.unwrap();
        // Of what was prepared before only the answer to the work itself can be lost.
        store.commit(change(&samples, more)).await.unwrap();
        wire.go_dead_after(text);
        let answer = store.commit(change(&samples, more)).await;
        let is_right = match &answer {
            Err(StoreError::InDoubt(_)) => was_done,
            // What is not committed is undone with its connection.
            Err(StoreError::Unavailable(_)) => !was_done,
            _ => false,
        };
        assert!(is_right, "{more} more: {answer:?}");
        wire.revive();
        let one = PageRequest::first(1).with_total();
        let entries = store
            .audit_entries(samples.practice, &AuditFilter::default(), &one)
            .await
            .unwrap();
        assert_eq!(entries.total, Some(1 + u64::from(was_done)), "{more} more");
    }
}

/// The server's machine vanished: nothing comes any more, not even an end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_falls_silent_is_not_waited_for_without_end() {
    let database = ThrowAway::create().await;
    let wire = Wire::to(&database).await;
    let options = PostgresOptions {
        max_connections: 1,
        answer_timeout: Duration::from_millis(300),
        acquire_timeout: Duration::from_millis(300),
        ..PostgresOptions::default()
    };
    let store = PostgresStore::connect(wire.url(), options).await.unwrap();
    let samples = Samples::new(1);
    save(&store, [samples.practice()]).await.unwrap();
    store.commit(change(&samples, 0)).await.unwrap();
    wire.fall_silent_after(b"");
    let answer = store.commit(change(&samples, 0)).await;
    assert!(matches!(answer, Err(StoreError::InDoubt(_))), "{answer:?}");
    let answer = store
        .client(samples.practice, samples.client("Amira", "Haddad").id)
        .await;
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    wire.revive();
    let one = PageRequest::first(1).with_total();
    let entries = store
        .audit_entries(samples.practice, &AuditFilter::default(), &one)
        .await;
    assert_eq!(entries.unwrap().total, Some(2), "it was done");
}

/// A worker that lost the answer to its claim makes it again, and it is still its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_on_a_key_whose_answer_is_lost_is_ones_own() {
    let database = ThrowAway::create().await;
    let (store, wire) = store_behind_a_wire(&database).await;
    let samples = Samples::new(1);
    save(&store, [samples.practice()]).await.unwrap();
    for (by, key) in [(1, "prepared"), (2, "one"), (3, "two")] {
        wire.lose_the_answer_to(b"");
        let claim = Claim {
            by: uuid::Uuid::from_u128(by),
            fingerprint: Digest::of(b"command"),
            until: samples.at + portal_core::Duration::minutes(1),
        };
        let claimed = store.claim_key(samples.practice, key, claim, samples.at).await;
        assert_eq!(claimed, Ok(KeyClaim::Fresh), "{key}");
        assert!(wire.has_lost_it());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_whose_answer_is_lost_is_read_again() {
    let database = ThrowAway::create().await;
    let (store, wire) = store_behind_a_wire(&database).await;
    let samples = Samples::new(1);
    let client = samples.client("Amira", "Haddad");
    save(&store, [samples.practice()]).await.unwrap();
    save(&store, [client.clone()]).await.unwrap();
    for _ in 0..3 {
        wire.lose_the_answer_to(b"");
        assert_eq!(
            store.client(samples.practice, client.id).await,
            Ok(Some(client.clone()))
        );
        assert!(wire.has_lost_it());
    }
}
