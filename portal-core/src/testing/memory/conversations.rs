use async_trait::async_trait;

use super::lists::{Order, finds, page};
use super::scan::{Look, Scan};
use super::tables::Tables;
use crate::client::Client;
use crate::conversation::{Assigned, Conversation, ConversationFilter, Conversations};
use crate::matter::Participant;
use crate::text::Phone;
use crate::workflow::Channel;
use crate::{ClientId, ConversationId, Page, PageRequest, PracticeId, StaffId, StoreError};

#[async_trait]
impl<S: Scan> Conversations for S {
    async fn conversation(
        &self,
        practice: PracticeId,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        self.one(practice, id)
    }

    async fn conversations(
        &self,
        practice: PracticeId,
        filter: &ConversationFilter,
        request: &PageRequest,
    ) -> Result<Page<Conversation>, StoreError> {
        let tables = self.held()?;
        let kept = tables.of(practice).filter(|row| tables.lists(row, filter));
        let rows = kept.cloned().collect();
        Ok(page(rows, request, Order::Falling, |row: &Conversation| {
            (row.last_at.to_string(), row.id.into())
        }))
    }

    async fn unread_conversations(
        &self,
        practice: PracticeId,
        visible_to: Option<StaffId>,
        at_most: u32,
    ) -> Result<u64, StoreError> {
        let filter = ConversationFilter {
            unread: true,
            visible_to,
            ..ConversationFilter::default()
        };
        let tables = self.held()?;
        let kept = tables.of(practice).filter(|row| tables.lists(row, &filter));
        Ok(kept
            .map(|_| 1)
            .take(usize::try_from(at_most).unwrap_or(usize::MAX))
            .sum())
    }

    async fn joined_numbers(
        &self,
        practice: PracticeId,
        clients: &[ClientId],
    ) -> Result<Vec<Conversation>, StoreError> {
        self.all(practice, |row: &Conversation| {
            row.has_joined() && row.client_id.is_some_and(|client| clients.contains(&client))
        })
    }
}

impl Tables {
    fn lists(&self, row: &Conversation, filter: &ConversationFilter) -> bool {
        let practice = row.practice_id;
        let client = row
            .client_id
            .and_then(|client| self.clients.get(&(practice, client.into())));
        let searched = client
            .map(Client::search_text)
            .or_else(|| row.phone.as_ref().map(Phone::to_string))
            .unwrap_or_default();
        let visible = |staff: StaffId| {
            let works_with = |part: &Participant| {
                Some(part.client_id) == row.client_id
                    && !part.removed
                    && self.works_on(practice, part.matter_id, staff)
            };
            row.assignee_id == Some(staff) || self.of(practice).any(works_with)
        };
        row.has_joined() == filter.joined
            && (!filter.unread || row.unread > 0)
            && (!filter.unknown || row.client_id.is_none())
            && match filter.assigned {
                None => true,
                Some(Assigned::Nobody) => row.assignee_id.is_none_or(|staff| {
                    let staff = self.staff.get(&(practice, staff.into()));
                    staff.is_some_and(|staff| !staff.active)
                }),
                Some(Assigned::To(staff)) => row.assignee_id == Some(staff),
            }
            && match filter.channel {
                None => true,
                Some(Channel::Sms) => row.texted_at.is_some(),
                Some(Channel::Email | Channel::Task) => row.mailed_at.is_some(),
            }
            && finds(filter.q.as_deref(), &searched)
            && filter.visible_to.is_none_or(visible)
    }
}
