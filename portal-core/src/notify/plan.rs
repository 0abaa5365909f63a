//! What an event means for people: who is told what. Planned before anything is sent, in one commit with the
//! event's end.

use super::incoming::{NEWEST, mailed_just_now};
use super::readers::Readers;
use super::{
    About, Delivery, DeliveryState, Letter, LetterSecrets, Notification, NotificationKind, Opens, Recipient,
};
use crate::access::{PortalAccess, SignInLink, Workspace};
use crate::client::Client;
use crate::document::Document;
use crate::identity::StaffMember;
use crate::matter::Matter;
use crate::practice::Practice;
use crate::text::Email;
use crate::{
    Change, ClientId, Context, Duration, Error, Event, EventKind, MatterId, NoRule, PageRequest, Portal,
    StaffId, TaskId, Timestamp, Version,
};

/// A staff member who works on a matter gets at most one notice by mail about it in this time; the app tells all.
pub(super) const STAFF_MAIL_EVERY: Duration = Duration::minutes(10);

/// A letter with its reader.
pub(super) struct Post {
    pub(super) recipient: Recipient,
    pub(super) to_name: String,
    pub(super) to: Email,
    pub(super) matter: Option<MatterId>,
    pub(super) letter: Letter,
}

impl Portal {
    /// Everything that follows from `event`, and its end.
    pub(super) async fn plan(&self, event: &Event, readers: &mut Readers) -> Result<Change, Error<NoRule>> {
        let ctx = Context::system(event.practice_id, "outbox", self.now());
        let change = Change::unaudited(ctx.practice, "the command that the event tells of left its entry")
            .save(event.clone().done());
        match &event.kind {
            EventKind::SignInLinkAsked(ask) => Ok(match self.answer_ask(ctx.practice, ask).await? {
                Some(answer) => change.and(answer),
                None => change,
            }),
            EventKind::SignInLinkIssued { link, .. } => match self.link_post(&ctx, *link).await? {
                Some(post) => self.post(&ctx, event, change, vec![post]).await,
                None => Ok(change),
            },
            EventKind::RequestsAdded {
                matter,
                client,
                requests,
            } => {
                let workspace = readers.workspace(self, &ctx, (*matter, *client)).await?;
                let Some(workspace) = workspace else {
                    return Ok(change);
                };
                let requests = self.store().requests_by_id(ctx.practice, requests).await?;
                let asked = requests
                    .into_iter()
                    .filter(|request| request.state.waits_for_client());
                let requests: Vec<_> = asked.map(|request| (request.title, request.due_on)).collect();
                if requests.is_empty() {
                    return Ok(change);
                }
                let letter = |about| Letter::RequestsAdded { about, requests };
                let post = self.client_post(workspace, letter);
                self.post(&ctx, event, change, post.into_iter().collect()).await
            }
            EventKind::DocumentReturned { document, request } => {
                let Some(document) = self.store().document(ctx.practice, *document).await? else {
                    return Ok(change);
                };
                let request = match request {
                    Some(request) => self.store().request(ctx.practice, *request).await?,
                    None => None,
                };
                let (Some(client), Some(reason)) = (document.client_id, document.reason) else {
                    return Ok(change);
                };
                let file_name = document.current.name.to_string();
                let request_title = request.map(|request| request.title);
                let letter = |about| Letter::DocumentReturned {
                    about,
                    request_title,
                    file_name,
                    reason,
                };
                let place = (document.matter_id, client);
                let workspace = readers.workspace(self, &ctx, place).await?;
                let post = workspace.and_then(|workspace| self.client_post(workspace, letter));
                self.post(&ctx, event, change, post.into_iter().collect()).await
            }
            EventKind::DocumentUploaded { document, client } => {
                let Some(document) = self.store().document(ctx.practice, *document).await? else {
                    return Ok(change);
                };
                let (matter, name) = (document.matter_id, document.current.name.to_string());
                let kind = uploaded(&document);
                let headline = |client: &Client| format!("{} uploaded {name}.", client.name());
                self.tell_staff(&ctx, event, change, (matter, *client), kind, headline, true)
                    .await
            }
            EventKind::ClientSignedIn { access, client } => {
                let Some(access) = self.store().access(ctx.practice, *access).await? else {
                    return Ok(change);
                };
                let headline = |client: &Client| format!("{} signed in for the first time.", client.name());
                let (place, kind) = ((access.matter_id, *client), NotificationKind::ClientSignedIn);
                self.tell_staff(&ctx, event, change, place, kind, headline, false)
                    .await
            }
            kind @ (EventKind::ApprovalAsked { .. }
            | EventKind::ApprovalAnswered { .. }
            | EventKind::ApprovalReminderDue { .. }
            | EventKind::ApprovalWithdrawn { .. }
            | EventKind::ApprovalOver { .. }) => self.plan_approval(&ctx, event, change, kind, readers).await,
            EventKind::WorkflowsMatched { .. } => self.automate(&ctx, event, change).await,
            EventKind::TextReceived { conversation: id } => self.tell_of_text(&ctx, event, change, *id).await,
            // It stands in the history already, and nobody else is told.
            EventKind::TextWritten { .. } => Ok(change),
            EventKind::RulesChanged { after, which, send } => {
                let next = self.apply_rules(event.practice_id, *after, which, *send).await?;
                Ok(change.save_all(next))
            }
            EventKind::StaffAssigned { matter, staff } => {
                self.tell_assigned(&ctx, event, change, *matter, *staff).await
            }
            EventKind::TaskGiven { task, staff } => {
                self.tell_task(&ctx, event, change, (*task, *staff)).await
            }
        }
    }

