use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::sms::SmsError;
use portal_core::{Clock, SystemClock};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use rustls::{ClientConfig, RootCertStore};
use secrecy::{ExposeSecret, SecretString};

use super::signing::hmac_sha256;

/// How long a connection may take, unless told otherwise.
pub const CONNECT_TIME: Duration = Duration::from_secs(10);
/// How long a request may take from its beginning to the end of its answer, unless told otherwise.
pub const TOTAL_TIME: Duration = Duration::from_secs(30);
/// The longest answer that is read.
const LONGEST_ANSWER: usize = 64 << 10;

/// Why a provider cannot be spoken to at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpSetupError {
    /// Its address is none, or is not encrypted.
    #[error("the provider's address must be an https address (http is for this machine only)")]
    Address,
    /// Something else.
    #[error("cannot speak HTTPS: {0}")]
    Other(String),
}

/// Speaks to one provider. Each request has a connection of its own: one that was kept open can be closed by the other side
/// just while we write, and then nobody knows whether the request arrived.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: Client,
}

/// An answer, whatever it says.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Http {
    pub(crate) fn new() -> Result<Self, HttpSetupError> {
        Self::with_times(CONNECT_TIME, TOTAL_TIME)
    }

    pub(crate) fn with_times(connect: Duration, total: Duration) -> Result<Self, HttpSetupError> {
        let other = |error: &dyn std::fmt::Display| HttpSetupError::Other(error.to_string());
        let roots: RootCertStore = webpki_roots::TLS_SERVER_ROOTS.iter().cloned().collect();
        // The provider of cryptography is named here, so that an embedder's process need not choose one for all.
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| other(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .connect_timeout(connect)
            .timeout(total)
            .redirect(Policy::none())
            .retry(reqwest::retry::never())
            .pool_max_idle_per_host(0)
            .user_agent(concat!("portal-notify/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| other(&error))?;
        Ok(Self { client })
    }

    pub(crate) fn post(&self, url: Url) -> RequestBuilder {
        self.client.post(url)
    }

    /// A request with the headers of Standard Webhooks. `id` is the receiver's idempotency key.
    pub(crate) fn post_signed(&self, url: Url, key: &[u8], id: &str, body: Vec<u8>) -> RequestBuilder {
        let time = SystemClock.now().unix().to_string();
        let signed: [&[u8]; 5] = [id.as_bytes(), b".", time.as_bytes(), b".", &body];
        let signature = STANDARD.encode(hmac_sha256(key, &signed));
        self.post(url)
            .header("content-type", "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", time)
            .header("webhook-signature", format!("v1,{signature}"))
            .body(body)
    }

    /// Sends the request once.
    ///
    /// # Errors
    /// `NotSent` when no connection came about; `Unknown` for whatever happens after that.
    pub(crate) async fn ask(&self, request: RequestBuilder) -> Result<Answer, SmsError> {
        let unknown = |what: &str| SmsError::Unknown(what.to_owned());
        let mut response = request.send().await.map_err(|error| {
            if error.is_builder() {
                SmsError::Refused("the request could not be written".into())
            } else if error.is_connect() {
                SmsError::NotSent("the provider cannot be reached".into())
            } else if error.is_timeout() {
                unknown("the provider did not answer in time")
            } else {
                unknown("the connection broke before the provider answered")
            }
        })?;
        let status = response.status();
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() + chunk.len() <= LONGEST_ANSWER => {
                    body.extend_from_slice(&chunk);
                }
                Ok(Some(_)) => return Err(unknown("the provider's answer is too long")),
                Ok(None) => return Ok(Answer { status, body }),
                Err(error) if error.is_timeout() => {
                    return Err(unknown("the provider's answer did not end in time"));
                }
                Err(_) => return Err(unknown("the provider's answer broke off")),
            }
        }
    }
}

/// The shortest secret of a webhook, in bytes (Standard Webhooks).
const SHORTEST_SECRET: usize = 24;

/// The key of a webhook's secret: base64, `whsec_` before it or not.
pub(crate) fn webhook_key(secret: &SecretString) -> Result<Vec<u8>, HttpSetupError> {
    let secret = secret.expose_secret().trim();
    let key = STANDARD
        .decode(secret.strip_prefix("whsec_").unwrap_or(secret))
        .map_err(|_| HttpSetupError::Other("the secret is not base64".into()))?;
    if key.len() < SHORTEST_SECRET {
        let short = format!("the secret is shorter than {SHORTEST_SECRET} bytes");
        return Err(HttpSetupError::Other(short));
    }
    Ok(key)
}

/// A provider's address: encrypted, or on this machine.
pub(crate) fn address(url: &str) -> Result<Url, HttpSetupError> {
    let url = Url::parse(url).map_err(|_| HttpSetupError::Address)?;
    let is_here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => return Err(HttpSetupError::Address),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here => Ok(url),
        _ => Err(HttpSetupError::Address),
    }
}

/// What an answer without a meaning of its own means: only "too many" and "not now" say that nothing was done.
pub(crate) fn unclear(status: StatusCode) -> SmsError {
    match status.as_u16() {
        401 | 403 => SmsError::NotSent(format!("the provider does not let us in ({status})")),
        429 | 503 => SmsError::NotSent(format!("the provider is busy ({status})")),
        400..=499 => SmsError::Refused(format!("the provider answered {status}")),
        _ => SmsError::Unknown(format!("the provider answered {status}")),
    }
}

/// Foreign text for a history: one line, not long, no control characters.
pub(crate) fn quoted(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(200)
        .collect()
}
