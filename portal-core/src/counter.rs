//! Limits that hold across server processes.

use async_trait::async_trait;

use crate::{Duration, PracticeId, StoreError, Timestamp};

/// Counts how often something was tried, across all server processes.
#[async_trait]
pub trait Counters: Send + Sync {
    /// Adds one to the counter `key` of `practice`, which may be forgotten after `until`, and answers its new value.
    ///
    /// Counting is atomic: of any number of parallel calls, exactly one is answered 1, one 2, and so on.
    async fn count(&self, practice: PracticeId, key: &str, until: Timestamp) -> Result<u32, StoreError>;

    /// What the counter `key` of `practice` stands at, without counting: 0 when nothing was counted, or when it could
    /// be forgotten before `now`.
    async fn counted(&self, practice: PracticeId, key: &str, now: Timestamp) -> Result<u32, StoreError>;
}

/// So many times in so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many times.
    pub times: u32,
    /// In how long. Windows are aligned to multiples of it.
    pub every: Duration,
}

impl Allowance {
    /// The window that `at` falls into: the number that goes into its counter's key, and its end.
    #[must_use]
    pub fn window(&self, at: Timestamp) -> (i64, Timestamp) {
        let length = self.every.whole_seconds().max(1);
        let number = at.unix().div_euclid(length);
        let end = Timestamp::from_unix((number + 1) * length).unwrap_or(at);
        (number, end)
    }

    /// Whether the `count`-th time is still allowed.
    #[must_use]
    pub const fn allows(&self, count: u32) -> bool {
        count <= self.times
    }
}
