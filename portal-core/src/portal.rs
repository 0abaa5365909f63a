//! The portal: all ports in one place, and what every service needs.

use std::fmt;
use std::sync::Arc;

use crate::approval::SecondFactor;
use crate::identity::Passwords;
use crate::matter::Matter;
use crate::notify::{Composer, Mailer};
use crate::policy::{Capability, Reach};
use crate::practice::Practice;
use crate::rulebook::RulesCache;
use crate::sms::SmsSender;
use crate::stage::CountsCache;
use crate::{
    AuditId, Blobs, Change, Claim, Clock, Context, Digest, Error, Event, EventId, EventKind, Hints, Ids,
    Keys, MatterId, NoRule, Rule, Secret, Store, StoreError, Timestamp,
};

/// What an installation sets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address that people reach the portal under, without a slash at its end: `https://portal.example.com`,
    /// with a path where the portal is mounted below one. Links in mails are built from it and from nothing else.
    pub public_url: String,
    /// The master key.
    pub keys: Keys,
}

/// The ports that a portal is made of.
#[expect(missing_debug_implementations, reason = "ports are trait objects")]
#[derive(Clone)]
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Where files' bytes lie.
    pub blobs: Arc<dyn Blobs>,
    /// Sends mail.
    pub mailer: Arc<dyn Mailer>,
    /// Sends text messages: those of automations, to whom [`Person::reached_by`](crate::workflow::Person::reached_by) says. An
    /// embedder's own services reach it through [`Portal::sms`].
    pub sms: Arc<dyn SmsSender>,
    /// Puts letters into words.
    pub composer: Arc<dyn Composer>,
    /// Hashes and checks passwords.
    pub passwords: Arc<dyn Passwords>,
    /// Checks what clients present as a second factor when they answer approvals; `None` where there is none, and no practice can
    /// need it.
    pub second_factor: Option<Arc<dyn SecondFactor>>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Ids and random bits.
    pub ids: Arc<dyn Ids>,
    /// Told after each commit.
    pub hints: Arc<dyn Hints>,
    /// What the installation sets.
    pub settings: Settings,
}

/// The portal's services. Cheap to clone.
///
/// Each capability adds its commands and queries in its own `service.rs`: read, authorise, decide, commit.
#[derive(Clone)]
pub struct Portal {
    parts: Arc<Parts>,
    rules: Arc<RulesCache>,
    counts: Arc<CountsCache>,
}

impl fmt::Debug for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Portal")
            .field("settings", &self.parts.settings)
            .finish_non_exhaustive()
    }
}

impl Portal {
    /// How often a command is decided when others keep being quicker: as often as many uploads at once to one
    /// request can make it.
    const TRIES: u32 = 100;

