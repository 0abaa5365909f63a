use std::sync::{Arc, Mutex};

use crate::testing::lock;
use crate::{Clock, Duration, Timestamp};

/// A clock that stands still until a test moves it. Clones show the same time.
#[derive(Debug, Clone)]
pub struct FixedClock(Arc<Mutex<Timestamp>>);

impl FixedClock {
    /// A clock that shows `at`.
    #[must_use]
    pub fn new(at: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(at)))
    }

    /// What it shows.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        *lock(&self.0)
    }

    /// Sets it, back as well as forward.
    pub fn set(&self, at: Timestamp) {
        *lock(&self.0) = at;
    }

    /// Moves it on by `duration`.
    pub fn advance(&self, duration: Duration) {
        let mut time = lock(&self.0);
        *time = *time + duration;
    }
}

impl Default for FixedClock {
    /// Noon on 2 March 2026, UTC.
    fn default() -> Self {
        Self::new(Timestamp::from_unix(1_772_452_800).unwrap_or(Timestamp::UNIX_EPOCH))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.time()
    }
}
