//! Mail through a real mail server on loopback: the bytes that arrive, and what each failure is told as.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on fails"
)]

mod relay;
mod samples;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders};
use portal_core::notify::{Composed, Composer, EmailMessage, Mailer, SendError};
use portal_core::text::Email;
use portal_notify::smtp::{SmtpSecurity, SmtpSettings};
use portal_notify::{Letters, SmtpMailer};

use relay::{Act, At, PASSWORD, Protection, Relay, USER};

/// Long enough for a busy machine; nothing waits for it unless it fails.
const PATIENT: Duration = Duration::from_secs(30);
/// For what has to time out.
const IMPATIENT: Duration = Duration::from_millis(400);

fn settings(relay: &Relay, security: SmtpSecurity) -> SmtpSettings {
    SmtpSettings {
        host: "127.0.0.1".into(),
        port: relay.address.port(),
        security,
        credentials: None,
        from_address: Email::parse("from", "portal@harbour.example").unwrap(),
        hello_name: Some("portal.example".into()),
        time_limit: PATIENT,
        most_connections: NonZeroUsize::new(2).unwrap(),
        extra_root: Some(relay.certificate.clone()),
    }
}

async fn plain_relay() -> (Relay, SmtpSettings) {
    let relay = Relay::start(Protection::None, None).await;
    let settings = settings(&relay, SmtpSecurity::None);
    (relay, settings)
}

fn message() -> EmailMessage {
    EmailMessage {
        message_id: "0197-mail".into(),
        thread_id: Some("0197-matter".into()),
        from_name: "Harbour Migration".into(),
        to_name: "Amina Haddad".into(),
        to: Email::parse("to", "amina@example.com").unwrap(),
        content: Composed {
            subject: "Your sign-in link".into(),
            text: "Hello.\n".into(),
            html: "<p>Hello.</p>\n".into(),
        },
    }
}

fn numbered(number: usize) -> EmailMessage {
    EmailMessage {
        message_id: format!("mail-{number}"),
        ..message()
    }
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a message")
}

fn person<'a>(address: Option<&'a Address<'_>>) -> (&'a str, &'a str) {
    let person = address.and_then(Address::first).expect("an address");
    (
        person.name().unwrap_or_default(),
        person.address().unwrap_or_default(),
    )
}

#[tokio::test]
async fn every_letter_arrives_as_it_was_written() {
    let (relay, settings) = plain_relay().await;
    let mailer = SmtpMailer::new(settings).unwrap();
    for sample in samples::samples() {
        let content = Letters
            .compose(&sample.practice, &sample.letter, &samples::secrets())
            .unwrap();
        let sent = EmailMessage {
            message_id: sample.name.into(),
            from_name: sample.practice.name.clone(),
            to_name: sample.letter.about().reader.clone(),
            content,
            ..message()
        };
        mailer.send(&sent).await.unwrap();
        let taken = relay.taken().pop().unwrap();
        assert_eq!(taken.from, "<portal@harbour.example>");
        assert_eq!(taken.to, ["<amina@example.com>"]);

        assert!(taken.bytes.is_ascii(), "any server can carry it");
        for line in taken.bytes.split(|b| *b == b'\n') {
            assert!(line.len() <= 998, "{}: a line of {}", sample.name, line.len());
        }
        let mail = parsed(&taken.bytes);
        assert_eq!(mail.subject(), Some(sent.content.subject.as_str()));
        assert_eq!(
            person(mail.from()),
            (sent.from_name.as_str(), "portal@harbour.example")
        );
        assert_eq!(person(mail.to()), (sent.to_name.as_str(), "amina@example.com"));
        let unix = |text: &str| text.replace("\r\n", "\n");
        assert_eq!(mail.text_body_count(), 1);
        assert_eq!(mail.html_body_count(), 1);
        assert_eq!(
            unix(&mail.body_text(0).unwrap()).trim_end(),
            unix(&sent.content.text).trim_end()
        );
        assert_eq!(
            unix(&mail.body_html(0).unwrap()).trim_end(),
            unix(&sent.content.html).trim_end()
        );
    }
}

