//! Whose number it is: said, taken back, said again; and what a STOP from one of several means.

use portal_core::audit::AuditFilter;
use portal_core::conversation::{
    Conversation, ConversationFilter, ConversationRule, ConversationSummary, Happening,
};
use portal_core::notify::{DeliveryState, Letter};
use portal_core::policy::Role;
use portal_core::testing::Samples;
use portal_core::text::Phone;
use portal_core::workflow::{Channel, Held};
use portal_core::{
    Change, Context, ConversationId, Duration, Error, Event, EventKind, PageRequest, StoreError, Timestamp,
    Version,
};
use proptest::prelude::*;

use crate::conversations::{AMINA, STRANGER, answer, listed, member, now, said, with_phone, writes};
use crate::world::World;

fn number() -> ConversationId {
    Conversation::id_of_number(&Phone::parse("phone", STRANGER, "").unwrap())
}

async fn link(world: &World, ctx: &Context) -> Result<ConversationSummary, Error<ConversationRule>> {
    let ctx = now(world, ctx);
    world
        .portal
        .link_conversation(&ctx, number(), world.amina.id)
        .await
}

async fn unlink(
    world: &World,
    ctx: &Context,
    expected: Option<Version>,
) -> Result<ConversationSummary, Error<ConversationRule>> {
    world
        .portal
        .unlink_conversation(&now(world, ctx), number(), expected)
        .await
}

async fn linked(world: &World) -> Conversation {
    with_phone(world, &world.amina, AMINA).await;
    writes(world, AMINA, "From my own phone").await;
    writes(world, STRANGER, "Who is this?").await;
    link(world, &world.owner).await.unwrap().conversation
}

#[tokio::test]
async fn a_number_that_was_linked_to_the_wrong_client_goes_with_all_that_came_from_it() {
    let world = World::new().await;
    let amina = linked(&world).await.id;
    writes(&world, STRANGER, "I don't know any Amina").await;
    answer(&world, amina, "Sorry, wrong number").await.unwrap();
    let shown = world.portal.conversation(&world.owner, amina).await.unwrap();
    let [shown] = <[_; 1]>::try_from(shown.numbers.unwrap()).unwrap();
    assert_eq!(
        (shown.id, shown.phone.as_str(), shown.by.as_deref()),
        (number(), STRANGER, Some("Sam Keller"))
    );
    assert!(shown.at.is_some());

    let stale = unlink(&world, &world.owner, Some(shown.version.next())).await;
    assert!(matches!(stale, Err(Error::Store(StoreError::Stale))), "{stale:?}");
    let parted = unlink(&world, &world.owner, Some(shown.version))
        .await
        .unwrap()
        .conversation;
    assert_eq!((parted.client_id, parted.unread), (None, 2));
    assert_eq!(parted.preview, "I don't know any Amina");
    // What was answered is history; what was asked was never hers.
    let hers = [
        (false, "From my own phone".to_owned()),
        (true, "Sorry, wrong number".to_owned()),
    ];
    assert_eq!(said(&world, &world.owner, amina).await, hers);
    let theirs = [
        (false, "Who is this?".to_owned()),
        (false, "I don't know any Amina".to_owned()),
    ];
    assert_eq!(said(&world, &world.owner, number()).await, theirs);
    let found = world.portal.conversation(&world.owner, amina).await.unwrap();
    assert_eq!((found.conversation.unread, found.numbers), (1, Some(Vec::new())));
    // The answer had not left yet, and must not reach a stranger.
    world.portal.drain().await.unwrap();
    assert!(world.fakes.sms.sent().is_empty());

    writes(&world, STRANGER, "Hello?").await;
    assert_eq!(
        said(&world, &world.owner, amina).await,
        hers,
        "nothing more comes"
    );
    let again = unlink(&world, &world.owner, None).await;
    assert!(
        matches!(again, Err(Error::Rule(ConversationRule::NotLinked))),
        "{again:?}"
    );
    let own = world.portal.unlink_conversation(&world.owner, amina, None).await;
    assert!(
        matches!(own, Err(Error::Rule(ConversationRule::NotLinked))),
        "{own:?}"
    );
    // It can be said again, of somebody else.
    let omar = world
        .portal
        .link_conversation(&now(&world, &world.owner), number(), world.omar.id)
        .await;
    let omar = omar.unwrap().conversation;
    assert_eq!((omar.client_id, omar.unread), (Some(world.omar.id), 3));
    let filter = AuditFilter::default();
    let entries = world
        .portal
        .audit_entries(&world.owner, &filter, &PageRequest::first(50))
        .await
        .unwrap();
    let actions = |action: &str| {
        entries
            .items
            .iter()
            .filter(|entry| entry.action == action)
            .count()
    };
    assert_eq!(
        (actions("conversation.linked"), actions("conversation.unlinked")),
        (2, 1)
    );
}

