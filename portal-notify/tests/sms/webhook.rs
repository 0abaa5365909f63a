//! A receiver of whoever runs the portal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use portal_notify::webhook::{Webhook, WebhookSettings};
use sha2::Sha256;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn webhook(url: &str, secret: &str) -> Result<Webhook, portal_notify::sms::HttpSetupError> {
    Webhook::new(&WebhookSettings {
        url: url.to_owned(),
        secret: secret.into(),
    })
}

#[tokio::test]
async fn what_is_posted_is_signed() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/hook"))
        .respond_with(ResponseTemplate::new(204))
        .mount(&server)
        .await;
    let hook = webhook(&format!("{}/hook", server.uri()), SECRET).unwrap();
    hook.post("checkpoint-1", br#"{"a":1}"#.to_vec()).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    let header = |name: &str| request.headers.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(
        (header("webhook-id").as_str(), &*request.body),
        ("checkpoint-1", &br#"{"a":1}"#[..])
    );
    assert_eq!(header("content-type"), "application/json");
    let key = STANDARD.decode(SECRET.trim_start_matches("whsec_")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(format!("checkpoint-1.{}.{{\"a\":1}}", header("webhook-timestamp")).as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    assert_eq!(header("webhook-signature"), format!("v1,{signature}"));
}

#[tokio::test]
async fn whatever_is_no_success_is_not_taken() {
    for status in [301, 400, 410, 500] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).insert_header("location", "http://127.0.0.1:1/");
        Mock::given(method("POST"))
            .respond_with(answer)
            .expect(1)
            .mount(&server)
            .await;
        let hook = webhook(&server.uri(), SECRET).unwrap();
        let error = hook.post("x", Vec::new()).await.unwrap_err().to_string();
        assert!(error.contains(&status.to_string()), "{error}");
    }
    let hook = webhook("http://localhost:1", SECRET).unwrap();
    let error = hook.post("x", Vec::new()).await.unwrap_err().to_string();
    assert!(error.contains("the receiver cannot be reached"), "{error}");
}

#[test]
fn addresses_in_the_open_and_short_secrets_are_refused() {
    assert!(webhook("https://hooks.example.com", SECRET).is_ok());
    for (url, secret) in [
        ("http://hooks.example.com", SECRET),
        ("hooks.example.com", SECRET),
        ("https://hooks.example.com", "whsec_c2hvcnQ="),
        ("https://hooks.example.com", "not base64"),
    ] {
        assert!(webhook(url, secret).is_err(), "{url} {secret}");
    }
}
