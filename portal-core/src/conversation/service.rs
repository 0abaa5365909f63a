use uuid::Uuid;

use super::{
    Answerable, Conversation, ConversationFilter, ConversationRule, ConversationSummary, Entry, Happening,
    ReadUpTo, answer_to,
};
use crate::audit::Subject;
use crate::client::Client;
use crate::notify::{About, Delivery, DeliveryFilter, DeliveryState, Letter, Recipient};
use crate::policy::{Capability, Reach};
use crate::sms::{ReceivedFilter, ReceivedSms};
use crate::text::{self, Phone};
use crate::workflow::Held;
use crate::{
    Change, ClientId, Context, ConversationId, DeliveryId, Error, EventKind, MatterId, NoRule, Page,
    PageRequest, Portal, PracticeId, StaffId, StoreError, Timestamp, Version,
};

/// The longest text that is looked at, in characters: more than ten segments hold.
const LONGEST: usize = 2_000;

/// A conversation that somebody may see.
struct Seen {
    conversation: Conversation,
    client: Option<Client>,
    /// The matters whose messages they may see; `None` for all.
    matters: Option<Vec<MatterId>>,
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
            ..filter.clone()
        };
        let page = self.store().conversations(ctx.practice, &filter, page).await?;
        let ids: Vec<ClientId> = page.items.iter().filter_map(|it| it.client_id).collect();
        let clients = self.store().clients_by_id(ctx.practice, &ids).await?;
        let mut names: Vec<(StaffId, String)> = Vec::new();
        for id in page.items.iter().filter_map(|it| it.assignee_id) {
            if names.iter().all(|(known, _)| *known != id) {
                let staff = self.store().staff_member(ctx.practice, id).await?;
                names.extend(staff.map(|staff| (id, staff.name)));
            }
        }
        Ok(page.map(|conversation| ConversationSummary {
            client: clients
                .iter()
                .find(|client| Some(client.id) == conversation.client_id)
                .cloned(),
            assignee: names
                .iter()
                .find(|(id, _)| Some(*id) == conversation.assignee_id)
                .map(|(_, name)| name.clone()),
            conversation,
        }))
    }

    /// How many conversations that the caller may see have something that nobody read.
    pub async fn unread_conversations(&self, ctx: &Context) -> Result<u64, Error<NoRule>> {
        let visible_to = only_to(ctx)?;
        Ok(self
            .store()
            .unread_conversations(ctx.practice, visible_to)
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
        let practice = ctx.practice;
        let mut lists = Vec::new();
        if let Some(client) = seen.conversation.client_id {
            let filter = DeliveryFilter {
                client: Some(client),
                ..DeliveryFilter::default()
            };
            let sent = self.store().deliveries(practice, &filter, page).await?;
            lists.push(sent.map(|delivery| Entry::Sent(Box::new(delivery))));
        }
        for id in self.places(practice, &seen.conversation).await? {
            let received = self
                .store()
                .received(practice, &ReceivedFilter::of(id), page)
                .await?;
            lists.push(received.map(|sms| Entry::Received(Box::new(sms))));
        }
        let mut merged = Entry::merged(lists, page);
        if let Some(matters) = &seen.matters {
            let is_theirs = |entry: &Entry| entry.matter().is_none_or(|matter| matters.contains(&matter));
            merged.items.retain(is_theirs);
            // How many there are in other matters is not told either.
            merged.total = None;
        }
        Ok(merged)
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

    /// Marks a conversation as read, up to `up_to` or now. Doing it twice is no error.
    pub async fn read_conversation(
        &self,
        ctx: &Context,
        id: ConversationId,
        up_to: Option<Timestamp>,
    ) -> Result<ConversationSummary, Error<NoRule>> {
        self.retrying(async || {
            let mut seen = self.conversation_for(ctx, Capability::AnswerClients, id).await?;
            let read = self.read_up_to(ctx, &seen.conversation, up_to).await?;
            let mut change = Change::unaudited(ctx.practice, "the conversation says who read it up to where");
            if let Some(read) = seen.conversation.clone().read(read) {
                change = change.save(read.clone());
                seen.conversation = read;
            }
            Ok((self.summary(ctx, seen).await?, change))
        })
        .await
    }

    /// Says who answers a conversation; `None` for nobody in particular.
    pub async fn assign_conversation(
        &self,
        ctx: &Context,
        id: ConversationId,
        staff: Option<StaffId>,
    ) -> Result<ConversationSummary, Error<ConversationRule>> {
        self.retrying(async || {
            let seen = self.conversation_for(ctx, Capability::AnswerClients, id).await;
            let mut seen = seen.map_err(Error::widen)?;
            if let Some(staff) = staff {
                let known = self.store().staff_member(ctx.practice, staff).await?;
                if !known.is_some_and(|staff| staff.active) {
                    return Err(Error::Rule(ConversationRule::NotActive));
                }
            }
            let change = match seen.conversation.clone().assign(staff) {
                None => Change::unaudited(ctx.practice, "nothing changes"),
                Some(assigned) => {
                    let entry = self
                        .audit(
                            ctx,
                            "conversation.assigned",
                            Subject::new("conversation", assigned.id),
                        )
                        .with("to", staff.map(|staff| staff.to_string()));
                    seen.conversation = assigned.clone();
                    Change::audited(entry).save(assigned)
                }
            };
            Ok((self.summary(ctx, seen).await.map_err(Error::widen)?, change))
        })
        .await
    }

    /// Says whose number it is: what was written from it, and what will be, stands in the client's conversation.
    pub async fn link_conversation(
        &self,
        ctx: &Context,
        id: ConversationId,
        client: ClientId,
    ) -> Result<ConversationSummary, Error<ConversationRule>> {
        ctx.require(Capability::EditClients).map_err(Error::widen)?;
        self.retrying(async || {
            let seen = self.conversation_for(ctx, Capability::AnswerClients, id).await;
            let number = seen.map_err(Error::widen)?.conversation;
            if number.phone.is_none() {
                return Err(Error::Rule(ConversationRule::NotANumber));
            }
            let client = self.store().client(ctx.practice, client).await?;
            let client = client.ok_or(Error::NotFound("client"))?;
            let theirs = self.noted_conversation(ctx.practice, client.id, ctx.at).await?;
            let entry = self
                .audit(
                    ctx,
                    "conversation.linked",
                    Subject::new("conversation", number.id),
                )
                .with("client", client.id.to_string());
            let (number, theirs) = number.join(client.id, theirs);
            let change = Change::audited(entry).save(number).save(theirs.clone());
            let seen = Seen {
                conversation: theirs,
                client: Some(client),
                matters: None,
            };
            Ok((self.summary(ctx, seen).await.map_err(Error::widen)?, change))
        })
        .await
    }

    /// Answers a client by text message: it is written into the history, and leaves from there. Under the same `once`, which
    /// becomes the history entry's id, it is sent once. What came in up to `read` is read then.
    pub async fn answer_by_text(
        &self,
        ctx: &Context,
        id: ConversationId,
        text: &str,
        once: Option<Uuid>,
        read: Option<Timestamp>,
    ) -> Result<Delivery, Error<ConversationRule>> {
        let said = text::block("text", text, LONGEST).map_err(crate::Invalid::from)?;
        let delivery_id = once.map_or_else(|| self.id(), DeliveryId);
        self.retrying(async || {
            let seen = self.conversation_for(ctx, Capability::AnswerClients, id).await;
            let seen = seen.map_err(Error::widen)?;
            let client = seen.client.ok_or(Error::Rule(ConversationRule::Nobody))?;
            if let Some(known) = self.store().delivery(ctx.practice, delivery_id).await? {
                let is_same = known.recipient == Recipient::Client(client.id)
                    && known.text == said
                    && matches!(known.letter, Letter::Reply { .. });
                let nothing = Change::unaudited(ctx.practice, "it was written before");
                return if is_same {
                    Ok((known, nothing))
                } else {
                    Err(Error::Rule(ConversationRule::OtherMessage))
                };
            }
            let to = self
                .number_to_answer(ctx, (&seen.conversation, &client), &said)
                .await?;
            let delivery = self.reply(ctx, &client, delivery_id, (&said, to));
            let read = match read {
                Some(up_to) => Some(
                    self.read_up_to(ctx, &seen.conversation, Some(up_to))
                        .await
                        .map_err(Error::widen)?,
                ),
                None => None,
            };
            let conversation = seen.conversation.noting(Happening::Answered(&said, read), ctx.at);
            let written = EventKind::TextWritten {
                delivery: delivery.id,
                client: client.id,
            };
            let entry = self.audit(ctx, "message.written", Subject::new("delivery", delivery.id));
            let event = crate::Event {
                id: delivery.event_id,
                ..self.event(ctx, written)
            };
            let change = Change::audited(entry)
                .save(delivery.clone())
                .save(conversation)
                .save(event);
            Ok((delivery, change))
        })
        .await
    }

    /// An id for a message that is yet to be written: for a form that may be sent twice.
    #[must_use]
    pub fn new_message_id(&self) -> Uuid {
        self.id::<DeliveryId>().0
    }

    /// The record of a client's conversation, or a new one.
    pub(crate) async fn noted_conversation(
        &self,
        practice: PracticeId,
        client: ClientId,
        at: Timestamp,
    ) -> Result<Conversation, StoreError> {
        let kept = self
            .store()
            .conversation(practice, Conversation::id_of(client))
            .await?;
        Ok(kept.unwrap_or_else(|| Conversation::of_client(practice, client, at)))
    }

    /// The conversation that a message from `from` comes into.
    pub(crate) async fn conversation_from(
        &self,
        practice: PracticeId,
        from: &Phone,
        at: Timestamp,
    ) -> Result<Conversation, StoreError> {
        let number = Conversation::id_of_number(from);
        let number = self.store().conversation(practice, number).await?;
        let clients = self.store().clients_by_phone(practice, from).await?;
        match super::whose(number.as_ref(), &clients) {
            Some(client) => self.noted_conversation(practice, client, at).await,
            None => Ok(number.unwrap_or_else(|| Conversation::of_number(practice, from.clone(), at))),
        }
    }

    /// Whether staff said that the number is the client's.
    pub(crate) async fn is_said_to_be(
        &self,
        practice: PracticeId,
        phone: &Phone,
        client: ClientId,
    ) -> Result<bool, StoreError> {
        let number = Conversation::id_of_number(phone);
        let number = self.store().conversation(practice, number).await?;
        Ok(number.is_some_and(|number| number.client_id == Some(client)))
    }

    fn reply(&self, ctx: &Context, client: &Client, id: DeliveryId, (text, to): (&str, Phone)) -> Delivery {
        let about = About {
            reader: client.name(),
            matter_title: String::new(),
            matter_reference: String::new(),
            url: self.url("/"),
        };
        Delivery {
            id,
            practice_id: ctx.practice,
            version: Version::FIRST,
            event_id: self.id(),
            matter_id: None,
            recipient: Recipient::Client(client.id),
            to_name: client.name(),
            to: to.into(),
            letter: Letter::Reply {
                about,
                text: text.to_owned(),
                by: ctx.staff().map(|(staff, _)| staff),
            },
            subject: String::new(),
            text: text.to_owned(),
            state: DeliveryState::Queued,
            attempts: 0,
            due_at: ctx.at,
            last_error: None,
            created_at: ctx.at,
            sent_at: None,
            provider_id: None,
        }
    }

    /// Where an answer goes, if it may and can.
    async fn number_to_answer(
        &self,
        ctx: &Context,
        (conversation, client): (&Conversation, &Client),
        text: &str,
    ) -> Result<Phone, Error<ConversationRule>> {
        let practice = self.practice_of(ctx).await.map_err(Error::widen)?;
        let joined = self.store().joined_numbers(ctx.practice, client.id).await?;
        let said: Vec<Phone> = joined.iter().filter_map(|number| number.phone.clone()).collect();
        let mut last: Option<ReceivedSms> = None;
        for id in self.places(ctx.practice, conversation).await? {
            let filter = ReceivedFilter::of(id);
            let newest = self
                .store()
                .received(ctx.practice, &filter, &PageRequest::first(1))
                .await?;
            let newest = newest.items.into_iter().next();
            if newest.as_ref().map(|sms| sms.received_at) > last.as_ref().map(|sms| sms.received_at) {
                last = newest;
            }
        }
        let phone = answer_to(client, &said, last.as_ref().map(|sms| &sms.from));
        let unreachable = |held| Error::Rule(ConversationRule::Unreachable(held));
        let Some(phone) = phone else {
            return Err(unreachable(Held::NoPhone));
        };
        let record = self.store().phone_record(ctx.practice, phone).await?;
        let from = ReceivedFilter {
            from: Some(phone.clone()),
            ..ReceivedFilter::default()
        };
        let wrote = self
            .store()
            .received(ctx.practice, &from, &PageRequest::first(1))
            .await?;
        let answerable = Answerable {
            client,
            phone: Some(phone),
            agreement: record.map(|record| record.agreement).unwrap_or_default(),
            consent_needed: practice.settings.text_consent_needed,
            wrote: !wrote.items.is_empty(),
        };
        answerable.texted(text).map_err(unreachable)
    }

    /// Where what belongs to a conversation came in: in it, and in those of numbers that joined it.
    async fn places(
        &self,
        practice: PracticeId,
        conversation: &Conversation,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let mut places = vec![conversation.id];
        if let Some(client) = conversation.client_id {
            let joined = self.store().joined_numbers(practice, client).await?;
            places.extend(joined.into_iter().map(|number| number.id));
        }
        Ok(places)
    }

    async fn read_up_to(
        &self,
        ctx: &Context,
        conversation: &Conversation,
        up_to: Option<Timestamp>,
    ) -> Result<ReadUpTo, Error<NoRule>> {
        let up_to = up_to.map_or(ctx.at, |up_to| up_to.min(ctx.at));
        let mut left = 0;
        for id in self.places(ctx.practice, conversation).await? {
            let filter = ReceivedFilter {
                after: Some(up_to),
                ..ReceivedFilter::of(id)
            };
            let one = PageRequest::first(1).with_total();
            let later = self.store().received(ctx.practice, &filter, &one).await?.total;
            left += u32::try_from(later.unwrap_or_default()).unwrap_or(u32::MAX);
        }
        Ok(ReadUpTo {
            staff: ctx.staff().map(|(staff, _)| staff),
            up_to,
            left,
            at: ctx.at,
        })
    }

    async fn summary(&self, ctx: &Context, seen: Seen) -> Result<ConversationSummary, Error<NoRule>> {
        let assignee = match seen.conversation.assignee_id {
            Some(staff) => self.store().staff_member(ctx.practice, staff).await?,
            None => None,
        };
        Ok(ConversationSummary {
            conversation: seen.conversation,
            client: seen.client,
            assignee: assignee.map(|staff| staff.name),
        })
    }

    /// The conversation, if `capability` reaches it for whoever acts. What they may not see answers like what does not exist.
    async fn conversation_for(
        &self,
        ctx: &Context,
        capability: Capability,
        id: ConversationId,
    ) -> Result<Seen, Error<NoRule>> {
        let reach = ctx.require(Capability::SeeConversations)?;
        let missing = || Error::NotFound("conversation");
        let kept = self.store().conversation(ctx.practice, id).await?;
        let client = match kept.as_ref().map_or(Some(ClientId(id.0)), |kept| kept.client_id) {
            Some(client) => self.store().client(ctx.practice, client).await?,
            None => None,
        };
        let conversation = match (kept, &client) {
            (Some(kept), _) if !kept.has_joined() => kept,
            (_, Some(client)) => self.noted_conversation(ctx.practice, client.id, ctx.at).await?,
            (_, None) => return Err(missing()),
        };
        let matters = match reach {
            Reach::Practice => None,
            Reach::OwnMatters | Reach::Nothing => Some(self.own_matters_with(ctx, client.as_ref()).await?),
        };
        let staff = ctx.staff().map(|(staff, _)| staff);
        let is_theirs = staff.is_some() && conversation.assignee_id == staff;
        if matters.as_ref().is_some_and(Vec::is_empty) && !is_theirs {
            return Err(missing());
        }
        ctx.require(capability)?;
        Ok(Seen {
            conversation,
            client,
            matters,
        })
    }

    /// The matters that the client takes part in and the caller owns or is on the team of.
    async fn own_matters_with(
        &self,
        ctx: &Context,
        client: Option<&Client>,
    ) -> Result<Vec<MatterId>, Error<NoRule>> {
        let (Some(client), Some((staff, _))) = (client, ctx.staff()) else {
            return Ok(Vec::new());
        };
        let mut own = Vec::new();
        for part in self.store().participations(ctx.practice, client.id).await? {
            let matter = self.store().matter(ctx.practice, part.matter_id).await?;
            let owns = matter.is_some_and(|matter| matter.owner_id == staff);
            if !part.removed
                && (owns
                    || self
                        .store()
                        .is_on_team(ctx.practice, part.matter_id, staff)
                        .await?)
            {
                own.push(part.matter_id);
            }
        }
        Ok(own)
    }
}

/// To whom alone conversations must be visible; `None` when the caller sees all.
fn only_to(ctx: &Context) -> Result<Option<StaffId>, Error<NoRule>> {
    Ok(match ctx.require(Capability::SeeConversations)? {
        Reach::Practice => None,
        Reach::OwnMatters | Reach::Nothing => ctx.staff().map(|(staff, _)| staff),
    })
}
