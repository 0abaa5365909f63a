use std::sync::{Arc, Mutex};

use portal_core::client::Client;
use portal_core::notify::{
    Delivery, DeliveryFilter, DeliveryState, Lane, Notification, NotificationKind, SendError,
};
use portal_core::{Change, Duration, Event, EventKind, Ids, PageRequest, Parts, Portal, RandomIds};
use uuid::Uuid;

use crate::world::{World, code_in, link_in};

async fn history(world: &World) -> Vec<portal_core::notify::Delivery> {
    let filter = DeliveryFilter {
        matter: Some(world.matter.id),
        ..DeliveryFilter::default()
    };
    world
        .portal
        .deliveries(&world.owner, &filter, &PageRequest::first(200))
        .await
        .unwrap()
        .items
}

async fn notices(world: &World) -> Vec<Notification> {
    let page = PageRequest::first(200);
    let notices = world.portal.notifications(&world.owner, false, &page).await;
    notices.unwrap().items
}

#[tokio::test]
async fn a_mail_server_that_is_away_loses_no_mail() {
    let world = World::new().await;
    world
        .fakes
        .mail
        .fail_with(Some(SendError::Unavailable("421 try later".into())));
    world
        .portal
        .enable_access(&world.owner, world.matter.id, world.amina.id, true)
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    let waiting = history(&world).await;
    assert_eq!(waiting.len(), 1);
    assert_eq!(waiting[0].state, DeliveryState::Queued);
    assert!(waiting[0].last_error.as_deref().unwrap().contains("421"));
    world.fakes.mail.fail_with(None);
    world.portal.drain().await.unwrap();
    assert!(world.fakes.mail.sent().is_empty(), "not before it is due again");
    world.fakes.clock.advance(Duration::minutes(1));
    world.portal.drain().await.unwrap();
    assert_eq!(history(&world).await[0].state, DeliveryState::Sent);
    let tried = world.fakes.mail.tried();
    assert!(
        tried.iter().all(|mail| mail.message_id == tried[0].message_id),
        "each try is the same mail"
    );
}

#[tokio::test]
async fn a_refused_mail_is_not_tried_again_and_the_history_says_why() {
    let world = World::new().await;
    world.fakes.mail.refuse("amina@mail.test");
    world
        .portal
        .enable_access(&world.owner, world.matter.id, world.amina.id, true)
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    world.fakes.clock.advance(Duration::hours(12));
    world.portal.drain().await.unwrap();
    let history = history(&world).await;
    assert_eq!(
        (history[0].state, history[0].attempts),
        (DeliveryState::Failed, 1)
    );
    assert!(history[0].last_error.is_some());
}

#[tokio::test]
async fn a_mail_that_never_gets_through_is_given_up_after_some_days() {
    let world = World::new().await;
    world.ask(&world.amina, "Passport").await;
    world
        .portal
        .enable_access(&world.owner, world.matter.id, world.amina.id, false)
        .await
        .unwrap();
    world
        .fakes
        .mail
        .fail_with(Some(SendError::Unavailable("away".into())));
    for _ in 0..40 {
        world.portal.drain().await.unwrap();
        world.fakes.clock.advance(Duration::hours(8));
    }
    let history = history(&world).await;
    assert_eq!(history.len(), 1);
    assert_eq!(
        (history[0].state, history[0].attempts),
        (DeliveryState::Failed, Delivery::MOST_ATTEMPTS)
    );
}

#[tokio::test]
async fn a_link_that_died_while_the_mail_server_was_away_is_not_sent() {
    let world = World::new().await;
    world
        .fakes
        .mail
        .fail_with(Some(SendError::Unavailable("away".into())));
    world
        .portal
        .enable_access(&world.owner, world.matter.id, world.amina.id, true)
        .await
        .unwrap();
    world.portal.drain().await.unwrap();
    world.fakes.mail.fail_with(None);
    world.fakes.clock.advance(Duration::hours(49));
    world.portal.drain().await.unwrap();
    assert!(world.fakes.mail.sent().is_empty());
    assert_eq!(history(&world).await[0].state, DeliveryState::Failed);
}

