//! Posts to an address of whoever runs the portal, signed as Standard Webhooks says
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use std::fmt;
use std::time::Duration;

use portal_core::sms::SmsError;
use reqwest::Url;
use secrecy::SecretString;

use crate::sms::HttpSetupError;
use crate::sms::http::{Http, address, webhook_key};

/// Where to, and what with.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// An https address, or one of this machine.
    pub url: String,
    /// The secret that requests are signed with: base64 of at least 24 bytes, `whsec_` before it or not.
    pub secret: SecretString,
}

/// The receiver did not say that it has it; posting again under the same id does no harm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not taken: {0}")]
pub struct NotTaken(String);

/// One receiver. Redirects are not followed, and each request has a connection of its own.
#[derive(Clone)]
pub struct Webhook {
    url: Url,
    key: Vec<u8>,
    http: Http,
}

/// Without the key, and without the address, which may hold a token.
impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").finish_non_exhaustive()
    }
}

impl Webhook {
    /// A receiver at this address.
    pub fn new(settings: &WebhookSettings) -> Result<Self, HttpSetupError> {
        Ok(Self {
            url: address(&settings.url)?,
            key: webhook_key(&settings.secret)?,
            http: Http::new()?,
        })
    }

    /// The same with other limits than [`CONNECT_TIME`](crate::sms::CONNECT_TIME) and [`TOTAL_TIME`](crate::sms::TOTAL_TIME).
    pub fn with_times(mut self, connect: Duration, total: Duration) -> Result<Self, HttpSetupError> {
        self.http = Http::with_times(connect, total)?;
        Ok(self)
    }

    /// Posts JSON under `id`, which the receiver must take as an idempotency key. Any answer of 2xx says that it has it.
    pub async fn post(&self, id: &str, json: Vec<u8>) -> Result<(), NotTaken> {
        let request = self.http.post_signed(self.url.clone(), &self.key, id, json);
        let answer = self.http.ask(request).await.map_err(|error| match error {
            SmsError::NotSent(why)
            | SmsError::Unknown(why)
            | SmsError::Refused(why)
            | SmsError::OptedOut(why) => NotTaken(why.replace("the provider", "the receiver")),
        })?;
        if answer.status.is_success() {
            Ok(())
        } else {
            Err(NotTaken(format!("the receiver answered {}", answer.status)))
        }
    }
}
