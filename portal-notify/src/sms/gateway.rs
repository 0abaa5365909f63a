use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::sms::{
    Callback, CallbackError, InboundSms, SmsCallbacks, SmsError, SmsMessage, SmsProgress, SmsReport,
    SmsSender,
};
use portal_core::text::Phone;
use reqwest::Url;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::http::{Answer, Http, HttpSetupError, address, quoted, unclear, webhook_key};
use super::signing::is_hmac_sha256;

/// A provider, or a program of one's own before one, that speaks plain JSON.
#[derive(Debug, Clone)]
pub struct HttpGatewaySettings {
    /// Where messages are posted to.
    pub url: String,
    /// The secret that both sides sign with, as Standard Webhooks writes it: base64 of at least 24 bytes, `whsec_` before it
    /// or not.
    pub secret: SecretString,
}

/// Hands text messages to any HTTP endpoint, and reads its callbacks.
///
/// A message is `{"id", "to", "text", "status_url"}`. Requests are signed in both directions as Standard Webhooks says
/// (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>): `webhook-id`,
/// `webhook-timestamp`, and `webhook-signature`, the HMAC-SHA-256 of `id.timestamp.body`. `webhook-id` is the message's id and
/// must be taken as an idempotency key: what was not answered is posted again under the same.
///
/// The answer to a message is 2xx with `{"id"}`, or 4xx with `{"code", "message"}` where `code` is `opted-out` when the
/// recipient wants no more. Callbacks are `{"id", "status", "why"}` with `sent`, `delivered`, `failed` or `opted-out`, and
/// `{"id", "from", "to", "text"}`.
#[derive(Debug, Clone)]
pub struct HttpGateway {
    url: Url,
    key: Vec<u8>,
    http: Http,
}

#[derive(Serialize)]
struct Posted<'a> {
    id: &'a str,
    to: &'a str,
    text: &'a str,
    status_url: Option<&'a str>,
}

#[derive(Deserialize)]
struct Taken {
    id: String,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct News {
    id: String,
    status: String,
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
struct Received {
    id: String,
    from: String,
    #[serde(default)]
    to: String,
    text: String,
}

impl HttpGateway {
    /// A sender that posts to this address.
    pub fn new(settings: &HttpGatewaySettings) -> Result<Self, HttpSetupError> {
        Ok(Self {
            url: address(&settings.url)?,
            key: webhook_key(&settings.secret)?,
            http: Http::new()?,
        })
    }

    /// The same with other limits than [`CONNECT_TIME`](super::CONNECT_TIME) and [`TOTAL_TIME`](super::TOTAL_TIME).
    pub fn with_times(mut self, connect: Duration, total: Duration) -> Result<Self, HttpSetupError> {
        self.http = Http::with_times(connect, total)?;
        Ok(self)
    }

    /// The body of a callback whose signature is right and recent.
    fn believed<T: for<'de> Deserialize<'de>>(&self, callback: &Callback<'_>) -> Result<T, CallbackError> {
        let header = |name| callback.header(name).ok_or(CallbackError::Signature);
        let (id, time) = (header("webhook-id")?, header("webhook-timestamp")?);
        let signed: [&[u8]; 5] = [id.as_bytes(), b".", time.as_bytes(), b".", callback.body];
        // Several signatures stand side by side while a secret is changed.
        let is_ours = header("webhook-signature")?.split(' ').any(|signature| {
            let claimed = signature
                .strip_prefix("v1,")
                .and_then(|text| STANDARD.decode(text).ok());
            claimed.is_some_and(|claimed| is_hmac_sha256(&self.key, &signed, &claimed))
        });
        if !is_ours {
            return Err(CallbackError::Signature);
        }
        if !time.parse().is_ok_and(|time| callback.is_recent(time)) {
            return Err(CallbackError::Stale);
        }
        serde_json::from_slice(callback.body)
            .map_err(|_| CallbackError::Malformed("the body is not what it should be"))
    }
}

#[async_trait]
impl SmsSender for HttpGateway {
    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError> {
        let posted = Posted {
            id: &message.id,
            to: message.to.as_str(),
            text: &message.text,
            status_url: message.status_url.as_deref(),
        };
        let body = serde_json::to_vec(&posted).map_err(|error| SmsError::Refused(error.to_string()))?;
        let request = self
            .http
            .post_signed(self.url.clone(), &self.key, &message.id, body);
        outcome(&self.http.ask(request).await?)
    }

    fn name(&self) -> &'static str {
        "gateway"
    }

    fn repeats_safely(&self) -> bool {
        true
    }
}

fn outcome(answer: &Answer) -> Result<String, SmsError> {
    if answer.status.is_success() {
        return match serde_json::from_slice::<Taken>(&answer.body) {
            Ok(taken) if !taken.id.is_empty() => Ok(taken.id),
            _ => Err(SmsError::Unknown(
                "the provider's answer is not understood".into(),
            )),
        };
    }
    let refusal = serde_json::from_slice::<Refusal>(&answer.body).ok();
    match (refusal, unclear(answer.status)) {
        (Some(refusal), _) if answer.status.is_client_error() && refusal.code == "opted-out" => {
            Err(SmsError::OptedOut(quoted(&refusal.message)))
        }
        (Some(refusal), SmsError::Refused(_)) if !refusal.message.is_empty() => {
            Err(SmsError::Refused(quoted(&refusal.message)))
        }
        (_, unclear) => Err(unclear),
    }
}

impl SmsCallbacks for HttpGateway {
    fn report(&self, callback: &Callback<'_>) -> Result<Option<SmsReport>, CallbackError> {
        let News { id, status, why } = self.believed(callback)?;
        let progress = match status.as_str() {
            "sent" => SmsProgress::Sent,
            "delivered" => SmsProgress::Delivered,
            "failed" | "opted-out" => SmsProgress::Failed {
                why: quoted(if why.is_empty() { &status } else { &why }),
                opted_out: status == "opted-out",
            },
            _ => return Ok(None),
        };
        Ok(Some(SmsReport {
            provider_id: id,
            progress,
        }))
    }

    fn inbound(&self, callback: &Callback<'_>) -> Result<InboundSms, CallbackError> {
        let Received { id, from, to, text } = self.believed(callback)?;
        let from =
            Phone::try_from(from).map_err(|_| CallbackError::Malformed("from is not a telephone number"))?;
        Ok(InboundSms {
            provider_id: id,
            from,
            to,
            text,
            is_part: false,
        })
    }
}