#[tokio::test]
async fn the_history_holds_no_secret() {
    let world = World::new().await;
    world.enter(&world.amina).await;
    let mail = world.last_mail(&world.amina);
    let (token, code) = (link_in(&mail).reveal(), code_in(&mail));
    for delivery in history(&world).await {
        let kept = format!("{delivery:?}{}", serde_json::to_string(&delivery.letter).unwrap());
        assert!(!kept.contains(&token) && !kept.contains(&code), "{kept}");
    }
}

#[tokio::test]
async fn what_concerns_nobody_is_done_with_in_one_round() {
    let world = World::new().await;
    world.portal.drain().await.unwrap();
    for number in 0..40 {
        world.ask(&world.amina, &format!("Document {number}")).await;
    }
    let worked = world.portal.plan_due().await.unwrap();
    assert_eq!((worked.planned, worked.failed), (40, 0));
    assert!(world.portal.drain().await.unwrap().is_idle());
    assert!(history(&world).await.is_empty());
}

#[tokio::test]
async fn staff_are_told_of_each_upload_in_the_app_and_of_all_by_one_mail() {
    let world = World::new().await;
    let (_, _, amina) = world.enter(&world.amina).await;
    let request = world.ask(&world.amina, "Bank statements").await;
    world.portal.drain().await.unwrap();
    world.fakes.mail.clear();
    for number in 0..20 {
        world
            .upload(&amina, &request, &format!("{number}.pdf"))
            .await
            .unwrap();
    }
    world.portal.drain().await.unwrap();
    assert_eq!(world.fakes.mail.sent_to("sam@harbour.test").len(), 1);
    let notices = notices(&world).await;
    let uploads = notices
        .iter()
        .filter(|notice| matches!(notice.kind, NotificationKind::DocumentUploaded { .. }));
    assert_eq!(uploads.count(), 20);
}

/// Ids of which one was there before.
#[derive(Debug)]
struct Repeating(Mutex<Option<Uuid>>);

impl Ids for Repeating {
    fn uuid(&self) -> Uuid {
        let before = self.0.lock().unwrap().take();
        before.unwrap_or_else(|| RandomIds.uuid())
    }

