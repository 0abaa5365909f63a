//! Whose number it is: what comes from it stands in their conversation.

use super::seeing::Seen;
use super::{Conversation, ConversationRule, ConversationSummary, Joining, Parting};
use crate::audit::Subject;
use crate::client::Client;
use crate::policy::{Capability, reach, sees_conversation};
use crate::practice::expect_version;
use crate::text::Phone;
use crate::{
    Change, ClientId, Context, ConversationId, Error, NoRule, Portal, PracticeId, StoreError, Timestamp,
    Version,
};

/// Where a message comes in.
pub(crate) struct Incoming {
    /// The conversation that it belongs to.
    pub(crate) conversation: Conversation,
    /// Where it stands: in that, or in the one of a number that staff said is the client's. There it stays, whosever the number
    /// turns out to be.
    pub(crate) place: ConversationId,
}

impl Portal {
    /// Says whose number it is: what was written from it, and what will be, stands in the client's conversation. Who says so must
    /// see that conversation without the number.
    ///
    /// # Errors
    /// `NotANumber` for a client's own, or a number that is said to be somebody's already.
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
            self.require_may_link(ctx, &client, &theirs)
                .await
                .map_err(Error::widen)?;
            let entry = self
                .audit(
                    ctx,
                    "conversation.linked",
                    Subject::new("conversation", number.id),
                )
                .with("client", client.id.to_string());
            let mut places = self.places(ctx.practice, &theirs).await?;
            places.push(number.id);
            let newest = self.newest_of(ctx, Some(client.id), &places).await?;
            let joining = Joining {
                by: ctx.staff().map(|(staff, _)| staff),
                at: ctx.at,
                brings_assignee: self.assignee_sees(ctx, &number, &client).await?,
                newest: &newest,
            };
            let (number, theirs) = number.join(client.id, theirs, joining);
            let news = (theirs.unread > 0).then(|| self.unread_news(ctx.practice, theirs.id, ctx.at));
            let change = Change::audited(entry)
                .save(number)
                .save(theirs.clone())
                .save_all(news);
            let seen = Seen {
                conversation: theirs,
                client: Some(client),
                matters: None,
            };
            Ok((self.summary(ctx, seen).await.map_err(Error::widen)?, change))
        })
        .await
    }

    /// Takes back that a number is a client's: what was written from it, and what will be, stands in the number's conversation
    /// again. What was answered stays in the client's history, which says where it went. `expected` is the version of the
    /// number's record that the caller read.
    ///
    /// # Errors
    /// `NotLinked` when it is nobody's; `Stale` when somebody else was quicker.
    pub async fn unlink_conversation(
        &self,
        ctx: &Context,
        id: ConversationId,
        expected: Option<Version>,
    ) -> Result<ConversationSummary, Error<ConversationRule>> {
        ctx.require(Capability::EditClients).map_err(Error::widen)?;
        self.retrying(async || {
            let seen = self.conversation_for(ctx, Capability::AnswerClients, id).await;
            let theirs = seen.map_err(Error::widen)?.conversation;
            let number = self.store().conversation(ctx.practice, id).await?;
            let number = number.filter(Conversation::has_joined);
            let number = number.ok_or(Error::Rule(ConversationRule::NotLinked))?;
            expect_version(number.version, expected)?;
            let entry = self
                .audit(ctx, "conversation.unlinked", Subject::new("conversation", id))
                .with("client", number.client_id.map(|client| client.to_string()));
            let mut places = self.places(ctx.practice, &theirs).await?;
            places.retain(|place| *place != id);
            let kept = self.newest_of(ctx, number.client_id, &places).await?;
            let taken = self.newest_of(ctx, None, &[id]).await?;
            let read_up_to = number.was_read_up_to(&theirs);
            let parting = Parting {
                unread: self.came_after(ctx, id, read_up_to).await?,
                taken: &taken,
                kept: &kept,
            };
            let (number, theirs) = number.part(theirs, parting);
            // Who answered the number answers it again, and what nobody read there is theirs.
            let by = ctx.staff().map(|(staff, _)| staff);
            let is_news = number.assignee_id.is_some() && number.assignee_id != by && number.unread > 0;
            let news = is_news.then(|| self.unread_news(ctx.practice, number.id, ctx.at));
            let change = Change::audited(entry)
                .save(theirs)
                .save(number.clone())
                .save_all(news);
            let seen = Seen {
                conversation: number,
                client: None,
                matters: None,
            };
            Ok((self.summary(ctx, seen).await.map_err(Error::widen)?, change))
        })
        .await
    }

    /// Refuses who would come to see a client's conversation, or have others see it, by linking a number to it.
    async fn require_may_link(
        &self,
        ctx: &Context,
        client: &Client,
        theirs: &Conversation,
    ) -> Result<(), Error<NoRule>> {
        let staff = ctx.staff().map(|(staff, _)| staff);
        let works_for = match staff {
            Some(staff) => !self
                .shared_matters(ctx.practice, staff, client.id)
                .await?
                .is_empty(),
            None => false,
        };
        let answers = staff.is_some() && theirs.assignee_id == staff;
        if sees_conversation(ctx.reach(Capability::AnswerClients), works_for, answers) {
            Ok(())
        } else {
            Err(Error::Denied("link numbers to clients whom you do not work for"))
        }
    }

    /// Whether who answers a number sees the conversation of `client` by themselves.
    async fn assignee_sees(
        &self,
        ctx: &Context,
        number: &Conversation,
        client: &Client,
    ) -> Result<bool, StoreError> {
        let Some(id) = number.assignee_id else {
            return Ok(false);
        };
        let staff = self.store().staff_member(ctx.practice, id).await?;
        let Some(staff) = staff.filter(|staff| staff.active) else {
            return Ok(false);
        };
        let works_for = !self.shared_matters(ctx.practice, id, client.id).await?.is_empty();
        Ok(sees_conversation(
            reach(staff.role, Capability::SeeConversations),
            works_for,
            false,
        ))
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

    /// Where a message from `from` comes in.
    pub(crate) async fn conversation_from(
        &self,
        practice: PracticeId,
        from: &Phone,
        at: Timestamp,
    ) -> Result<Incoming, StoreError> {
        let number = Conversation::id_of_number(from);
        let number = self.store().conversation(practice, number).await?;
        let clients = self.store().clients_by_phone(practice, from).await?;
        let conversation = match super::whose(number.as_ref(), &clients) {
            Some(client) => self.noted_conversation(practice, client, at).await?,
            None => number
                .clone()
                .unwrap_or_else(|| Conversation::of_number(practice, from.clone(), at)),
        };
        let joined = number.filter(Conversation::has_joined);
        Ok(Incoming {
            place: joined.map_or(conversation.id, |number| number.id),
            conversation,
        })
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
}
