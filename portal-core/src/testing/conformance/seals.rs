//! The trail's tree.

use futures_util::future::join_all;

use super::world::{World, got};
use crate::audit::note::NoteSigner;
use crate::audit::tree::{Edge, Tiles, inclusion_nodes, inclusion_proof, verify_inclusion};
use crate::audit::{
    AuditEntry, AuditTree, Checkpoint, Commitment, Leaf, OwnRecords, Salts, Sealer, Sealing, Subject, erase,
};
use crate::testing::Samples;
use crate::{AuditId, Change, Duration, Ids, PracticeId, Store, StoreError, Timestamp};

/// The batch that a sealer would make of what waits now.
async fn batch(store: &dyn Store, samples: &Samples, limit: u32) -> (Sealing, Option<AuditTree>) {
    let practice = samples.practice;
    let tree = got(store.audit_tree(practice).await);
    let size = tree.as_ref().map_or(0, |tree| tree.size);
    let tiles: Tiles = got(store.audit_tiles(practice, &Edge::tiles(size)).await)
        .into_iter()
        .collect();
    let edge = Edge::new(size, &tiles).expect("the tiles of the right edge are there");
    let entries = got(store.unsealed(practice, limit).await);
    let signer = NoteSigner::new(&Checkpoint::origin_of("https://p.example", practice), &[7; 32]);
    let sealer = Sealer {
        signer: &signer,
        keys: &[signer.verifier()],
        now: samples.at,
    };
    let entries = entries.into_iter().map(|entry| (entry, samples.ids.random()));
    let sealing = sealer
        .seal(practice, tree.as_ref(), edge, entries)
        .expect("the stored tree adds up");
    (sealing, tree)
}

async fn write(store: &dyn Store, samples: &Samples, ids: impl IntoIterator<Item = AuditId>, at: Timestamp) {
    let ctx = samples.context(crate::Actor::System("import"));
    let entries = ids.into_iter().map(|id| {
        let mut entry = AuditEntry::new(
            id,
            &ctx,
            "client.imported",
            Subject::new("client", samples.practice),
        );
        entry.at = at;
        entry.with("name", "Zo\u{eb} \u{1f4c4}").with("count", 3)
    });
    let entries: Vec<AuditEntry> = entries.collect();
    for entries in entries.chunks(50) {
        let (first, rest) = entries.split_first().expect("a chunk is never empty");
        let change = rest
            .iter()
            .cloned()
            .fold(Change::audited(first.clone()), Change::audit);
        got(store.commit(change).await);
    }
}

async fn waiting(store: &dyn Store, practice: PracticeId) -> Vec<AuditId> {
    got(store.unsealed(practice, 10_000).await)
        .into_iter()
        .map(|entry| entry.id)
        .collect()
}

pub(super) async fn entries_wait_until_they_are_sealed_and_are_sealed_once(store: &dyn Store) {
    let world = World::in_store(store, 130).await;
    let World { samples: s, .. } = &world;
    let mut ids: Vec<AuditId> = (0..700).map(|_| s.id()).collect();
    ids.sort();
    // Later ids are committed first, and their clock went back.
    let late: Vec<AuditId> = ids.iter().copied().skip(1).step_by(2).collect();
    let early: Vec<AuditId> = ids.iter().copied().step_by(2).collect();
    write(store, s, late.clone(), s.at).await;
    assert_eq!(got(store.unsealed_practices(None, 10).await), [world.id()]);
    assert_eq!(waiting(store, world.id()).await, late, "by id");
    let (first, _) = batch(store, s, 300).await;
    assert_eq!(first.seals.len(), 300);
    got(store.commit(Change::sealing(first.clone())).await);
    write(store, s, early.clone(), s.at - Duration::days(1)).await;
    let mut rest: Vec<AuditId> = early.iter().chain(late.iter().skip(300)).copied().collect();
    rest.sort();
    assert_eq!(
        waiting(store, world.id()).await,
        rest,
        "whatever is not sealed waits"
    );
    // The same batch once more, as after an answer that was lost.
    let again = store.commit(Change::sealing(first.clone())).await;
    assert_eq!(again, Err(StoreError::Stale));
    // A batch with the right head, of entries that are sealed already.
    let (mut next, before) = batch(store, s, 300).await;
    next.seals
        .iter_mut()
        .zip(&first.seals)
        .for_each(|(seal, old)| seal.entry_id = old.entry_id);
    assert_ne!(
        store.commit(Change::sealing(next)).await,
        Ok(()),
        "no entry is sealed twice"
    );
    assert_eq!(
        got(store.audit_tree(world.id()).await),
        before,
        "nothing of such a batch is done"
    );
    assert_eq!(waiting(store, world.id()).await, rest);
    let (next, _) = batch(store, s, 10_000).await;
    got(store.commit(Change::sealing(next)).await);
    assert!(waiting(store, world.id()).await.is_empty());
    assert!(got(store.unsealed_practices(None, 10).await).is_empty());
    let sealed = got(store.sealed_entries(world.id(), 0, 10_000).await);
    let mut found: Vec<AuditId> = sealed
        .iter()
        .filter_map(|row| Some(row.entry.as_ref()?.id))
        .collect();
    found.sort();
    assert_eq!(found, ids, "each has one place");
}

