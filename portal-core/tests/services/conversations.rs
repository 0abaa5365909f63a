//! Conversations: one for each client, none lost, none sent that must not be, and unread counts that are true.

use portal_core::client::{Client, ClientDraft};
use portal_core::conversation::{Conversation, ConversationFilter, ConversationRule, Entry};
use portal_core::identity::{NewStaffMember, Password};
use portal_core::notify::{DeliveryState, Letter};
use portal_core::policy::Role;
use portal_core::practice::{PracticeDraft, PracticeSettings};
use portal_core::sms::InboundSms;
use portal_core::text::Phone;
use portal_core::workflow::Held;
use portal_core::{
    Context, ConversationId, DeliveryId, Duration, Error, Origin, PageRequest, StaffId, Timestamp,
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::world::{PASSWORD, World};

pub const AMINA: &str = "+61412345678";
pub const STRANGER: &str = "+61491570156";

pub async fn with_phone(world: &World, client: &Client, phone: &str) -> Client {
    let draft = ClientDraft {
        phone: phone.into(),
        ..client.draft()
    };
    let saved = world.portal.update_client(&world.owner, client.id, None, &draft);
    saved.await.unwrap()
}

pub async fn writes(world: &World, from: &str, text: &str) {
    world.fakes.clock.advance(Duration::minutes(1));
    let inbound = InboundSms {
        provider_id: format!("{from} {}", world.portal.now()),
        from: Phone::parse("from", from, "").unwrap(),
        to: "+61480000000".into(),
        text: text.into(),
        is_part: false,
    };
    let received = world.portal.receive_sms(world.practice.id, "fake", inbound);
    received.await.unwrap();
}

pub fn now(world: &World, ctx: &Context) -> Context {
    Context {
        at: world.portal.now(),
        ..ctx.clone()
    }
}

pub async fn listed(world: &World, ctx: &Context, filter: &ConversationFilter) -> Vec<Conversation> {
    let page = PageRequest::first(50);
    let page = world.portal.conversations(ctx, filter, &page).await.unwrap();
    page.items
        .into_iter()
        .map(|summary| summary.conversation)
        .collect()
}

/// The messages, the oldest first: who wrote, and what.
pub async fn said(world: &World, ctx: &Context, id: ConversationId) -> Vec<(bool, String)> {
    let page = PageRequest::first(50);
    let page = world.portal.conversation_entries(ctx, id, &page).await.unwrap();
    let words = |entry: &Entry| match entry {
        Entry::Sent(delivery) => (true, delivery.text.clone()),
        Entry::Received(sms) => (false, sms.text.clone()),
    };
    page.items.iter().rev().map(words).collect()
}

pub async fn answer(
    world: &World,
    id: ConversationId,
    text: &str,
) -> Result<portal_core::notify::Delivery, Error<ConversationRule>> {
    world.fakes.clock.advance(Duration::minutes(1));
    let ctx = now(world, &world.owner);
    world.portal.answer_by_text(&ctx, id, text, None, None).await
}

pub async fn member(world: &World, name: &str) -> (StaffId, Context) {
    let staff = NewStaffMember {
        name: name.into(),
        email: format!("{name}@harbour.test"),
        role: Role::Member,
        password: PASSWORD.into(),
    };
    let staff = world.portal.add_staff(&world.owner, staff).await.unwrap();
    let password = Password::typed(PASSWORD.into());
    let email = staff.email.to_string();
    let signed = world
        .portal
        .sign_in_staff(world.practice.id, &email, password, Origin::default());
    let token = signed.await.unwrap().token;
    (staff.id, world.ctx(&token).await.unwrap())
}

fn unreachable<T: std::fmt::Debug>(result: Result<T, Error<ConversationRule>>) -> Held {
    match result {
        Err(Error::Rule(ConversationRule::Unreachable(held))) => held,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_has_one_conversation_that_is_answered_from_the_history() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "When do I hear more?").await;
    let [conversation] =
        <[Conversation; 1]>::try_from(listed(&world, &world.owner, &ConversationFilter::default()).await)
            .unwrap();
    let id = Conversation::id_of(world.amina.id);
    assert_eq!((conversation.id, conversation.unread), (id, 1));
    assert_eq!(conversation.preview, "When do I hear more?");

    let written = answer(&world, id, " Next week.\r\nSam ").await.unwrap();
    assert_eq!(
        (written.state, written.text.as_str()),
        (DeliveryState::Queued, "Next week.\nSam")
    );
    assert!(world.fakes.sms.sent().is_empty(), "the history comes first");
    world.portal.drain().await.unwrap();
    let sent = world.fakes.sms.sent();
    assert_eq!(
        (sent.len(), sent[0].to.as_str(), sent[0].text.as_str()),
        (1, AMINA, "Next week.\nSam")
    );
    let kept = world
        .portal
        .store()
        .delivery(world.practice.id, written.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(kept.state, DeliveryState::Sent);
    assert!(matches!(kept.letter, Letter::Reply { by, .. } if by == Some(world.owner_id)));
    assert_eq!(
        said(&world, &world.owner, id).await,
        [
            (false, "When do I hear more?".to_owned()),
            (true, "Next week.\nSam".to_owned())
        ]
    );
    // An answer that does not say what was read leaves it unread.
    assert_eq!(
        world
            .portal
            .unread_conversations(&world.owner, 100)
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn an_answer_is_sent_once_under_its_id() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    let id = Conversation::id_of(world.amina.id);
    let once = Some(Uuid::from_u128(77));
    for _ in 0..3 {
        let sent = world
            .portal
            .answer_by_text(&world.owner, id, "Hello", once, None)
            .await
            .unwrap();
        assert_eq!(sent.id, DeliveryId(Uuid::from_u128(77)));
    }
    let other = world
        .portal
        .answer_by_text(&world.owner, id, "Something else", once, None)
        .await;
    assert!(
        matches!(other, Err(Error::Rule(ConversationRule::OtherMessage))),
        "{other:?}"
    );
    let elsewhere = Conversation::id_of(world.omar.id);
    let other = world
        .portal
        .answer_by_text(&world.owner, elsewhere, "Hello", once, None)
        .await;
    assert!(
        matches!(other, Err(Error::Rule(ConversationRule::OtherMessage))),
        "{other:?}"
    );
    world.portal.drain().await.unwrap();
    assert_eq!(world.fakes.sms.sent().len(), 1);
}

#[tokio::test]
async fn nobody_is_answered_who_must_not_be_and_it_says_why() {
    let world = World::new().await;
    let id = Conversation::id_of(world.amina.id);
    assert_eq!(unreachable(answer(&world, id, "Hello").await), Held::NoPhone);
    with_phone(&world, &world.amina, AMINA).await;
    let long = "x".repeat(1_531);
    assert_eq!(
        unreachable(answer(&world, id, &long).await),
        Held::TooLong { segments: 11 }
    );
    for nothing in ["", " \n "] {
        assert_eq!(unreachable(answer(&world, id, nothing).await), Held::Empty);
    }
    writes(&world, AMINA, "STOP").await;
    assert_eq!(unreachable(answer(&world, id, "Hello").await), Held::OptedOut);
    writes(&world, AMINA, "START").await;
    answer(&world, id, "Welcome back").await.unwrap();
    // They change their mind while it waits.
    writes(&world, AMINA, "stop").await;
    world.portal.drain().await.unwrap();
    assert!(world.fakes.sms.sent().is_empty());
    let page = PageRequest::first(50);
    let entries = world
        .portal
        .conversation_entries(&world.owner, id, &page)
        .await
        .unwrap()
        .items;
    let held = entries.iter().find_map(|entry| match entry {
        Entry::Sent(delivery) => Some((delivery.state, delivery.last_error.clone())),
        Entry::Received(_) => None,
    });
    assert_eq!(
        held,
        Some((DeliveryState::Held, Some(Held::OptedOut.to_string())))
    );
}

#[tokio::test]
async fn where_an_agreement_is_needed_who_writes_may_be_answered() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    let draft = PracticeDraft {
        settings: PracticeSettings {
            text_consent_needed: true,
            ..world.practice.settings.clone()
        },
        ..world.practice.draft()
    };
    world
        .portal
        .update_practice(&world.owner, None, &draft)
        .await
        .unwrap();
    let id = Conversation::id_of(world.amina.id);
    assert_eq!(unreachable(answer(&world, id, "Hello").await), Held::NoConsent);
    writes(&world, AMINA, "Hello?").await;
    answer(&world, id, "Hello").await.unwrap();
}

#[tokio::test]
async fn an_unknown_number_joins_the_client_that_staff_says_it_is_of() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "From my own phone").await;
    writes(&world, STRANGER, "Amina here, on my sister's phone").await;
    let unknown = ConversationFilter {
        unknown: true,
        ..ConversationFilter::default()
    };
    let [number] = <[Conversation; 1]>::try_from(listed(&world, &world.owner, &unknown).await).unwrap();
    assert_eq!((number.unread, number.client_id), (1, None));
    let refused = answer(&world, number.id, "Hello").await;
    assert!(
        matches!(refused, Err(Error::Rule(ConversationRule::Nobody))),
        "{refused:?}"
    );

    let amina = Conversation::id_of(world.amina.id);
    let linked = world
        .portal
        .link_conversation(&world.owner, number.id, world.amina.id)
        .await
        .unwrap();
    assert_eq!((linked.conversation.id, linked.conversation.unread), (amina, 2));
    assert!(listed(&world, &world.owner, &unknown).await.is_empty());
    assert_eq!(
        world
            .portal
            .unread_conversations(&world.owner, 100)
            .await
            .unwrap(),
        1
    );
    let all = [
        (false, "From my own phone".to_owned()),
        (false, "Amina here, on my sister's phone".to_owned()),
    ];
    assert_eq!(said(&world, &world.owner, amina).await, all);
    assert_eq!(
        said(&world, &world.owner, number.id).await,
        all,
        "its old address leads there"
    );
    let again = world
        .portal
        .link_conversation(&world.owner, number.id, world.omar.id)
        .await;
    assert!(
        matches!(again, Err(Error::Rule(ConversationRule::NotANumber))),
        "{again:?}"
    );

    // What comes from there now is hers, and is answered there.
    writes(&world, STRANGER, "Are you there?").await;
    answer(&world, amina, "Yes").await.unwrap();
    world.portal.drain().await.unwrap();
    let sent = world.fakes.sms.sent();
    assert_eq!((sent.len(), sent[0].to.as_str()), (1, STRANGER));
    let [hers] =
        <[Conversation; 1]>::try_from(listed(&world, &world.owner, &ConversationFilter::default()).await)
            .unwrap();
    assert_eq!((hers.id, hers.unread), (amina, 3));
}

