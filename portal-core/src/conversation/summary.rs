use super::Conversation;
use crate::client::Client;
use crate::identity::StaffMember;
use crate::text::Phone;
use crate::{ConversationId, Timestamp, Version};

/// A conversation as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationSummary {
    /// The conversation. Who left the practice answers none.
    pub conversation: Conversation,
    /// Whose it is.
    pub client: Option<Client>,
    /// The name of who answers it.
    pub assignee: Option<String>,
    /// The numbers that staff said are the client's; `None` in lists.
    pub numbers: Option<Vec<LinkedNumber>>,
}

/// A number that staff said is a client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedNumber {
    /// The id of the number's own conversation.
    pub id: ConversationId,
    /// The version of its record, for whoever takes it back.
    pub version: Version,
    /// The number.
    pub phone: Phone,
    /// The name of who said so.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

impl LinkedNumber {
    /// What the record of a number that joined a client's conversation says; `None` for every other.
    #[must_use]
    pub fn of(number: Conversation, by: Option<String>) -> Option<Self> {
        number.client_id?;
        Some(Self {
            id: number.id,
            version: number.version,
            phone: number.phone?,
            by,
            at: number.linked_at,
        })
    }
}

impl ConversationSummary {
    /// A conversation with what is known of it; `assignee` is the record of who answers it.
    #[must_use]
    pub fn of(
        conversation: Conversation,
        client: Option<Client>,
        assignee: Option<&StaffMember>,
        numbers: Option<Vec<LinkedNumber>>,
    ) -> Self {
        let assignee = assignee.filter(|staff| staff.active);
        Self {
            conversation: Conversation {
                assignee_id: assignee.map(|staff| staff.id),
                ..conversation
            },
            client,
            assignee: assignee.map(|staff| staff.name.clone()),
            numbers,
        }
    }
}
