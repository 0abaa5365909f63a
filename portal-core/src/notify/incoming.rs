//! Whom to tell that somebody wrote by text message.

use std::collections::BTreeMap;

use super::plan::{Post, STAFF_MAIL_EVERY};
use super::{About, Letter, Notification, NotificationKind, Opens, Recipient};
use crate::conversation::Conversation;
use crate::identity::StaffMember;
use crate::matter::{Matter, MatterState};
use crate::policy::{answers_anybody, answers_everybody};
use crate::{
    Change, ClientId, Context, ConversationId, Error, Event, NoRule, PageRequest, Portal, StaffId, Timestamp,
    Version,
};

/// How many of somebody's newest notifications are looked at for those of the same kind.
pub(super) const NEWEST: u32 = 20;

impl Portal {
    /// Tells who answers the conversation, once until somebody reads it: in the app, and by
    /// mail unless they were mailed about it just now. What somebody read meanwhile is told to nobody.
    pub(super) async fn tell_of_text(
        &self,
        ctx: &Context,
        event: &Event,
        mut change: Change,
        id: ConversationId,
    ) -> Result<Change, Error<NoRule>> {
        let Some(mut conversation) = self.store().conversation(ctx.practice, id).await? else {
            return Ok(change);
        };
        if let Some(client) = conversation.client_id.filter(|_| conversation.has_joined()) {
            conversation = self.noted_conversation(ctx.practice, client, ctx.at).await?;
        }
        if conversation.unread == 0 || conversation.read_up_to >= Some(event.at) {
            return Ok(change);
        }
        let client = match conversation.client_id {
            Some(client) => self.store().client(ctx.practice, client).await?,
            None => None,
        };
        let who = client.as_ref().map(crate::client::Client::name);
        let who = who.or_else(|| conversation.phone.as_ref().map(ToString::to_string));
        let headline = format!("{} sent a text message.", who.unwrap_or_default());
        let kind = NotificationKind::TextReceived {
            conversation: conversation.id,
        };
        let mut posts = Vec::new();
        for staff in self.who_answers(ctx, &conversation).await? {
            let page = PageRequest::first(NEWEST);
            let told = self
                .store()
                .notifications(ctx.practice, staff.id, false, &page)
                .await?;
            let told = told.items.into_iter().filter(|told| told.kind == kind);
            let told: Vec<Timestamp> = told.map(|told| told.created_at).collect();
            // Once for what nobody read since; but whoever answers it by now and was not told is.
            let unread = |told: &Timestamp| conversation.read_at.is_none_or(|read| *told > read);
            if told.iter().any(unread) {
                continue;
            }
            if !mailed_just_now(&told, ctx.at) {
                posts.push(self.text_post(&staff, &conversation, &headline));
            }
            change = change.save(Notification {
                id: self.id(),
                practice_id: ctx.practice,
                version: Version::FIRST,
                staff_id: staff.id,
                kind: kind.clone(),
                matter_id: None,
                client_id: conversation.client_id,
                headline: headline.clone(),
                created_at: ctx.at,
                read_at: None,
            });
        }
        self.post(ctx, event, change, posts).await
    }

    /// Who answers a conversation: whom it is assigned to while they work for the practice and may answer; else those who own the
    /// client's matters or are on their teams, the open ones if there are any; and where none of those may answer, or there are
    /// none, whoever [answers everybody](answers_everybody). Nobody for a number that is nobody's and nobody was given: whoever
    /// writes to the practice's number is not its client yet.
    async fn who_answers(
        &self,
        ctx: &Context,
        conversation: &Conversation,
    ) -> Result<Vec<StaffMember>, Error<NoRule>> {
        if let Some(id) = conversation.assignee_id {
            let staff = self.store().staff_member(ctx.practice, id).await?;
            if let Some(staff) = staff.filter(|staff| staff.active && answers_anybody(staff.role)) {
                return Ok(vec![staff]);
            }
        }
        let Some(client) = conversation.client_id else {
            return Ok(Vec::new());
        };
        let mut told = self.who_works_for(ctx, client).await?;
        if !told.values().any(|staff| answers_anybody(staff.role)) {
            self.add_who_answers_everybody(ctx, &mut told).await?;
        }
        Ok(told.into_values().collect())
    }

    async fn add_who_answers_everybody(
        &self,
        ctx: &Context,
        told: &mut BTreeMap<StaffId, StaffMember>,
    ) -> Result<(), Error<NoRule>> {
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let page = self.store().staff(ctx.practice, &page).await?;
            let answering = |staff: &StaffMember| staff.active && answers_everybody(staff.role);
            let answering = page.items.into_iter().filter(answering);
            told.extend(answering.map(|staff| (staff.id, staff)));
            next = page.next;
            if next.is_none() {
                return Ok(());
            }
        }
    }

    async fn who_works_for(
        &self,
        ctx: &Context,
        client: ClientId,
    ) -> Result<BTreeMap<StaffId, StaffMember>, Error<NoRule>> {
        let mut matters = Vec::new();
        for part in self.store().participations(ctx.practice, client).await? {
            if !part.removed {
                matters.extend(self.store().matter(ctx.practice, part.matter_id).await?);
            }
        }
        if matters.iter().any(is_open) {
            matters.retain(is_open);
        }
        let mut staff = BTreeMap::new();
        for matter in &matters {
            let workers = self.workers_on(ctx, matter).await?;
            staff.extend(workers.into_iter().map(|staff| (staff.id, staff)));
        }
        Ok(staff)
    }

    fn text_post(&self, staff: &StaffMember, conversation: &Conversation, headline: &str) -> Post {
        Post {
            recipient: Recipient::Staff(staff.id),
            to_name: staff.name.clone(),
            to: staff.email.clone(),
            matter: None,
            letter: Letter::StaffNotice {
                about: About {
                    reader: staff.name.clone(),
                    matter_title: String::new(),
                    matter_reference: String::new(),
                    url: self.url(&format!("/staff/inbox/{}", conversation.id)),
                },
                headline: headline.to_owned(),
                opens: Opens::Conversation,
            },
        }
    }
}

/// Whether somebody was mailed in the last ten minutes who was `told` of something at these times, the newest first: each time by
/// mail as well, unless a mail had gone out within the ten minutes before.
pub(super) fn mailed_just_now(told: &[Timestamp], now: Timestamp) -> bool {
    let mut mailed: Option<Timestamp> = None;
    for at in told.iter().rev() {
        if mailed.is_none_or(|mailed| *at >= mailed + STAFF_MAIL_EVERY) {
            mailed = Some(*at);
        }
    }
    mailed.is_some_and(|mailed| now < mailed + STAFF_MAIL_EVERY)
}

fn is_open(matter: &Matter) -> bool {
    matter.state == MatterState::Open
}
