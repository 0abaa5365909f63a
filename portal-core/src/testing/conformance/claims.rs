//! The outbox: claimed once, for a while.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::world::{World, got, put};
use crate::notify::{DeliveryState, Lane, Queue, SendError};
use crate::{Duration, Event, EventId, Store, Timestamp};

fn events(world: &World, count: usize) -> Vec<Event> {
    (0..count)
        .map(|_| world.samples.event(&world.case, &world.owner))
        .collect()
}

pub(super) async fn claims_are_never_shared(store: &dyn Store) {
    let world = World::in_store(store, 100).await;
    let World { samples: s, .. } = &world;
    let saved = events(&world, 60);
    put(store, saved.clone()).await;
    let deliveries: Vec<_> = saved
        .iter()
        .map(|event| s.delivery(event, &world.case, &world.anna))
        .collect();
    put(store, deliveries.clone()).await;
    let lease = s.at + Duration::minutes(5);
    let mut claimed = Vec::new();
    // Rounds, because workers that were passed over come again.
    for _ in 0..40 {
        let workers = (0..10).map(|_| store.claim_events(world.id(), s.at, lease, 7));
        let round: Vec<Event> = join_all(workers).await.into_iter().flat_map(got).collect();
        let nothing_left = round.is_empty();
        claimed.extend(round);
        if nothing_left {
            break;
        }
    }
    let different: BTreeSet<EventId> = claimed.iter().map(|event| event.id).collect();
    assert_eq!(claimed.len(), different.len(), "an event was claimed twice");
    assert_eq!(different.len(), saved.len(), "every event was claimed");
    assert!(
        claimed
            .iter()
            .all(|event| event.attempts == 1 && event.version.0 == 2)
    );

    let mut claimed = Vec::new();
    for _ in 0..40 {
        let workers = (0..10).map(|_| store.claim_deliveries(world.id(), Lane::Mail, s.at, lease, 7));
        let round: Vec<_> = join_all(workers).await.into_iter().flat_map(got).collect();
        let nothing_left = round.is_empty();
        claimed.extend(round);
        if nothing_left {
            break;
        }
    }
    let different: BTreeSet<_> = claimed.iter().map(|delivery| delivery.id).collect();
    assert_eq!(claimed.len(), different.len(), "a delivery was claimed twice");
    assert_eq!(different.len(), deliveries.len(), "every delivery was claimed");
}

pub(super) async fn a_claim_can_be_made_again_once_its_lease_ran_out(store: &dyn Store) {
    let world = World::in_store(store, 101).await;
    let World { samples: s, .. } = &world;
    let event = events(&world, 1).remove(0);
    put(store, [event.clone()]).await;
    put(store, [s.delivery(&event, &world.case, &world.anna)]).await;
    let (first_lease, second_lease) = (s.at + Duration::minutes(5), s.at + Duration::minutes(10));
    let claim = async |now, lease| {
        let events = got(store.claim_events(world.id(), now, lease, 10).await);
        let deliveries = got(store
            .claim_deliveries(world.id(), Lane::Mail, now, lease, 10)
            .await);
        assert_eq!(
            events.len(),
            deliveries.len(),
            "events and deliveries are claimed alike"
        );
        events.len()
    };
    let moment = Duration::microseconds(1);
    assert_eq!(claim(s.at - moment, first_lease).await, 0, "not due yet");
    assert_eq!(claim(s.at, first_lease).await, 1, "due");
    assert_eq!(claim(s.at, first_lease).await, 0, "claimed");
    assert_eq!(
        claim(first_lease - moment, second_lease).await,
        0,
        "in the lease's last moment"
    );
    assert_eq!(claim(first_lease, second_lease).await, 1, "the lease ran out");
    // The first worker comes late: its version is stale, so it cannot settle what the second has now.
    let late = Event {
        version: crate::Version(2),
        ..event
    };
    assert_eq!(
        store.commit(world.change().save(late.done())).await,
        Err(crate::StoreError::Stale)
    );
}

