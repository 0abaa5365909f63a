//! Answers to clients, by text message.

use uuid::Uuid;

use super::{Answerable, Conversation, ConversationRule, Happening, answer_to};
use crate::audit::Subject;
use crate::client::Client;
use crate::notify::{About, Delivery, DeliveryState, Letter, Recipient};
use crate::policy::Capability;
use crate::sms::{ReceivedFilter, ReceivedSms};
use crate::text::{self, Phone};
use crate::workflow::Held;
use crate::{
    Change, Context, ConversationId, DeliveryId, Error, EventKind, PageRequest, Portal, Timestamp, Version,
};

/// The longest text that is looked at, in characters: more than ten segments hold.
const LONGEST: usize = 2_000;

impl Portal {
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
            tried_at: None,
            sent_at: None,
            provider_id: None,
            in_doubt: false,
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
        let joined = self.store().joined_numbers(ctx.practice, &[client.id]).await?;
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
        let agreement = self.agreement_of(ctx.practice, client, Some(phone)).await?;
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
            agreement,
            consent_needed: practice.settings.text_consent_needed,
            wrote: !wrote.items.is_empty(),
        };
        answerable.texted(text).map_err(unreachable)
    }
}
