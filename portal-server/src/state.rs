//! What every request handler shares.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::FromRef;
use portal_core::Portal;
use portal_core::sms::Price;
use portal_notify::{CapturedMailer, CapturedSms};

use crate::certificate::CertificateFonts;
use crate::config::{Limits, Network, PublicUrl};
use crate::hooks::SmsHooks;
use crate::layers::NoteIt;
use crate::token::AccessTokens;
use crate::transfer::Goes;

/// The portal and how this server presents it. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    inner: Arc<Inner>,
}

struct Inner {
    portal: Portal,
    public_url: PublicUrl,
    limits: Limits,
    trusted_proxies: Vec<Network>,
    tokens: AccessTokens,
    captured: Option<CapturedMailer>,
    captured_sms: Option<CapturedSms>,
    sms_hooks: Option<SmsHooks>,
    price_per_segment: Option<Price>,
    certificate_fonts: CertificateFonts,
    goes: Goes,
}

impl fmt::Debug for AppState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppState")
            .field("public_url", &self.inner.public_url)
            .finish_non_exhaustive()
    }
}

/// How a server presents a portal, beside what the portal itself was made with.
#[derive(Debug, Clone, Default)]
pub struct Presentation {
    /// What is taken at once.
    pub limits: Limits,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Mail that is captured instead of being sent, readable by anybody at `/dev/outbox`. Never in production.
    pub captured: Option<CapturedMailer>,
    /// Text messages that are captured instead of being sent, shown beside the mail. Never in production.
    pub captured_sms: Option<CapturedSms>,
    /// The provider of text messages whose callbacks are believed.
    pub sms_hooks: Option<SmsHooks>,
    /// What a segment of a text message costs, for estimates.
    pub price_per_segment: Option<Price>,
    /// The fonts that certificates of approvals are set in.
    pub certificate_fonts: CertificateFonts,
}

impl AppState {
    /// Presents `portal` under the public address that it was made with.
    ///
    /// # Errors
    /// When that address is not one that a portal can be reached under.
    pub fn new(portal: Portal, presentation: Presentation) -> Result<Self, crate::config::NotAPublicUrl> {
        let public_url = portal.settings().public_url.parse()?;
        Ok(Self {
            inner: Arc::new(Inner {
                tokens: AccessTokens::new(portal.keys()),
                portal: portal.telling(Arc::new(NoteIt)),
                public_url,
                limits: presentation.limits,
                trusted_proxies: presentation.trusted_proxies,
                captured: presentation.captured,
                captured_sms: presentation.captured_sms,
                sms_hooks: presentation.sms_hooks,
                price_per_segment: presentation.price_per_segment,
                certificate_fonts: presentation.certificate_fonts,
                goes: Goes::default(),
            }),
        })
    }

    /// The portal.
    #[must_use]
    pub fn portal(&self) -> &Portal {
        &self.inner.portal
    }

    /// The address that people reach it under.
    #[must_use]
    pub fn public_url(&self) -> &PublicUrl {
        &self.inner.public_url
    }

    /// What is taken at once.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.inner.limits
    }

    /// Mail that is captured instead of being sent.
    #[must_use]
    pub fn captured(&self) -> Option<&CapturedMailer> {
        self.inner.captured.as_ref()
    }

    /// Text messages that are captured instead of being sent.
    #[must_use]
    pub fn captured_sms(&self) -> Option<&CapturedSms> {
        self.inner.captured_sms.as_ref()
    }

    /// Whether anything is captured, and `/dev/outbox` shows it.
    #[must_use]
    pub fn captures(&self) -> bool {
        self.inner.captured.is_some() || self.inner.captured_sms.is_some()
    }

    pub(crate) fn sms_hooks(&self) -> Option<&SmsHooks> {
        self.inner.sms_hooks.as_ref()
    }

    /// What so many segments of text messages cost, where that is known.
    pub(crate) fn cost_of(&self, segments: u64) -> Option<Price> {
        Some(self.inner.price_per_segment?.times(segments))
    }

    pub(crate) fn certificate_fonts(&self) -> &CertificateFonts {
        &self.inner.certificate_fonts
    }

    pub(crate) fn tokens(&self) -> &AccessTokens {
        &self.inner.tokens
    }

    /// The goes of uploads that are under way.
    pub(crate) fn goes(&self) -> &Goes {
        &self.inner.goes
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.inner
            .trusted_proxies
            .iter()
            .any(|network| network.contains(address))
    }
}

impl FromRef<AppState> for Portal {
    fn from_ref(state: &AppState) -> Self {
        state.portal().clone()
    }
}