    async fn link_post(&self, ctx: &Context, link: crate::LinkId) -> Result<Option<Post>, Error<NoRule>> {
        let Some(link) = self.store().link(ctx.practice, link).await? else {
            return Ok(None);
        };
        let access = self.store().access(ctx.practice, link.access_id).await?;
        let client = self.store().client(ctx.practice, link.client_id).await?;
        let (Some(access), Some(client)) = (access, client) else {
            return Ok(None);
        };
        let Some(matter) = self.store().matter(ctx.practice, access.matter_id).await? else {
            return Ok(None);
        };
        let about = self.about(&client, &matter, &access);
        let matter = matter.id;
        Ok(Some(Post {
            recipient: Recipient::Client(client.id),
            to_name: client.name(),
            to: link.email.clone(),
            matter: Some(matter),
            letter: link_letter(&link, about),
        }))
    }

    fn about(&self, client: &Client, matter: &Matter, access: &PortalAccess) -> About {
        About {
            reader: client.name(),
            matter_title: matter.title.clone(),
            matter_reference: matter.reference.clone(),
            url: self.portal_url(access),
        }
    }

    /// A letter to a client who has a workspace, if there is an address to write to.
    pub(super) fn client_post(
        &self,
        workspace: Workspace,
        letter: impl FnOnce(About) -> Letter,
    ) -> Option<Post> {
        let Workspace {
            access,
            matter,
            client,
        } = workspace;
        let letter = letter(self.about(&client, &matter, &access));
        Some(Post {
            recipient: Recipient::Client(client.id),
            to_name: client.name(),
            to: client.email?,
            matter: Some(matter.id),
            letter,
        })
    }