#[tokio::test]
async fn headers_say_what_mail_programs_need() {
    let (relay, settings) = plain_relay().await;
    SmtpMailer::new(settings).unwrap().send(&message()).await.unwrap();
    let taken = relay.taken().pop().unwrap();
    let mail = parsed(&taken.bytes);
    assert_eq!(mail.message_id(), Some("0197-mail@harbour.example"));
    assert_eq!(mail.references().as_text(), Some("0197-matter@harbour.example"));
    assert_eq!(mail.in_reply_to().as_text(), Some("0197-matter@harbour.example"));
    assert_eq!(
        mail.header("Auto-Submitted").and_then(HeaderValue::as_text),
        Some("auto-generated")
    );
    assert!(mail.date().is_some_and(mail_parser::DateTime::is_valid));
    let content_type = mail.content_type().unwrap();
    assert_eq!(
        (content_type.ctype(), content_type.subtype()),
        ("multipart", Some("alternative"))
    );
    assert_eq!(relay.commands()[0], "EHLO portal.example");
}

#[tokio::test]
async fn a_mail_without_a_thread_stands_alone() {
    let (relay, settings) = plain_relay().await;
    let alone = EmailMessage {
        thread_id: None,
        to_name: " ".into(),
        ..message()
    };
    SmtpMailer::new(settings).unwrap().send(&alone).await.unwrap();
    let taken = relay.taken().pop().unwrap();
    let mail = parsed(&taken.bytes);
    assert!(mail.header("References").is_none() && mail.header("In-Reply-To").is_none());
    assert_eq!(person(mail.to()), ("", "amina@example.com"));
}

