//! What conversations hold.

use super::seeing::{Seen, only_to};
use super::{ConversationFilter, ConversationSummary, Entry, LinkedNumber};
use crate::identity::StaffMember;
use crate::notify::DeliveryFilter;
use crate::policy::Capability;
use crate::sms::ReceivedFilter;
use crate::workflow::Channel;
use crate::{
    ClientId, Context, ConversationId, Error, NoRule, Page, PageRequest, Portal, StaffId, StoreError,
};

/// Staff by id, each looked up once.
#[derive(Default)]
struct Names(Vec<StaffMember>);

impl Names {
    async fn of(
        &mut self,
        portal: &Portal,
        ctx: &Context,
        id: Option<StaffId>,
    ) -> Result<Option<StaffMember>, StoreError> {
        let Some(id) = id else { return Ok(None) };
        if let Some(known) = self.0.iter().find(|known| known.id == id) {
            return Ok(Some(known.clone()));
        }
        let found = portal.store().staff_member(ctx.practice, id).await?;
        self.0.extend(found.clone());
        Ok(found)
    }
}

impl Portal {
    /// Conversations, the one where something happened last first: all of the practice's, or those that the caller works on
    /// (`filter.visible_to` is set to that).
    pub async fn conversations(
        &self,
        ctx: &Context,
        filter: &ConversationFilter,
        page: &PageRequest,
    ) -> Result<Page<ConversationSummary>, Error<NoRule>> {
        let filter = ConversationFilter {
            visible_to: only_to(ctx)?,
            // Who answered such a number need not see whose it is.
            joined: false,
            ..filter.clone()
        };
        let page = self.store().conversations(ctx.practice, &filter, page).await?;
        let ids: Vec<ClientId> = page.items.iter().filter_map(|it| it.client_id).collect();
        let clients = self.store().clients_by_id(ctx.practice, &ids).await?;
        let mut names = Names::default();
        let mut items = Vec::with_capacity(page.items.len());
        for conversation in page.items {
            let assignee = names.of(self, ctx, conversation.assignee_id).await?;
            let mut known = clients.iter();
            let client = known.find(|client| Some(client.id) == conversation.client_id);
            items.push(ConversationSummary::of(
                conversation,
                client.cloned(),
                assignee.as_ref(),
                None,
            ));
        }
        Ok(Page {
            items,
            next: page.next,
            total: page.total,
        })
    }

    /// How many conversations that the caller may see have something that nobody read; no more than `at_most` are counted.
    pub async fn unread_conversations(&self, ctx: &Context, at_most: u32) -> Result<u64, Error<NoRule>> {
        let visible_to = only_to(ctx)?;
        Ok(self
            .store()
            .unread_conversations(ctx.practice, visible_to, at_most)
            .await?)
    }

    /// One conversation: a client's, also before anything was written, or that of a number. One of a number that joined a
    /// client's is theirs.
    pub async fn conversation(
        &self,
        ctx: &Context,
        id: ConversationId,
    ) -> Result<ConversationSummary, Error<NoRule>> {
        let seen = self
            .conversation_for(ctx, Capability::SeeConversations, id)
            .await?;
        self.summary(ctx, seen).await
    }

    /// The messages of a conversation, the newest first (cursor key: the time). Where the caller does not see all matters, a
    /// page can have fewer than were asked for.
    pub async fn conversation_entries(
        &self,
        ctx: &Context,
        id: ConversationId,
        page: &PageRequest,
    ) -> Result<Page<Entry>, Error<NoRule>> {
        let seen = self
            .conversation_for(ctx, Capability::SeeConversations, id)
            .await?;
        let places = self.places(ctx.practice, &seen.conversation).await?;
        let mut merged = self
            .entries_of(ctx, seen.conversation.client_id, &places, page)
            .await?;
        if let Some(matters) = &seen.matters {
            let is_theirs = |entry: &Entry| entry.matter().is_none_or(|matter| matters.contains(&matter));
            merged.items.retain(is_theirs);
            // How many there are in other matters is not told either.
            merged.total = None;
        }
        Ok(merged)
    }

    /// What went to a client, and what came in in any of `places`.
    pub(super) async fn entries_of(
        &self,
        ctx: &Context,
        client: Option<ClientId>,
        places: &[ConversationId],
        page: &PageRequest,
    ) -> Result<Page<Entry>, StoreError> {
        let mut lists = Vec::new();
        if client.is_some() {
            let filter = DeliveryFilter {
                client,
                ..DeliveryFilter::default()
            };
            let sent = self.store().deliveries(ctx.practice, &filter, page).await?;
            lists.push(sent.map(|delivery| Entry::Sent(Box::new(delivery))));
        }
        for id in places {
            let filter = ReceivedFilter::of(*id);
            let received = self.store().received(ctx.practice, &filter, page).await?;
            lists.push(received.map(|sms| Entry::Received(Box::new(sms))));
        }
        Ok(Entry::merged(lists, page))
    }

    /// The newest message of each kind that went to a client, or came in in any of `places`: what tells how a conversation
    /// looks, however long it is. Mails are not among them.
    pub(super) async fn newest_of(
        &self,
        ctx: &Context,
        client: Option<ClientId>,
        places: &[ConversationId],
    ) -> Result<Vec<Entry>, StoreError> {
        let one = PageRequest::first(1);
        let mut newest = Vec::new();
        if client.is_some() {
            for automated in [true, false] {
                let filter = DeliveryFilter {
                    client,
                    channel: Some(Channel::Sms),
                    automated: Some(automated),
                    ..DeliveryFilter::default()
                };
                let sent = self.store().deliveries(ctx.practice, &filter, &one).await?;
                newest.extend(sent.items.into_iter().map(|it| Entry::Sent(Box::new(it))));
            }
        }
        for id in places {
            let filter = ReceivedFilter::of(*id);
            let received = self.store().received(ctx.practice, &filter, &one).await?;
            newest.extend(received.items.into_iter().map(|it| Entry::Received(Box::new(it))));
        }
        Ok(newest)
    }

    /// Every message that the practice wrote or received, the newest first (cursor key: the time), for whoever may read all of it.
    pub async fn history(&self, ctx: &Context, page: &PageRequest) -> Result<Page<Entry>, Error<NoRule>> {
        ctx.require(Capability::SeeAudit)?;
        let sent = self
            .store()
            .deliveries(ctx.practice, &DeliveryFilter::default(), page)
            .await?;
        let received = self
            .store()
            .received(ctx.practice, &ReceivedFilter::default(), page)
            .await?;
        let sent = sent.map(|delivery| Entry::Sent(Box::new(delivery)));
        let received = received.map(|sms| Entry::Received(Box::new(sms)));
        Ok(Entry::merged(vec![sent, received], page))
    }

    /// What is shown of a conversation, with the numbers that are said to be its client's.
    pub(super) async fn summary(
        &self,
        ctx: &Context,
        seen: Seen,
    ) -> Result<ConversationSummary, Error<NoRule>> {
        let mut names = Names::default();
        let assignee = names.of(self, ctx, seen.conversation.assignee_id).await?;
        let joined = match seen.conversation.client_id {
            Some(client) => self.store().joined_numbers(ctx.practice, &[client]).await?,
            None => Vec::new(),
        };
        let mut numbers = Vec::new();
        for number in joined {
            let by = names.of(self, ctx, number.linked_by).await?;
            numbers.extend(LinkedNumber::of(number, by.map(|staff| staff.name)));
        }
        Ok(ConversationSummary::of(
            seen.conversation,
            seen.client,
            assignee.as_ref(),
            Some(numbers),
        ))
    }
}
