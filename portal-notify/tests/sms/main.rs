//! Providers of text messages: what is asked of them, what their answers mean, and which callbacks are believed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod gateway;
mod hostile;
mod pace;
mod twilio;
mod vonage;
mod webhook;

use portal_core::Timestamp;
use portal_core::sms::{Callback, SmsMessage};
use portal_core::text::Phone;

fn message(text: &str) -> SmsMessage {
    SmsMessage {
        id: "0193b7a2-0000-7000-8000-000000000001".into(),
        to: Phone::parse("to", "+61 412 345 678", "AU").unwrap(),
        text: text.into(),
        status_url: Some("https://portal.example.com/hooks/sms/x/status?m=1&n=2".into()),
    }
}

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix).unwrap()
}

fn callback<'a>(url: &'a str, headers: &'a [(&'a str, &'a str)], body: &'a str) -> Callback<'a> {
    Callback {
        url,
        headers,
        body: body.as_bytes(),
        at: at(1_461_605_396),
    }
}

/// What a form sent to a server says, by name.
fn form(request: &wiremock::Request) -> Vec<(String, String)> {
    let mut form: Vec<_> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    form.sort();
    form
}