pub(super) async fn a_claim_moves_version_and_attempts(store: &dyn Store) {
    let world = World::in_store(store, 102).await;
    let World { samples: s, .. } = &world;
    let event = events(&world, 1).remove(0);
    let delivery = s.delivery(&event, &world.case, &world.anna);
    put(store, [event.clone()]).await;
    put(store, [delivery.clone()]).await;
    let mut now = s.at;
    for round in 1..=4 {
        let lease = now + Duration::minutes(1);
        let claimed = got(store.claim_events(world.id(), now, lease, 10).await);
        let expected = Event {
            version: crate::Version(1 + i64::from(round)),
            attempts: round,
            due_at: lease,
            ..event.clone()
        };
        assert_eq!(claimed, [expected], "claim {round} of an event");
        let claimed = got(store
            .claim_deliveries(world.id(), Lane::Mail, now, lease, 10)
            .await);
        let expected = crate::notify::Delivery {
            version: crate::Version(1 + i64::from(round)),
            attempts: round,
            due_at: lease,
            ..delivery.clone()
        };
        assert_eq!(
            claimed,
            std::slice::from_ref(&expected),
            "claim {round} of a delivery"
        );
        let stored = got(store.delivery(world.id(), delivery.id).await);
        assert_eq!(stored, Some(expected), "what was claimed is what is stored");
        now = lease;
    }
}

pub(super) async fn what_is_settled_never_comes_back(store: &dyn Store) {
    let world = World::in_store(store, 103).await;
    let World { samples: s, .. } = &world;
    let saved = events(&world, 4);
    put(store, saved.clone()).await;
    put(
        store,
        saved
            .iter()
            .map(|event| s.delivery(event, &world.case, &world.anna))
            .collect::<Vec<_>>(),
    )
    .await;
    let lease = s.at + Duration::minutes(1);
    let mut claimed = got(store.claim_events(world.id(), s.at, lease, 10).await);
    claimed.sort_by_key(|event| event.id);
    let dead = Event {
        attempts: Event::MOST_ATTEMPTS,
        ..claimed[1].clone()
    };
    let retried = claimed[2].clone().failed("not yet".into(), s.at, 0);
    let settled = [
        claimed[0].clone().done(),
        dead.failed("never".into(), s.at, 0),
        retried.clone(),
    ];
    put(store, settled).await;

    let mut claimed = got(store
        .claim_deliveries(world.id(), Lane::Mail, s.at, lease, 10)
        .await);
    claimed.sort_by_key(|delivery| delivery.id);
    let refused = SendError::Refused("550".into());
    let later = SendError::Unavailable("451".into());
    put(
        store,
        [
            claimed[0].clone().sent(s.at),
            claimed[1].clone().failed(&refused, s.at, 0),
            claimed[2].clone().failed(&later, s.at, 0),
            claimed[3].clone().sending(s.at, lease),
        ],
    )
    .await;
    let far_away = s.at + Duration::days(400);
    let mut back = got(store.claim_events(world.id(), far_away, far_away, 10).await);
    back.sort_by_key(|event| event.id);
    let ids: Vec<EventId> = back.iter().map(|event| event.id).collect();
    assert_eq!(
        ids,
        [saved[2].id, saved[3].id],
        "what failed once and what nobody settled"
    );
    let mut back = got(store
        .claim_deliveries(world.id(), Lane::Mail, far_away, far_away, 10)
        .await);
    back.sort_by_key(|delivery| delivery.id);
    let ids: Vec<_> = back.iter().map(|delivery| delivery.id).collect();
    assert_eq!(
        ids,
        [claimed[2].id, claimed[3].id],
        "what waits for a retry and what was being sent"
    );
    assert_eq!(
        back[1].state,
        DeliveryState::Sending,
        "an attempt on record stays on record"
    );
    // Due again when the rule says, and not before.
    let due = s.at + Duration::minutes(1);
    assert!(retried.due_at < due);
}

