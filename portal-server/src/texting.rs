//! The provider of text messages that a configuration asks for.

use std::sync::Arc;

use async_trait::async_trait;
use portal_core::sms::{SmsCallbacks, SmsError, SmsMessage, SmsSender};
use portal_notify::CapturedSms;
use portal_notify::sms::{
    HttpGateway, HttpGatewaySettings, HttpSetupError, Paced, Twilio, TwilioFrom, TwilioSettings, Vonage,
    VonageSettings,
};

use crate::config::{SmsConfig, SmsProvider};
use crate::hooks::SmsHooks;

/// There is no provider for text messages.
struct NoSms;

#[async_trait]
impl SmsSender for NoSms {
    fn name(&self) -> &'static str {
        "none"
    }

    async fn send(&self, _: &SmsMessage) -> Result<String, SmsError> {
        Err(SmsError::Refused(
            "no provider for text messages is set up".into(),
        ))
    }
}

/// Who sends text messages, and what comes back.
pub(crate) struct Texting {
    pub(crate) sender: Arc<dyn SmsSender>,
    pub(crate) hooks: Option<SmsHooks>,
    pub(crate) captured: Option<CapturedSms>,
}

impl Texting {
    /// What `config` asks for. Without it, messages are captured; in production they are refused, so that the history says why
    /// nothing was sent.
    pub(crate) fn open(config: Option<&SmsConfig>, production: bool) -> Result<Self, HttpSetupError> {
        let Some(config) = config else {
            let captured = (!production).then(CapturedSms::default);
            let sender: Arc<dyn SmsSender> = match &captured {
                Some(captured) => Arc::new(captured.clone()),
                None => Arc::new(NoSms),
            };
            return Ok(Self {
                sender,
                hooks: None,
                captured,
            });
        };
        match &config.provider {
            SmsProvider::Twilio {
                account,
                secret,
                from,
                url,
            } => {
                let from = if from.starts_with("MG") {
                    TwilioFrom::Service(from.clone())
                } else {
                    TwilioFrom::Number(from.clone())
                };
                let settings = TwilioSettings {
                    account: account.clone(),
                    auth_token: secret.expose().into(),
                    from,
                    base_url: url.clone(),
                };
                Ok(Self::over(Twilio::new(settings)?, config))
            }
            SmsProvider::Vonage {
                account,
                secret,
                signature_secret,
                from,
                url,
            } => {
                let settings = VonageSettings {
                    api_key: account.clone(),
                    api_secret: secret.expose().into(),
                    signature_secret: signature_secret.expose().into(),
                    from: from.clone(),
                    base_url: url.clone(),
                };
                Ok(Self::over(Vonage::new(settings)?, config))
            }
            SmsProvider::Gateway { url, secret } => {
                let settings = HttpGatewaySettings {
                    url: url.clone(),
                    secret: secret.expose().into(),
                };
                Ok(Self::over(HttpGateway::new(&settings)?, config))
            }
        }
    }

    fn over<P: SmsSender + SmsCallbacks + Clone + 'static>(provider: P, config: &SmsConfig) -> Self {
        Self {
            hooks: Some(SmsHooks {
                name: provider.name(),
                callbacks: Arc::new(provider.clone()),
            }),
            sender: Arc::new(Paced::new(provider, config.per_second)),
            captured: None,
        }
    }
}
