//! Counters and idempotency keys.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::world::{World, claiming, got};
use crate::{Digest, Duration, KeyClaim, Store, StoredAnswer};

pub(super) async fn parallel_counts_are_all_different(store: &dyn Store) {
    let world = World::in_store(store, 110).await;
    let until = world.samples.at + Duration::hours(1);
    let counts = join_all((0..100).map(|_| store.count(world.id(), "sign-in/1", until))).await;
    let different: BTreeSet<u32> = counts.into_iter().map(got).collect();
    assert_eq!(
        different,
        (1..=100).collect(),
        "of 100 parallel counts, one 1, one 2, and so on"
    );
    assert_eq!(got(store.count(world.id(), "sign-in/1", until).await), 101);
}

pub(super) async fn looking_at_a_counter_does_not_count(store: &dyn Store) {
    let world = World::in_store(store, 115).await;
    let until = world.samples.at + Duration::hours(1);
    let counted = async |key: &str, now| got(store.counted(world.id(), key, now).await);
    assert_eq!(counted("known", world.samples.at).await, 0, "nothing was counted");
    for count in 1..4 {
        got(store.count(world.id(), "known", until).await);
        assert_eq!(counted("known", world.samples.at).await, count);
        assert_eq!(counted("known", until).await, count, "in its last moment");
    }
    assert_eq!(counted("Known", world.samples.at).await, 0, "another counter");
    let after = until + Duration::microseconds(1);
    assert_eq!(counted("known", after).await, 0, "once it may be forgotten");
    got(store.count(world.id(), "known", after).await);
    assert_eq!(counted("known", after).await, 4, "counting again lets it live on");
    let elsewhere = World::in_store(store, 116).await;
    let count = got(store.counted(elsewhere.id(), "known", world.samples.at).await);
    assert_eq!(count, 0, "another practice's");
}

pub(super) async fn counters_are_apart(store: &dyn Store) {
    let world = World::in_store(store, 111).await;
    let until = world.samples.at + Duration::hours(1);
    let long = "k".repeat(300);
    let keys = [
        "",
        "a",
        "A",
        "a ",
        "\u{e9}",
        "e\u{301}",
        "%",
        "a/1",
        "a/2",
        "\u{1f512}",
        long.as_str(),
    ];
    for key in keys {
        assert_eq!(
            got(store.count(world.id(), key, until).await),
            1,
            "the first of {key:?}"
        );
    }
    for key in keys {
        assert_eq!(
            got(store.count(world.id(), key, until).await),
            2,
            "the second of {key:?}"
        );
    }
}

fn answer(status: u16, body: &[u8]) -> StoredAnswer {
    StoredAnswer {
        status,
        content_type: Some("application/json; charset=utf-8".into()),
        etag: Some("\"7\"".into()),
        location: Some("/api/v1/clients/\u{e9}".into()),
        body: body.to_vec(),
    }
}

pub(super) async fn of_parallel_claims_of_a_key_one_is_fresh(store: &dyn Store) {
    let world = World::in_store(store, 112).await;
    let (at, until) = (world.samples.at, world.samples.at + Duration::hours(24));
    let command = Digest::of(b"command");
    for key in ["k1", "k2", "k3"] {
        let claims =
            join_all((0..100).map(|_| store.claim_key(world.id(), key, claiming(command, until), at))).await;
        let claims: Vec<KeyClaim> = claims.into_iter().map(got).collect();
        let fresh = claims.iter().filter(|claim| **claim == KeyClaim::Fresh).count();
        let running = claims.iter().filter(|claim| **claim == KeyClaim::Running).count();
        assert_eq!((fresh, running), (1, 99), "of 100 parallel claims of one key");
    }
}

pub(super) async fn a_key_remembers_its_command_and_answer(store: &dyn Store) {
    let world = World::in_store(store, 113).await;
    let (at, until) = (world.samples.at, world.samples.at + Duration::hours(24));
    let (command, another) = (Digest::of(b"command"), Digest::of(b"another"));
    let claim = async |key: &str, command| {
        got(store
            .claim_key(world.id(), key, claiming(command, until), at)
            .await)
    };
    assert_eq!(claim("key", command).await, KeyClaim::Fresh);
    assert_eq!(claim("key", another).await, KeyClaim::Different, "while it runs");
    assert_eq!(claim("key", command).await, KeyClaim::Running);
    assert_eq!(claim("KEY", another).await, KeyClaim::Fresh, "another key");
    let every_byte: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    got(store
        .store_answer(world.id(), "key", answer(201, &every_byte), until)
        .await);
    for _ in 0..3 {
        assert_eq!(
            claim("key", command).await,
            KeyClaim::Answered(answer(201, &every_byte))
        );
        assert_eq!(
            claim("key", another).await,
            KeyClaim::Different,
            "once it was answered"
        );
    }
    let bare = StoredAnswer {
        status: 599,
        content_type: None,
        etag: None,
        location: None,
        body: Vec::new(),
    };
    got(store.store_answer(world.id(), "KEY", bare.clone(), until).await);
    assert_eq!(claim("KEY", another).await, KeyClaim::Answered(bare));
}