pub(super) async fn the_oldest_is_claimed_first(store: &dyn Store) {
    let world = World::in_store(store, 104).await;
    let World { samples: s, .. } = &world;
    // The later an id, the older the event; so order by id alone would be wrong.
    let made: Vec<Event> = (0..9)
        .map(|age| {
            let at = s.at - Duration::seconds(age);
            s.at(at).event(&world.case, &world.owner)
        })
        .collect();
    put(store, made.clone()).await;
    let deliveries: Vec<_> = made
        .iter()
        .map(|event| s.at(event.at).delivery(event, &world.case, &world.anna))
        .collect();
    put(store, deliveries.clone()).await;
    let lease = s.at + Duration::minutes(5);
    let mut expected: Vec<EventId> = made.iter().map(|event| event.id).collect();
    expected.reverse();
    for (round, expected) in expected.chunks(4).enumerate() {
        let claimed = got(store.claim_events(world.id(), s.at, lease, 4).await);
        let ids: Vec<EventId> = claimed.iter().map(|event| event.id).collect();
        assert_eq!(ids, expected, "events of claim {round}, the oldest first");
    }
    let mut expected: Vec<_> = deliveries.iter().map(|delivery| delivery.id).collect();
    expected.reverse();
    for (round, expected) in expected.chunks(4).enumerate() {
        let claimed = got(store
            .claim_deliveries(world.id(), Lane::Mail, s.at, lease, 4)
            .await);
        let ids: Vec<_> = claimed.iter().map(|delivery| delivery.id).collect();
        assert_eq!(ids, expected, "deliveries of claim {round}, the oldest first");
    }
}

pub(super) async fn what_waits_for_a_reader_is_told_the_oldest_first(store: &dyn Store) {
    let world = World::in_store(store, 106).await;
    let other = World::in_store(store, 107).await;
    let World { samples: s, .. } = &world;
    let event = events(&world, 1).remove(0);
    put(store, [event.clone()]).await;
    let reader = crate::text::Address::from(s.email("reader"));
    let aged = |seconds: i64, client| {
        let mut delivery = s
            .at(s.at - Duration::seconds(seconds))
            .delivery(&event, &world.case, client);
        delivery.to = reader.clone();
        delivery
    };
    // Whoever they are for, and whenever they are due.
    let mut oldest = aged(9, &world.ben);
    oldest.due_at = s.at + Duration::days(1);
    let mut sending = aged(8, &world.anna);
    sending.state = DeliveryState::Sending;
    let mut sent = aged(7, &world.anna);
    sent.state = DeliveryState::Sent;
    let mut failed = aged(6, &world.anna);
    failed.state = DeliveryState::Failed;
    let tied = [aged(5, &world.anna), aged(5, &world.anna)];
    let elsewhere = s.delivery(&event, &world.case, &world.anna);
    let youngest = aged(1, &world.anna);
    let saved = [
        youngest.clone(),
        tied[1].clone(),
        failed,
        sent,
        tied[0].clone(),
        sending.clone(),
        oldest.clone(),
        elsewhere,
    ];
    put(store, saved).await;
    let open = async |practice, limit| got(store.open_deliveries(practice, &reader, limit).await);
    let expected = [oldest, sending, tied[0].clone(), tied[1].clone(), youngest];
    assert_eq!(open(world.id(), 10).await, expected);
    assert_eq!(open(world.id(), 2).await, expected[..2]);
    assert_eq!(open(other.id(), 10).await, [], "another practice's are its own");
}