pub(super) async fn what_was_sealed_is_read_back_and_proven(store: &dyn Store) {
    let world = World::in_store(store, 131).await;
    let other = World::in_store(store, 132).await;
    let World { samples: s, .. } = &world;
    write(store, s, (0..600).map(|_| s.id()), s.at).await;
    write(store, &other.samples, [other.samples.id()], s.at).await;
    let both = got(store.unsealed_practices(None, 10).await);
    assert_eq!(both.len(), 2);
    assert_eq!(
        got(store.unsealed_practices(both.first().copied(), 10).await),
        both[1..]
    );
    let (sealing, none) = batch(store, s, 10_000).await;
    assert_eq!(none, None);
    got(store.commit(Change::sealing(sealing.clone())).await);
    let tree = got(store.audit_tree(world.id()).await).expect("the head");
    assert_eq!(tree, sealing.tree);
    assert_eq!(tree.size, 600);
    let key = tree.key.parse().expect("a key");
    let (checkpoint, _) = Checkpoint::verify(&tree.note, &[key]).expect("signed");
    assert_eq!((checkpoint.size, checkpoint.root), (tree.size, tree.root));
    let kept = got(store.kept_checkpoints(world.id(), 0, 10).await);
    assert_eq!(Some(&kept), sealing.kept.map(|kept| vec![kept]).as_ref());
    assert_eq!(got(store.audit_keys(world.id()).await), kept);
    assert!(got(store.kept_checkpoints(world.id(), 600, 10).await).is_empty());
    assert_eq!(got(store.sealed_entries(world.id(), 256, 256).await).len(), 256);
    for position in [0, 255, 256, 511, 599] {
        let sealed = got(store.sealed_entries(world.id(), position, 1).await).remove(0);
        let entry = sealed.entry.expect("the entry");
        assert_eq!(sealed.seal.position, position);
        assert_eq!(
            got(store.seal_of(world.id(), entry.id).await),
            Some(sealed.seal.clone())
        );
        let wanted: Vec<_> = inclusion_nodes(position, 600)
            .into_iter()
            .map(crate::audit::tree::Tile::holding)
            .collect();
        let tiles: Tiles = got(store.audit_tiles(world.id(), &wanted).await)
            .into_iter()
            .collect();
        let proof = inclusion_proof(position, 600, |node| tiles.node(node)).expect("every node is there");
        let leaf = Leaf::of(&entry, &sealed.seal.salts)
            .expect("a leaf")
            .hash(world.id());
        assert!(verify_inclusion(&leaf, position, 600, &tree.root, &proof));
    }
    // Nothing of it is another practice's.
    assert_eq!(got(store.audit_tree(other.id()).await), None);
    assert!(got(store.audit_tiles(other.id(), &Edge::tiles(600)).await).is_empty());
    assert!(got(store.sealed_entries(other.id(), 0, 10).await).is_empty());
    assert!(got(store.kept_checkpoints(other.id(), 0, 10).await).is_empty());
    assert_eq!(got(store.unsealed_practices(None, 10).await), [other.id()]);
}