    fn random(&self) -> [u8; 32] {
        RandomIds.random()
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_planned_holds_up_no_other() {
    let world = World::new().await;
    world.enter(&world.amina).await;
    world.portal.drain().await.unwrap();
    let before = notices(&world).await[0].id;
    // The notice of this sign-in gets an id that is taken.
    world.enter(&world.omar).await;
    let parts = Parts {
        ids: Arc::new(Repeating(Mutex::new(Some(before.into())))),
        ..world.fakes.parts(world.store.clone())
    };
    let unlucky = Portal::new(parts);
    let nothing_asked = EventKind::RequestsAdded {
        matter: world.matter.id,
        client: world.amina.id,
        requests: Vec::new(),
    };
    let (practice, at) = (world.practice.id, world.fakes.clock.time());
    let event = Event::new(RandomIds.uuid().into(), practice, nothing_asked, at);
    let change = Change::unaudited(practice, "made up").save(event);
    world.portal.commit(change).await.unwrap();
    let worked = unlucky.plan_due().await.unwrap();
    assert_eq!((worked.planned, worked.failed), (1, 1));
    world.fakes.clock.advance(Duration::minutes(1));
    let worked = unlucky.plan_due().await.unwrap();
    assert_eq!((worked.planned, worked.failed), (1, 0));
    assert_eq!(notices(&world).await.len(), 2);
}

#[tokio::test]
async fn a_reader_gets_mails_in_the_order_they_were_written_in() {
    let world = World::new().await;
    let enable = async |client: &Client| {
        let enabled = world
            .portal
            .enable_access(&world.owner, world.matter.id, client.id, false);
        enabled.await.unwrap()
    };
    let (access, _) = (enable(&world.amina).await, enable(&world.omar).await);
    let sent_to = |address: &str| -> Vec<String> {
        let mails = world.fakes.mail.sent_to(address);
        mails.into_iter().map(|mail| mail.content.text).collect()
    };
    let away = SendError::Unavailable("421 try later".into());
    world.fakes.mail.fail_with(Some(away));
    world.ask(&world.amina, "Passport").await;
    world.portal.drain().await.unwrap();
    world.fakes.mail.fail_with(None);

    world.fakes.clock.advance(Duration::seconds(1));
    world.ask(&world.amina, "Birth certificate").await;
    world.ask(&world.omar, "Payslip").await;
    world.portal.drain().await.unwrap();
    assert_eq!(
        sent_to("amina@mail.test"),
        [""; 0],
        "the first has failed once and waits"
    );
    assert_eq!(sent_to("omar@mail.test").len(), 1, "others do not wait for it");
    world.portal.invite(&world.owner, access.id).await.unwrap();
    world.portal.drain().await.unwrap();
    assert_eq!(sent_to("amina@mail.test").len(), 1, "nor does a sign-in link");

    for _ in 0..60 {
        world.fakes.clock.advance(Duration::seconds(1));
        world.portal.drain().await.unwrap();
    }
    let texts = sent_to("amina@mail.test");
    assert!(
        texts.len() == 3 && texts[1].contains("Passport") && texts[2].contains("Birth certificate"),
        "{texts:?}"
    );
    let tries: Vec<u32> = history(&world)
        .await
        .iter()
        .map(|delivery| delivery.attempts)
        .collect();
    assert_eq!(tries.iter().sum::<u32>(), 5, "waiting is no attempt: {tries:?}");
}

#[tokio::test]
async fn many_mails_that_wait_for_another_keep_nobody_else_waiting() {
    let world = World::new().await;
    for client in [&world.amina, &world.omar] {
        let enabled = world
            .portal
            .enable_access(&world.owner, world.matter.id, client.id, false);
        enabled.await.unwrap();
    }
    let away = SendError::Unavailable("421 try later".into());
    world.fakes.mail.fail_with(Some(away));
    for number in 0..120 {
        world.ask(&world.amina, &format!("Page {number}")).await;
        // Each is a mail of its own.
        world.portal.plan_due().await.unwrap();
    }
    world.portal.send_due(Lane::Mail, &|| false).await.unwrap();
    world.ask(&world.omar, "Payslip").await;
    world.fakes.mail.fail_with(None);
    world.portal.drain().await.unwrap();
    assert_eq!(
        (
            world.fakes.mail.sent_to("omar@mail.test").len(),
            world.fakes.mail.sent_to("amina@mail.test").len()
        ),
        (1, 0),
        "more wait than one round takes"
    );
    world.fakes.clock.advance(Duration::minutes(6));
    world.portal.drain().await.unwrap();
    let texts = world.fakes.mail.sent_to("amina@mail.test");
    let in_order = (0..120).map(|number| format!("Page {number}\n"));
    assert_eq!(texts.len(), 120);
    for (mail, page) in texts.iter().zip(in_order) {
        assert!(mail.content.text.contains(&page), "{page}: {}", mail.content.text);
    }
}

#[tokio::test]
async fn planning_says_whether_anything_is_to_be_sent() {
    let world = World::new().await;
    world.portal.drain().await.unwrap();
    world.ask(&world.amina, "Passport").await;
    let without_a_portal = world.portal.plan_due().await.unwrap();
    assert_eq!((without_a_portal.planned, without_a_portal.to_send), (1, 0));
    let access = world
        .portal
        .enable_access(&world.owner, world.matter.id, world.amina.id, true);
    access.await.unwrap();
    let invited = world.portal.plan_due().await.unwrap();
    assert!(invited.planned > 0 && invited.to_send > 0, "{invited:?}");
    let history = history(&world).await;
    assert_eq!(usize::try_from(invited.to_send).unwrap(), history.len());
}