/// A store whose connection broke makes its claim again.
pub(super) async fn a_claim_made_twice_is_one_claim(store: &dyn Store) {
    let world = World::in_store(store, 116).await;
    let (id, at) = (world.id(), world.samples.at);
    let until = at + Duration::minutes(1);
    let mine = claiming(Digest::of(b"command"), until);
    let claim = async |mine, now| got(store.claim_key(id, "key", mine, now).await);
    for _ in 0..3 {
        assert_eq!(claim(mine, at).await, KeyClaim::Fresh, "it is one's own");
    }
    let theirs = claiming(mine.fingerprint, until);
    assert_eq!(claim(theirs, at).await, KeyClaim::Running, "somebody else's");
    assert_eq!(
        claim(mine, until).await,
        KeyClaim::CutOff,
        "once its lease ran out"
    );
    got(store.store_answer(id, "key", answer(200, b"{}"), until).await);
    let last_moment = until - Duration::microseconds(1);
    assert_eq!(
        claim(mine, last_moment).await,
        KeyClaim::Answered(answer(200, b"{}")),
        "once it was answered"
    );
}

pub(super) async fn a_key_expires_and_can_be_released(store: &dyn Store) {
    let world = World::in_store(store, 114).await;
    let (at, until) = (world.samples.at, world.samples.at + Duration::hours(24));
    let (command, another) = (Digest::of(b"command"), Digest::of(b"another"));
    let id = world.id();
    assert_eq!(
        got(store.claim_key(id, "key", claiming(command, until), at).await),
        KeyClaim::Fresh
    );
    got(store.release_key(id, "key").await);
    assert_eq!(
        got(store.claim_key(id, "key", claiming(another, until), at).await),
        KeyClaim::Fresh,
        "released"
    );
    got(store.store_answer(id, "key", answer(200, b"{}"), until).await);
    let last_moment = until - Duration::microseconds(1);
    let later = until + Duration::hours(24);
    let claim = got(store
        .claim_key(id, "key", claiming(another, later), last_moment)
        .await);
    assert_eq!(
        claim,
        KeyClaim::Answered(answer(200, b"{}")),
        "in its last moment"
    );
    let after = until + Duration::microseconds(1);
    let claims = join_all((0..20).map(|_| store.claim_key(id, "key", claiming(command, later), after))).await;
    let claims: Vec<KeyClaim> = claims.into_iter().map(got).collect();
    let fresh = claims.iter().filter(|claim| **claim == KeyClaim::Fresh).count();
    let running = claims.iter().filter(|claim| **claim == KeyClaim::Running).count();
    assert_eq!(
        (fresh, running),
        (1, 19),
        "once it expired it is new, and its old answer is gone"
    );
    got(store.release_key(id, "a key that nobody claimed").await);
}

pub(super) async fn a_key_whose_claim_was_cut_off_is_never_fresh(store: &dyn Store) {
    let world = World::in_store(store, 115).await;
    let id = world.id();
    let at = world.samples.at;
    let (command, another) = (Digest::of(b"command"), Digest::of(b"another"));
    let (moment, minute) = (Duration::microseconds(1), Duration::minutes(1));
    let claim = async |key: &str, command, now| {
        got(store
            .claim_key(id, key, claiming(command, now + minute), now)
            .await)
    };
    for key in ["silent", "late", "undone", "long"] {
        assert_eq!(claim(key, command, at).await, KeyClaim::Fresh);
    }
    let end = at + minute;
    assert_eq!(claim("silent", command, end - moment).await, KeyClaim::Running);
    let claims = join_all((0..20).map(|_| claim("silent", command, end))).await;
    assert!(
        claims.iter().all(|claim| *claim == KeyClaim::CutOff),
        "{claims:?} once the lease ran out"
    );
    assert_eq!(claim("silent", another, end).await, KeyClaim::Different);

    got(store.extend_key(id, "long", end + minute).await);
    assert_eq!(
        claim("long", command, end + minute - moment).await,
        KeyClaim::Running,
        "extended"
    );
    assert_eq!(claim("long", command, end + minute).await, KeyClaim::CutOff);

    let last_moment = end + Duration::hours(24) - moment;
    got(store.tidy(last_moment).await);
    assert_eq!(
        claim("silent", command, last_moment).await,
        KeyClaim::CutOff,
        "for a day, tidied or not"
    );

    // Whoever held it was only slow.
    got(store
        .store_answer(id, "late", answer(200, b"{}"), last_moment)
        .await);
    let answered = KeyClaim::Answered(answer(200, b"{}"));
    assert_eq!(claim("late", command, last_moment - moment).await, answered);
    got(store.extend_key(id, "late", end).await);
    assert_eq!(
        claim("late", command, last_moment - moment).await,
        answered,
        "an answer stays"
    );
    got(store.release_key(id, "undone").await);
    assert_eq!(claim("undone", command, last_moment).await, KeyClaim::Fresh);

    assert_eq!(
        claim("silent", command, last_moment + moment).await,
        KeyClaim::Fresh,
        "a day later"
    );
    got(store.extend_key(id, "a key that nobody claimed", end).await);
    assert_eq!(
        claim("a key that nobody claimed", command, at).await,
        KeyClaim::Fresh
    );
}
