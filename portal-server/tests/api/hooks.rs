//! Callbacks of providers of text messages: believed when signed, answered clearly, and never done twice.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{KeyInit, Mac};
use http_body_util::BodyExt;
use portal_core::client::ClientDraft;
use portal_core::notify::{About, Cause, Delivery, DeliveryFilter, DeliveryState, Letter, Recipient};
use portal_core::sms::{ReceivedFilter, SmsSender};
use portal_core::text::Phone;
use portal_core::workflow::{Agreement, Channel};
use portal_core::{Change, Context, Duration, Locator, PageRequest, PracticeId, Version};
use portal_notify::sms::{HttpGateway, HttpGatewaySettings, Twilio, TwilioFrom, TwilioSettings};
use portal_server::{AppState, Presentation, SmsHooks};
use serde_json::Value;
use tower::ServiceExt;

use crate::on_both_databases;
use crate::world::World;

const TOKEN: &str = "12345";
const GATEWAY_SECRET: &[u8] = b"a secret of at least 24 bytes";

fn router(world: &World) -> Router {
    let settings = TwilioSettings {
        account: "AC123".into(),
        auth_token: TOKEN.into(),
        from: TwilioFrom::Number("+15005550006".into()),
        base_url: None,
    };
    let twilio = Twilio::new(settings).unwrap();
    let presentation = Presentation {
        sms_hooks: Some(SmsHooks {
            name: twilio.name(),
            callbacks: Arc::new(twilio),
        }),
        ..Presentation::default()
    };
    portal_server::router(AppState::new(world.portal.clone(), presentation).unwrap())
}

/// Signed as Twilio does it, for the portal's own address.
fn signature(path: &str, params: &[(&str, &str)]) -> String {
    let mut sorted = params.to_vec();
    sorted.sort_unstable();
    let mut text = format!("https://portal.test{path}");
    for (name, value) in sorted {
        text.extend([name, value]);
    }
    let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

async fn post(router: &Router, path: &str, params: &[(&str, &str)], signature: &str) -> StatusCode {
    answered(router, path, params, signature).await.0
}

/// The answer, with the stable name of its problem.
async fn answered(
    router: &Router,
    path: &str,
    params: &[(&str, &str)],
    signature: &str,
) -> (StatusCode, String) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish();
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::HOST, "evil.example")
        .header("x-twilio-signature", signature)
        .body(Body::from(body))
        .unwrap();
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    (
        head.status,
        problem["type"].as_str().unwrap_or_default().to_owned(),
    )
}

async fn signed(router: &Router, path: &str, params: &[(&str, &str)]) -> StatusCode {
    post(router, path, params, &signature(path, params)).await
}

fn from() -> Phone {
    Phone::parse("from", "+61491570156", "AU").unwrap()
}

/// A text message that the provider took as `sms-1`.
async fn sent_text(world: &World) -> Delivery {
    let now = world.portal.now();
    let about = About {
        reader: "Anna".into(),
        matter_title: world.matter.title.clone(),
        matter_reference: world.matter.reference.clone(),
        url: "https://portal.test/".into(),
    };
    let cause = Cause {
        workflow: uuid::Uuid::from_u128(1).into(),
        version: Version::FIRST,
        entry: uuid::Uuid::from_u128(2).into(),
        channel: Channel::Sms,
        not_before: now,
        gives_portal: false,
        quiet_hours: None,
    };
    let sent = Delivery {
        id: uuid::Uuid::from_u128(3).into(),
        practice_id: world.practice,
        version: Version::FIRST,
        event_id: uuid::Uuid::from_u128(4).into(),
        matter_id: Some(world.matter.id),
        recipient: Recipient::Client(world.client.id),
        to_name: "Anna".into(),
        to: from().into(),
        letter: Letter::Automated {
            about,
            subject: String::new(),
            text: "Hello".into(),
            cause,
        },
        subject: String::new(),
        text: "Hello".into(),
        state: DeliveryState::Sent,
        attempts: 1,
        due_at: now,
        last_error: None,
        created_at: now,
        tried_at: Some(now),
        sent_at: Some(now),
        provider_id: Some("sms-1".into()),
        in_doubt: false,
    };
    let change = Change::unaudited(world.practice, "as the worker leaves it").save(sent.clone());
    world.portal.commit(change).await.unwrap();
    sent
}

