//! Captured text messages as on telephones, played by a developer: reports and replies go the way of real ones.

use axum::http::StatusCode;
use portal_core::client::ClientDraft;
use portal_core::notify::{Delivery, DeliveryFilter, DeliveryState};
use portal_core::sms::{ReceivedFilter, ReceivedSms};
use portal_core::text::Phone;
use portal_core::workflow::Held;
use portal_core::{Locator, PageRequest};

use crate::on_every_store;
use crate::workflows::{with_rules, written};
use crate::world::{World, filled, form, look, send};

const NUMBER: &str = "+61491570156";

/// Amina has a telephone, and a workflow writes to it.
pub(crate) async fn a_text_to_amina(world: &World) {
    let draft = ClientDraft {
        phone: NUMBER.into(),
        ..world.amina.draft()
    };
    let saved = world
        .portal
        .update_client(&world.owner, world.amina.id, None, &draft);
    saved.await.unwrap();
    with_rules(world).await;
    written(world, " t visa ", "FILING (USCIS)").await;
}

async fn texts(world: &World) -> Vec<Delivery> {
    let filter = DeliveryFilter {
        client: Some(world.amina.id),
        ..DeliveryFilter::default()
    };
    let page = PageRequest::first(50);
    let page = world
        .portal
        .deliveries(&world.owner, &filter, &page)
        .await
        .unwrap();
    let is_text = |delivery: &Delivery| delivery.to.to_string() == NUMBER;
    page.items.into_iter().filter(is_text).collect()
}

async fn received(world: &World) -> Vec<ReceivedSms> {
    let page = PageRequest::first(50);
    let store = world.portal.store();
    store
        .received(world.practice.id, &ReceivedFilter::default(), &page)
        .await
        .unwrap()
        .items
}

on_every_store! {
    async fn a_developer_plays_the_client_and_the_provider(world: World) {
        a_text_to_amina(world).await;
        let mut anybody = world.browser();
        let page = look(&mut anybody, "phones", "/dev/outbox").await;
        assert_eq!(page.all(".phone__bubble"), ["We need a document."]);
        assert_eq!(page.words(".phone .badge"), "Sent");
        let report = page.attribute(".phone form[action$='/report']", "action");
        let page = send(&mut anybody, &report, &form(&[("progress", "delivered")])).await;
        assert_eq!(page.words(".phone .badge"), "Delivered");
        assert!(page.all(".phone form[action$='/report']").is_empty(), "there is no more to tell");
        assert_eq!(texts(world).await[0].state, DeliveryState::Delivered);
        let again = anybody.post(&report, &form(&[("progress", "failed")])).await;
        assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text());

        let action = page.attribute(".phone__reply", "action");
        let page = send(&mut anybody, &action, &filled(&page, &action, &[("text", "STOP")])).await;
        assert_eq!(page.all(".phone__bubble"), ["We need a document.", "STOP"]);
        written(world, "t visa", "Documents").await;
        written(world, "t visa", "Filing").await;
        let held = &texts(world).await[0];
        assert_eq!((held.state, held.last_error.clone()), (DeliveryState::Held, Some(Held::OptedOut.to_string())));

        let unknown = form(&[("from", "+61 491 570 157"), ("text", "Is this the lawyer?")]);
        let page = send(&mut anybody, &action, &unknown).await;
        assert_eq!(page.words(".phone__number"), "+61491570157", "the newest comes first");
        let received = received(world).await;
        assert_eq!(received.len(), 2);
        assert!(received.iter().all(|sms| sms.provider == "captured"));
    }

    async fn what_nobody_can_have_done_is_refused(world: World) {
        a_text_to_amina(world).await;
        let mut anybody = world.browser();
        let report = "/dev/outbox/texts/1/report";
        for (path, sent, status) in [
            ("/dev/outbox/texts", vec![("from", NUMBER), ("text", " ")], 422),
            ("/dev/outbox/texts", vec![("from", NUMBER)], 422),
            ("/dev/outbox/texts", vec![("from", "0491570156"), ("text", "Hello")], 422),
            ("/dev/outbox/texts", vec![("from", "somebody"), ("text", "Hello")], 422),
            (report, vec![("progress", "eaten")], 422),
            (report, vec![], 422),
            ("/dev/outbox/texts/99/report", vec![("progress", "delivered")], 404),
            ("/dev/outbox/texts/x/report", vec![("progress", "delivered")], 404),
        ] {
            let answer = anybody.post(path, &form(&sent)).await;
            assert_eq!(answer.status.as_u16(), status, "{path} {sent:?}: {}", answer.text());
        }
        let long = "x".repeat(1_601);
        let answer = anybody.post("/dev/outbox/texts", &form(&[("from", NUMBER), ("text", &long)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(received(world).await.is_empty());
        assert_eq!(texts(world).await[0].state, DeliveryState::Sent);
        // The captured "provider" has no hook: only these forms play it.
        let practice = Locator::of_practice(world.practice.id);
        let hook = format!("/hooks/sms/captured/inbound?practice={practice}");
        let answer = anybody.post(&hook, &form(&[("from", NUMBER), ("text", "STOP")])).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        let phone = Phone::parse("phone", NUMBER, "").unwrap();
        let record = world.portal.store().phone_record(world.practice.id, &phone).await.unwrap();
        assert!(record.is_none());
    }
}
