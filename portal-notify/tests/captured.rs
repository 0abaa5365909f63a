//! What a demo keeps instead of sending.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::sync::Arc;

use portal_core::notify::{Composed, EmailMessage, Mailer};
use portal_core::sms::{SmsMessage, SmsSender};
use portal_core::text::{Email, Phone};
use portal_notify::{CapturedMailer, CapturedSms};

fn mail(id: &str, to: &str) -> EmailMessage {
    EmailMessage {
        message_id: id.into(),
        thread_id: None,
        from_name: "Harbour Migration".into(),
        to_name: "Amina".into(),
        to: Email::parse("to", to).unwrap(),
        content: Composed {
            subject: id.into(),
            text: "https://portal.example/p/sign-in/secret".into(),
            html: String::new(),
        },
    }
}

fn text(to: &str, text: &str) -> SmsMessage {
    SmsMessage {
        id: "1".into(),
        status_url: None,
        to: Phone::parse("to", to, "AU").unwrap(),
        text: text.into(),
    }
}

#[tokio::test]
async fn the_newest_are_kept_in_order_of_arrival() {
    let mailer = CapturedMailer::new(3);
    mailer.check().await.unwrap();
    assert!(mailer.list().is_empty());
    for n in 1..=5 {
        mailer
            .send(&mail(&format!("m{n}"), "amina@example.com"))
            .await
            .unwrap();
    }
    let kept: Vec<_> = mailer
        .list()
        .iter()
        .map(|kept| (kept.number, kept.message.message_id.clone()))
        .collect();
    assert_eq!(kept, [(5, "m5".into()), (4, "m4".into()), (3, "m3".into())]);
    assert_eq!(mailer.get(4).unwrap().message.message_id, "m4");
    assert!(mailer.get(2).is_none() && mailer.get(0).is_none() && mailer.get(6).is_none());
}

#[tokio::test]
async fn a_reader_finds_their_own() {
    let mailer = CapturedMailer::default();
    for (id, to) in [
        ("a", "amina@example.com"),
        ("b", "ben@example.com"),
        ("c", "Amina@Example.com"),
    ] {
        mailer.send(&mail(id, to)).await.unwrap();
    }
    let address = Email::parse("to", "AMINA@example.com").unwrap();
    let found: Vec<_> = mailer.to(&address).iter().map(|kept| kept.number).collect();
    assert_eq!(found, [3, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_each_get_a_number_of_their_own() {
    let mailer = Arc::new(CapturedMailer::new(1_000));
    let sends: Vec<_> = (0..200)
        .map(|n| {
            let mailer = Arc::clone(&mailer);
            tokio::spawn(async move { mailer.send(&mail(&format!("m{n}"), "amina@example.com")).await })
        })
        .collect();
    for send in sends {
        send.await.unwrap().unwrap();
    }
    let numbers: Vec<_> = mailer.list().iter().map(|kept| kept.number).collect();
    assert_eq!(numbers, (1..=200).rev().collect::<Vec<_>>());
}

#[tokio::test]
async fn nothing_kept_is_printed() {
    let mailer = CapturedMailer::default();
    mailer.send(&mail("m1", "amina@example.com")).await.unwrap();
    let sms = CapturedSms::default();
    sms.send(&text("+61 412 345 678", "Your code is 4711"))
        .await
        .unwrap();
    let printed = format!("{mailer:?} {:?} {sms:?} {:?}", mailer.list(), sms.list());
    assert!(
        !printed.contains("secret") && !printed.contains("4711"),
        "{printed}"
    );
}

#[tokio::test]
async fn text_messages_are_kept_the_same_way() {
    let sms = CapturedSms::new(2);
    let mut ids = Vec::new();
    for (to, words) in [
        ("+61 412 345 678", "one"),
        ("+61 412 345 679", "two"),
        ("0412 345 678", "three"),
    ] {
        ids.push(sms.send(&text(to, words)).await.unwrap());
    }
    assert_eq!(ids, ["captured-1", "captured-2", "captured-3"]);
    let kept: Vec<_> = sms.list().iter().map(|kept| kept.message.text.clone()).collect();
    assert_eq!(kept, ["three", "two"]);
    let phone = Phone::parse("to", "+61412345678", "AU").unwrap();
    let own: Vec<_> = sms.to(&phone).iter().map(|kept| kept.number).collect();
    assert_eq!(own, [3]);
    assert_eq!(sms.get(2).unwrap().message.text, "two");
    assert!(sms.get(1).is_none());
}
