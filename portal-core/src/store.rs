//! What a store is: all the ports together.

use async_trait::async_trait;

use crate::access::Accesses;
use crate::approval::Approvals;
use crate::audit::{Audits, Seals};
use crate::checklist::Checklists;
use crate::client::Clients;
use crate::conversation::Conversations;
use crate::document::Documents;
use crate::identity::Identities;
use crate::matter::Matters;
use crate::notify::{Notifications, Outbox};
use crate::practice::Practices;
use crate::rulebook::Rulebooks;
use crate::sms::TextMessages;
use crate::stage::Stages;
use crate::task::Tasks;
use crate::upload::Uploads;
use crate::{Change, Counters, IdempotencyKeys, PracticeId, StoreError, Timestamp};

/// Applies changes.
#[async_trait]
pub trait Commits: Send + Sync {
    /// Applies all of `change` or nothing. Once begun it runs to its end, even if the caller goes away.
    ///
    /// # Errors
    /// `Stale` when a record moved since it was read, `Conflict` when a unique rule broke, `Unavailable` when
    /// nothing could be written.
    async fn commit(&self, change: Change) -> Result<(), StoreError>;
}

/// Throws away what nobody needs any more.
#[async_trait]
pub trait Housekeeping: Send + Sync {
    /// Deletes expired counters and idempotency keys, events that are done, sessions and links that ended more than 30
    /// days before `now`, and uploads whose time ran out as long ago. Answers how many rows went.
    async fn tidy(&self, now: Timestamp) -> Result<u64, StoreError>;

    /// Whether the store answers and its schema is the one that this build needs.
    async fn check(&self) -> Result<(), StoreError>;
}

/// A store: whoever has all the ports is one.
pub trait Store:
    Commits
    + Practices
    + Identities
    + Clients
    + Matters
    + Stages
    + Rulebooks
    + Accesses
    + Checklists
    + Documents
    + Uploads
    + Notifications
    + Outbox
    + TextMessages
    + Conversations
    + Tasks
    + Approvals
    + Audits
    + Seals
    + Counters
    + IdempotencyKeys
    + Housekeeping
{
}

impl<T> Store for T where
    T: Commits
        + Practices
        + Identities
        + Clients
        + Matters
        + Stages
        + Rulebooks
        + Accesses
        + Checklists
        + Documents
        + Uploads
        + Notifications
        + Outbox
        + TextMessages
        + Conversations
        + Tasks
        + Approvals
        + Audits
        + Seals
        + Seals
        + Counters
        + IdempotencyKeys
        + Housekeeping
{
}

/// Told after each commit, so that workers and open pages need not wait for their next look.
pub trait Hints: Send + Sync {
    /// Something in `practice` changed.
    fn changed(&self, practice: PracticeId);
}

/// Tells nobody: workers look by themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoHints;

impl Hints for NoHints {
    fn changed(&self, _practice: PracticeId) {}
}