#[tokio::test]
async fn a_number_of_several_is_guessed_to_be_nobodys() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    with_phone(&world, &world.omar, AMINA).await;
    writes(&world, AMINA, "It's me").await;
    let number = Conversation::id_of_number(&Phone::parse("phone", AMINA, "").unwrap());
    let found = listed(&world, &world.owner, &ConversationFilter::default()).await;
    assert_eq!(found.iter().map(|it| it.id).collect::<Vec<_>>(), [number]);
    // Who is not served any more leaves it to the other.
    world
        .portal
        .set_client_active(&world.owner, world.omar.id, false)
        .await
        .unwrap();
    writes(&world, AMINA, "Hello?").await;
    let newest = &listed(&world, &world.owner, &ConversationFilter::default()).await[0];
    assert_eq!(newest.id, Conversation::id_of(world.amina.id));
}

#[tokio::test]
async fn what_was_read_says_who_read_up_to_where() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    let id = Conversation::id_of(world.amina.id);
    writes(&world, AMINA, "One").await;
    let seen = world.portal.now();
    writes(&world, AMINA, "Two").await;
    let ctx = now(&world, &world.owner);
    let read = world
        .portal
        .read_conversation(&ctx, id, Some(seen))
        .await
        .unwrap()
        .conversation;
    assert_eq!(
        (read.unread, read.read_up_to, read.read_by, read.read_at),
        (1, Some(seen), Some(world.owner_id), Some(ctx.at))
    );
    let again = world
        .portal
        .read_conversation(&ctx, id, Some(seen))
        .await
        .unwrap()
        .conversation;
    assert_eq!(again, read, "twice is once");
    let future = ctx.at + Duration::days(9);
    let read = world
        .portal
        .read_conversation(&ctx, id, Some(future))
        .await
        .unwrap()
        .conversation;
    assert_eq!(
        (read.unread, read.read_up_to),
        (0, Some(ctx.at)),
        "nobody read what is not written yet"
    );
    writes(&world, AMINA, "Three").await;
    let found = listed(&world, &world.owner, &ConversationFilter::default()).await;
    assert_eq!(found[0].unread, 1);
    // An answer that says what was read reads that.
    let ctx = now(&world, &world.owner);
    world
        .portal
        .answer_by_text(&ctx, id, "Yes", None, Some(ctx.at))
        .await
        .unwrap();
    assert_eq!(
        world
            .portal
            .unread_conversations(&world.owner, 100)
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn members_see_the_clients_they_work_for_and_what_they_are_given() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "Hello").await;
    writes(&world, STRANGER, "Who are you?").await;
    let (nell, ctx) = member(&world, "nell").await;
    let all = ConversationFilter::default();
    let amina = Conversation::id_of(world.amina.id);
    let number = Conversation::id_of_number(&Phone::parse("phone", STRANGER, "").unwrap());
    assert!(listed(&world, &ctx, &all).await.is_empty());
    assert_eq!(world.portal.unread_conversations(&ctx, 100).await.unwrap(), 0);
    for hidden in [amina, number, ConversationId(Uuid::from_u128(9))] {
        let found = world.portal.conversation(&ctx, hidden).await;
        assert!(matches!(found, Err(Error::NotFound("conversation"))), "{found:?}");
        let read = world.portal.read_conversation(&ctx, hidden, None).await;
        assert!(matches!(read, Err(Error::NotFound("conversation"))), "{read:?}");
    }
    world
        .portal
        .assign_conversation(&world.owner, number, Some(nell))
        .await
        .unwrap();
    assert_eq!(listed(&world, &ctx, &all).await[0].id, number);
    world
        .portal
        .set_team_member(&world.owner, world.matter.id, nell, true)
        .await
        .unwrap();
    assert_eq!(listed(&world, &ctx, &all).await.len(), 2);
    assert_eq!(said(&world, &ctx, amina).await, [(false, "Hello".to_owned())]);
    world
        .portal
        .answer_by_text(&now(&world, &ctx), amina, "Hi", None, None)
        .await
        .unwrap();
    let gone = StaffId(Uuid::from_u128(5));
    let refused = world
        .portal
        .assign_conversation(&world.owner, amina, Some(gone))
        .await;
    assert!(
        matches!(refused, Err(Error::Rule(ConversationRule::NotActive))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn clients_see_no_conversation_of_staff() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "Hello").await;
    let (_, _, ctx) = world.enter(&world.amina).await;
    let id = Conversation::id_of(world.amina.id);
    assert!(world.portal.conversation(&ctx, id).await.is_err());
    assert!(world.portal.unread_conversations(&ctx, 100).await.is_err());
    assert!(
        world
            .portal
            .answer_by_text(&ctx, id, "Hello", None, None)
            .await
            .is_err()
    );
}

