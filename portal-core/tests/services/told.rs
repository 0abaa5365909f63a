//! Staff are told at once when somebody writes: who answers them, once until they read it.

use portal_core::conversation::Conversation;
use portal_core::matter::Part;
use portal_core::notify::{Notification, NotificationKind};
use portal_core::policy::Role;
use portal_core::{Context, Duration, PageRequest, StaffId};

use crate::conversations::{AMINA, STRANGER, member, now, with_phone, writes};
use crate::world::World;

/// What somebody was told of text messages, the newest first.
async fn told(world: &World, staff: StaffId) -> Vec<Notification> {
    let page = PageRequest::first(50);
    let store = world.portal.store();
    let mut told = store
        .notifications(world.practice.id, staff, false, &page)
        .await
        .unwrap()
        .items;
    told.retain(|it| matches!(it.kind, NotificationKind::TextReceived { .. }));
    told
}

fn mails(world: &World, to: &str) -> Vec<String> {
    let mails = world.fakes.mail.sent_to(to).into_iter();
    let texts = mails.map(|mail| mail.content.text);
    texts
        .filter(|text| text.contains("sent a text message"))
        .collect()
}

async fn read(world: &World, ctx: &Context, id: portal_core::ConversationId) {
    world
        .portal
        .read_conversation(&now(world, ctx), id, None)
        .await
        .unwrap();
}

#[tokio::test]
async fn who_works_for_the_client_is_told_once_until_somebody_reads() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    let amina = Conversation::id_of(world.amina.id);
    let (nell, _) = member(&world, "nell").await;
    let (other, _) = member(&world, "other").await;
    world
        .portal
        .set_team_member(&world.owner, world.matter.id, nell, true)
        .await
        .unwrap();
    for number in 0..5 {
        writes(&world, AMINA, &format!("Message {number}")).await;
        world.portal.drain().await.unwrap();
    }
    for staff in [world.owner_id, nell] {
        let [told] = <[Notification; 1]>::try_from(told(&world, staff).await).unwrap();
        assert_eq!(told.kind, NotificationKind::TextReceived { conversation: amina });
        assert_eq!((told.matter_id, told.client_id), (None, Some(world.amina.id)));
        assert_eq!(told.headline, "Amina Haddad sent a text message.");
    }
    assert!(told(&world, other).await.is_empty(), "she is not theirs");
    let mail = mails(&world, "nell@harbour.test");
    assert_eq!(mail.len(), 1);
    assert!(mail[0].contains(&format!("/staff/inbox/{amina}")), "{}", mail[0]);
    assert!(
        !mail[0].contains("Message 0"),
        "what clients write stays in the portal"
    );
    // Read, and written again: told again; mailed again only after a while.
    read(&world, &world.owner, amina).await;
    writes(&world, AMINA, "One more").await;
    world.portal.drain().await.unwrap();
    assert_eq!(
        (
            told(&world, nell).await.len(),
            mails(&world, "nell@harbour.test").len()
        ),
        (2, 1)
    );
    read(&world, &world.owner, amina).await;
    world.fakes.clock.advance(Duration::minutes(10));
    writes(&world, AMINA, "And another").await;
    world.portal.drain().await.unwrap();
    assert_eq!(
        (
            told(&world, nell).await.len(),
            mails(&world, "nell@harbour.test").len()
        ),
        (3, 2)
    );
}

#[tokio::test]
async fn who_answers_a_conversation_is_told_and_nobody_else() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    let (nell, _) = member(&world, "nell").await;
    let number = portal_core::text::Phone::parse("phone", STRANGER, "").unwrap();
    let number = Conversation::id_of_number(&number);
    writes(&world, STRANGER, "Hello").await;
    world.portal.drain().await.unwrap();
    assert!(
        told(&world, world.owner_id).await.is_empty(),
        "nobody's number is nobody's"
    );
    read(&world, &world.owner, number).await;
    for id in [number, Conversation::id_of(world.amina.id)] {
        world
            .portal
            .assign_conversation(&world.owner, id, Some(nell))
            .await
            .unwrap();
    }
    writes(&world, STRANGER, "Hello?").await;
    writes(&world, AMINA, "Hello").await;
    world.portal.drain().await.unwrap();
    let headlines: Vec<String> = told(&world, nell)
        .await
        .into_iter()
        .map(|it| it.headline)
        .collect();
    let number = format!("{STRANGER} sent a text message.");
    assert_eq!(headlines.len(), 2);
    assert!(headlines.contains(&number), "{headlines:?}");
    assert!(told(&world, world.owner_id).await.is_empty());
    // Whom it was given to has left: those who work for the client.
    read(&world, &world.owner, Conversation::id_of(world.amina.id)).await;
    world
        .portal
        .update_staff(&world.owner, nell, None, (Role::Member, false))
        .await
        .unwrap();
    writes(&world, AMINA, "Are you there?").await;
    world.portal.drain().await.unwrap();
    assert_eq!(
        (
            told(&world, nell).await.len(),
            told(&world, world.owner_id).await.len()
        ),
        (2, 1)
    );
}

