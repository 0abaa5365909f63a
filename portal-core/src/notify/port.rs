use async_trait::async_trait;

use super::{
    Delivery, DeliveryCount, DeliveryState, Lane, Letter, LetterSecrets, Notification, Queue, Recipient,
    Span, Written,
};
use crate::practice::Practice;
use crate::text::{Address, Email};
use crate::workflow::Channel;
use crate::{
    ClientId, DeliveryId, Event, MatterId, NotificationId, Page, PageRequest, PracticeId, StaffId,
    StoreError, Timestamp, WorkflowId,
};

/// A letter in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// Says what happened.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

/// Puts letters into words.
pub trait Composer: Send + Sync {
    /// The letter as `practice` writes it. An error is a fault of the templates; its text is for the log.
    fn compose(
        &self,
        practice: &Practice,
        letter: &Letter,
        secrets: &LetterSecrets,
    ) -> Result<Composed, String>;
}

/// A mail, ready to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailMessage {
    /// The part of `Message-ID` before the `@`; the same for each attempt.
    pub message_id: String,
    /// The part of `References` before the `@`: mails of one matter hang together.
    pub thread_id: Option<String>,
    /// The name that it comes from. The address is the adapter's.
    pub from_name: String,
    /// The reader's name.
    pub to_name: String,
    /// The reader's address.
    pub to: Email,
    /// What it says.
    pub content: Composed,
}

/// Why a message could not be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Not now; trying again may help.
    #[error("not sent yet: {0}")]
    Unavailable(String),
    /// Not at all: the address does not exist, say.
    #[error("refused: {0}")]
    Refused(String),
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands `message` to a mail server. `Ok` means that the server took responsibility for it.
    async fn send(&self, message: &EmailMessage) -> Result<(), SendError>;
    /// Whether the mail server answers and lets us in.
    async fn check(&self) -> Result<(), SendError>;
}

/// Which deliveries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Only those that concern this matter.
    pub matter: Option<MatterId>,
    /// Only those to this client.
    pub client: Option<ClientId>,
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those that this workflow's automations sent or would have.
    pub workflow: Option<WorkflowId>,
    /// Only those over this channel; see [`Delivery::channel`].
    pub channel: Option<Channel>,
    /// Only what automations wrote, or only the rest: what staff answered, and what the portal writes by itself.
    pub automated: Option<bool>,
    /// Only those that were written in this time.
    pub created: Option<Span>,
}

impl DeliveryFilter {
    /// Whether a delivery is one of those.
    #[must_use]
    pub fn admits(&self, row: &Delivery) -> bool {
        let is_of = |workflow| row.letter.cause().is_some_and(|cause| cause.workflow == workflow);
        (self.matter.is_none() || row.matter_id == self.matter)
            && self
                .client
                .is_none_or(|client| row.recipient == Recipient::Client(client))
            && self.state.is_none_or(|state| row.state == state)
            && self.workflow.is_none_or(is_of)
            && self.channel.is_none_or(|channel| row.channel() == channel)
            && self
                .automated
                .is_none_or(|wished| row.letter.cause().is_some() == wished)
            && self.created.is_none_or(|span| span.holds(row.created_at))
    }
}

/// Claims and reads what waits to be told and sent.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Practices with anything due in `queue` at `now`, in that queue's own turn, at most `limit`.
    async fn due_practices(
        &self,
        queue: Queue,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<PracticeId>, StoreError>;
    /// Claims up to `limit` pending events of a practice that are due, oldest first: their version and attempts go
    /// up by one and they are not due again before `lease_until`. No two claims get the same event.
    async fn claim_events(
        &self,
        practice: PracticeId,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError>;
    /// Claims deliveries of a lane that are queued or sending and due, in the same way.
    async fn claim_deliveries(
        &self,
        practice: PracticeId,
        lane: Lane,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// One delivery.
    async fn delivery(&self, practice: PracticeId, id: DeliveryId) -> Result<Option<Delivery>, StoreError>;
    /// Up to `limit` deliveries to an address that are queued or sending, the oldest first by `created_at`, then by id; without
    /// those that cannot be read, which keep no other waiting.
    async fn open_deliveries(
        &self,
        practice: PracticeId,
        to: &Address,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError>;
    /// Deliveries, the newest first (cursor key: `created_at`).
    async fn deliveries(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<Delivery>, StoreError>;
    /// What automations wrote on these matters, in any order.
    async fn written_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Written>, StoreError>;
    /// How many deliveries there are of each state, channel and workflow, in any order; no entry counts none.
    async fn delivery_counts(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
    ) -> Result<Vec<DeliveryCount>, StoreError>;
}

/// Reads notifications.
#[async_trait]
pub trait Notifications: Send + Sync {
    /// One notification.
    async fn notification(
        &self,
        practice: PracticeId,
        id: NotificationId,
    ) -> Result<Option<Notification>, StoreError>;
    /// A staff member's notifications, the newest first (cursor key: `created_at`).
    async fn notifications(
        &self,
        practice: PracticeId,
        staff: StaffId,
        unread: bool,
        page: &PageRequest,
    ) -> Result<Page<Notification>, StoreError>;
    /// How many a staff member has not read.
    async fn unread_notifications(&self, practice: PracticeId, staff: StaffId) -> Result<u64, StoreError>;
}
