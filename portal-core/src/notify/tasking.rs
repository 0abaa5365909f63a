//! The tasks that automations set: one for each cause, with an entry in the audit trail.

use super::automation::{Scene, fields};
use crate::audit::{AuditEntry, Subject};
use crate::client::Client;
use crate::matter::Participant;
use crate::task::{Task, TaskCause, TaskSource, words};
use crate::workflow::{Automation, Workflow};
use crate::{Context, Error, NoRule, Portal, Version};

impl Portal {
    /// The task that an automation sets now; `None` when it is there already, or not wanted again.
    pub(super) async fn task_of(
        &self,
        ctx: &Context,
        scene: &Scene<'_>,
        (workflow, version, automation): (&Workflow, Version, &Automation),
        people: (&[Participant], &[Client]),
    ) -> Result<Option<(Task, AuditEntry)>, Error<NoRule>> {
        let cause = TaskCause {
            workflow: workflow.id,
            version,
            entry: scene.entry,
            assignee: automation.assignee,
        };
        let before = self
            .store()
            .tasks_of_workflow(ctx.practice, scene.matter.id, workflow.id)
            .await?;
        let alike = before.iter().filter_map(|task| {
            let own = task.cause().filter(|own| own.assignee == cause.assignee)?;
            Some((own, task.created_at))
        });
        // The event may be planned again, after a crash or beside another worker: then it is there already.
        let is_there = alike.clone().any(|(own, _)| *own == cause);
        let last = alike.map(|(_, at)| at).max();
        if is_there || !automation.again.allows(last, ctx.at) {
            return Ok(None);
        }
        // Somebody who left keeps it, and every list says so; somebody who never was cannot.
        let assignee = match automation.assignee.on_matter_of(scene.matter.owner_id) {
            Some(staff) => self.store().staff_member(ctx.practice, staff).await?,
            None => None,
        };
        let practice = &scene.practice;
        let subject = subject_of(automation, people);
        let fields = fields(practice, &scene.matter, &scene.owner, subject, None);
        let words = words(automation, &workflow.name, &practice.locale, &fields);
        let starts_at = automation.due_at(ctx.at, &practice.time_zone);
        let task = Task {
            id: self.id(),
            practice_id: ctx.practice,
            version: Version::FIRST,
            matter_id: scene.matter.id,
            title: words.title,
            note: words.note,
            assignee_id: assignee.map(|staff| staff.id),
            due_on: automation.due_on(starts_at, &practice.time_zone),
            starts_at,
            source: TaskSource::Workflow(cause),
            done: None,
            created_at: ctx.at,
            updated_at: ctx.at,
        };
        let entry = self
            .audit(ctx, "task.added", Subject::new("task", task.id))
            .on(task.matter_id)
            .with("title", task.title.as_str())
            .with("workflow", workflow.name.as_str());
        Ok(Some((task, entry)))
    }
}

/// The client whom a task speaks of: the first on the matter who takes the part that its automation names.
fn subject_of<'c>(
    automation: &Automation,
    (participants, clients): (&[Participant], &'c [Client]),
) -> Option<&'c Client> {
    let present = participants
        .iter()
        .find(|participant| !participant.removed && participant.part == automation.to)?;
    clients.iter().find(|client| client.id == present.client_id)
}
