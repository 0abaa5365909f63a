//! Limits on how often something is tried, and the one entry that tells of each that is met.

use super::AuditEntry;
use crate::{Allowance, Change, Context, Error, Portal, StoreError};

/// What came of counting one more try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Which try of its window it is, from 1.
    count: u32,
    allowance: Allowance,
    /// How long the window is still.
    seconds: u32,
}

impl Tally {
    /// Whether it is allowed.
    pub(crate) const fn is_allowed(self) -> bool {
        self.allowance.allows(self.count)
    }

    /// Whether it is the first that is not: counting is atomic over all servers, so of each window exactly one is.
    const fn is_first_refused(self) -> bool {
        self.count == self.allowance.times.saturating_add(1)
    }

    /// What it is answered when it is not allowed.
    pub(crate) const fn refused<R>(self) -> Error<R> {
        Error::Limited {
            retry_after_seconds: self.seconds,
        }
    }
}

impl Portal {
    /// Counts one more try of `key`.
    pub(crate) async fn tally(
        &self,
        ctx: &Context,
        key: &str,
        allowance: Allowance,
    ) -> Result<Tally, StoreError> {
        let (window, end) = allowance.window(ctx.at);
        let key = format!("{key}/{window}");
        let count = self.store().count(ctx.practice, &key, end).await?;
        let seconds = (end - ctx.at).whole_seconds().max(1);
        Ok(Tally {
            count,
            allowance,
            seconds: u32::try_from(seconds).unwrap_or(u32::MAX),
        })
    }

    /// Counts one more try of `key` and refuses when there were too many. The first that is refused leaves `entry`, and none of
    /// those that follow in the same window does: a flood must not fill the trail.
    pub(crate) async fn limit<R>(
        &self,
        ctx: &Context,
        key: &str,
        allowance: Allowance,
        entry: impl FnOnce() -> AuditEntry,
    ) -> Result<(), Error<R>> {
        let tally = self.tally(ctx, key, allowance).await?;
        if tally.is_allowed() {
            return Ok(());
        }
        if tally.is_first_refused() {
            self.leave_word(Change::audited(entry())).await?;
        }
        Err(tally.refused())
    }

    /// Commits the entry of a limit. Not through `Portal::commit`: it is nothing of what was asked for, and whoever asks again under
    /// the same idempotency key once the limit is over is not told that this may have been done already.
    pub(crate) async fn leave_word(&self, noted: Change) -> Result<(), StoreError> {
        self.store().commit(noted).await
    }

    /// The change that leaves `entry`, the first time in a window of `every` that it is asked for; for limits that are not counted
    /// by their tries. `None` afterwards, however often it is asked.
    pub(crate) async fn noting_once(
        &self,
        ctx: &Context,
        key: &str,
        every: crate::Duration,
        entry: impl FnOnce() -> AuditEntry,
    ) -> Result<Option<Change>, StoreError> {
        let once = Allowance { times: 1, every };
        let tally = self.tally(ctx, &format!("noted/{key}"), once).await?;
        Ok(tally.is_allowed().then(|| Change::audited(entry())))
    }
}
