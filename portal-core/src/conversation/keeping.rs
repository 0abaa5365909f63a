//! What staff say of a conversation: that it was read, and who answers it.

use super::{Assigned, Conversation, ConversationFilter, ConversationRule, ConversationSummary, ReadUpTo};
use crate::audit::Subject;
use crate::policy::Capability;
use crate::sms::ReceivedFilter;
use crate::{
    Change, Context, ConversationId, Error, NoRule, PageRequest, Portal, StaffId, StoreError, Timestamp,
};

/// How many conversations are released by one change.
const TOGETHER: u32 = 50;

impl Portal {
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

    /// Who reads a conversation now, and how many messages came in after `up_to`.
    pub(super) async fn read_up_to(
        &self,
        ctx: &Context,
        conversation: &Conversation,
        up_to: Option<Timestamp>,
    ) -> Result<ReadUpTo, Error<NoRule>> {
        let up_to = up_to.map_or(ctx.at, |up_to| up_to.min(ctx.at));
        let mut left = 0;
        for id in self.places(ctx.practice, conversation).await? {
            left += self.came_after(ctx, id, Some(up_to)).await?;
        }
        Ok(ReadUpTo {
            staff: ctx.staff().map(|(staff, _)| staff),
            up_to,
            left,
            at: ctx.at,
        })
    }

    /// How many messages came into `place` after `after`, or ever.
    pub(super) async fn came_after(
        &self,
        ctx: &Context,
        place: ConversationId,
        after: Option<Timestamp>,
    ) -> Result<u32, StoreError> {
        let filter = ReceivedFilter {
            after,
            ..ReceivedFilter::of(place)
        };
        let one = PageRequest::first(1).with_total();
        let later = self.store().received(ctx.practice, &filter, &one).await?.total;
        Ok(u32::try_from(later.unwrap_or_default()).unwrap_or(u32::MAX))
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
                    // Who takes it knows.
                    let by = ctx.staff().map(|(staff, _)| staff);
                    let is_news = staff.is_some() && staff != by && assigned.unread > 0;
                    let news = is_news.then(|| self.unread_news(ctx.practice, assigned.id, ctx.at));
                    Change::audited(entry).save(assigned).save_all(news)
                }
            };
            Ok((self.summary(ctx, seen).await.map_err(Error::widen)?, change))
        })
        .await
    }

    /// Nobody in particular answers what `staff`, who left, answered; nor a number that joined a client's meanwhile, should it turn
    /// out not to be theirs. Until this is through, what they answered counts as nobody's all the same.
    pub(crate) async fn release_conversations(
        &self,
        ctx: &Context,
        staff: StaffId,
    ) -> Result<(), StoreError> {
        for joined in [false, true] {
            let theirs = ConversationFilter {
                assigned: Some(Assigned::To(staff)),
                joined,
                ..ConversationFilter::default()
            };
            while self.release_some(ctx, staff, &theirs).await? {}
        }
        Ok(())
    }

    /// Releases some of `theirs`; whether there were any.
    async fn release_some(
        &self,
        ctx: &Context,
        staff: StaffId,
        theirs: &ConversationFilter,
    ) -> Result<bool, StoreError> {
        let page = PageRequest::first(TOGETHER);
        let theirs = self.store().conversations(ctx.practice, theirs, &page).await?;
        let released: Vec<Conversation> = theirs
            .items
            .into_iter()
            .filter_map(|it| it.assign(None))
            .collect();
        if released.is_empty() {
            return Ok(false);
        }
        let entry = self
            .audit(ctx, "conversations.released", Subject::new("staff", staff))
            .with("count", released.len().to_string());
        match self.commit(Change::audited(entry).save_all(released)).await {
            // Somebody wrote in one of them.
            Ok(()) | Err(StoreError::Stale) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