    /// The active staff who work on a matter: its owner and its team, each once.
    pub(super) async fn workers_on(
        &self,
        ctx: &Context,
        matter: &Matter,
    ) -> Result<Vec<StaffMember>, Error<NoRule>> {
        let team = self.store().team(ctx.practice, matter.id).await?;
        let mut ids = vec![matter.owner_id];
        ids.extend(
            team.into_iter()
                .filter(|m| !m.removed && m.staff_id != matter.owner_id)
                .map(|m| m.staff_id),
        );
        let mut staff = Vec::with_capacity(ids.len());
        for id in ids {
            staff.extend(
                self.store()
                    .staff_member(ctx.practice, id)
                    .await?
                    .filter(|staff| staff.active),
            );
        }
        Ok(staff)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one notice")]
    pub(super) async fn tell_staff(
        &self,
        ctx: &Context,
        event: &Event,
        mut change: Change,
        (matter, client): (MatterId, ClientId),
        kind: NotificationKind,
        headline: impl FnOnce(&Client) -> String,
        by_mail: bool,
    ) -> Result<Change, Error<NoRule>> {
        let matter = self.store().matter(ctx.practice, matter).await?;
        let client = self.store().client(ctx.practice, client).await?;
        let (Some(matter), Some(client)) = (matter, client) else {
            return Ok(change);
        };
        let headline = headline(&client);
        let recent = if by_mail {
            self.recent_mails(ctx, matter.id).await?
        } else {
            Vec::new()
        };
        let mut posts = Vec::new();
        for staff in self.workers_on(ctx, &matter).await? {
            change = change.save(self.notification(
                ctx,
                &staff,
                &matter,
                Some(client.id),
                kind.clone(),
                &headline,
            ));
            let told = recent.iter().any(|delivery| {
                delivery.recipient == Recipient::Staff(staff.id)
                    && matches!(
                        delivery.letter,
                        Letter::StaffNotice {
                            opens: Opens::Matter,
                            ..
                        }
                    )
            });
            if by_mail && !told {
                posts.push(self.staff_post(&staff, &matter, &headline));
            }
        }
        self.post(ctx, event, change, posts).await
    }

    /// The mails about a matter that count as told just now.
    async fn recent_mails(&self, ctx: &Context, matter: MatterId) -> Result<Vec<Delivery>, Error<NoRule>> {
        let since = ctx.at - STAFF_MAIL_EVERY;
        let filter = super::DeliveryFilter {
            matter: Some(matter),
            ..Default::default()
        };
        let page = PageRequest::first(50);
        let mut mails = self.store().deliveries(ctx.practice, &filter, &page).await?.items;
        mails.retain(|mail| mail.created_at > since);
        Ok(mails)
    }

    async fn tell_assigned(
        &self,
        ctx: &Context,
        event: &Event,
        change: Change,
        matter: MatterId,
        staff: StaffId,
    ) -> Result<Change, Error<NoRule>> {
        let matter = self.store().matter(ctx.practice, matter).await?;
        let staff = self
            .store()
            .staff_member(ctx.practice, staff)
            .await?
            .filter(|staff| staff.active);
        let (Some(matter), Some(staff)) = (matter, staff) else {
            return Ok(change);
        };
        let headline = format!("You were put on {} \u{2013} {}.", matter.reference, matter.title);
        let told = self.notification(ctx, &staff, &matter, None, NotificationKind::Assigned, &headline);
        let post = self.staff_post(&staff, &matter, &headline);
        self.post(ctx, event, change.save(told), vec![post]).await
    }

    /// Tells somebody of a task, unless it is done or somebody else's by now.
    async fn tell_task(
        &self,
        ctx: &Context,
        event: &Event,
        change: Change,
        (task, staff): (TaskId, StaffId),
    ) -> Result<Change, Error<NoRule>> {
        let store = self.store();
        let task = store.task(ctx.practice, task).await?;
        let Some(task) = task.filter(|task| task.done.is_none() && task.assignee_id == Some(staff)) else {
            return Ok(change);
        };
        let staff = store.staff_member(ctx.practice, staff).await?;
        let matter = store.matter(ctx.practice, task.matter_id).await?;
        let (Some(matter), Some(staff)) = (matter, staff.filter(|staff| staff.active)) else {
            return Ok(change);
        };
        let headline = task.headline();
        let kind = NotificationKind::TaskGiven { task: task.id };
        // Workflows can give somebody a thousand at once: each stands in the app, and one mail says so.
        let page = PageRequest::first(NEWEST);
        let newest = store.notifications(ctx.practice, staff.id, false, &page).await?;
        // Handed on and back before it begins, it is theirs once.
        if newest
            .items
            .iter()
            .any(|told| told.kind == kind && told.created_at > event.at)
        {
            return Ok(change);
        }
        let of_tasks = |told: &Notification| matches!(told.kind, NotificationKind::TaskGiven { .. });
        let given = newest.items.iter().filter(|told| of_tasks(told));
        let given: Vec<Timestamp> = given.map(|told| told.created_at).collect();
        let told = self.notification(ctx, &staff, &matter, None, kind, &headline);
        if mailed_just_now(&given, ctx.at) {
            return Ok(change.save(told));
        }
        let mut post = self.staff_post(&staff, &matter, &headline);
        if let Letter::StaffNotice { about, opens, .. } = &mut post.letter {
            about.url = self.url(&format!("/staff/tasks/{}", task.id));
            *opens = Opens::Task;
        }
        self.post(ctx, event, change.save(told), vec![post]).await
    }

    fn notification(
        &self,
        ctx: &Context,
        staff: &StaffMember,
        matter: &Matter,
        client: Option<ClientId>,
        kind: NotificationKind,
        headline: &str,
    ) -> Notification {
        Notification {
            id: self.id(),
            practice_id: ctx.practice,
            version: Version::FIRST,
            staff_id: staff.id,
            kind,
            matter_id: Some(matter.id),
            client_id: client,
            headline: headline.to_owned(),
            created_at: ctx.at,
            read_at: None,
        }
    }

    fn staff_post(&self, staff: &StaffMember, matter: &Matter, headline: &str) -> Post {
        let about = About {
            reader: staff.name.clone(),
            matter_title: matter.title.clone(),
            matter_reference: matter.reference.clone(),
            url: self.url(&format!("/staff/matters/{}", matter.id)),
        };
        Post {
            recipient: Recipient::Staff(staff.id),
            to_name: staff.name.clone(),
            to: staff.email.clone(),
            matter: Some(matter.id),
            letter: Letter::StaffNotice {
                about,
                headline: headline.to_owned(),
                opens: Opens::Matter,
            },
        }
    }

    /// Writes each letter into the history, ready to be sent.
    pub(super) async fn post(
        &self,
        ctx: &Context,
        event: &Event,
        mut change: Change,
        posts: Vec<Post>,
    ) -> Result<Change, Error<NoRule>> {
        if posts.is_empty() {
            return Ok(change);
        }
        let practice: Practice = self.practice_of(ctx).await?;
        for post in posts {
            let words = self
                .composer()
                .compose(&practice, &post.letter, &LetterSecrets::withheld())
                .map_err(crate::StoreError::Failed)?;
            change = change.save(Delivery {
                id: self.id(),
                practice_id: ctx.practice,
                version: Version::FIRST,
                event_id: event.id,
                matter_id: post.matter,
                recipient: post.recipient,
                to_name: post.to_name,
                to: post.to.into(),
                letter: post.letter,
                subject: words.subject,
                text: words.text,
                state: DeliveryState::Queued,
                attempts: 0,
                due_at: ctx.at,
                last_error: None,
                created_at: ctx.at,
                tried_at: None,
                sent_at: None,
                provider_id: None,
                in_doubt: false,
            });
        }
        Ok(change)
    }
}

fn uploaded(document: &Document) -> NotificationKind {
    NotificationKind::DocumentUploaded {
        document: document.id,
        request: document.request_id,
        file_name: document.current.name.to_string(),
    }
}

fn link_letter(link: &SignInLink, about: About) -> Letter {
    let minutes = (link.expires_at - link.issued_at).whole_minutes();
    let (link_id, expires_at) = (link.id, link.expires_at);
    if link.invitation {
        Letter::Invitation {
            link: link_id,
            about,
            expires_at,
            minutes,
        }
    } else {
        Letter::SignIn {
            link: link_id,
            about,
            expires_at,
            minutes,
        }
    }
}
