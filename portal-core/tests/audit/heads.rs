//! What the sealer goes on from, and what it does not.

use std::sync::Arc;

use portal_core::audit::note::NoteSigner;
use portal_core::audit::tree::{Edge, Tiles};
use portal_core::audit::{AuditTree, Checkpoint, Sealed, SealedHeads, Sealer, TreeFault, keys_not_known};
use portal_core::policy::Role;
use portal_core::testing::{Fakes, MemoryStore, Samples};
use portal_core::{Actor, Change, Context, Duration, Portal, PreviousKey, StoreError};

use crate::exports::{sealed, write};

/// A portal on `store` whose signing key is called `id`, and which believes `previous`.
fn portal(fakes: &Fakes, store: &Arc<MemoryStore>, id: &str, previous: &[PreviousKey]) -> Portal {
    let mut parts = fakes.parts(store.clone());
    parts.settings.keys = parts
        .settings
        .keys
        .with_audit_key(id, None)
        .with_previous_audit_keys(previous.iter().cloned());
    Portal::new(parts)
}

async fn round(portal: &Portal, heads: &SealedHeads) -> Sealed {
    portal.seal_due(heads, |_| ()).await.unwrap()
}

/// What the only practice that failed was told.
fn told(done: &Sealed) -> &str {
    match done.failed.as_slice() {
        [(_, StoreError::Failed(why))] => why,
        _ => panic!("{done:?}"),
    }
}

/// Seals what waits as somebody does who can write to the database and has a key of their own.
async fn forge(portal: &Portal, samples: &Samples) -> (AuditTree, NoteSigner) {
    let (store, practice) = (portal.store(), samples.practice);
    let before = store.audit_tree(practice).await.unwrap().unwrap();
    let tiles = store
        .audit_tiles(practice, &Edge::tiles(before.size))
        .await
        .unwrap();
    let tiles: Tiles = tiles.into_iter().collect();
    let signer = NoteSigner::new(&before.origin, &[66; 32]);
    let keys = [before.key.parse().unwrap(), signer.verifier()];
    let sealer = Sealer {
        signer: &signer,
        keys: &keys,
        now: portal.now(),
    };
    let entries = store.unsealed(practice, 100).await.unwrap();
    let entries = entries.into_iter().map(|entry| (entry, [5; 32]));
    let edge = Edge::new(before.size, &tiles).unwrap();
    let sealing = sealer.seal(practice, Some(&before), edge, entries).unwrap();
    let tree = sealing.tree.clone();
    store.commit(Change::sealing(sealing)).await.unwrap();
    (tree, signer)
}

#[tokio::test]
async fn a_head_under_a_key_that_is_not_configured_is_not_gone_on_with() {
    let (fakes, samples, store) = (Fakes::default(), Samples::new(20), Arc::default());
    let own = portal(&fakes, &store, "1", &[]);
    write(&own, &samples, 3).await;
    sealed(&own, &SealedHeads::default()).await;
    write(&own, &samples, 2).await;
    let (forged, signer) = forge(&own, &samples).await;
    write(&own, &samples, 1).await;
    let done = round(&own, &SealedHeads::default()).await;
    let id = format!("{:08x}", signer.verifier().id());
    assert!(told(&done).contains(&id), "{done:?}");
    assert!(told(&done).contains("audit.previous_keys"), "{done:?}");
    assert_eq!(
        own.store().audit_tree(samples.practice).await.unwrap(),
        Some(forged),
        "nothing was signed on top of it"
    );
    // Whoever vouches for that key by the configuration goes on, and the first checkpoint of the own key begins it.
    let vouching = portal(&fakes, &store, "1", &[PreviousKey::Public(signer.verifier())]);
    let tree = sealed(&vouching, &SealedHeads::default()).await;
    assert_eq!(tree.size, 6);
}