    /// A portal made of these parts.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self {
            parts: Arc::new(parts),
            rules: Arc::default(),
            counts: Arc::default(),
        }
    }

    /// The same portal, whose commits are told to `also` too, in the task that made them.
    #[must_use]
    pub fn telling(self, also: Arc<dyn Hints>) -> Self {
        let hints = Arc::new(BothHints(Arc::clone(&self.parts.hints), also));
        Self::new(Parts {
            hints,
            ..Arc::unwrap_or_clone(self.parts)
        })
    }

    /// The store, for reads that have no rule.
    #[must_use]
    pub fn store(&self) -> &dyn Store {
        &*self.parts.store
    }

    /// Where files' bytes lie.
    #[must_use]
    pub fn blobs(&self) -> &dyn Blobs {
        &*self.parts.blobs
    }

    /// Sends mail.
    #[must_use]
    pub fn mailer(&self) -> &dyn Mailer {
        &*self.parts.mailer
    }

    /// Sends text messages.
    #[must_use]
    pub fn sms(&self) -> &dyn SmsSender {
        &*self.parts.sms
    }

    /// Checks what clients present as a second factor when they answer approvals.
    #[must_use]
    pub fn second_factor(&self) -> Option<&dyn SecondFactor> {
        self.parts.second_factor.as_deref()
    }

    pub(crate) fn rules_cache(&self) -> &RulesCache {
        &self.rules
    }

    pub(crate) fn counts_cache(&self) -> &CountsCache {
        &self.counts
    }

    pub(crate) fn composer(&self) -> &dyn Composer {
        &*self.parts.composer
    }

    pub(crate) fn passwords(&self) -> &dyn Passwords {
        &*self.parts.passwords
    }

    pub(crate) fn ids(&self) -> &dyn Ids {
        &*self.parts.ids
    }

    /// What the installation sets.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// The master key.
    #[must_use]
    pub fn keys(&self) -> &Keys {
        &self.parts.settings.keys
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// An address of the portal: `path` begins with a slash.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.parts.settings.public_url.trim_end_matches('/'))
    }

    /// Applies `change`, then tells whoever waits for changes.
    pub async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let practice = change.practice();
        self.parts.store.commit(change).await?;
        self.parts.hints.changed(practice);
        Ok(())
    }

    /// Reads and decides with `attempt` and commits what it says. When a record moved in between, reads and
    /// decides again, a few times, and then answers `Stale`.
    pub(crate) async fn retrying<T, R: Rule, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Error<R>>
    where
        F: Future<Output = Result<(T, Change), Error<R>>>,
    {
        let mut tries = 1;
        loop {
            let (value, change) = attempt().await?;
            match self.commit(change).await {
                Ok(()) => return Ok(value),
                Err(StoreError::Stale) if tries < Self::TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    pub(crate) fn id<T: From<uuid::Uuid>>(&self) -> T {
        T::from(self.ids().uuid())
    }

    /// 256 fresh random bits: for a browser to keep, say, of which only the hash is known here.
    #[must_use]
    pub fn new_secret(&self) -> Secret {
        Secret::new(self.ids().random())
    }

    /// A claim on an idempotency key, which nobody else can make.
    #[must_use]
    pub fn new_claim(&self, fingerprint: Digest, until: Timestamp) -> Claim {
        Claim {
            by: self.ids().uuid(),
            fingerprint,
            until,
        }
    }

    pub(crate) fn event(&self, ctx: &Context, kind: EventKind) -> Event {
        Event::new(self.id::<EventId>(), ctx.practice, kind, ctx.at)
    }

    pub(crate) fn audit(
        &self,
        ctx: &Context,
        action: &str,
        subject: crate::audit::Subject,
    ) -> crate::audit::AuditEntry {
        crate::audit::AuditEntry::new(self.id::<AuditId>(), ctx, action, subject)
    }

    pub(crate) async fn practice_of(&self, ctx: &Context) -> Result<Practice, Error<NoRule>> {
        self.store()
            .practice(ctx.practice)
            .await?
            .ok_or(Error::NotFound("practice"))
    }

    /// The matter, if `capability` reaches it for whoever acts. What they may not see answers like what does not
    /// exist.
    pub(crate) async fn matter_for(
        &self,
        ctx: &Context,
        capability: Capability,
        id: MatterId,
    ) -> Result<Matter, Error<NoRule>> {
        let matter = self
            .store()
            .matter(ctx.practice, id)
            .await?
            .ok_or(Error::NotFound("matter"))?;
        let on_team = match (ctx.staff(), ctx.reach(Capability::SeeMatters)) {
            (Some((staff, _)), Reach::OwnMatters) if matter.owner_id != staff => {
                self.store().is_on_team(ctx.practice, id, staff).await?
            }
            _ => false,
        };
        ctx.require_on(capability, &matter, on_team)?;
        Ok(matter)
    }
}

struct BothHints(Arc<dyn Hints>, Arc<dyn Hints>);

impl Hints for BothHints {
    fn changed(&self, practice: crate::PracticeId) {
        self.0.changed(practice);
        self.1.changed(practice);
    }
}
