use async_trait::async_trait;
use portal_core::sms::{
    Callback, CallbackError, Encoding, InboundSms, SmsCallbacks, SmsError, SmsMessage, SmsProgress,
    SmsReport, SmsSender, joined_ids,
};
use portal_core::text::Phone;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::http::{Answer, Http, HttpSetupError, address, quoted, unclear};
use super::params::Params;
use super::signing::is_hmac_sha256;

/// An account with Vonage.
#[derive(Debug, Clone)]
pub struct VonageSettings {
    /// The API key.
    pub api_key: String,
    /// The API secret.
    pub api_secret: SecretString,
    /// The signature secret, with which callbacks are signed. In Vonage's settings the method must be SHA-256 HMAC.
    pub signature_secret: SecretString,
    /// What messages come from: a number without `+`, or a name of up to eleven letters.
    pub from: String,
    /// Where its API is; `https://rest.nexmo.com` when `None`.
    pub base_url: Option<String>,
}

/// Sends text messages with Vonage's SMS API, and reads its callbacks.
///
/// <https://developer.vonage.com/en/api/sms>. It takes no idempotency key. Of a message of several parts all ids are
/// kept. Long messages come in as several, as Vonage passes their parts on; no keyword is looked for in them.
#[derive(Debug, Clone)]
pub struct Vonage {
    settings: VonageSettings,
    url: Url,
    http: Http,
}

#[derive(Deserialize)]
struct Outcomes {
    messages: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Outcome {
    status: String,
    #[serde(rename = "message-id", default)]
    id: String,
    #[serde(rename = "error-text", default)]
    error: String,
}

impl Vonage {
    /// A sender for this account.
    pub fn new(settings: VonageSettings) -> Result<Self, HttpSetupError> {
        let base = settings.base_url.as_deref().unwrap_or("https://rest.nexmo.com");
        let mut url = address(base)?;
        url.path_segments_mut()
            .map_err(|()| HttpSetupError::Address)?
            .pop_if_empty()
            .extend(["sms", "json"]);
        Ok(Self {
            settings,
            url,
            http: Http::new()?,
        })
    }

    /// The parameters of a callback whose signature is right and recent.
    ///
    /// `sig` is the HMAC-SHA-256, under the signature secret, of `&name=value` for each other parameter, sorted by name, with
    /// `&` and `=` in values written as `_`: <https://developer.vonage.com/en/getting-started/concepts/signing-messages>.
    fn believed(&self, callback: &Callback<'_>) -> Result<Params, CallbackError> {
        let params = Params::read(callback).map_err(|_| CallbackError::Signature)?;
        let claimed = params.get("sig").and_then(|sig| hex::decode(sig).ok());
        let claimed = claimed.ok_or(CallbackError::Signature)?;
        let mut signed = String::new();
        for (name, value) in params.sorted() {
            if name != "sig" {
                signed.extend(["&", name, "=", &value.replace(['&', '='], "_")]);
            }
        }
        let secret = self.settings.signature_secret.expose_secret().as_bytes();
        if !is_hmac_sha256(secret, &[signed.as_bytes()], &claimed) {
            return Err(CallbackError::Signature);
        }
        let time = params.get("timestamp").and_then(|time| time.parse().ok());
        match time {
            Some(time) if callback.is_recent(time) => Ok(params),
            _ => Err(CallbackError::Stale),
        }
    }
}

#[async_trait]
impl SmsSender for Vonage {
    fn name(&self) -> &'static str {
        "vonage"
    }

    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError> {
        let to = message.to.as_str().trim_start_matches('+');
        let kind = match Encoding::of(&message.text) {
            Encoding::Gsm7 => "text",
            Encoding::Ucs2 => "unicode",
        };
        let mut form = vec![
            ("api_key", self.settings.api_key.as_str()),
            ("api_secret", self.settings.api_secret.expose_secret()),
            ("from", &self.settings.from),
            ("to", to),
            ("type", kind),
            ("text", &message.text),
            ("client-ref", &message.id),
        ];
        form.extend(message.status_url.as_deref().map(|url| ("callback", url)));
        outcome(
            &self
                .http
                .ask(self.http.post(self.url.clone()).form(&form))
                .await?,
        )
    }
}

/// One message can be several parts, each with an outcome of its own.
fn outcome(answer: &Answer) -> Result<String, SmsError> {
    if !answer.status.is_success() {
        return Err(unclear(answer.status));
    }
    let not_understood = || SmsError::Unknown("Vonage's answer is not understood".into());
    let Outcomes { messages } = serde_json::from_slice(&answer.body).map_err(|_| not_understood())?;
    if messages.is_empty() {
        return Err(not_understood());
    }
    let taken = messages.iter().filter(|part| part.status == "0").count();
    if taken == messages.len() && messages.iter().all(|part| !part.id.is_empty()) {
        return Ok(joined_ids(messages.iter().map(|part| part.id.as_str())));
    }
    let failed = messages.iter().find(|part| part.status != "0");
    let failed = failed.ok_or_else(not_understood)?;
    let why = format!("{} (Vonage {})", quoted(&failed.error), quoted(&failed.status));
    if taken > 0 {
        return Err(SmsError::Unknown(format!("only a part was taken: {why}")));
    }
    // https://developer.vonage.com/en/messaging/sms/guides/troubleshooting-sms
    Err(match failed.status.as_str() {
        // Throttled; wrong credentials; barred; out of credit or over the limit of simultaneous requests: can be mended.
        "1" | "4" | "8" | "9" | "10" => SmsError::NotSent(why),
        // An error within Vonage.
        "5" => SmsError::Unknown(why),
        _ => SmsError::Refused(why),
    })
}

impl SmsCallbacks for Vonage {
    fn report(&self, callback: &Callback<'_>) -> Result<Option<SmsReport>, CallbackError> {
        let params = self.believed(callback)?;
        let missing = CallbackError::Malformed("messageId or status is missing");
        let provider_id = params.get("messageId").ok_or(missing.clone())?.to_owned();
        // https://developer.vonage.com/en/messaging/sms/guides/delivery-receipts
        let progress = match params.get("status").ok_or(missing)? {
            "accepted" | "buffered" => SmsProgress::Sent,
            "delivered" => SmsProgress::Delivered,
            status @ ("failed" | "expired" | "rejected") => {
                let code = params.get("err-code").unwrap_or("?");
                SmsProgress::Failed {
                    why: format!("{} (Vonage {})", quoted(status), quoted(code)),
                    opted_out: false,
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(SmsReport {
            provider_id,
            progress,
        }))
    }

    fn inbound(&self, callback: &Callback<'_>) -> Result<InboundSms, CallbackError> {
        let params = self.believed(callback)?;
        let get = |name| params.get(name).unwrap_or_default();
        if get("messageId").is_empty() {
            return Err(CallbackError::Malformed("messageId is missing"));
        }
        let from = Phone::try_from(format!("+{}", get("msisdn")))
            .map_err(|_| CallbackError::Malformed("msisdn is not a telephone number"))?;
        Ok(InboundSms {
            provider_id: get("messageId").to_owned(),
            from,
            to: get("to").to_owned(),
            text: get("text").to_owned(),
            is_part: get("concat") == "true" && get("concat-total") != "1",
        })
    }
}
