use async_trait::async_trait;

use super::Conversation;
use crate::workflow::Channel;
use crate::{ClientId, ConversationId, Page, PageRequest, PracticeId, StaffId, StoreError};

/// Who answers a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// Nobody in particular, or somebody who does not work for the practice any more.
    Nobody,
    /// This staff member.
    To(StaffId),
}

/// Which conversations are wanted. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConversationFilter {
    /// Only those with something that nobody read.
    pub unread: bool,
    /// Only those of numbers that nobody knows.
    pub unknown: bool,
    /// Only those that are assigned like this.
    pub assigned: Option<Assigned>,
    /// Only those with something over this channel: text messages, or an automation's mails.
    pub channel: Option<Channel>,
    /// Words that the [`Client::search_text`](crate::client::Client::search_text), or the number of a number's conversation,
    /// must contain, each of them somewhere. At least the first eight words count.
    pub q: Option<String>,
    /// Only those that are assigned to this staff member, or whose client takes part at present in a matter that they own or are
    /// on the team of.
    pub visible_to: Option<StaffId>,
    /// Only those of numbers that joined a client's, of which lists never tell; without it, all others.
    pub joined: bool,
}

/// Reads what is on record about conversations.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// One conversation.
    async fn conversation(
        &self,
        practice: PracticeId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError>;
    /// Conversations, the one where something happened last first (cursor key: `last_at`).
    async fn conversations(
        &self,
        practice: PracticeId,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<Conversation>, StoreError>;
    /// How many conversations have something that nobody read; of those [visible](ConversationFilter::visible_to) to a staff
    /// member, or of all. No more than `at_most` are looked for: every page of a busy office asks.
    async fn unread_conversations(
        &self,
        practice: PracticeId,
        visible_to: Option<StaffId>,
        at_most: u32,
    ) -> Result<u64, StoreError>;
    /// The conversations of numbers that joined those of any of these clients, in any order.
    async fn joined_numbers(
        &self,
        practice: PracticeId,
        clients: &[ClientId],
    ) -> Result<Vec<Conversation>, StoreError>;
}
