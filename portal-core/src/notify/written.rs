//! What automations wrote: as much of it as decides whether they write again.

use super::{Delivery, DeliveryState, Recipient};
use crate::workflow::Channel;
use crate::{ClientId, MatterId, StageEntryId, Timestamp, Version, WorkflowId};

/// A message that an automation wrote to a client, sent or held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Written {
    /// On which matter.
    pub matter: MatterId,
    /// To whom.
    pub client: ClientId,
    /// The workflow.
    pub workflow: WorkflowId,
    /// See [`Cause::version`](super::Cause::version).
    pub version: Version,
    /// For which stay in a stage.
    pub entry: StageEntryId,
    /// Over what.
    pub channel: Channel,
    /// When it was written.
    pub at: Timestamp,
    /// Whether it was sent, or may be still: what was held back or failed is not waited after.
    pub counts: bool,
}

impl Written {
    /// What a delivery says of it; `None` when no automation wrote it to a client on a matter.
    #[must_use]
    pub fn of(delivery: &Delivery) -> Option<Self> {
        Self::new(
            delivery.matter_id?,
            &delivery.once_key()?,
            delivery.state,
            delivery.created_at,
        )
        .filter(|_| matches!(delivery.recipient, Recipient::Client(_)))
    }

    /// The same of the parts that stores keep: all else stands in [`Delivery::once_key`].
    #[must_use]
    pub fn new(matter: MatterId, once_key: &str, state: DeliveryState, at: Timestamp) -> Option<Self> {
        let mut parts = once_key.split(' ');
        let mut next = || parts.next();
        Some(Self {
            matter,
            workflow: next()?.parse().ok()?,
            version: Version(next()?.parse().ok()?),
            entry: next()?.parse().ok()?,
            channel: match next()? {
                "sms" => Channel::Sms,
                "email" => Channel::Email,
                _ => return None,
            },
            client: next()?.parse().ok()?,
            at,
            counts: !matches!(state, DeliveryState::Held | DeliveryState::Failed),
        })
    }
}
