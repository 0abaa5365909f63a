//! What clients and staff are told of approvals, and what becomes of those whose time is over.

use super::readers::Readers;
use super::{AskedNow, Delivery, DeliveryFilter, DeliveryState, Letter, NotificationKind};
use crate::approval::{Approval, ApprovalState, Decision};
use crate::audit::Subject;
use crate::workflow::Channel;
use crate::{
    ApprovalId, Change, ClientId, Context, Duration, Error, Event, EventKind, NoRule, PageRequest, Portal,
};

impl Portal {
    /// Everything that follows from what happened to an approval.
    pub(super) async fn plan_approval(
        &self,
        ctx: &Context,
        event: &Event,
        change: Change,
        kind: &EventKind,
        readers: &mut Readers,
    ) -> Result<Change, Error<NoRule>> {
        match kind {
            EventKind::ApprovalAsked { approval, client } => {
                let asked = (*approval, *client);
                self.tell_to_approve(ctx, event, change, asked, readers).await
            }
            EventKind::ApprovalAnswered { approval, client } => {
                self.tell_answered(ctx, event, change, (*approval, *client)).await
            }
            EventKind::ApprovalReminderDue { approval, number } => {
                let due = (*approval, *number);
                self.remind_to_approve(ctx, event, change, due, readers).await
            }
            EventKind::ApprovalWithdrawn { approval } => {
                self.tell_withdrawn(ctx, event, change, *approval, readers).await
            }
            EventKind::ApprovalOver { approval } => self.end_approval(ctx, event, change, *approval).await,
            _ => Ok(change),
        }
    }

    /// Tells a client that they are asked, unless they cannot answer any more.
    async fn tell_to_approve(
        &self,
        ctx: &Context,
        event: &Event,
        change: Change,
        (approval, client): (ApprovalId, ClientId),
        readers: &mut Readers,
    ) -> Result<Change, Error<NoRule>> {
        let approval = self.store().approval(ctx.practice, approval).await?;
        let Some(approval) = approval.filter(|approval| approval.waits_for(client, ctx.at)) else {
            return Ok(change);
        };
        let why = if approval.replaces.is_some() {
            AskedNow::Changed
        } else {
            AskedNow::New
        };
        let place = (approval.matter_id, client);
        let workspace = readers.workspace(self, ctx, place).await?;
        let post = workspace
            .and_then(|workspace| self.client_post(workspace, |about| letter(about, &approval, why)));
        self.post(ctx, event, change, post.into_iter().collect()).await
    }

    /// Asks those who have not answered again, and sets the next time.
    async fn remind_to_approve(
        &self,
        ctx: &Context,
        event: &Event,
        mut change: Change,
        (approval, number): (ApprovalId, u32),
        readers: &mut Readers,
    ) -> Result<Change, Error<NoRule>> {
        let approval = self.store().approval(ctx.practice, approval).await?;
        let open = approval.filter(|approval| approval.state_at(ctx.at) == ApprovalState::Open);
        let Some((approval, days)) = open.and_then(|approval| {
            let days = approval.terms.remind_every_days?;
            Some((approval, days))
        }) else {
            return Ok(change);
        };
        let mut posts = Vec::new();
        for client in approval.waiting(ctx.at) {
            let place = (approval.matter_id, client);
            let workspace = readers.workspace(self, ctx, place).await?;
            posts.extend(workspace.and_then(|workspace| {
                self.client_post(workspace, |about| letter(about, &approval, AskedNow::Reminder))
            }));
        }
        if number < Approval::MOST_REMINDERS {
            let next = EventKind::ApprovalReminderDue {
                approval: approval.id,
                number: number + 1,
            };
            let at = ctx.at + Duration::days(days.into());
            change = change.save(self.event(ctx, next).not_before(at));
        }
        self.post(ctx, event, change, posts).await
    }

    /// Tells those who were asked by mail, and have not answered, that nothing is to be done any more. Who was never told of it
    /// is not told now.
    async fn tell_withdrawn(
        &self,
        ctx: &Context,
        event: &Event,
        change: Change,
        approval: ApprovalId,
        readers: &mut Readers,
    ) -> Result<Change, Error<NoRule>> {
        let approval = self.store().approval(ctx.practice, approval).await?;
        let Some(approval) = approval.filter(|approval| approval.state == ApprovalState::Withdrawn) else {
            return Ok(change);
        };
        let mut posts = Vec::new();
        for asked in approval.people.iter().filter(|asked| asked.answered.is_none()) {
            if !self.was_asked_by_mail(ctx, &approval, asked.client).await? {
                continue;
            }
            let place = (approval.matter_id, asked.client);
            let workspace = readers.workspace(self, ctx, place).await?;
            let letter = |about| Letter::ApprovalWithdrawn {
                about,
                title: approval.terms.title.clone(),
                reason: approval.reason.clone(),
            };
            posts.extend(workspace.and_then(|workspace| self.client_post(workspace, letter)));
        }
        self.post(ctx, event, change, posts).await
    }

