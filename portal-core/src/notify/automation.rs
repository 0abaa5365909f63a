//! What automations send: one message for each cause and recipient, or a history entry that says why not; and their tasks. What
//! that is, [`sendings`] says.

use std::collections::BTreeMap;

use super::{About, Cause, Delivery, DeliveryState, Letter, Recipient};
use crate::client::Client;
use crate::conversation::{Conversation, Happening};
use crate::stage::{Scene, Sending, StageEntry, Wanted, sendings};
use crate::workflow::{Again, Automation};
use crate::{Change, ClientId, Context, Error, Event, EventKind, NoRule, Portal, Version};

impl Portal {
    /// Writes the messages of automations into the history and sets their tasks, together with the end of `event`.
    pub(super) async fn automate(
        &self,
        ctx: &Context,
        event: &Event,
        mut change: Change,
    ) -> Result<Change, Error<NoRule>> {
        let EventKind::WorkflowsMatched {
            matter,
            entry,
            workflows,
            client: only,
        } = &event.kind
        else {
            return Ok(change);
        };
        let Some(matter) = self.store().matter(ctx.practice, *matter).await? else {
            return Ok(change);
        };
        let mut wanted = Vec::with_capacity(workflows.len());
        for matched in workflows {
            let kept = self.store().workflow(ctx.practice, matched.workflow).await?;
            // What was switched off or removed meanwhile is not wanted any more; what waits after this is asked again before it
            // leaves.
            let kept = kept.filter(|kept| !kept.removed && kept.draft.enabled);
            wanted.extend(kept.map(|kept| kept.workflow()));
        }
        // Two workers may be at two stays of this matter. What depends on what was written for another stay is read after this, and
        // moves it: so whoever comes second is stale, and looks again.
        let is_dependent = |own: &Automation| own.enabled && own.again != Again::Always;
        let last_entry = if wanted
            .iter()
            .any(|workflow| workflow.automations.iter().any(is_dependent))
        {
            self.last_entry(ctx, matter.id).await?
        } else {
            None
        };
        let mut is_one_of_several = false;
        let known = self
            .known(ctx.practice, &[&matter], Wanted::by(&wanted), None)
            .await?;
        let scene = known.scene(&matter, *entry, (event.at, ctx.at));
        let mut conversations: BTreeMap<ClientId, Conversation> = BTreeMap::new();
        for workflow in &wanted {
            for sending in sendings(&scene, workflow, *only) {
                let automation = workflow.automations.get(sending.automation);
                let Some(automation) = automation.filter(|_| sending.is_written()) else {
                    continue;
                };
                is_one_of_several |= is_dependent(automation) && sending.held.is_none();
                let Some(reader) = scene.reader(sending.to) else {
                    let own = (workflow, automation);
                    let (task, entry) = self.task_of(ctx, &scene, own, sending).await?;
                    if let Some(staff) = task.assignee_id {
                        let given = EventKind::TaskGiven { task: task.id, staff };
                        change = change.save(self.event(ctx, given).not_before(task.starts_at));
                    }
                    change = change.save(task).audit(entry);
                    continue;
                };
                let (id, channel) = (reader.client.id, sending.channel);
                let delivery = self.written(
                    ctx,
                    (event, &scene),
                    automation,
                    (reader.client, &reader.url),
                    sending,
                );
                change = change.save(delivery);
                let conversation = match conversations.remove(&id) {
                    Some(begun) => begun.also(Happening::Automated(channel), ctx.at),
                    None => self
                        .noted_conversation(ctx.practice, id, ctx.at)
                        .await?
                        .noting(Happening::Automated(channel), ctx.at),
                };
                conversations.insert(id, conversation);
            }
        }
        let moved = last_entry.filter(|_| is_one_of_several).map(StageEntry::touched);
        Ok(change.save_all(conversations.into_values()).save_all(moved))
    }

    /// The message, queued; or held, with the reason.
    fn written(
        &self,
        ctx: &Context,
        (event, scene): (&Event, &Scene<'_>),
        automation: &Automation,
        (client, url): (&Client, &str),
        sending: Sending,
    ) -> Delivery {
        let about = About {
            reader: client.name(),
            matter_title: scene.matter.title.clone(),
            matter_reference: scene.matter.reference.clone(),
            url: url.to_owned(),
        };
        let cause = Cause {
            workflow: sending.workflow,
            version: sending.edition,
            entry: scene.entry,
            channel: sending.channel,
            not_before: sending.not_before,
            gives_portal: sending.gives_portal,
            quiet_hours: automation.quiet_hours,
        };
        Delivery {
            id: self.id(),
            practice_id: ctx.practice,
            version: Version::FIRST,
            event_id: event.id,
            matter_id: Some(scene.matter.id),
            recipient: Recipient::Client(client.id),
            to_name: client.name(),
            to: sending.address,
            letter: Letter::Automated {
                about,
                subject: sending.subject.clone(),
                text: sending.text.clone(),
                cause,
            },
            subject: sending.subject,
            text: sending.text,
            state: match sending.held {
                None => DeliveryState::Queued,
                Some(_) => DeliveryState::Held,
            },
            attempts: 0,
            due_at: sending.not_before,
            last_error: sending.held.map(|why| why.to_string()),
            created_at: ctx.at,
            tried_at: None,
            sent_at: None,
            provider_id: None,
            in_doubt: false,
        }
    }
}
