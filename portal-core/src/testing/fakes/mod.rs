//! Fakes: adapters of the ports that live in memory and do what a test tells them.

mod blobs;
mod clock;
mod composer;
mod factor;
mod hints;
mod ids;
mod mail;
mod passwords;
mod sms;

use std::sync::Arc;

pub use blobs::MemoryBlobs;
pub use clock::FixedClock;
pub use composer::PlainComposer;
pub use factor::CodeBook;
pub use hints::CapturedHints;
pub use ids::CountingIds;
pub use mail::CapturedMail;
pub use passwords::PlainPasswords;
pub use sms::CapturedSms;

use crate::{Keys, Parts, Portal, Settings, Store};

/// One fake of each port, and a portal made of them.
///
/// The fakes are handles: a clone speaks of the same clock, mail and blobs, so a test keeps this and gives the
/// portal its own copy.
///
/// ```
/// use std::sync::Arc;
/// use portal_core::testing::Fakes;
/// use portal_core::{Duration, Store};
///
/// fn portal_in_a_test(store: Arc<dyn Store>) {
///     let fakes = Fakes::default();
///     let portal = fakes.portal(store);
///     fakes.clock.advance(Duration::hours(48));
///     assert_eq!(portal.now(), fakes.clock.time());
///     assert!(fakes.mail.sent().is_empty());
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Fakes {
    /// The clock.
    pub clock: FixedClock,
    /// Ids and random bits.
    pub ids: CountingIds,
    /// Where files' bytes lie. Its times come from `clock`.
    pub blobs: MemoryBlobs,
    /// The mail that was sent.
    pub mail: CapturedMail,
    /// The text messages that were sent.
    pub sms: CapturedSms,
    /// The codes that clients have as their second factor. A portal takes them when a test says so in its [`Parts`].
    pub codes: CodeBook,
    /// The practices that were said to have changed.
    pub hints: CapturedHints,
}

impl Fakes {
    /// Fakes that share one clock. `seed` tells the ids of two sets of fakes apart.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let clock = FixedClock::default();
        Self {
            ids: CountingIds::new(seed),
            blobs: MemoryBlobs::new(clock.clone()),
            clock,
            mail: CapturedMail::default(),
            sms: CapturedSms::default(),
            codes: CodeBook::default(),
            hints: CapturedHints::default(),
        }
    }

    /// The ports, with `store` as the store: change what a test wants otherwise, then [`Portal::new`].
    ///
    /// The portal's address is `https://portal.test` and its master key is all sevens.
    #[must_use]
    pub fn parts(&self, store: Arc<dyn Store>) -> Parts {
        Parts {
            store,
            blobs: Arc::new(self.blobs.clone()),
            mailer: Arc::new(self.mail.clone()),
            sms: Arc::new(self.sms.clone()),
            composer: Arc::new(PlainComposer),
            passwords: Arc::new(PlainPasswords),
            second_factor: None,
            clock: Arc::new(self.clock.clone()),
            ids: Arc::new(self.ids.clone()),
            hints: Arc::new(self.hints.clone()),
            settings: Settings {
                public_url: "https://portal.test".into(),
                keys: Keys::new([7; 32]),
            },
        }
    }

    /// A portal on `store` and these fakes.
    #[must_use]
    pub fn portal(&self, store: Arc<dyn Store>) -> Portal {
        Portal::new(self.parts(store))
    }
}

impl Default for Fakes {
    fn default() -> Self {
        Self::new(0)
    }
}
