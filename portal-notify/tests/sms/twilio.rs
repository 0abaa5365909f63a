//! Twilio.

use portal_core::sms::{CallbackError, SmsCallbacks, SmsError, SmsProgress, SmsReport, SmsSender};
use portal_notify::sms::{Twilio, TwilioFrom, TwilioSettings};
use wiremock::matchers::{basic_auth, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{callback, form, message};

fn twilio(base_url: Option<String>) -> Twilio {
    Twilio::new(TwilioSettings {
        account: "AC123".into(),
        auth_token: "12345".into(),
        from: TwilioFrom::Number("+15005550006".into()),
        base_url,
    })
    .unwrap()
}

/// The vector of <https://www.twilio.com/docs/usage/security> as it stands in
/// <https://github.com/twilio/twilio-python/blob/main/tests/unit/test_request_validator.py>.
const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const BODY: &str =
    "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309";
const SIGNATURE: &str = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

/// A signed callback is believed: what it says is then not understood, for it speaks of a call.
fn verdict(url: &str, body: &str, signature: &str) -> CallbackError {
    let headers = [("x-twilio-signature", signature)];
    twilio(None).inbound(&callback(url, &headers, body)).unwrap_err()
}

#[test]
fn the_published_signature_is_right() {
    assert!(matches!(
        verdict(URL, BODY, SIGNATURE),
        CallbackError::Malformed(_)
    ));
}

#[test]
fn nothing_else_is_believed() {
    for (url, body, signature) in [
        (URL, BODY, ""),
        (URL, BODY, "not base64!"),
        (URL, BODY, "RSOYDt4T1cUTdK1PDd93/VVr8B9="),
        (URL, BODY, "RSOYDt4T1cUTdK1PDd93"),
        ("https://mycompany.com/myapp.php?foo=1&bar=3", BODY, SIGNATURE),
        ("http://mycompany.com/myapp.php?foo=1&bar=2", BODY, SIGNATURE),
        (URL, &BODY.replace("1234&", "1235&"), SIGNATURE),
        (URL, &format!("{BODY}&Body=STOP"), SIGNATURE),
        (URL, "", SIGNATURE),
    ] {
        assert_eq!(
            verdict(url, body, signature),
            CallbackError::Signature,
            "{url} {body} {signature}"
        );
    }
    let unsigned = twilio(None).inbound(&callback(URL, &[], BODY));
    assert_eq!(unsigned.unwrap_err(), CallbackError::Signature);
}

/// A callback signed as Twilio does it, over the address and the sorted parameters.
fn signed(params: &[(&str, &str)]) -> (String, String) {
    use base64::Engine;
    use hmac::{KeyInit, Mac};
    let mut sorted = params.to_vec();
    sorted.sort_unstable();
    let text: String = std::iter::once(URL.to_owned())
        .chain(sorted.iter().map(|(name, value)| format!("{name}{value}")))
        .collect();
    let mut mac = hmac::Hmac::<sha1::Sha1>::new_from_slice(b"12345").unwrap();
    mac.update(text.as_bytes());
    let signature = base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes());
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(params)
        .finish();
    (body, signature)
}

#[test]
fn reports_say_how_a_message_went_on() {
    let read = |params: &[(&str, &str)]| {
        let (body, signature) = signed(params);
        let headers = [("x-twilio-signature", signature.as_str())];
        twilio(None).report(&callback(URL, &headers, &body))
    };
    let progress = |status: &str, code: &str| {
        let report = read(&[
            ("MessageSid", "SM1"),
            ("MessageStatus", status),
            ("ErrorCode", code),
        ]);
        report.unwrap().map(
            |SmsReport {
                 provider_id,
                 progress,
             }| {
                assert_eq!(provider_id, "SM1");
                progress
            },
        )
    };
    let failed = |why: &str, opted_out| SmsProgress::Failed {
        why: why.to_owned(),
        opted_out,
    };
    assert_eq!(progress("queued", ""), None);
    assert_eq!(progress("sent", ""), Some(SmsProgress::Sent));
    assert_eq!(progress("delivered", ""), Some(SmsProgress::Delivered));
    assert_eq!(
        progress("undelivered", "30003"),
        Some(failed("Twilio 30003", false))
    );
    assert_eq!(progress("failed", "21610"), Some(failed("Twilio 21610", true)));
    assert_eq!(progress("failed", ""), Some(failed("failed", false)));
    assert!(matches!(
        read(&[("MessageSid", "SM1")]),
        Err(CallbackError::Malformed(_))
    ));
}