async fn agreement(world: &World) -> Option<Agreement> {
    let record = world
        .portal
        .store()
        .phone_record(world.practice, &from())
        .await
        .unwrap();
    record.map(|record| record.agreement)
}

on_both_databases! {
    async fn a_signed_message_is_kept_once_and_stop_is_heard(world: World) {
        let router = router(world);
        let path = format!("/hooks/sms/twilio/inbound?practice={}", Locator::of_practice(world.practice));
        let stop = [("MessageSid", "SM1"), ("From", "+61491570156"), ("To", "+15005550006"), ("Body", "Stop.")];
        for wrong in ["", "bm90IHRoaXM=", &signature("/elsewhere", &stop)] {
            assert_eq!(post(&router, &path, &stop, wrong).await, StatusCode::FORBIDDEN);
        }
        let other = path.replace("twilio", "vonage");
        assert_eq!(signed(&router, &other, &stop).await, StatusCode::NOT_FOUND, "nobody's");
        assert_eq!(agreement(world).await, None);
        for _ in 0..100 {
            assert_eq!(signed(&router, &path, &stop).await, StatusCode::NO_CONTENT);
        }
        assert_eq!(agreement(world).await, Some(Agreement::OptedOut));
        let page = PageRequest::first(10).with_total();
        let received = world.portal.store().received(world.practice, &ReceivedFilter::default(), &page).await.unwrap();
        assert_eq!(received.total, Some(1));
        let start = [("MessageSid", "SM2"), ("From", "+61491570156"), ("To", "+15005550006"), ("Body", "START")];
        assert_eq!(signed(&router, &path, &start).await, StatusCode::NO_CONTENT);
        assert_eq!(signed(&router, &path, &stop).await, StatusCode::NO_CONTENT);
        assert_eq!(agreement(world).await, Some(Agreement::Agreed), "an old STOP that comes again changes nothing");
        let nameless = [("From", "+61491570156"), ("Body", "STOP")];
        assert_eq!(signed(&router, &path, &nameless).await, StatusCode::UNPROCESSABLE_ENTITY);
        let nowhere = "/hooks/sms/twilio/inbound?practice=nowhere";
        assert_eq!(signed(&router, nowhere, &stop).await, StatusCode::NOT_FOUND);
        let strangers = Locator::of_practice(portal_core::PracticeId(uuid::Uuid::from_u128(7)));
        let strange = format!("/hooks/sms/twilio/inbound?practice={strangers}");
        assert_eq!(signed(&router, &strange, &stop).await, StatusCode::NOT_FOUND);
    }
}