#[tokio::test]
async fn no_name_or_subject_can_add_a_header() {
    let (relay, settings) = plain_relay().await;
    let mailer = SmtpMailer::new(settings).unwrap();
    let attack = "Eve\r\nBcc: everyone@evil.example\r\n\r\n<b>body</b>\n.\r\nQUIT\r\n\u{85}\u{2028}\0";
    let hostile = EmailMessage {
        message_id: format!("id>{attack}"),
        thread_id: Some(attack.into()),
        from_name: attack.into(),
        to_name: format!("\"{attack}\" <other@evil.example>, \u{1F9D1}"),
        content: Composed {
            subject: attack.into(),
            text: format!("{attack}\r\n.\r\nRCPT TO:<everyone@evil.example>\r\n"),
            html: format!("<p>{attack}</p>\r\n.\r\nRCPT TO:<everyone@evil.example>\r\n"),
        },
        ..message()
    };
    mailer.send(&hostile).await.unwrap();
    let taken = relay.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(taken[0].to, ["<amina@example.com>"]);
    let mail = parsed(&taken[0].bytes);
    assert!(mail.bcc().is_none());
    assert_eq!(mail.to().unwrap().iter().count(), 1);
    assert_eq!(person(mail.to()).1, "amina@example.com");
    assert_eq!(
        mail.subject(),
        Some("Eve Bcc: everyone@evil.example <b>body</b> . QUIT")
    );
    assert!(mail.message_id().unwrap().ends_with("@harbour.example"));
    assert!(
        mail.body_text(0)
            .unwrap()
            .contains("RCPT TO:<everyone@evil.example>")
    );
    let mut names: Vec<&str> = mail.headers().iter().map(mail_parser::Header::name).collect();
    names.sort_unstable();
    let expected = [
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "From",
        "In-Reply-To",
        "MIME-Version",
        "Message-ID",
        "References",
        "Subject",
        "To",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn starttls_protects_the_mail_and_the_password() {
    let relay = Relay::start(Protection::StartTls, Some("PLAIN")).await;
    let mut settings = settings(&relay, SmtpSecurity::StartTls);
    settings.credentials = Some((USER.into(), PASSWORD.into()));
    let mailer = SmtpMailer::new(settings).unwrap();
    mailer.check().await.unwrap();
    mailer.send(&message()).await.unwrap();
    assert_eq!(relay.taken().len(), 1);
    let commands = relay.commands();
    let before: Vec<_> = commands
        .iter()
        .take_while(|command| *command != "STARTTLS")
        .collect();
    assert_eq!(
        before,
        ["EHLO portal.example"],
        "nothing else is said in the clear"
    );
}

#[tokio::test]
async fn starttls_is_required_and_not_tried() {
    let relay = Relay::start(Protection::None, Some("PLAIN")).await;
    let mut settings = settings(&relay, SmtpSecurity::StartTls);
    settings.credentials = Some((USER.into(), PASSWORD.into()));
    let mailer = SmtpMailer::new(settings).unwrap();
    let error = mailer.send(&message()).await.unwrap_err();
    assert!(
        matches!(&error, SendError::Unavailable(why) if why.contains("does not start TLS")),
        "{error}"
    );
    assert!(relay.taken().is_empty());
    assert!(
        !relay
            .commands()
            .iter()
            .any(|c| c.starts_with("AUTH") || c.starts_with("MAIL"))
    );
}

#[tokio::test]
async fn tls_from_the_first_byte() {
    let relay = Relay::start(Protection::Tls, Some("LOGIN")).await;
    let mut settings = settings(&relay, SmtpSecurity::Tls);
    settings.credentials = Some((USER.into(), PASSWORD.into()));
    let mailer = SmtpMailer::new(settings).unwrap();
    mailer.send(&message()).await.unwrap();
    assert_eq!(relay.taken().len(), 1);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_not_talked_to() {
    for (protection, security) in [
        (Protection::Tls, SmtpSecurity::Tls),
        (Protection::StartTls, SmtpSecurity::StartTls),
    ] {
        let relay = Relay::start(protection, None).await;
        let mut settings = settings(&relay, security);
        settings.extra_root = None;
        let error = SmtpMailer::new(settings)
            .unwrap()
            .send(&message())
            .await
            .unwrap_err();
        assert!(
            matches!(&error, SendError::Unavailable(why) if why.contains("certificate")),
            "{error}"
        );
        assert!(relay.taken().is_empty());
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_is_not_talked_to() {
    let relay = Relay::start(Protection::Tls, None).await;
    let other = Relay::start(Protection::Tls, None).await;
    let mut settings = settings(&relay, SmtpSecurity::Tls);
    settings.extra_root = Some(other.certificate.clone());
    let error = SmtpMailer::new(settings).unwrap().check().await.unwrap_err();
    assert!(matches!(error, SendError::Unavailable(_)));
}

#[tokio::test]
async fn a_wrong_password_is_our_fault_and_not_the_mails() {
    for mechanism in ["PLAIN", "LOGIN"] {
        let relay = Relay::start(Protection::Tls, Some(mechanism)).await;
        let mut settings = settings(&relay, SmtpSecurity::Tls);
        settings.credentials = Some((USER.into(), "not-the-password".into()));
        let mailer = SmtpMailer::new(settings).unwrap();
        for outcome in [mailer.check().await, mailer.send(&message()).await] {
            let error = outcome.unwrap_err();
            let SendError::Unavailable(why) = &error else {
                panic!("{error}")
            };
            assert!(
                why.contains("user name and password") && why.contains("535"),
                "{why}"
            );
            assert!(!why.contains("not-the-password"), "{why}");
        }
        assert!(relay.taken().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_repeats_the_password_is_not_quoted() {
    let relay = Relay::start(Protection::Tls, Some("PLAIN")).await;
    relay.will(
        At::Auth,
        Act::Answer("535 s3cr3t/with:signs@and% is wrong\u{1b}[31m"),
    );
    let mut settings = settings(&relay, SmtpSecurity::Tls);
    settings.credentials = Some((USER.into(), PASSWORD.into()));
    let error = SmtpMailer::new(settings).unwrap().check().await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("*** is wrong") && !text.contains(PASSWORD),
        "{text}"
    );
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

#[tokio::test]
async fn what_the_server_refuses_for_good_is_refused() {
    let cases = [
        (At::Mail, "553 5.7.1 not from you"),
        (At::Rcpt, "550 5.1.1 no such mailbox"),
        (At::Data, "554 5.7.0 not today or ever"),
        (At::Body, "552 5.3.4 too large"),
    ];
    for (at, answer) in cases {
        let (relay, settings) = plain_relay().await;
        let mailer = SmtpMailer::new(settings).unwrap();
        relay.will(at, Act::Answer(answer));
        let error = mailer.send(&message()).await.unwrap_err();
        let SendError::Refused(why) = &error else {
            panic!("{at:?}: {error}")
        };
        assert!(
            why.contains(answer.get(4..).unwrap()) && why.contains(answer.get(..3).unwrap()),
            "{why}"
        );
        assert!(why.contains(&relay.address.to_string()), "{why}");
        assert!(relay.taken().is_empty());
        mailer.send(&message()).await.expect("the next one goes through");
    }
}

#[tokio::test]
async fn what_may_work_later_is_tried_later_under_the_same_id() {
    let cases = [
        (At::Greeting, Act::Answer("421 too many connections")),
        (At::Greeting, Act::Answer("554 we do not serve mail today")),
        (At::Mail, Act::Answer("451 4.3.0 try again")),
        (At::Mail, Act::Answer("530 5.7.0 sign in first")),
        (At::Rcpt, Act::Answer("450 4.2.1 greylisted")),
        (At::Data, Act::Answer("452 4.3.1 disk full")),
        (At::Body, Act::Answer("451 4.3.0 try again")),
        (At::Greeting, Act::HangUp),
        (At::Rcpt, Act::HangUp),
        (At::Data, Act::HangUp),
        // The server may have taken it, or not.
        (At::Body, Act::HangUp),
        (At::Body, Act::Answer("nonsense")),
    ];
    for (at, act) in cases {
        let (relay, settings) = plain_relay().await;
        let mailer = SmtpMailer::new(settings).unwrap();
        relay.will(at, act);
        let error = mailer.send(&message()).await.unwrap_err();
        assert!(
            matches!(error, SendError::Unavailable(_)),
            "{at:?} {act:?}: {error}"
        );
        mailer.send(&message()).await.unwrap();
        let taken = relay.taken();
        assert_eq!(taken.len(), 1, "{at:?} {act:?}");
        assert_eq!(
            parsed(&taken[0].bytes).message_id(),
            Some("0197-mail@harbour.example")
        );
    }
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    for at in [At::Greeting, At::Mail, At::Rcpt, At::Data, At::Body] {
        let (relay, mut settings) = plain_relay().await;
        settings.time_limit = IMPATIENT;
        let mailer = SmtpMailer::new(settings).unwrap();
        relay.will(at, Act::Hang);
        let error = mailer.send(&message()).await.unwrap_err();
        assert!(
            matches!(&error, SendError::Unavailable(why) if why.contains("within 0.4 s")),
            "{at:?}: {error}"
        );
    }
}

#[tokio::test]
async fn a_late_answer_is_never_taken_for_that_to_the_next_mail() {
    let (relay, mut settings) = plain_relay().await;
    settings.time_limit = IMPATIENT;
    let mailer = SmtpMailer::new(settings).unwrap();
    relay.will(At::Body, Act::Hang);
    mailer.send(&numbered(1)).await.unwrap_err();
    relay.will(At::Rcpt, Act::Answer("550 no such mailbox"));
    let error = mailer.send(&numbered(2)).await.unwrap_err();
    assert!(matches!(error, SendError::Refused(_)), "{error}");
    assert_eq!(relay.connections().0, 2, "the hung connection was not used again");
}

#[tokio::test]
async fn a_send_that_is_cancelled_leaves_no_half_used_connection() {
    let (relay, settings) = plain_relay().await;
    let mailer = SmtpMailer::new(settings).unwrap();
    relay.will(At::Data, Act::Hang);
    let cancelled = tokio::time::timeout(IMPATIENT, mailer.send(&numbered(1))).await;
    assert!(cancelled.is_err());
    mailer.send(&numbered(2)).await.unwrap();
    let taken = relay.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(
        parsed(&taken[0].bytes).message_id(),
        Some("mail-2@harbour.example")
    );
}

#[tokio::test]
async fn mails_share_a_connection() {
    let (relay, settings) = plain_relay().await;
    let mailer = SmtpMailer::new(settings).unwrap();
    mailer.check().await.unwrap();
    for number in 0..5 {
        mailer.send(&numbered(number)).await.unwrap();
    }
    assert_eq!(relay.taken().len(), 5);
    assert_eq!(relay.connections().0, 1);
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced() {
    let (relay, settings) = plain_relay().await;
    let mailer = SmtpMailer::new(settings).unwrap();
    mailer.send(&numbered(1)).await.unwrap();
    relay.will(At::Noop, Act::HangUp);
    mailer.send(&numbered(2)).await.unwrap();
    assert_eq!(relay.taken().len(), 2);
    assert_eq!(relay.connections().0, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_mails_at_once_keep_to_the_pool() {
    let (relay, settings) = plain_relay().await;
    let mailer = Arc::new(SmtpMailer::new(settings).unwrap());
    let sends: Vec<_> = (0..40)
        .map(|number| {
            let mailer = Arc::clone(&mailer);
            tokio::spawn(async move { mailer.send(&numbered(number)).await })
        })
        .collect();
    for send in sends {
        send.await.unwrap().unwrap();
    }
    let taken = relay.taken();
    let mut ids: Vec<String> = taken
        .iter()
        .map(|taken| parsed(&taken.bytes).message_id().unwrap().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!((taken.len(), ids.len()), (40, 40), "each exactly once");
    let (_, at_a_time) = relay.connections();
    assert!(at_a_time <= 2, "{at_a_time} connections at a time");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let (relay, mut settings) = plain_relay().await;
    // A port that was free a moment ago and that nobody listens on.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    settings.port = listener.local_addr().unwrap().port();
    drop(listener);
    let mailer = SmtpMailer::new(settings).unwrap();
    for outcome in [mailer.check().await, mailer.send(&message()).await] {
        let error = outcome.unwrap_err();
        assert!(
            matches!(&error, SendError::Unavailable(why) if why.contains("cannot be reached")),
            "{error}"
        );
    }
    assert_eq!(relay.connections().0, 0);
}

#[tokio::test]
async fn nothing_prints_the_password() {
    let relay = Relay::start(Protection::Tls, Some("PLAIN")).await;
    let mut settings = settings(&relay, SmtpSecurity::Tls);
    settings.credentials = Some((USER.into(), PASSWORD.into()));
    let printed_settings = format!("{settings:?}");
    let mailer = SmtpMailer::new(settings).unwrap();
    mailer.check().await.unwrap();
    let printed = format!("{printed_settings} {mailer:?}");
    assert!(!printed.contains("s3cr3t"), "{printed}");
}

#[tokio::test]
async fn a_url_is_enough() {
    let relay = Relay::start(Protection::Tls, Some("PLAIN")).await;
    let url = format!(
        "smtps://portal%40example.com:s3cr3t%2Fwith%3Asigns%40and%25@127.0.0.1:{}",
        relay.address.port()
    );
    let from = Email::parse("from", "portal@harbour.example").unwrap();
    let mut settings = SmtpSettings::from_url(&url, from).unwrap();
    settings.extra_root = Some(relay.certificate.clone());
    SmtpMailer::new(settings).unwrap().send(&message()).await.unwrap();
    assert_eq!(relay.taken().len(), 1);
}