#[tokio::test]
async fn a_key_that_was_changed_is_believed_by_its_name_or_its_public_half_only() {
    let (fakes, samples, store) = (Fakes::default(), Samples::new(21), Arc::default());
    let old = portal(&fakes, &store, "2025", &[]);
    write(&old, &samples, 2).await;
    let tree = sealed(&old, &SealedHeads::default()).await;
    write(&old, &samples, 2).await;
    let heads = SealedHeads::default();
    let done = round(&portal(&fakes, &store, "2026", &[]), &heads).await;
    assert!(told(&done).contains("audit.previous_keys"), "{done:?}");
    let wrong = [PreviousKey::Named("2024".to_owned())];
    fakes.clock.advance(Duration::seconds(5));
    let done = round(&portal(&fakes, &store, "2026", &wrong), &heads).await;
    assert_eq!(done.failed.len(), 1, "{done:?}");
    let public = [PreviousKey::Public(tree.key.parse().unwrap())];
    let named = [PreviousKey::Named("2025".to_owned())];
    fakes.clock.advance(Duration::seconds(5));
    let by_public = portal(&fakes, &store, "2026", &public);
    assert_eq!(sealed(&by_public, &heads).await.size, 4);
    let by_name = portal(&fakes, &store, "2026", &named);
    let ctx = samples.context(Actor::System("keys"));
    let keys = by_name.audit_keys(&ctx).await.unwrap();
    assert_eq!(keys, by_public.audit_keys(&ctx).await.unwrap());
    let since: Vec<Option<u64>> = keys.iter().map(|it| it.since.map(|(size, _)| size)).collect();
    assert_eq!(since, [Some(2), Some(4)], "the previous one first");
    assert_eq!(keys[0].key.to_string(), tree.key);
}

#[tokio::test]
async fn keys_that_only_the_database_speaks_of_are_not_listed() {
    let (fakes, samples, store) = (Fakes::default(), Samples::new(22), Arc::default());
    let own = portal(&fakes, &store, "1", &[]);
    let ctx = samples.context(Actor::System("keys"));
    write(&own, &samples, 1).await;
    let tree = sealed(&own, &SealedHeads::default()).await;
    write(&own, &samples, 1).await;
    let (_, signer) = forge(&own, &samples).await;
    let kept = own.store().audit_keys(samples.practice).await.unwrap();
    let foreign = signer.verifier().to_string();
    assert!(
        kept.iter().any(|kept| kept.key == foreign),
        "it stands in the database"
    );
    let keys = own.audit_keys(&ctx).await.unwrap();
    let listed: Vec<String> = keys.iter().map(|it| it.key.to_string()).collect();
    assert_eq!(listed, [tree.key]);
    let known: Vec<_> = keys.into_iter().map(|it| it.key).collect();
    let unknown = keys_not_known(&kept, &known);
    assert_eq!(
        unknown.iter().map(|kept| &kept.key).collect::<Vec<_>>(),
        [&foreign]
    );
}

#[tokio::test]
async fn a_tree_that_another_process_let_grow_is_gone_on_with() {
    for (first, then) in [(1, 1), (3, 5), (200, 56), (255, 300), (256, 1), (300, 300)] {
        let (fakes, samples, store) = (Fakes::default(), Samples::new(23), Arc::default());
        let own = portal(&fakes, &store, "1", &[]);
        let (one, other) = (SealedHeads::default(), SealedHeads::default());
        write(&own, &samples, first).await;
        sealed(&own, &one).await;
        write(&own, &samples, then).await;
        sealed(&own, &other).await;
        write(&own, &samples, 1).await;
        let size = sealed(&own, &one).await.size;
        assert_eq!(size, (first + then + 1) as u64);
    }
}