on_both_databases! {
    async fn what_is_wrong_with_a_callback_is_said(world: World) {
        let router = router(world);
        let practice = Locator::of_practice(world.practice);
        let inbound = format!("/hooks/sms/twilio/inbound?practice={practice}");
        let hello = [("MessageSid", "SM1"), ("From", "+61491570156"), ("To", "+15005550006"), ("Body", "Hello")];
        let told = async |path: &str, params: &[(&str, &str)]| {
            answered(&router, path, params, &signature(path, params)).await
        };
        let unsigned = answered(&router, &inbound, &hello, "").await;
        assert_eq!(unsigned, (StatusCode::FORBIDDEN, "/problems/signature".into()));
        for path in ["/hooks/sms/vonage/inbound", "/hooks/sms/captured/inbound", "/hooks/sms/none/status"] {
            let path = format!("{path}?practice={practice}&message={practice}");
            assert_eq!(told(&path, &hello).await, (StatusCode::NOT_FOUND, "/problems/not-found".into()), "{path}");
        }
        for path in ["/hooks/sms/twilio/inbound", "/hooks/sms/twilio/status"] {
            let answer = told(path, &hello).await;
            assert_eq!(answer, (StatusCode::UNPROCESSABLE_ENTITY, "/problems/invalid".into()), "{path}");
        }
        let nameless = [("From", "+61491570156"), ("Body", "STOP")];
        assert_eq!(told(&inbound, &nameless).await, (StatusCode::UNPROCESSABLE_ENTITY, "/problems/malformed".into()));
        let long = "x".repeat(70_000);
        let oversized = [("MessageSid", "SM1"), ("From", "+61491570156"), ("Body", &long)];
        assert_eq!(told(&inbound, &oversized).await, (StatusCode::PAYLOAD_TOO_LARGE, "/problems/too-large".into()));
        let page = PageRequest::first(10);
        let kept = world.portal.store().received(world.practice, &ReceivedFilter::default(), &page).await.unwrap();
        assert!(kept.items.is_empty(), "nothing of that is kept");
    }

    async fn a_callback_with_a_time_is_good_for_five_minutes(world: World) {
        let settings = HttpGatewaySettings {
            url: "https://sms.example.test/".into(),
            secret: format!("whsec_{}", STANDARD.encode(GATEWAY_SECRET)).into(),
        };
        let gateway = HttpGateway::new(&settings).unwrap();
        let presentation = Presentation {
            sms_hooks: Some(SmsHooks { name: gateway.name(), callbacks: Arc::new(gateway) }),
            ..Presentation::default()
        };
        let router = portal_server::router(AppState::new(world.portal.clone(), presentation).unwrap());
        let practice = Locator::of_practice(world.practice);
        let path = format!("/hooks/sms/gateway/inbound?practice={practice}");
        let body = r#"{"id": "g-1", "from": "+61491570156", "to": "+61480000000", "text": "Hello"}"#;
        let at = world.portal.now().unix();
        let sent = async |at: i64| {
            let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(GATEWAY_SECRET).unwrap();
            mac.update(format!("msg-1.{at}.{body}").as_bytes());
            let signature = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
            let request = Request::post(&path)
                .header(header::CONTENT_TYPE, "application/json")
                .header("webhook-id", "msg-1")
                .header("webhook-timestamp", at.to_string())
                .header("webhook-signature", signature)
                .body(Body::from(body))
                .unwrap();
            let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
            (head.status, problem["type"].as_str().unwrap_or_default().to_owned())
        };
        let stale = (StatusCode::FORBIDDEN, "/problems/stale".to_owned());
        assert_eq!(sent(at - 301).await, stale);
        assert_eq!(sent(at + 301).await, stale);
        assert_eq!(sent(at - 299).await, (StatusCode::NO_CONTENT, String::new()));
        assert_eq!(sent(at).await, (StatusCode::NO_CONTENT, String::new()), "brought again");
        // Replayed later, by somebody who listened.
        world.fakes.clock.advance(Duration::seconds(302));
        assert_eq!(sent(at).await, stale);
        let page = PageRequest::first(10).with_total();
        let kept = world.portal.store().received(world.practice, &ReceivedFilter::default(), &page).await.unwrap();
        assert_eq!(kept.total, Some(1));
    }
}

on_both_databases! {
    async fn a_report_moves_its_message_forward_and_no_other(world: World) {
        let router = router(world);
        let sent = sent_text(world).await;
        let path = format!("/hooks/sms/twilio/status?message={}", Locator::of_delivery(world.practice, sent.id));
        let report = |status: &'static str| [("MessageSid", "sms-1"), ("MessageStatus", status)];
        let state = async || {
            let found = world.portal.store().delivery(world.practice, sent.id).await.unwrap();
            found.unwrap().state
        };
        assert_eq!(post(&router, &path, &report("delivered"), "x").await, StatusCode::FORBIDDEN);
        assert_eq!(state().await, DeliveryState::Sent);
        for status in ["queued", "delivered", "delivered", "sent", "failed"] {
            assert_eq!(signed(&router, &path, &report(status)).await, StatusCode::NO_CONTENT, "{status}");
        }
        assert_eq!(state().await, DeliveryState::Delivered);
        let other = [("MessageSid", "sms-2"), ("MessageStatus", "failed")];
        assert_eq!(signed(&router, &path, &other).await, StatusCode::NOT_FOUND);
        let nobody = Locator::of_delivery(world.practice, uuid::Uuid::from_u128(7).into());
        let nobody = format!("/hooks/sms/twilio/status?message={nobody}");
        assert_eq!(signed(&router, &nobody, &report("sent")).await, StatusCode::NOT_FOUND);
        let page = PageRequest::first(50);
        let failed = DeliveryFilter { state: Some(DeliveryState::Failed), ..DeliveryFilter::default() };
        let failed = world.portal.store().deliveries(world.practice, &failed, &page).await.unwrap();
        assert!(failed.items.is_empty());
    }
}

