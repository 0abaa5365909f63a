use serde::{Deserialize, Serialize};

use super::{AccessRule, AccessState, PortalAccess, SignInRule};
use crate::client::Client;
use crate::matter::{Matter, MatterState};
use crate::practice::PracticeSettings;
use crate::text::Email;
use crate::{AccessId, ClientId, Digest, Duration, LinkId, Origin, PracticeId, Timestamp, Version};

/// Somebody asked for a sign-in link to a workspace. It may not exist; whoever asked is not told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The workspace asked for.
    pub access: AccessId,
    /// The hash of the secret that the asking browser keeps.
    pub browser: Option<Digest>,
    /// From where.
    pub origin: Origin,
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkUse {
    /// Nobody used it.
    Unused,
    /// It was used, then.
    Used(Timestamp),
}

/// A sign-in link. Its token and code are derived from its id and the server's key; only their hashes are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInLink {
    /// Its id.
    pub id: LinkId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The workspace that it opens.
    pub access_id: AccessId,
    /// Whose workspace that is.
    pub client_id: ClientId,
    /// Where it was sent.
    pub email: Email,
    /// The hash of its token.
    pub token_digest: Digest,
    /// The hash of the short code in the same mail.
    pub code_digest: Digest,
    /// The hash of the secret that the asking browser keeps; none when staff sent the link.
    pub browser: Option<Digest>,
    /// Whether staff sent it as an invitation.
    pub invitation: bool,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it stops working.
    pub expires_at: Timestamp,
    /// Whether it was used.
    pub used: LinkUse,
}

/// How many links go out at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkLimits;

/// A limit of links that is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkLimit {
    /// That of one workspace.
    Workspace,
    /// That of the whole practice.
    Practice,
}

impl LinkLimits {
    /// In how long links are counted.
    pub const WITHIN: Duration = Duration::hours(1);
    /// The most links to one workspace in an hour.
    pub const PER_ACCESS_HOURLY: u64 = 3;
    /// The most links of one practice in an hour.
    pub const PER_PRACTICE_HOURLY: u64 = 1_000;
    /// The most wrong codes with one link, counted before they are checked.
    pub const CODES_PER_LINK: u32 = 5;
}

impl LinkLimits {
    /// Whether one more link may go to a workspace that got `recent` in the last hour.
    #[must_use]
    pub const fn allow(recent: u64) -> bool {
        recent < Self::PER_ACCESS_HOURLY
    }

    /// Which limit keeps one more link from going out, when so many went out in the last hour, to its workspace and in all.
    #[must_use]
    pub(super) const fn met(recent: u64, recent_in_practice: u64) -> Option<LinkLimit> {
        if !Self::allow(recent) {
            Some(LinkLimit::Workspace)
        } else if recent_in_practice >= Self::PER_PRACTICE_HOURLY {
            Some(LinkLimit::Practice)
        } else {
            None
        }
    }
}

/// What someone shows beside the link itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Proof {
    /// The hash of the secret that this browser got when it asked for a link.
    pub browser: Option<Digest>,
    /// The hash of the code that was typed.
    pub code: Option<Digest>,
}

impl SignInLink {
    /// Decides whether someone who asked gets a link. `None` says no, and whoever asked is not told why.
    ///
    /// `recent` and `recent_in_practice` are the links issued in the last hour, to this workspace and in all.
    #[must_use]
    pub fn answer(
        access: &PortalAccess,
        matter: &Matter,
        client: &Client,
        recent: u64,
        recent_in_practice: u64,
    ) -> Option<Email> {
        let limit = LinkLimits::met(recent, recent_in_practice);
        if access.admits(matter, client) && limit.is_none() {
            client.email.clone()
        } else {
            None
        }
    }

    /// Decides whether staff can send a link to `access`, and to which address.
    pub fn invite(
        access: &PortalAccess,
        matter: &Matter,
        client: &Client,
        recent: u64,
    ) -> Result<Email, AccessRule> {
        if matter.state == MatterState::Closed {
            return Err(AccessRule::MatterClosed);
        }
        if !client.active {
            return Err(AccessRule::ClientInactive);
        }
        if !access.admits(matter, client) {
            return Err(AccessRule::NotActive);
        }
        if !LinkLimits::allow(recent) {
            return Err(AccessRule::TooManyLinks);
        }
        client.email.clone().ok_or(AccessRule::NoEmail)
    }

    /// A new link to `access`. The ones before it die by not being the newest.
    #[must_use]
    pub fn issue(
        id: LinkId,
        access: &PortalAccess,
        email: Email,
        (token_digest, code_digest): (Digest, Digest),
        (browser, invitation): (Option<Digest>, bool),
        settings: &PracticeSettings,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            practice_id: access.practice_id,
            version: Version::FIRST,
            access_id: access.id,
            client_id: access.client_id,
            email,
            token_digest,
            code_digest,
            browser,
            invitation,
            issued_at: at,
            expires_at: at + settings.link_life(),
            used: LinkUse::Unused,
        }
    }

    /// Whether it still works at `now`, given the newest link of its workspace. Its last moment is the one
    /// before `expires_at`.
    #[must_use]
    pub fn is_good(&self, newest: LinkId, access: &PortalAccess, now: Timestamp) -> bool {
        self.used == LinkUse::Unused
            && self.id == newest
            && now < self.expires_at
            && access.id == self.access_id
            && access.state == AccessState::Active
    }

    /// Whether it was sent to the address that the client still has.
    #[must_use]
    pub fn went_to(&self, client: &Client) -> bool {
        client.email.as_ref().map(Email::key) == Some(self.email.key())
    }

    /// The link, worth nothing from `at` on: an access that is restored later does not revive it. `None` when it
    /// works no more anyway.
    #[must_use]
    pub fn cut_off(mut self, at: Timestamp) -> Option<Self> {
        (self.used == LinkUse::Unused && at < self.expires_at).then(|| {
            self.version.bump();
            self.expires_at = at;
            self
        })
    }

    /// Whether `browser` is the one that asked for it.
    #[must_use]
    pub fn was_asked_by(&self, browser: Option<Digest>) -> bool {
        self.browser.is_some() && self.browser == browser
    }

    /// Uses it up. In the browser that asked for it the press is enough; elsewhere the code is needed too.
    ///
    /// # Errors
    /// `LinkSpent` when it does not work any more, `CodeNeeded` or `WrongCode` when the proof does not do.
    pub fn redeem(
        mut self,
        newest: LinkId,
        (access, matter, client): (&PortalAccess, &Matter, &Client),
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Self, SignInRule> {
        if !self.is_good(newest, access, now) || !access.admits(matter, client) || !self.went_to(client) {
            return Err(SignInRule::LinkSpent);
        }
        if !self.was_asked_by(proof.browser) {
            match proof.code {
                None => return Err(SignInRule::CodeNeeded),
                Some(code) if code != self.code_digest => return Err(SignInRule::WrongCode),
                Some(_) => {}
            }
        }
        self.version.bump();
        self.used = LinkUse::Used(now);
        Ok(self)
    }
}
