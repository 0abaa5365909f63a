//! Section `[sms]`: who sends text messages.

use std::num::NonZeroU32;

use portal_core::sms::Price;

use super::reader::Reader;
use super::text::Hidden;

/// The provider of text messages.
#[derive(Debug, Clone)]
pub struct SmsConfig {
    /// Which one, and its account.
    pub provider: SmsProvider,
    /// The most messages a second that one server hands over. Default 1, which is what one long number may send in the
    /// United States.
    pub per_second: NonZeroU32,
    /// What the provider charges for a segment, for estimates.
    pub price_per_segment: Option<Price>,
}

/// An account with a provider.
#[derive(Debug, Clone)]
pub enum SmsProvider {
    /// `provider = "twilio"`: `account` (`AC..`), `secret` (the auth token), `from` (a number, a name, or `MG..`).
    Twilio {
        /// The account's SID.
        account: String,
        /// The auth token.
        secret: Hidden,
        /// What messages come from.
        from: String,
        /// Where its API is, when not at the usual address.
        url: Option<String>,
    },
    /// `provider = "vonage"`: `account` (the API key), `secret`, `signature_secret`, `from`.
    Vonage {
        /// The API key.
        account: String,
        /// The API secret.
        secret: Hidden,
        /// What callbacks are signed with.
        signature_secret: Hidden,
        /// What messages come from.
        from: String,
        /// Where its API is, when not at the usual address.
        url: Option<String>,
    },
    /// `provider = "gateway"`: `url` and `secret`, as `docs/sms.md` says.
    Gateway {
        /// Where messages are posted to.
        url: String,
        /// What both sides sign with.
        secret: Hidden,
    },
}

const WHICH: &str = "choose twilio, vonage or gateway";

pub(super) fn read_sms(read: &mut Reader) -> Option<SmsConfig> {
    let provider: Option<String> = read.optional("sms", "provider");
    let mut given = |key| read.optional::<String>("sms", key);
    let (account, from, url) = (given("account"), given("from"), given("url"));
    let secret: Option<Hidden> = read.optional("sms", "secret");
    let signature_secret: Option<Hidden> = read.optional("sms", "signature_secret");
    let per_second = read.or("sms", "per_second", NonZeroU32::MIN);
    let price_per_segment: Option<Price> = read.optional("sms", "price_per_segment");
    let is_empty = account.is_none() && from.is_none() && url.is_none() && secret.is_none();
    let Some(provider) = provider else {
        if !(is_empty && signature_secret.is_none() && price_per_segment.is_none()) {
            read.problem("sms.provider", WHICH);
        }
        return None;
    };
    let known = ["twilio", "vonage", "gateway"];
    if !known.contains(&provider.as_str()) {
        read.problem("sms.provider", WHICH);
        return None;
    }
    let is_gateway = provider == "gateway";
    let missing = [
        ("account", account.is_none() && !is_gateway),
        ("from", from.is_none() && !is_gateway),
        ("secret", secret.is_none()),
        (
            "signature_secret",
            signature_secret.is_none() && provider == "vonage",
        ),
        ("url", url.is_none() && is_gateway),
    ];
    for (key, _) in missing.into_iter().filter(|(_, missing)| *missing) {
        read.problem(&format!("sms.{key}"), &format!("set it too: {provider} needs it"));
    }
    let provider = match provider.as_str() {
        "twilio" => SmsProvider::Twilio {
            account: account?,
            secret: secret?,
            from: from?,
            url,
        },
        "vonage" => SmsProvider::Vonage {
            account: account?,
            secret: secret?,
            signature_secret: signature_secret?,
            from: from?,
            url,
        },
        _ => SmsProvider::Gateway {
            url: url?,
            secret: secret?,
        },
    };
    Some(SmsConfig {
        provider,
        per_second,
        price_per_segment,
    })
}
