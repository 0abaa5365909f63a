use uuid::Uuid;

use crate::notify::{Delivery, Letter};
use crate::sms::ReceivedSms;
use crate::text::Address;
use crate::workflow::Channel;
use crate::{Cursor, MatterId, Page, PageRequest, Timestamp};

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// It went to the client, or was to: its history entry.
    Sent(Box<Delivery>),
    /// They wrote it.
    Received(Box<ReceivedSms>),
}

impl Entry {
    /// When it was written, or arrived.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Sent(delivery) => delivery.created_at,
            Self::Received(sms) => sms.received_at,
        }
    }

    /// The id of the history entry, or of the message that was received.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Sent(delivery) => delivery.id.0,
            Self::Received(sms) => sms.id.0,
        }
    }

    /// Over what it went or came.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::Sent(delivery) => channel_of(delivery),
            Self::Received(_) => Channel::Sms,
        }
    }

    /// The matter that it concerns.
    #[must_use]
    pub fn matter(&self) -> Option<MatterId> {
        match self {
            Self::Sent(delivery) => delivery.matter_id,
            Self::Received(_) => None,
        }
    }

    /// One page of several lists, each the newest first and cut as `request` asks: the newest first, by time and then by id.
    #[must_use]
    pub(super) fn merged(lists: Vec<Page<Self>>, request: &PageRequest) -> Page<Self> {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let mut more = lists.iter().any(|list| list.next.is_some());
        let counts: Option<Vec<u64>> = lists.iter().map(|list| list.total).collect();
        let mut items: Vec<Self> = lists.into_iter().flat_map(|list| list.items).collect();
        items.sort_by_key(|entry| std::cmp::Reverse((entry.at(), entry.id())));
        more |= items.len() > limit;
        items.truncate(limit);
        let end = |entry: &Self| Cursor {
            key: entry.at().to_string(),
            id: entry.id(),
        };
        Page {
            next: items.last().filter(|_| more).map(end),
            items,
            total: counts
                .filter(|_| request.total)
                .map(|counts| counts.into_iter().sum()),
        }
    }
}

/// Over what a delivery goes; one that has no address as its automation says.
pub(crate) const fn channel_of(delivery: &Delivery) -> Channel {
    match (&delivery.to, &delivery.letter) {
        (Address::Phone(_), _) | (_, Letter::Reply { .. }) => Channel::Sms,
        (Address::Nowhere, Letter::Automated { cause, .. }) => cause.channel,
        (Address::Email(_) | Address::Nowhere, _) => Channel::Email,
    }
}