pub(super) async fn what_waits_or_is_sealed_was_not_missed(store: &dyn Store) {
    let world = World::in_store(store, 135).await;
    let World { samples: s, .. } = &world;
    let mut ids: Vec<AuditId> = (0..9).map(|_| s.id()).collect();
    write(store, s, ids.iter().copied().skip(3), s.at).await;
    write(store, s, ids.iter().copied().take(3), s.at + Duration::days(1)).await;
    // By time first, and then by id.
    ids.rotate_left(3);
    let all = async || {
        got(store
            .swept(world.id(), (s.at, AuditId(uuid::Uuid::nil())), 100)
            .await)
    };
    let first = all().await;
    assert_eq!(first.iter().map(|it| it.id).collect::<Vec<_>>(), ids);
    assert!(first.iter().all(|it| !it.missed), "they wait");
    let waiting = first.first().copied().expect("nine of them");
    let tell = || Change::audited(s.audit(&s.as_staff(&world.owner), &world.case));
    assert!(
        matches!(
            store.commit(tell().wait_for_seal(waiting)).await,
            Err(StoreError::Conflict(_))
        ),
        "it waits already"
    );
    got(store.commit(Change::sealing(batch(store, s, 100).await.0)).await);
    assert_eq!(all().await, first, "they are sealed");
    for (at, it) in first.iter().enumerate() {
        let rest = got(store.swept(world.id(), (it.at, it.id), 2).await);
        assert_eq!(Some(&*rest), first.get(at + 1..(at + 3).min(9)), "those after it");
    }
    let other = World::in_store(store, 136).await;
    assert!(got(store.swept(other.id(), (s.at, ids[0]), 100).await).is_empty());
}

pub(super) async fn of_parallel_sealers_one_wins(store: &dyn Store) {
    let world = World::in_store(store, 133).await;
    let World { samples: s, .. } = &world;
    for round in 1..=6_u64 {
        write(store, s, (0..40).map(|_| s.id()), s.at).await;
        let mut changes = Vec::new();
        for _ in 0..4 {
            changes.push(Change::sealing(batch(store, s, 10_000).await.0));
        }
        let outcomes = join_all(changes.into_iter().map(|change| store.commit(change))).await;
        let won = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(won, 1, "{outcomes:?}");
        let tree = got(store.audit_tree(world.id()).await).expect("the head");
        assert_eq!(tree.size, round * 40);
        // The next batch is only made if the stored hashes add up to the head.
        batch(store, s, 1).await;
    }
    assert_eq!(got(store.sealed_entries(world.id(), 0, 1_000).await).len(), 240);
}

pub(super) async fn erasing_leaves_every_leaf_as_it_was(store: &dyn Store) {
    let world = World::in_store(store, 134).await;
    let World { samples: s, anna, .. } = &world;
    let entry = s
        .audit(&s.as_client(anna), &world.case)
        .with("reason", "Anna's own words")
        .with("n", 1);
    got(store.commit(Change::audited(entry.clone())).await);
    write(store, s, (0..3).map(|_| s.id()), s.at).await;
    got(store.commit(Change::sealing(batch(store, s, 100).await.0)).await);
    let seal = got(store.seal_of(world.id(), entry.id).await).expect("sealed");
    let leaf = Leaf::of(&entry, &seal.salts).expect("a leaf").hash(world.id());
    let own = OwnRecords {
        client: anna.id,
        accesses: Vec::new(),
    };
    let erasure = erase(&entry, &seal, |fact| {
        fact != "detail.n" && own.are_told_of(&entry, fact)
    });
    let erasure = erasure.expect("there is something to erase");
    let mut elsewhere = erasure.clone();
    elsewhere.seal.position += 1;
    let tell = || Change::audited(s.audit(&s.as_staff(&world.owner), &world.case));
    assert_eq!(
        store.commit(tell().erase(elsewhere)).await,
        Err(StoreError::Stale)
    );
    got(store.commit(tell().erase(erasure)).await);
    let sealed = got(store.sealed_entries(world.id(), seal.position, 1).await).remove(0);
    let after = sealed.entry.expect("the entry stays");
    assert_eq!(after.origin, crate::Origin::default());
    assert_eq!(after.detail.keys().collect::<Vec<_>>(), ["n"]);
    assert!(
        matches!(sealed.seal.salts, Salts::Each(_)),
        "the seed would open what was erased"
    );
    let open = Leaf::of(&after, &sealed.seal.salts).expect("a leaf");
    assert_eq!(open.hash(world.id()), leaf);
    let opened = open
        .commitments
        .iter()
        .filter(|it| matches!(it, Commitment::Open { .. }))
        .count();
    assert_eq!(opened, 1);
    assert_eq!(
        erase(&after, &sealed.seal, |fact| fact != "detail.n"),
        None,
        "there is no more"
    );
}
