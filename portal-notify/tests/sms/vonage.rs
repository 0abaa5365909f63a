//! Vonage.

use portal_core::sms::{Callback, CallbackError, SmsCallbacks, SmsError, SmsProgress, SmsSender};
use portal_notify::sms::{Vonage, VonageSettings};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{at, callback, form, message};

fn vonage(base_url: Option<String>) -> Vonage {
    with_secret("secret", base_url)
}

fn with_secret(secret: &str, base_url: Option<String>) -> Vonage {
    Vonage::new(VonageSettings {
        api_key: "abcd1234".into(),
        api_secret: "abcdef0123456789".into(),
        signature_secret: secret.into(),
        from: "Portal".into(),
        base_url,
    })
    .unwrap()
}

/// The vector for SHA-256 HMAC of `tests/test_signature.py` in <https://github.com/Vonage/vonage-python-sdk>, up to its version 3.
const PARAMS: &str = "a=1&b=2&timestamp=1461605396";
const SIG: &str = "a321e824b9b816be7c3f28859a31749a098713d39f613c80d455bbaffae1cd24";

fn verdict(callback: &Callback<'_>) -> CallbackError {
    vonage(None).inbound(callback).unwrap_err()
}

#[test]
fn the_published_signature_is_right() {
    for sig in [SIG.to_owned(), SIG.to_ascii_uppercase()] {
        let body = format!("{PARAMS}&sig={sig}");
        assert!(matches!(
            verdict(&callback("", &[], &body)),
            CallbackError::Malformed(_)
        ));
    }
    let json = format!(r#"{{"b": "2", "a": 1, "timestamp": "1461605396", "sig": "{SIG}"}}"#);
    let headers = [("content-type", "application/json")];
    assert!(matches!(
        verdict(&callback("", &headers, &json)),
        CallbackError::Malformed(_)
    ));
}

/// The vector for SHA-256 HMAC, a whole message, of
/// <https://github.com/Vonage/vonage-ruby-sdk/blob/88cba895358238eadc337f6bbfdfcc79836ae2b0/test/vonage/signature_test.rb>.
#[test]
fn the_published_message_is_read() {
    let body = "message-timestamp=2013-11-21+15%3A27%3A30&messageId=020000001B0FE827&msisdn=14843472194&text=Test+again\
        &timestamp=1385047698&to=13239877404&type=text\
        &sig=DDB8397C2B90AAC7F3882D306475C9A5058C92322EEF43C92B298B6E0FC0D330";
    let callback = Callback {
        at: at(1_385_047_700),
        ..callback("", &[], body)
    };
    let inbound = with_secret("my_secret_key_for_testing", None)
        .inbound(&callback)
        .unwrap();
    assert_eq!(inbound.provider_id, "020000001B0FE827");
    assert_eq!(
        (inbound.from.as_str(), inbound.text.as_str()),
        ("+14843472194", "Test again")
    );
}

#[test]
fn nothing_else_is_believed() {
    for body in [
        PARAMS.to_owned(),
        format!("{PARAMS}&sig="),
        format!("{PARAMS}&sig=zz"),
        // The MD5 hash of the same vector, which is not taken.
        format!("{PARAMS}&sig=6af838ef94998832dbfc29020b564830"),
        format!("a=1&b=3&timestamp=1461605396&sig={SIG}"),
        format!("{PARAMS}&c=3&sig={SIG}"),
        format!("a=1&b=2&timestamp=1461605397&sig={SIG}"),
    ] {
        assert_eq!(
            verdict(&callback("", &[], &body)),
            CallbackError::Signature,
            "{body}"
        );
    }
}

#[test]
fn what_was_signed_long_ago_is_a_replay() {
    let body = format!("{PARAMS}&sig={SIG}");
    for (seconds, stale) in [(0, false), (300, false), (-300, false), (301, true), (-301, true)] {
        let callback = Callback {
            at: at(1_461_605_396 + seconds),
            ..callback("", &[], &body)
        };
        assert_eq!(
            verdict(&callback) == CallbackError::Stale,
            stale,
            "{seconds} s later"
        );
    }
}

fn signed(params: &[(&str, &str)]) -> String {
    use hmac::{KeyInit, Mac};
    let mut all = vec![("timestamp", "1461605396")];
    all.extend(params);
    all.sort_unstable();
    let signed: Vec<String> = all
        .iter()
        .map(|(name, value)| format!("&{name}={}", value.replace(['&', '='], "_")))
        .collect();
    let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(b"secret").unwrap();
    mac.update(signed.concat().as_bytes());
    let sig = hex::encode(mac.finalize().into_bytes());
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&all)
        .append_pair("sig", &sig)
        .finish()
}

