//! The tasks that automations set: one for each cause, with an entry in the audit trail.

use crate::audit::{AuditEntry, Subject};
use crate::stage::{Addressee, Scene, Sending};
use crate::task::{Task, TaskCause, TaskSource};
use crate::workflow::{Automation, Workflow};
use crate::{Context, Error, NoRule, Portal, Version};

impl Portal {
    /// The task that an automation sets now.
    pub(super) async fn task_of(
        &self,
        ctx: &Context,
        scene: &Scene<'_>,
        (workflow, automation): (&Workflow, &Automation),
        sending: Sending,
    ) -> Result<(Task, AuditEntry), Error<NoRule>> {
        let cause = TaskCause {
            workflow: workflow.id,
            version: sending.edition,
            entry: scene.entry,
            assignee: automation.assignee,
        };
        // Somebody who left keeps it, and every list says so; somebody who never was cannot.
        let assignee = match sending.to {
            Addressee::Staff(staff) => self.store().staff_member(ctx.practice, staff).await?,
            Addressee::AnyStaff | Addressee::Client(_) => None,
        };
        let starts_at = sending.not_before;
        let task = Task {
            id: self.id(),
            practice_id: ctx.practice,
            version: Version::FIRST,
            matter_id: scene.matter.id,
            title: sending.subject,
            note: sending.text,
            assignee_id: assignee.map(|staff| staff.id),
            due_on: automation.due_on(starts_at, &scene.practice.time_zone),
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
        Ok((task, entry))
    }
}