/// What can happen to a conversation, at its minute.
#[derive(Debug, Clone, Copy)]
enum Step {
    Wrote,
    Read(usize),
    Answered(Option<usize>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Wrote),
        1 => (0_usize..40).prop_map(Step::Read),
        1 => proptest::option::of(0_usize..40).prop_map(Step::Answered),
    ];
    proptest::collection::vec(step, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Unread counts equal what is unread: whatever happened in whichever order.
    #[test]
    fn unread_counts_equal_what_is_unread(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            with_phone(&world, &world.amina, AMINA).await;
            let id = Conversation::id_of(world.amina.id);
            let mut arrived: Vec<Timestamp> = Vec::new();
            let mut read: Option<Timestamp> = None;
            let place = |arrived: &[Timestamp], number: usize| arrived.get(number % arrived.len().max(1)).copied();
            for (number, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Wrote => {
                        writes(&world, AMINA, &format!("Number {number}")).await;
                        arrived.push(world.portal.now());
                    }
                    Step::Read(which) => if let Some(at) = place(&arrived, which) {
                        let ctx = now(&world, &world.owner);
                        world.portal.read_conversation(&ctx, id, Some(at)).await.unwrap();
                        read = read.max(Some(at));
                    }
                    Step::Answered(which) => {
                        let at = which.and_then(|which| place(&arrived, which));
                        let ctx = now(&world, &world.owner);
                        world.portal.answer_by_text(&ctx, id, "Yes", None, at).await.unwrap();
                        read = read.max(at);
                    }
                }
                let unread = arrived.iter().filter(|at| Some(**at) > read).count();
                let found = world.portal.conversation(&world.owner, id).await.unwrap().conversation;
                assert_eq!(usize::try_from(found.unread).unwrap(), unread);
                assert_eq!(world.portal.unread_conversations(&world.owner, 100).await.unwrap(), u64::from(unread > 0));
            }
        });
    }
}