#[tokio::test]
async fn a_larger_tree_that_does_not_begin_with_the_one_before_is_not_gone_on_with() {
    for (first, then) in [(3, 5), (256, 257), (300, 700)] {
        let (fakes, samples) = (Fakes::default(), Samples::new(24));
        let heads = SealedHeads::default();
        let own = portal(&fakes, &Arc::default(), "1", &[]);
        write(&own, &samples, first).await;
        sealed(&own, &heads).await;
        // Another history under the same key, as in a copy of the portal, was put in the first one's place.
        let own = portal(&fakes, &Arc::default(), "1", &[]);
        write(&own, &samples, then).await;
        let other = sealed(&own, &SealedHeads::default()).await;
        write(&own, &samples, 1).await;
        let done = round(&own, &heads).await;
        assert!(told(&done).contains("written anew"), "{done:?}");
        let now = own.store().audit_tree(samples.practice).await.unwrap();
        assert_eq!(now, Some(other), "nothing was signed on top of it");
    }
}

/// The same after a restart, when only a checkpoint in a file tells of before.
#[tokio::test]
async fn nothing_is_signed_on_top_of_a_tree_that_was_put_back() {
    let (fakes, samples) = (Fakes::default(), Samples::new(25));
    let heads = SealedHeads::default();
    let own = portal(&fakes, &Arc::default(), "1", &[]);
    write(&own, &samples, 3).await;
    let tree = sealed(&own, &heads).await;
    // Another store, as after an old backup was put in the first one's place.
    let own = portal(&fakes, &Arc::default(), "1", &[]);
    write(&own, &samples, 3).await;
    let restarted = SealedHeads::default();
    let checkpoint = Checkpoint::read(&tree.note).unwrap();
    restarted.remember_checkpoint(samples.practice, &checkpoint);
    for heads in [heads, restarted] {
        let done = round(&own, &heads).await;
        assert!(told(&done).contains("put back to an earlier state"), "{done:?}");
        assert_eq!(own.store().audit_tree(samples.practice).await.unwrap(), None);
    }
    let distrusting = SealedHeads::default();
    distrusting.distrust(samples.practice, "the file x is not a signed note".to_owned());
    let done = round(&own, &distrusting).await;
    let why = TreeFault::NotBelieved("the file x is not a signed note".to_owned()).to_string();
    assert!(told(&done).contains(&why), "{done:?}");
}

#[tokio::test]
async fn one_practice_whose_tree_is_broken_holds_up_no_other() {
    let (fakes, broken, sound, store) = (
        Fakes::default(),
        Samples::new(26),
        Samples::new(27),
        Arc::default(),
    );
    let own = portal(&fakes, &store, "1", &[]);
    let heads = SealedHeads::default();
    heads.distrust(broken.practice, "for this test".to_owned());
    for samples in [&broken, &sound] {
        write(&own, samples, 2).await;
    }
    let done = round(&own, &heads).await;
    assert_eq!((done.entries, done.failed.len()), (2, 1), "{done:?}");
    // Again and again until the pause is over: that of the broken one alone.
    for second in 0..5 {
        write(&own, &sound, 1).await;
        let done = round(&own, &heads).await;
        assert_eq!((done.entries, done.failed.len()), (1, 0), "{second} s: {done:?}");
        fakes.clock.advance(Duration::seconds(1));
    }
    let done = round(&own, &heads).await;
    assert_eq!((done.entries, done.failed.len()), (0, 1), "{done:?}");
    // A clock that was set back leaves nobody alone for longer.
    fakes.clock.set(own.now() - Duration::hours(1));
    assert_eq!(round(&own, &heads).await.failed.len(), 1);
}

/// Who may not read the trail is told no keys.
#[tokio::test]
async fn keys_are_for_whoever_may_read_the_trail() {
    let (fakes, samples) = (Fakes::default(), Samples::new(28));
    let own = portal(&fakes, &Arc::default(), "1", &[]);
    let member = Actor::Staff {
        id: samples.id(),
        role: Role::Member,
    };
    let ctx: Context = samples.context(member);
    assert!(own.audit_keys(&ctx).await.is_err());
}

#[tokio::test]
async fn entries_that_nobody_let_wait_are_found_and_sealed_once() {
    let store = Arc::new(MemoryStore::default());
    let older = async || store.forget_waiting();
    crate::missed::entries_that_nobody_let_wait_are_found_and_sealed_once(store.clone(), older).await;
}