    /// Whether a mail that asks `client` to answer went out, or is about to: it leaves before whatever is written after it.
    async fn was_asked_by_mail(
        &self,
        ctx: &Context,
        approval: &Approval,
        client: ClientId,
    ) -> Result<bool, Error<NoRule>> {
        let filter = DeliveryFilter {
            matter: Some(approval.matter_id),
            client: Some(client),
            channel: Some(Channel::Email),
            automated: Some(false),
            ..DeliveryFilter::default()
        };
        let asks = |mail: &Delivery| {
            let failed = matches!(mail.state, DeliveryState::Failed | DeliveryState::Held);
            let about = match &mail.letter {
                Letter::ApprovalAsked { approval, .. } => *approval,
                _ => None,
            };
            about == Some(approval.id) && !failed
        };
        let mut next = None;
        loop {
            let page = PageRequest::first(PageRequest::MOST).after(next);
            let mails = self.store().deliveries(ctx.practice, &filter, &page).await?;
            if mails.items.iter().any(asks) {
                return Ok(true);
            }
            // The newest come first, and nobody is asked before there is something to ask.
            let is_over = mails
                .items
                .last()
                .is_none_or(|mail| mail.created_at < approval.created_at);
            next = mails.next.filter(|_| !is_over);
            if next.is_none() {
                return Ok(false);
            }
        }
    }

    /// Tells those who work on the matter what a client answered.
    async fn tell_answered(
        &self,
        ctx: &Context,
        event: &Event,
        change: Change,
        (approval, client): (ApprovalId, ClientId),
    ) -> Result<Change, Error<NoRule>> {
        let Some(approval) = self.store().approval(ctx.practice, approval).await? else {
            return Ok(change);
        };
        let Some(answer) = approval.answer_of(client) else {
            return Ok(change);
        };
        let did = match answer.decision {
            Decision::Approved => "approved",
            Decision::Declined => "declined",
        };
        let title = approval.terms.title.trim_end_matches('.');
        let headline = |client: &crate::client::Client| format!("{} {did} {title}.", client.name());
        let kind = NotificationKind::ApprovalAnswered {
            approval: approval.id,
        };
        let place = (approval.matter_id, client);
        self.tell_staff(ctx, event, change, place, kind, headline, true)
            .await
    }

    /// Ends an approval whose time is over, and tells those who work on the matter.
    async fn end_approval(
        &self,
        ctx: &Context,
        event: &Event,
        change: Change,
        approval: ApprovalId,
    ) -> Result<Change, Error<NoRule>> {
        let approval = self.store().approval(ctx.practice, approval).await?;
        let Some(expired) = approval.and_then(|approval| approval.expire(ctx.at)) else {
            return Ok(change);
        };
        let entry = self
            .audit(ctx, "approval.expired", Subject::new("approval", expired.id))
            .on(expired.matter_id);
        let change = change.audit(entry).save(expired.clone());
        let silent = expired.people.iter().find(|asked| asked.answered.is_none());
        let Some(silent) = silent else {
            return Ok(change);
        };
        let title = expired.terms.title.trim_end_matches('.');
        let headline =
            |client: &crate::client::Client| format!("{} did not answer {title} in time.", client.name());
        let kind = NotificationKind::ApprovalExpired { approval: expired.id };
        let place = (expired.matter_id, silent.client);
        self.tell_staff(ctx, event, change, place, kind, headline, true)
            .await
    }
}

fn letter(about: super::About, approval: &Approval, why: AskedNow) -> Letter {
    let files = approval
        .documents
        .iter()
        .map(|attached| attached.name.to_string());
    Letter::ApprovalAsked {
        about,
        approval: Some(approval.id),
        title: approval.terms.title.clone(),
        files: files.collect(),
        due_on: approval.terms.due_on.or(approval.terms.expires_on),
        why,
    }
}