#[test]
fn receipts_and_messages_are_read() {
    let progress = |status: &str| {
        let body = signed(&[("messageId", "0A1"), ("status", status), ("err-code", "6")]);
        let report = vonage(None).report(&callback("", &[], &body)).unwrap();
        report.map(|report| report.progress)
    };
    assert_eq!(progress("accepted"), Some(SmsProgress::Sent));
    assert_eq!(progress("delivered"), Some(SmsProgress::Delivered));
    let why = "rejected (Vonage 6)".to_owned();
    assert_eq!(
        progress("rejected"),
        Some(SmsProgress::Failed {
            why,
            opted_out: false
        })
    );
    assert_eq!(progress("unknown"), None);

    let body = signed(&[
        ("messageId", "0B2"),
        ("msisdn", "61412345678"),
        ("to", "61400000000"),
        ("text", "a=b & c"),
    ]);
    let inbound = vonage(None).inbound(&callback("", &[], &body)).unwrap();
    assert_eq!(inbound.from.as_str(), "+61412345678");
    assert_eq!(
        (inbound.provider_id.as_str(), inbound.text.as_str()),
        ("0B2", "a=b & c")
    );
}

#[test]
fn a_part_of_a_longer_message_is_known_as_one() {
    let is_part = |concat: &[(&str, &str)]| {
        let mut params = vec![("messageId", "0B2"), ("msisdn", "61412345678"), ("text", "stop")];
        params.extend(concat);
        let inbound = vonage(None).inbound(&callback("", &[], &signed(&params)));
        inbound.unwrap().is_part
    };
    let of_two = [
        ("concat", "true"),
        ("concat-ref", "7"),
        ("concat-total", "2"),
        ("concat-part", "2"),
    ];
    assert!(is_part(&of_two));
    assert!(!is_part(&[
        ("concat", "true"),
        ("concat-total", "1"),
        ("concat-part", "1")
    ]));
    assert!(!is_part(&[("concat", "false")]));
    assert!(!is_part(&[]));
}

#[tokio::test]
async fn all_ids_of_a_message_in_parts_are_kept() {
    let both =
        r#"{"messages": [{"status": "0", "message-id": "0A1"}, {"status": "0", "message-id": "0A2"}]}"#;
    let (_, outcome) = answering(200, both, "Hello").await;
    assert_eq!(outcome, Ok(portal_core::sms::joined_ids(["0A1", "0A2"])));
    let nameless = r#"{"messages": [{"status": "0", "message-id": "0A1"}, {"status": "0"}]}"#;
    let (_, outcome) = answering(200, nameless, "Hello").await;
    assert!(matches!(outcome, Err(SmsError::Unknown(_))), "{outcome:?}");
}

async fn answering(status: u16, body: &str, text: &str) -> (MockServer, Result<String, SmsError>) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/sms/json"))
        .respond_with(ResponseTemplate::new(status).set_body_raw(body, "application/json"))
        .mount(&server)
        .await;
    let outcome = vonage(Some(server.uri())).send(&message(text)).await;
    (server, outcome)
}

const TAKEN: &str =
    r#"{"message-count": "1", "messages": [{"status": "0", "message-id": "0A0000000123ABCD1"}]}"#;

#[tokio::test]
async fn a_message_is_posted_as_the_api_wants_it() {
    for (text, kind) in [("Hello", "text"), ("Grüße", "text"), ("Привет", "unicode")] {
        let (server, outcome) = answering(200, TAKEN, text).await;
        assert_eq!(outcome, Ok("0A0000000123ABCD1".to_owned()));
        let requests = server.received_requests().await.unwrap();
        assert_eq!(requests.len(), 1);
        let sent = form(&requests[0]);
        for (name, value) in [
            ("to", "61412345678"),
            ("type", kind),
            ("text", text),
            ("from", "Portal"),
        ] {
            assert!(
                sent.contains(&(name.to_owned(), value.to_owned())),
                "{name}={value} in {sent:?}"
            );
        }
    }
}

#[tokio::test]
async fn each_answer_means_what_vonage_says() {
    let one = |status: &str| format!(r#"{{"messages": [{{"status": "{status}", "error-text": "why"}}]}}"#);
    let half = r#"{"messages": [{"status": "0", "message-id": "1"}, {"status": "1", "error-text": "slow"}]}"#;
    for (status, body, kind) in [
        (200, one("1"), "not sent"),
        (200, one("4"), "not sent"),
        (200, one("9"), "not sent"),
        (200, one("3"), "refused"),
        (200, one("15"), "refused"),
        (200, one("5"), "unknown"),
        (200, half.to_owned(), "unknown"),
        (200, r#"{"messages": []}"#.to_owned(), "unknown"),
        (200, "<html>".to_owned(), "unknown"),
        (420, String::new(), "refused"),
        (429, String::new(), "not sent"),
        (500, String::new(), "unknown"),
    ] {
        let (server, outcome) = answering(status, &body, "Hello").await;
        let error = outcome.unwrap_err();
        let found = match error {
            SmsError::NotSent(_) => "not sent",
            SmsError::Refused(_) => "refused",
            SmsError::OptedOut(_) => "opted out",
            SmsError::Unknown(_) => "unknown",
        };
        assert_eq!(found, kind, "{status} {body}: {error}");
        assert_eq!(server.received_requests().await.unwrap().len(), 1, "never twice");
    }
}
