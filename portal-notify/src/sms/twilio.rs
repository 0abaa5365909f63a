use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::sms::{
    Callback, CallbackError, InboundSms, SmsCallbacks, SmsError, SmsMessage, SmsProgress, SmsReport,
    SmsSender,
};
use portal_core::text::Phone;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::http::{Answer, Http, HttpSetupError, address, quoted, unclear};
use super::params::Params;
use super::signing::is_hmac_sha1;

/// What Twilio's messages come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwilioFrom {
    /// A number or alphanumeric name of the account.
    Number(String),
    /// A messaging service (`MG..`), which chooses a number.
    Service(String),
}

/// An account with Twilio.
#[derive(Debug, Clone)]
pub struct TwilioSettings {
    /// The account's SID, `AC..`.
    pub account: String,
    /// Its auth token: it signs callbacks, and lets us in.
    pub auth_token: SecretString,
    /// What messages come from.
    pub from: TwilioFrom,
    /// Where its API is; `https://api.twilio.com` when `None`.
    pub base_url: Option<String>,
}

/// Sends text messages with Twilio's Messages resource, and reads its callbacks.
///
/// <https://www.twilio.com/docs/messaging/api/message-resource>. It takes no idempotency key.
#[derive(Debug, Clone)]
pub struct Twilio {
    settings: TwilioSettings,
    url: Url,
    http: Http,
}

#[derive(Deserialize)]
struct Taken {
    sid: String,
}

#[derive(Deserialize)]
struct Refusal {
    code: u32,
    message: String,
}

impl Twilio {
    /// A sender for this account.
    pub fn new(settings: TwilioSettings) -> Result<Self, HttpSetupError> {
        let base = settings.base_url.as_deref().unwrap_or("https://api.twilio.com");
        let mut url = address(base)?;
        url.path_segments_mut()
            .map_err(|()| HttpSetupError::Address)?
            .pop_if_empty()
            .extend(["2010-04-01", "Accounts", &settings.account, "Messages.json"]);
        Ok(Self {
            settings,
            url,
            http: Http::new()?,
        })
    }

    /// The parameters of a callback whose signature is right.
    ///
    /// `X-Twilio-Signature` is the HMAC-SHA-1, under the auth token, of the address followed by each parameter's name and
    /// value, sorted by name: <https://www.twilio.com/docs/usage/security#validating-requests>. It holds no time, so an old
    /// callback can come again; what it tells must change nothing the second time.
    fn believed(&self, callback: &Callback<'_>) -> Result<Params, CallbackError> {
        let claimed = callback
            .header("x-twilio-signature")
            .ok_or(CallbackError::Signature)?;
        let claimed = STANDARD.decode(claimed).map_err(|_| CallbackError::Signature)?;
        let params = Params::read(callback).map_err(|_| CallbackError::Signature)?;
        let mut sorted = params.sorted();
        // As Twilio's own libraries do: a value that comes twice under one name counts once.
        sorted.dedup();
        let mut signed = vec![callback.url.as_bytes()];
        signed.extend(
            sorted
                .iter()
                .flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]),
        );
        let token = self.settings.auth_token.expose_secret().as_bytes();
        if is_hmac_sha1(token, &signed, &claimed) {
            Ok(params)
        } else {
            Err(CallbackError::Signature)
        }
    }
}

#[async_trait]
impl SmsSender for Twilio {
    fn name(&self) -> &'static str {
        "twilio"
    }

    async fn send(&self, message: &SmsMessage) -> Result<String, SmsError> {
        let mut form = vec![("To", message.to.as_str()), ("Body", &message.text)];
        match &self.settings.from {
            TwilioFrom::Number(number) => form.push(("From", number)),
            TwilioFrom::Service(service) => form.push(("MessagingServiceSid", service)),
        }
        form.extend(message.status_url.as_deref().map(|url| ("StatusCallback", url)));
        let token = self.settings.auth_token.expose_secret();
        let request = self.http.post(self.url.clone());
        let request = request
            .basic_auth(&self.settings.account, Some(token))
            .form(&form);
        outcome(&self.http.ask(request).await?)
    }
}

fn outcome(answer: &Answer) -> Result<String, SmsError> {
    if answer.status.is_success() {
        return match serde_json::from_slice::<Taken>(&answer.body) {
            Ok(taken) if !taken.sid.is_empty() => Ok(taken.sid),
            _ => Err(SmsError::Unknown("Twilio's answer is not understood".into())),
        };
    }
    let Ok(Refusal { code, message }) = serde_json::from_slice(&answer.body) else {
        return Err(match answer.status.as_u16() {
            // Not Twilio's own words: something before it, which may have passed the request on.
            503 => SmsError::Unknown(format!("the provider answered {}", answer.status)),
            _ => unclear(answer.status),
        });
    };
    let why = format!("{} (Twilio {code})", quoted(&message));
    Err(match (answer.status.as_u16(), code) {
        // https://www.twilio.com/docs/api/errors/21610
        (_, OPTED_OUT) => SmsError::OptedOut(why),
        // 20429: too many requests; 20503: the service is not available; 14107, 21611: more are queued than may be.
        (_, 20_429 | 20_503 | 14_107 | 21_611) | (429, _) => SmsError::NotSent(why),
        // Codes of 21000 and more are about this message; others of 4xx are about the account and can be mended.
        (400..=499, 21_000..) => SmsError::Refused(why),
        (400, _) => SmsError::Refused(why),
        (401..=499, _) => SmsError::NotSent(why),
        _ => SmsError::Unknown(why),
    })
}

/// The recipient texted STOP.
const OPTED_OUT: u32 = 21_610;

impl SmsCallbacks for Twilio {
    fn report(&self, callback: &Callback<'_>) -> Result<Option<SmsReport>, CallbackError> {
        let params = self.believed(callback)?;
        let missing = CallbackError::Malformed("MessageSid or MessageStatus is missing");
        let provider_id = params.get("MessageSid").ok_or(missing.clone())?.to_owned();
        // https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
        let progress = match params.get("MessageStatus").ok_or(missing)? {
            "sent" => SmsProgress::Sent,
            "delivered" | "read" => SmsProgress::Delivered,
            status @ ("failed" | "undelivered" | "canceled") => {
                let code = params.get("ErrorCode").filter(|code| !code.is_empty());
                SmsProgress::Failed {
                    why: code.map_or_else(|| quoted(status), |code| format!("Twilio {}", quoted(code))),
                    opted_out: code.and_then(|code| code.parse().ok()) == Some(OPTED_OUT),
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
        if get("MessageSid").is_empty() {
            return Err(CallbackError::Malformed("MessageSid is missing"));
        }
        let from = Phone::try_from(get("From").to_owned())
            .map_err(|_| CallbackError::Malformed("From is not a telephone number"))?;
        Ok(InboundSms {
            provider_id: get("MessageSid").to_owned(),
            from,
            to: get("To").to_owned(),
            text: get("Body").to_owned(),
            is_part: false,
        })
    }
}
