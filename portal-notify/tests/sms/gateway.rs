//! Any HTTP endpoint.

use portal_core::sms::{Callback, CallbackError, SmsCallbacks, SmsError, SmsProgress, SmsSender};
use portal_notify::sms::{HttpGateway, HttpGatewaySettings};
use wiremock::matchers::{header_exists, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{at, callback, message};

/// The vector of
/// <https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/python/tests/test_webhooks.py>, which Svix
/// published first: <https://docs.svix.com/receiving/verifying-payloads/how-manual>.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const TIME: &str = "1614265330";
const BODY: &str = r#"{"test": 2432232314}"#;
const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

fn gateway(url: &str) -> HttpGateway {
    HttpGateway::new(&HttpGatewaySettings {
        url: url.to_owned(),
        secret: SECRET.into(),
    })
    .unwrap()
}

fn verdict(id: &str, time: &str, signature: &str, body: &str, now: i64) -> CallbackError {
    let headers = [
        ("webhook-id", id),
        ("webhook-timestamp", time),
        ("webhook-signature", signature),
    ];
    let callback = Callback {
        at: at(now),
        ..callback("", &headers, body)
    };
    gateway("https://sms.example.com").report(&callback).unwrap_err()
}

#[test]
fn the_published_signature_is_right() {
    let now = 1_614_265_330;
    assert!(matches!(
        verdict(ID, TIME, SIGNATURE, BODY, now),
        CallbackError::Malformed(_)
    ));
    let two = format!("v1,AAAA v2,x {SIGNATURE}");
    assert!(
        matches!(verdict(ID, TIME, &two, BODY, now), CallbackError::Malformed(_)),
        "one of several"
    );
}

#[test]
fn nothing_else_is_believed() {
    let now = 1_614_265_330;
    let plain = SIGNATURE.trim_start_matches("v1,");
    for (id, time, signature, body) in [
        ("msg_other", TIME, SIGNATURE, BODY),
        (ID, "1614265331", SIGNATURE, BODY),
        (ID, TIME, "", BODY),
        (ID, TIME, "v1,", BODY),
        (ID, TIME, plain, BODY),
        (ID, TIME, SIGNATURE, r#"{"test": 2432232315}"#),
    ] {
        assert_eq!(
            verdict(id, time, signature, body, now),
            CallbackError::Signature,
            "{id} {time} {signature}"
        );
    }
    assert_eq!(
        verdict(ID, TIME, SIGNATURE, BODY, now + 301),
        CallbackError::Stale
    );
    assert_eq!(
        verdict(ID, TIME, SIGNATURE, BODY, now - 301),
        CallbackError::Stale
    );
    let unsigned = gateway("https://sms.example.com").report(&callback("", &[], BODY));
    assert_eq!(unsigned.unwrap_err(), CallbackError::Signature);
}

#[test]
fn what_is_not_safe_is_not_set_up() {
    for (url, secret) in [
        ("http://sms.example.com", SECRET),
        ("ftp://sms.example.com", SECRET),
        ("not an address", SECRET),
        ("https://sms.example.com", "not base64!"),
        ("https://sms.example.com", "c2hvcnQ="),
    ] {
        let settings = HttpGatewaySettings {
            url: url.to_owned(),
            secret: secret.into(),
        };
        assert!(HttpGateway::new(&settings).is_err(), "{url} {secret}");
    }
}

/// What the gateway itself signs is believed by it: the two directions are one scheme.
#[tokio::test]
async fn a_message_is_signed_and_its_answer_read() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/send"))
        .and(header_exists("webhook-signature"))
        .respond_with(ResponseTemplate::new(202).set_body_string(r#"{"id": "G1", "more": true}"#))
        .mount(&server)
        .await;
    let gateway = gateway(&format!("{}/send", server.uri()));
    assert!(gateway.repeats_safely());
    assert_eq!(gateway.send(&message("Hello")).await, Ok("G1".to_owned()));
    let request = &server.received_requests().await.unwrap()[0];
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["to"], "+61412345678");
    assert_eq!(body["text"], "Hello");
    let header = |name: &str| request.headers[name].to_str().unwrap();
    assert_eq!(header("webhook-id"), message("").id, "the idempotency key");
    let headers: Vec<(&str, &str)> = ["webhook-id", "webhook-timestamp", "webhook-signature"]
        .map(|name| (name, header(name)))
        .into();
    let echoed = Callback {
        url: "",
        headers: &headers,
        body: &request.body,
        at: at(header("webhook-timestamp").parse().unwrap()),
    };
    let inbound = gateway.inbound(&echoed);
    assert!(
        matches!(inbound, Err(CallbackError::Malformed(_))),
        "signed, but no `from`: {inbound:?}"
    );
}

#[tokio::test]
async fn refusals_are_told_apart() {
    for (status, body, kind) in [
        (422, r#"{"code": "opted-out", "message": "STOP"}"#, "opted out"),
        (422, r#"{"message": "no such number"}"#, "refused"),
        (400, "", "refused"),
        (401, r#"{"message": "who are you"}"#, "not sent"),
        (429, "", "not sent"),
        (503, "", "not sent"),
        (500, r#"{"message": "oops"}"#, "unknown"),
        (302, "", "unknown"),
        (200, "{}", "unknown"),
    ] {
        let server = MockServer::start().await;
        let template = ResponseTemplate::new(status)
            .set_body_string(body)
            .insert_header("location", "https://elsewhere.example.com");
        Mock::given(method("POST"))
            .respond_with(template)
            .mount(&server)
            .await;
        let error = gateway(&server.uri()).send(&message("Hello")).await.unwrap_err();
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

#[test]
fn reports_and_messages_are_read() {
    use base64::Engine;
    use hmac::{KeyInit, Mac};
    let read = |body: &str| {
        let key = base64::engine::general_purpose::STANDARD
            .decode(SECRET.trim_start_matches("whsec_"))
            .unwrap();
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{ID}.{TIME}.{body}").as_bytes());
        let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
        let signature = format!("v1,{signature}");
        let headers = [
            ("webhook-id", ID),
            ("webhook-timestamp", TIME),
            ("webhook-signature", signature.as_str()),
        ];
        let callback = Callback {
            at: at(1_614_265_330),
            ..callback("", &headers, body)
        };
        let gateway = gateway("https://sms.example.com");
        (gateway.report(&callback), gateway.inbound(&callback))
    };
    let progress = |body: &str| read(body).0.unwrap().map(|report| report.progress);
    assert_eq!(
        progress(r#"{"id": "G1", "status": "delivered"}"#),
        Some(SmsProgress::Delivered)
    );
    assert_eq!(progress(r#"{"id": "G1", "status": "brewing"}"#), None);
    let failed = progress(r#"{"id": "G1", "status": "opted-out", "why": "STOP\u0000"}"#);
    let why = "STOP ".to_owned();
    assert_eq!(failed, Some(SmsProgress::Failed { why, opted_out: true }));
    let inbound = read(r#"{"id": "I1", "from": "+61412345678", "to": "+61400000000", "text": "hi"}"#).1;
    assert_eq!(inbound.unwrap().text, "hi");
    let inbound = read(r#"{"id": "I1", "from": "Bank", "text": "hi"}"#).1;
    assert!(matches!(inbound, Err(CallbackError::Malformed(_))));
}