#[tokio::test]
async fn whom_nobody_works_for_whoever_answers_everybody_is_told_of() {
    let world = World::new().await;
    with_phone(&world, &world.omar, AMINA).await;
    let omar = Conversation::id_of(world.omar.id);
    let (nell, _) = member(&world, "nell").await;
    let (manager, _) = member(&world, "manager").await;
    let (auditor, _) = member(&world, "auditor").await;
    let (gone, _) = member(&world, "gone").await;
    let becomes = async |staff: StaffId, role: Role, active: bool| {
        let changed = world
            .portal
            .update_staff(&world.owner, staff, None, (role, active));
        changed.await.unwrap();
    };
    becomes(manager, Role::Manager, true).await;
    becomes(auditor, Role::Auditor, true).await;
    becomes(gone, Role::Admin, false).await;
    let counts = async || {
        let mut counts = Vec::new();
        for staff in [world.owner_id, manager, nell, auditor, gone] {
            counts.push(told(&world, staff).await.len());
        }
        counts
    };
    let left = world
        .portal
        .remove_participant(&world.owner, world.matter.id, world.omar.id);
    left.await.unwrap();
    for _ in 0..2 {
        writes(&world, AMINA, "Is anybody there?").await;
        world.portal.drain().await.unwrap();
        assert_eq!(counts().await, [1, 1, 0, 0, 0], "once, until somebody reads");
    }
    assert_eq!(mails(&world, "manager@harbour.test").len(), 1);
    // An auditor on the team reads only, and answers nobody.
    let part = world
        .portal
        .put_participant(&world.owner, world.matter.id, world.omar.id, Part::Partner);
    part.await.unwrap();
    read(&world, &world.owner, omar).await;
    world
        .portal
        .assign_conversation(&world.owner, omar, Some(auditor))
        .await
        .unwrap();
    writes(&world, AMINA, "Hello?").await;
    world.portal.drain().await.unwrap();
    assert_eq!(counts().await, [2, 1, 0, 0, 0], "the matter's owner");
}

#[tokio::test]
async fn who_is_given_something_unread_is_told_of_it_once() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    let (nell, _) = member(&world, "nell").await;
    let number = portal_core::text::Phone::parse("phone", STRANGER, "").unwrap();
    let number = Conversation::id_of_number(&number);
    writes(&world, STRANGER, "Hello").await;
    world.portal.drain().await.unwrap();
    let taken = world
        .portal
        .assign_conversation(&world.owner, number, Some(world.owner_id));
    taken.await.unwrap();
    world.portal.drain().await.unwrap();
    assert!(
        told(&world, world.owner_id).await.is_empty(),
        "who takes it knows"
    );
    for id in [number, Conversation::id_of(world.amina.id)] {
        let assigned = world.portal.assign_conversation(&world.owner, id, Some(nell));
        assigned.await.unwrap();
        world.portal.drain().await.unwrap();
    }
    assert_eq!(
        told(&world, nell).await.len(),
        1,
        "there is nothing new from Amina"
    );
    writes(&world, STRANGER, "Hello?").await;
    world.portal.drain().await.unwrap();
    assert_eq!(told(&world, nell).await.len(), 1, "she knows");
    // What it brings when it is linked, whoever answers the client is told.
    writes(&world, STRANGER, "It is Amina").await;
    let linked = world
        .portal
        .link_conversation(&world.owner, number, world.amina.id);
    linked.await.unwrap();
    world.portal.drain().await.unwrap();
    let of: Vec<_> = told(&world, nell)
        .await
        .into_iter()
        .map(|it| it.client_id)
        .collect();
    assert_eq!(of, [Some(world.amina.id), None]);
    // It was not Amina: who answered the number has it back, with what nobody read.
    world.fakes.clock.advance(Duration::minutes(1));
    read(&world, &world.owner, number).await;
    writes(&world, STRANGER, "Who is Amina?").await;
    world.portal.drain().await.unwrap();
    let ctx = now(&world, &world.owner);
    world
        .portal
        .unlink_conversation(&ctx, number, None)
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    let [newest, ..] = &told(&world, nell).await[..] else {
        panic!("she was told");
    };
    assert_eq!(
        newest.kind,
        NotificationKind::TextReceived { conversation: number }
    );
    assert_eq!(newest.headline, format!("{STRANGER} sent a text message."));
}

#[tokio::test]
async fn a_mail_every_ten_minutes_whatever_stands_in_between() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    let amina = Conversation::id_of(world.amina.id);
    let mut counts = Vec::new();
    for _ in 0..5 {
        writes(&world, AMINA, "Hello").await;
        world.portal.drain().await.unwrap();
        read(&world, &world.owner, amina).await;
        counts.push(mails(&world, "sam@harbour.test").len());
        // Nine minutes, with the one that passes while they write.
        world.fakes.clock.advance(Duration::minutes(8));
    }
    assert_eq!(counts, [1, 1, 2, 2, 3]);
    assert_eq!(told(&world, world.owner_id).await.len(), 5);
}

#[tokio::test]
async fn what_was_read_before_anybody_could_be_told_is_told_to_nobody() {
    let world = World::new().await;
    with_phone(&world, &world.amina, AMINA).await;
    writes(&world, AMINA, "Hello").await;
    read(&world, &world.owner, Conversation::id_of(world.amina.id)).await;
    world.portal.drain().await.unwrap();
    assert!(told(&world, world.owner_id).await.is_empty());
}
