//! Who may see which conversation.

use super::Conversation;
use crate::client::Client;
use crate::policy::Reach;
use crate::policy::{Capability, sees_conversation};
use crate::{
    ClientId, Context, ConversationId, Error, MatterId, NoRule, Portal, PracticeId, StaffId, StoreError,
};

/// A conversation that somebody may see.
pub(super) struct Seen {
    pub(super) conversation: Conversation,
    pub(super) client: Option<Client>,
    /// The matters whose messages they may see; `None` for all.
    pub(super) matters: Option<Vec<MatterId>>,
}

impl Portal {
    /// The conversation, if `capability` reaches it for whoever acts. What they may not see answers like what does not exist.
    pub(super) async fn conversation_for(
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
        let staff = ctx.staff().map(|(staff, _)| staff);
        let matters = match (reach, &client, staff) {
            (Reach::Practice, _, _) => None,
            (_, Some(client), Some(staff)) => {
                Some(self.shared_matters(ctx.practice, staff, client.id).await?)
            }
            _ => Some(Vec::new()),
        };
        let works_for = matters.as_ref().is_some_and(|matters| !matters.is_empty());
        let answers = staff.is_some() && conversation.assignee_id == staff;
        if !sees_conversation(reach, works_for, answers) {
            return Err(missing());
        }
        ctx.require(capability)?;
        Ok(Seen {
            conversation,
            client,
            matters,
        })
    }

    /// The matters that the client takes part in and the staff member owns or is on the team of.
    pub(super) async fn shared_matters(
        &self,
        practice: PracticeId,
        staff: StaffId,
        client: ClientId,
    ) -> Result<Vec<MatterId>, StoreError> {
        let mut shared = Vec::new();
        for part in self.store().participations(practice, client).await? {
            if part.removed {
                continue;
            }
            let matter = self.store().matter(practice, part.matter_id).await?;
            let owns = matter.is_some_and(|matter| matter.owner_id == staff);
            if owns || self.store().is_on_team(practice, part.matter_id, staff).await? {
                shared.push(part.matter_id);
            }
        }
        Ok(shared)
    }

    /// Where what belongs to a conversation came in: in it, and in those of numbers that joined it.
    pub(super) async fn places(
        &self,
        practice: PracticeId,
        conversation: &Conversation,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let mut places = vec![conversation.id];
        if let Some(client) = conversation.client_id {
            let joined = self.store().joined_numbers(practice, &[client]).await?;
            places.extend(joined.into_iter().map(|number| number.id));
        }
        Ok(places)
    }
}

/// To whom alone conversations must be visible; `None` when the caller sees all.
pub(super) fn only_to(ctx: &Context) -> Result<Option<StaffId>, Error<NoRule>> {
    Ok(match ctx.require(Capability::SeeConversations)? {
        Reach::Practice => None,
        Reach::OwnMatters | Reach::Nothing => ctx.staff().map(|(staff, _)| staff),
    })
}