/// What automations wrote to Amina, one a minute from now on.
async fn automated(world: &World, channel: Channel, count: i64) -> Timestamp {
    let samples = Samples::new(world.portal.now().unix().unsigned_abs());
    let put = EventKind::StaffAssigned {
        matter: world.matter.id,
        staff: world.owner_id,
    };
    let event = Event::new(samples.id(), world.practice.id, put, world.portal.now());
    let hers = Conversation::id_of(world.amina.id);
    let store = world.portal.store();
    let kept = store.conversation(world.practice.id, hers).await.unwrap();
    let mut kept = kept.unwrap();
    let begin = world.portal.now();
    for minute in 1..=count {
        let at = begin + Duration::minutes(minute);
        let mut text = samples.automated(&event, &world.matter, &world.amina);
        text.practice_id = world.practice.id;
        (text.created_at, text.state) = (at, DeliveryState::Delivered);
        if let Letter::Automated { cause, .. } = &mut text.letter {
            cause.channel = channel;
        }
        kept = kept.noting(Happening::Automated(channel), at);
        let change = Change::unaudited(world.practice.id, "a test writes history");
        store.commit(change.save(text).save(kept.clone())).await.unwrap();
    }
    world.fakes.clock.advance(Duration::minutes(count));
    world.portal.now()
}

#[tokio::test]
async fn taking_a_number_away_is_exact_however_much_was_written() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "Hello").await;
    let amina = Conversation::id_of(world.amina.id);
    answer(&world, amina, "We call you").await.unwrap();
    let before = world
        .portal
        .conversation(&world.owner, amina)
        .await
        .unwrap()
        .conversation;
    let texted = automated(&world, Channel::Sms, 230).await;
    let mailed = automated(&world, Channel::Email, 230).await;
    writes(&world, STRANGER, "Who is this?").await;
    link(&world, &world.owner).await.unwrap();
    for number in 0..215 {
        writes(&world, STRANGER, &format!("Wrong number {number}")).await;
    }
    let parted = unlink(&world, &world.owner, None).await.unwrap().conversation;
    assert_eq!(
        (parted.unread, parted.preview.as_str()),
        (216, "Wrong number 214")
    );
    assert_eq!(parted.texted_at, Some(world.portal.now()));
    let left = world
        .portal
        .conversation(&world.owner, amina)
        .await
        .unwrap()
        .conversation;
    assert_eq!((left.unread, left.preview.as_str()), (1, "We call you"));
    assert_eq!((left.wrote_at, left.texted_at), (before.wrote_at, Some(texted)));
    assert_eq!((left.mailed_at, left.last_at), (Some(mailed), mailed));
    let texts = ConversationFilter {
        channel: Some(Channel::Sms),
        ..ConversationFilter::default()
    };
    let found = listed(&world, &world.owner, &texts).await;
    assert_eq!(found.len(), 2, "both have text messages");
}

#[tokio::test]
async fn a_number_brings_the_last_that_a_person_said_whatever_was_mailed_since() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "Hello").await;
    writes(&world, STRANGER, "It is Amina, from work").await;
    let mailed = automated(&world, Channel::Email, 1).await;
    let linked = link(&world, &world.owner).await.unwrap().conversation;
    assert_eq!(linked.preview, "It is Amina, from work");
    assert_eq!((linked.last_at, linked.mailed_at), (mailed, Some(mailed)));
    // And does not cover what she said later.
    unlink(&world, &world.owner, None).await.unwrap();
    writes(&world, AMINA, "Any news?").await;
    let linked = link(&world, &world.owner).await.unwrap().conversation;
    assert_eq!(linked.preview, "Any news?");
}