/// However much waits in one lane, what is in another is claimed at once.
pub(super) async fn lanes_are_claimed_by_themselves(store: &dyn Store) {
    let world = World::in_store(store, 108).await;
    let World { samples: s, .. } = &world;
    let event = events(&world, 1).remove(0);
    put(store, [event.clone()]).await;
    got(store
        .claim_events(world.id(), s.at, s.at + Duration::days(1), 10)
        .await);
    let before = s.at(s.at - Duration::hours(1));
    let text = before.automated(&event, &world.case, &world.anna);
    let mail = before.delivery(&event, &world.case, &world.anna);
    let link = s.link_letter(&event, &world.case, &world.anna);
    put(store, [text.clone(), mail.clone(), link.clone()]).await;
    let lease = s.at + Duration::minutes(5);
    let due = async |queue| got(store.due_practices(queue, s.at, 10).await);
    assert!(due(Queue::Events).await.is_empty(), "messages are no events");
    for (lane, expected) in [(Lane::Link, link), (Lane::Text, text), (Lane::Mail, mail)] {
        let queue = Queue::Messages(lane);
        assert_eq!(due(queue).await, [world.id()], "something is left in {lane:?}");
        let claimed = got(store.claim_deliveries(world.id(), lane, s.at, lease, 10).await);
        let ids: Vec<_> = claimed.iter().map(|delivery| delivery.id).collect();
        assert_eq!(ids, [expected.id], "{lane:?}");
        assert!(due(queue).await.is_empty(), "all of {lane:?} is claimed");
    }
}

/// A practice with much to do does not keep others waiting, and a queue's turn is its own.
pub(super) async fn practices_take_turns(store: &dyn Store) {
    let mut worlds = Vec::new();
    for seed in 1_050..1_055 {
        worlds.push(World::in_store(store, seed).await);
    }
    let at: Timestamp = worlds[0].samples.at;
    let before = at - Duration::days(1);
    let mails = Queue::Messages(Lane::Mail);
    for queue in Queue::ALL {
        let due = got(store.due_practices(queue, at, 10).await);
        assert!(due.is_empty(), "nothing is due in {queue:?}");
    }
    // The first has far more, and older.
    let busy = &worlds[0];
    let s = busy.samples.at(before);
    let many: Vec<Event> = (0..50).map(|_| s.event(&busy.case, &busy.owner)).collect();
    let letter = |world: &World| {
        let event = world.samples.event(&world.case, &world.owner);
        world.samples.delivery(&event, &world.case, &world.anna)
    };
    put(store, many).await;
    for world in &worlds[1..4] {
        put(store, events(world, 1)).await;
    }
    for world in &worlds[2..5] {
        put(store, [letter(world)]).await;
    }
    let ids = |worlds: &[World]| worlds.iter().map(World::id).collect::<BTreeSet<_>>();
    for (queue, expected) in [(Queue::Events, ids(&worlds[..4])), (mails, ids(&worlds[2..]))] {
        let due = got(store.due_practices(queue, at, 10).await);
        assert_eq!(due.len(), expected.len(), "each practice with anything due, once");
        assert_eq!(due.into_iter().collect::<BTreeSet<_>>(), expected, "{queue:?}");
    }
    let yesterday = got(store.due_practices(Queue::Events, before, 10).await);
    assert_eq!(yesterday, [busy.id()], "only what is due by then");
    let mut served = BTreeSet::new();
    // With room for two at a time, everybody's turn comes although all stay due all the time, and whatever another queue is asked for.
    for _ in 0..10 {
        let due = got(store.due_practices(Queue::Events, at, 2).await);
        assert_eq!(due.len(), 2, "as many as asked for");
        served.extend(due);
        got(store.due_practices(mails, at, 1).await);
        got(store.due_practices(mails, at, 1).await);
    }
    assert_eq!(served, ids(&worlds[..4]), "everybody's turn comes");
    // Whoever has nothing left to claim waits for no turn until a lease runs out.
    let lease = at + Duration::hours(1);
    for world in &worlds[1..] {
        got(store.claim_events(world.id(), at, lease, 10).await);
        got(store
            .claim_deliveries(world.id(), Lane::Mail, at, lease, 10)
            .await);
    }
    let due = got(store.due_practices(Queue::Events, at, 10).await);
    assert_eq!(due, [busy.id()], "the others are done for now");
    assert!(got(store.due_practices(mails, at, 10).await).is_empty());
    let due = got(store.due_practices(Queue::Events, lease, 10).await);
    assert_eq!(due.len(), 4, "leases run out");
    let due = got(store.due_practices(mails, lease, 10).await);
    assert_eq!(due.len(), 3, "those of messages too");
}