/// Somebody of the practice writes to the number, which their client has, and the message leaves.
async fn texts(world: &World, who: &Context, text: &str) {
    world.fakes.clock.advance(Duration::minutes(1));
    let draft = ClientDraft {
        given_names: "Anna".into(),
        family_name: text.into(),
        phone: from().to_string(),
        ..ClientDraft::default()
    };
    let client = world.portal.add_client(who, &draft).await.unwrap();
    let at = world.portal.now();
    let ctx = Context { at, ..who.clone() };
    let written = world
        .portal
        .answer_by_text(&ctx, client.id.0.into(), text, None, None)
        .await;
    written.unwrap();
    world.portal.drain().await.unwrap();
}

async fn received(world: &World, practice: PracticeId) -> Vec<String> {
    let page = PageRequest::first(10);
    let kept = world
        .portal
        .store()
        .received(practice, &ReceivedFilter::default(), &page)
        .await
        .unwrap();
    kept.items.into_iter().map(|sms| sms.text).collect()
}

async fn wish(world: &World, practice: PracticeId) -> Option<Agreement> {
    let record = world
        .portal
        .store()
        .phone_record(practice, &from())
        .await
        .unwrap();
    record.map(|record| record.agreement)
}

on_both_databases! {
    async fn practices_that_share_a_number_hear_stop_and_read_only_their_own_answers(world: World) {
        let router = router(world);
        let (owner, stranger) = (world.owner.clone(), world.stranger_owner.clone());
        let (ours, theirs) = (owner.practice, stranger.practice);
        // Whatever practice the account's one address names.
        let path = format!("/hooks/sms/twilio/inbound?practice={}", Locator::of_practice(ours));
        let writes = async |id: &'static str, text: &'static str| {
            world.fakes.clock.advance(Duration::minutes(1));
            let message = [("MessageSid", id), ("From", "+61491570156"), ("To", "+15005550006"), ("Body", text)];
            assert_eq!(signed(&router, &path, &message).await, StatusCode::NO_CONTENT, "{id}");
        };
        writes("SM1", "Is this the lawyer?").await;
        assert_eq!(received(world, ours).await, ["Is this the lawyer?"], "nobody wrote: whom the address names");
        texts(world, &stranger, "When can you come?").await;
        writes("SM2", "On Friday").await;
        assert_eq!(received(world, theirs).await, ["On Friday"], "they wrote last");
        texts(world, &owner, "Your file is complete.").await;
        writes("SM3", "Thank you").await;
        assert_eq!(received(world, ours).await, ["Thank you", "Is this the lawyer?"]);
        assert_eq!(received(world, theirs).await, ["On Friday"]);

        writes("SM4", "STOP").await;
        assert_eq!((wish(world, ours).await, wish(world, theirs).await), (Some(Agreement::OptedOut), Some(Agreement::OptedOut)));
        assert_eq!(received(world, theirs).await, ["On Friday"], "they hear it, and read nothing");
        writes("SM5", "Start").await;
        assert_eq!(
            (wish(world, ours).await, wish(world, theirs).await),
            (Some(Agreement::Agreed), Some(Agreement::Unknown)),
            "an agreement with us is none with them"
        );
        // What a provider brings again stays where it is, whoever wrote meanwhile.
        texts(world, &stranger, "Until Friday").await;
        for (id, text) in [("SM3", "Thank you"), ("SM4", "STOP"), ("SM5", "Start")] {
            writes(id, text).await;
        }
        assert_eq!(received(world, theirs).await, ["On Friday"]);
        assert_eq!((wish(world, ours).await, wish(world, theirs).await), (Some(Agreement::Agreed), Some(Agreement::Unknown)));
    }
}