#[tokio::test]
async fn nobody_comes_to_see_a_client_by_linking_a_number() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "A secret").await;
    writes(&world, STRANGER, "Hello").await;
    let (nell, ctx) = member(&world, "nell").await;
    let assigned = world
        .portal
        .assign_conversation(&world.owner, number(), Some(nell))
        .await;
    assigned.unwrap();
    let refused = link(&world, &ctx).await;
    assert!(matches!(refused, Err(Error::Denied(_))), "{refused:?}");
    assert_eq!(
        listed(&world, &ctx, &ConversationFilter::default()).await.len(),
        1
    );
    // Nor when somebody else links the number that they answer.
    link(&world, &world.owner).await.unwrap();
    let amina = Conversation::id_of(world.amina.id);
    let hers = world.portal.conversation(&world.owner, amina).await.unwrap();
    assert_eq!(hers.conversation.assignee_id, None);
    assert!(world.portal.conversation(&ctx, amina).await.is_err());
    assert!(
        listed(&world, &ctx, &ConversationFilter::default())
            .await
            .is_empty()
    );
    let refused = unlink(&world, &ctx, None).await;
    assert!(
        matches!(refused, Err(Error::NotFound("conversation"))),
        "{refused:?}"
    );
    // Who works for the client may, and goes on answering them.
    unlink(&world, &world.owner, None).await.unwrap();
    world
        .portal
        .set_team_member(&world.owner, world.matter.id, nell, true)
        .await
        .unwrap();
    let linked = link(&world, &ctx).await.unwrap().conversation;
    assert_eq!((linked.id, linked.assignee_id), (amina, Some(nell)));
}

#[tokio::test]
async fn what_people_answered_who_leave_is_nobodys() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "Hello").await;
    writes(&world, STRANGER, "Hello").await;
    let (nell, _) = member(&world, "nell").await;
    for id in [number(), Conversation::id_of(world.amina.id)] {
        world
            .portal
            .assign_conversation(&world.owner, id, Some(nell))
            .await
            .unwrap();
    }
    let nobodys = ConversationFilter {
        assigned: Some(portal_core::conversation::Assigned::Nobody),
        ..ConversationFilter::default()
    };
    assert!(listed(&world, &world.owner, &nobodys).await.is_empty());
    let gone = world
        .portal
        .update_staff(&world.owner, nell, None, (Role::Member, false))
        .await;
    gone.unwrap();
    let found = listed(&world, &world.owner, &nobodys).await;
    assert_eq!(found.len(), 2);
    // Who comes back begins anew.
    world
        .portal
        .update_staff(&world.owner, nell, None, (Role::Member, true))
        .await
        .unwrap();
    assert_eq!(listed(&world, &world.owner, &nobodys).await.len(), 2);
}

#[tokio::test]
async fn a_number_that_somebody_answered_who_left_comes_back_as_nobodys() {
    let world = World::new().await;
    let amina = linked(&world).await.id;
    unlink(&world, &world.owner, None).await.unwrap();
    let (nell, ctx) = member(&world, "nell").await;
    let assigned = world
        .portal
        .assign_conversation(&world.owner, number(), Some(nell))
        .await;
    assigned.unwrap();
    link(&world, &world.owner).await.unwrap();
    // While they work here, it is theirs again if it is not Amina's.
    let back = unlink(&world, &world.owner, None).await.unwrap().conversation;
    assert_eq!(back.assignee_id, Some(nell));
    link(&world, &world.owner).await.unwrap();
    for active in [false, true] {
        let changed = world
            .portal
            .update_staff(&world.owner, nell, None, (Role::Member, active));
        changed.await.unwrap();
    }
    let back = unlink(&world, &world.owner, None).await.unwrap().conversation;
    assert_eq!(back.assignee_id, None, "who comes back begins anew");
    assert!(
        listed(&world, &ctx, &ConversationFilter::default())
            .await
            .is_empty()
    );
    let hers = world.portal.conversation(&world.owner, amina).await.unwrap();
    assert_eq!(hers.conversation.assignee_id, None);
}

