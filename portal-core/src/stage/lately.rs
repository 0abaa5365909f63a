//! How many matters workflows match, for pages that are looked at often: counted once in a while.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::DryRunTotals;
use crate::policy::Capability;
use crate::{Context, Duration, Error, NoRule, Portal, PracticeId, Timestamp, Version};

/// What [`Portal::matching_today`] said a while ago, by the rules that still hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchingLately {
    /// The numbers.
    pub totals: DryRunTotals,
    /// When they were counted.
    pub at: Timestamp,
}

impl MatchingLately {
    /// For how long numbers are told again, in seconds, while matters may have changed.
    pub const SECONDS: i64 = 60;
}

/// The numbers that were counted last, by practice, with the version of the rules.
#[derive(Default)]
pub(crate) struct CountsCache(Mutex<HashMap<PracticeId, Held>>);

struct Held {
    /// The version of the rules that were counted by.
    version: Option<Version>,
    counted: Arc<MatchingLately>,
}

impl fmt::Debug for CountsCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CountsCache").finish_non_exhaustive()
    }
}

/// The most practices whose numbers are kept.
const MOST: usize = 64;

impl CountsCache {
    fn get(&self, ctx: &Context, version: Option<Version>) -> Option<Arc<MatchingLately>> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Held { version: of, counted } = held.get(&ctx.practice)?;
        let is_young = ctx.at - counted.at < Duration::seconds(MatchingLately::SECONDS);
        (*of == version && is_young).then(|| Arc::clone(counted))
    }

    fn put(&self, practice: PracticeId, version: Option<Version>, counted: &Arc<MatchingLately>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if held.len() >= MOST && !held.contains_key(&practice) {
            held.clear();
        }
        let counted = Arc::clone(counted);
        held.insert(practice, Held { version, counted });
    }
}

impl Portal {
    /// The numbers of [`Portal::matching_today`], counted at most once a minute on this server unless the rules change: it
    /// goes through all open matters. The answer says when that was.
    pub async fn matching_lately(&self, ctx: &Context) -> Result<Arc<MatchingLately>, Error<NoRule>> {
        ctx.require(Capability::EditWorkflows)?;
        let version = self.rules(ctx.practice).await?.version();
        if let Some(counted) = self.counts_cache().get(ctx, version) {
            return Ok(counted);
        }
        let counted = Arc::new(MatchingLately {
            totals: self.matching_today(ctx).await?,
            at: ctx.at,
        });
        self.counts_cache().put(ctx.practice, version, &counted);
        Ok(counted)
    }
}