#[test]
fn messages_from_outside_are_read() {
    let (body, signature) = signed(&[
        ("MessageSid", "SM2"),
        ("From", "+61412345678"),
        ("To", "+15005550006"),
        ("Body", "Stop & więcej 😀"),
    ]);
    let headers = [("x-twilio-signature", signature.as_str())];
    let inbound = twilio(None).inbound(&callback(URL, &headers, &body)).unwrap();
    assert_eq!(inbound.provider_id, "SM2");
    assert_eq!(inbound.from.as_str(), "+61412345678");
    assert_eq!(inbound.to, "+15005550006");
    assert_eq!(inbound.text, "Stop & więcej 😀");
    assert!(!format!("{inbound:?}").contains("więcej"), "not into a log");
}

async fn answering(status: u16, body: &str) -> (MockServer, Result<String, SmsError>) {
    let server = MockServer::start().await;
    let template = ResponseTemplate::new(status).set_body_raw(body, "application/json");
    Mock::given(method("POST"))
        .and(path("/2010-04-01/Accounts/AC123/Messages.json"))
        .and(basic_auth("AC123", "12345"))
        .respond_with(template)
        .mount(&server)
        .await;
    let outcome = twilio(Some(server.uri())).send(&message("Grüße")).await;
    (server, outcome)
}

#[tokio::test]
async fn a_message_is_posted_once_as_the_api_wants_it() {
    let (server, outcome) = answering(201, r#"{"sid": "SM1", "status": "queued", "error_code": null}"#).await;
    assert_eq!(outcome, Ok("SM1".to_owned()));
    let requests = server.received_requests().await.unwrap();
    assert_eq!(requests.len(), 1);
    let sent: Vec<_> = form(&requests[0]);
    let sent: Vec<(&str, &str)> = sent.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(
        sent,
        [
            ("Body", "Grüße"),
            ("From", "+15005550006"),
            (
                "StatusCallback",
                "https://portal.example.com/hooks/sms/x/status?m=1&n=2"
            ),
            ("To", "+61412345678"),
        ]
    );
}

#[tokio::test]
async fn each_answer_means_what_twilio_says() {
    let cases = [
        (
            400,
            r#"{"code": 21610, "message": "Attempt to send to unsubscribed recipient"}"#,
            "opted out",
        ),
        (
            400,
            r#"{"code": 21211, "message": "Invalid 'To' Phone Number"}"#,
            "refused",
        ),
        (
            403,
            r#"{"code": 21408, "message": "Permission to send has not been enabled"}"#,
            "refused",
        ),
        (401, r#"{"code": 20003, "message": "Authenticate"}"#, "not sent"),
        (
            429,
            r#"{"code": 20429, "message": "Too Many Requests"}"#,
            "not sent",
        ),
        (429, "slow down", "not sent"),
        (
            503,
            r#"{"code": 20503, "message": "Service unavailable"}"#,
            "not sent",
        ),
        (503, "<html>upstream</html>", "unknown"),
        (
            500,
            r#"{"code": 20500, "message": "Internal Server Error"}"#,
            "unknown",
        ),
        (502, "", "unknown"),
        (201, "{}", "unknown"),
        (201, "not JSON", "unknown"),
    ];
    for (status, body, kind) in cases {
        let (server, outcome) = answering(status, body).await;
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