#[tokio::test]
async fn a_stop_from_one_of_their_numbers_holds_at_all_of_them() {
    let world = World::new().await;
    let amina = linked(&world).await.id;
    let held = |answered: Result<_, Error<ConversationRule>>| match answered {
        Err(Error::Rule(ConversationRule::Unreachable(held))) => Some(held),
        _ => None,
    };
    writes(&world, STRANGER, "STOP").await;
    writes(&world, AMINA, "And now?").await;
    assert_eq!(
        held(answer(&world, amina, "Hello").await),
        Some(Held::OptedOut),
        "at her own number"
    );
    let consent = world
        .portal
        .text_consent(&world.owner, world.amina.id)
        .await
        .unwrap();
    assert_eq!(consent.held, Some(Held::OptedOut));
    assert_eq!(consent.stopped_at.map(String::from), Some(STRANGER.to_owned()));
    writes(&world, AMINA, "START").await;
    assert_eq!(
        held(answer(&world, amina, "Hello").await),
        Some(Held::OptedOut),
        "that one never stopped"
    );
    // It was not hers: then it is not her who stopped.
    unlink(&world, &world.owner, None).await.unwrap();
    answer(&world, amina, "Hello").await.unwrap();
    link(&world, &world.owner).await.unwrap();
    world.portal.drain().await.unwrap();
    assert!(
        world.fakes.sms.sent().is_empty(),
        "it is asked again just before it leaves"
    );
    writes(&world, STRANGER, "START").await;
    answer(&world, amina, "Welcome back").await.unwrap();
    world.portal.drain().await.unwrap();
    assert_eq!(world.fakes.sms.sent().len(), 1);
}

#[derive(Debug, Clone, Copy)]
enum Step {
    SheWrites,
    NumberWrites,
    ReadHers,
    ReadNumbers,
    Link,
    Unlink,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    use Step::{Link, NumberWrites, ReadHers, ReadNumbers, SheWrites, Unlink};
    let step = prop_oneof![
        1 => Just(SheWrites),
        2 => Just(NumberWrites),
        1 => Just(ReadHers),
        1 => Just(ReadNumbers),
        1 => Just(Link),
        1 => Just(Unlink),
    ];
    proptest::collection::vec(step, 0..30)
}

/// A message: whether it is from the number, what it says, whether it was read.
type Message = (bool, String, bool);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// However often a number is said to be hers and taken back: each conversation holds what is its own, and counts what is
    /// unread in it.
    #[test]
    fn each_conversation_holds_and_counts_its_own(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            with_phone(&world, &world.amina, AMINA).await;
            let hers = Conversation::id_of(world.amina.id);
            writes(&world, STRANGER, "0").await;
            let (mut messages, mut joined): (Vec<Message>, bool) = (vec![(true, "0".into(), false)], false);
            for (text, step) in steps.into_iter().enumerate().map(|(at, step)| ((at + 1).to_string(), step)) {
                world.fakes.clock.advance(Duration::minutes(1));
                let ctx = now(&world, &world.owner);
                match step {
                    Step::SheWrites => {
                        writes(&world, AMINA, &text).await;
                        messages.push((false, text, false));
                    }
                    Step::NumberWrites => {
                        writes(&world, STRANGER, &text).await;
                        messages.push((true, text, false));
                    }
                    Step::ReadHers | Step::ReadNumbers => {
                        let of_number = matches!(step, Step::ReadNumbers);
                        let id = if of_number { number() } else { hers };
                        world.portal.read_conversation(&ctx, id, None).await.unwrap();
                        messages.iter_mut().filter(|it| joined || it.0 == of_number).for_each(|it| it.2 = true);
                    }
                    Step::Link => {
                        let linked = link(&world, &ctx).await;
                        assert_eq!(linked.is_ok(), !joined);
                        joined = true;
                    }
                    Step::Unlink => {
                        let unlinked = unlink(&world, &ctx, None).await;
                        assert_eq!(unlinked.is_ok(), joined);
                        joined = false;
                    }
                }
                for (id, of_number) in [(hers, false), (number(), true)] {
                    let own = messages.iter().filter(|it| joined || it.0 == of_number);
                    let texts: Vec<(bool, String)> = own.clone().map(|it| (false, it.1.clone())).collect();
                    let unread = own.clone().filter(|it| !it.2).count();
                    let found = world.portal.conversation(&world.owner, id).await.unwrap().conversation;
                    assert_eq!(usize::try_from(found.unread).unwrap(), unread, "unread, of the number: {of_number}");
                    assert_eq!(found.preview, own.clone().next_back().map(|it| it.1.clone()).unwrap_or_default());
                    assert_eq!(said(&world, &world.owner, id).await, texts);
                }
            }
        });
    }
}
