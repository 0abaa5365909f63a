use std::collections::BTreeMap;

use super::{Task, TaskDraft, TaskFilter, TaskRule};
use crate::audit::Subject;
use crate::identity::StaffMember;
use crate::policy::{Capability, Reach, reach};
use crate::practice::expect_version;
use crate::{
    Change, Context, Error, EventKind, MatterId, NoRule, Page, PageRequest, Portal, StaffId, TaskId, Version,
};

/// A staff member whom a task names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskPerson {
    /// Who.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// Whether they work for the practice.
    pub active: bool,
}

/// The matter of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskMatter {
    /// Its reference.
    pub reference: String,
    /// Its title.
    pub title: String,
}

/// A task with the names of what it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskItem {
    /// The task.
    pub task: Task,
    /// Its matter.
    pub matter: TaskMatter,
    /// Who does it; anyone when nobody is named.
    pub assignee: Option<TaskPerson>,
    /// The name of whoever said that it is done.
    pub done_by: Option<String>,
}

impl TaskItem {
    /// Whether it is open and for somebody who does not work for the practice any more: somebody else has to take it.
    #[must_use]
    pub fn is_left_behind(&self) -> bool {
        self.task.done.is_none() && self.assignee.as_ref().is_some_and(|person| !person.active)
    }
}

impl Portal {
    /// Tasks, as [`Tasks::tasks`](super::Tasks::tasks) sorts them, narrowed to what the caller may see.
    pub async fn tasks(
        &self,
        ctx: &Context,
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Result<Page<TaskItem>, Error<NoRule>> {
        let filter = self.narrow_tasks(ctx, filter).await?;
        let found = self.store().tasks(ctx.practice, &filter, page).await?;
        Ok(Page {
            items: self.describe_tasks(ctx, found.items).await?,
            next: found.next,
            total: found.total,
        })
    }

    /// How many of those there are.
    pub async fn task_count(&self, ctx: &Context, filter: &TaskFilter) -> Result<u64, Error<NoRule>> {
        let filter = self.narrow_tasks(ctx, filter).await?;
        Ok(self.store().task_count(ctx.practice, &filter).await?)
    }

    async fn narrow_tasks(&self, ctx: &Context, filter: &TaskFilter) -> Result<TaskFilter, Error<NoRule>> {
        let mut filter = filter.clone();
        if let Some(matter) = filter.matter {
            self.matter_for(ctx, Capability::SeeMatters, matter).await?;
        } else if ctx.require(Capability::SeeMatters)? == Reach::OwnMatters {
            filter.visible_to = ctx.staff().map(|(id, _)| id);
        }
        Ok(filter)
    }

    /// One task: for whoever may see its matter, and for its assignee.
    pub async fn task(&self, ctx: &Context, id: TaskId) -> Result<TaskItem, Error<NoRule>> {
        let task = self.task_for(ctx, Capability::SeeMatters, id).await?;
        self.described(ctx, task).await
    }

    /// The task, if `capability` reaches its matter. An assignee may do with their own task what they could do with one on a
    /// matter of theirs: otherwise a task for somebody who is not on the matter could never be done.
    async fn task_for(
        &self,
        ctx: &Context,
        capability: Capability,
        id: TaskId,
    ) -> Result<Task, Error<NoRule>> {
        let found = self.store().task(ctx.practice, id).await?;
        let task = found.ok_or(Error::NotFound("task"))?;
        let own = ctx
            .staff()
            .is_some_and(|(staff, _)| task.assignee_id == Some(staff));
        match self.matter_for(ctx, capability, task.matter_id).await {
            Ok(_) => Ok(task),
            Err(Error::NotFound(_)) if own => ctx.require(capability).map(|_| task),
            Err(Error::NotFound(_)) => Err(Error::NotFound("task")),
            Err(other) => Err(other),
        }
    }

    /// Adds a task to a matter.
    ///
    /// # Errors
    /// `NoSuchAssignee` and `AssigneeOnlyReads` when its assignee could not do it.
    pub async fn add_task(
        &self,
        ctx: &Context,
        matter: MatterId,
        draft: &TaskDraft,
    ) -> Result<TaskItem, Error<TaskRule>> {
        let matter = self.matter_for(ctx, Capability::EditTasks, matter).await;
        let matter = matter.map_err(Error::widen)?;
        let task = Task::new(self.id(), (ctx.practice, matter.id), draft, ctx.at)?;
        self.require_task_assignee(ctx, draft.assignee_id).await?;
        let entry = self
            .audit(ctx, "task.added", Subject::new("task", task.id))
            .on(matter.id)
            .with("title", task.title.as_str());
        let change = self.telling_assignee(ctx, Change::audited(entry).save(task.clone()), None, &task);
        self.commit(change).await?;
        self.described(ctx, task).await.map_err(Error::widen)
    }

    /// Changes what a task says, whom it is for and when it is due, and whether it is done; what is not given stays.
    ///
    /// # Errors
    /// `NoSuchAssignee` and `AssigneeOnlyReads` when it is given to somebody who could not do it; who had it before may keep it.
    pub async fn update_task(
        &self,
        ctx: &Context,
        id: TaskId,
        expected: Option<Version>,
        (draft, done): (Option<&TaskDraft>, Option<bool>),
    ) -> Result<TaskItem, Error<TaskRule>> {
        let task = self
            .retrying(async || {
                let before = self.task_for(ctx, Capability::EditTasks, id).await;
                let before = before.map_err(Error::widen)?;
                expect_version(before.version, expected)?;
                let mut change = Change::unaudited(ctx.practice, "each step adds its own entry");
                let mut task = before.clone();
                if let Some(draft) = draft.filter(|draft| **draft != before.draft()) {
                    let revised = before.clone().revise(draft, ctx.at)?;
                    if revised.assignee_id != before.assignee_id {
                        self.require_task_assignee(ctx, revised.assignee_id).await?;
                    }
                    let entry = self
                        .audit(ctx, "task.changed", Subject::new("task", id))
                        .on(task.matter_id)
                        .with("fields", before.changed_fields(&revised));
                    change = change.audit(entry);
                    task = revised;
                }
                if let Some(turned) = turned(ctx, &task, done)? {
                    let action = if turned.done.is_some() {
                        "task.done"
                    } else {
                        "task.reopened"
                    };
                    let entry = self
                        .audit(ctx, action, Subject::new("task", id))
                        .on(task.matter_id);
                    change = change.audit(entry);
                    task = Task {
                        // It is saved once, whatever was done to it.
                        version: before.version.next(),
                        ..turned
                    };
                }
                if task != before {
                    change = change.save(task.clone());
                    change = self.telling_assignee(ctx, change, before.assignee_id, &task);
                }
                Ok((task, change))
            })
            .await?;
        self.described(ctx, task).await.map_err(Error::widen)
    }

    /// Says that a task is done, or that it is not after all. Saying it again changes nothing.
    pub async fn set_task_done(
        &self,
        ctx: &Context,
        id: TaskId,
        expected: Option<Version>,
        done: bool,
    ) -> Result<TaskItem, Error<TaskRule>> {
        self.update_task(ctx, id, expected, (None, Some(done))).await
    }

    /// The change, with word to whoever got the task; not to who took it themselves.
    fn telling_assignee(
        &self,
        ctx: &Context,
        change: Change,
        before: Option<StaffId>,
        task: &Task,
    ) -> Change {
        let by = ctx.staff().map(|(staff, _)| staff);
        let given = task
            .assignee_id
            .filter(|to| task.assignee_id != before && by != Some(*to));
        match given {
            Some(staff) => change.save(
                self.event(ctx, EventKind::TaskGiven { task: task.id, staff })
                    .not_before(task.starts_at),
            ),
            None => change,
        }
    }

    async fn require_task_assignee(
        &self,
        ctx: &Context,
        assignee: Option<StaffId>,
    ) -> Result<(), Error<TaskRule>> {
        let Some(id) = assignee else { return Ok(()) };
        let staff = self.store().staff_member(ctx.practice, id).await?;
        assignable(staff.as_ref()).map_err(Error::Rule)
    }

    async fn described(&self, ctx: &Context, task: Task) -> Result<TaskItem, Error<NoRule>> {
        let items = self.describe_tasks(ctx, vec![task]).await?;
        items.into_iter().next().ok_or(Error::NotFound("task"))
    }

    /// The tasks with the names of what they speak of. Their matters' references are told to assignees too.
    async fn describe_tasks(&self, ctx: &Context, tasks: Vec<Task>) -> Result<Vec<TaskItem>, Error<NoRule>> {
        let matters: Vec<MatterId> = tasks.iter().map(|task| task.matter_id).collect();
        let matters = self.store().matters_by_id(ctx.practice, &matters).await?;
        let mut staff: BTreeMap<StaffId, Option<StaffMember>> = BTreeMap::new();
        let done_by = tasks
            .iter()
            .filter_map(|task| task.done.as_ref())
            .map(|done| done.by);
        for id in tasks.iter().filter_map(|task| task.assignee_id).chain(done_by) {
            if let std::collections::btree_map::Entry::Vacant(unknown) = staff.entry(id) {
                unknown.insert(self.store().staff_member(ctx.practice, id).await?);
            }
        }
        let known = |id: StaffId| staff.get(&id).and_then(Option::as_ref);
        let items = tasks.into_iter().filter_map(|task| {
            let matter = matters.iter().find(|matter| matter.id == task.matter_id)?;
            Some(TaskItem {
                matter: TaskMatter {
                    reference: matter.reference.clone(),
                    title: matter.title.clone(),
                },
                assignee: task.assignee_id.and_then(known).map(|staff| TaskPerson {
                    id: staff.id,
                    name: staff.name.clone(),
                    active: staff.active,
                }),
                done_by: task
                    .done
                    .as_ref()
                    .and_then(|done| known(done.by))
                    .map(|staff| staff.name.clone()),
                task,
            })
        });
        Ok(items.collect())
    }
}

/// The task, done or open as is wished; `None` when it is so already.
fn turned(ctx: &Context, task: &Task, done: Option<bool>) -> Result<Option<Task>, Error<TaskRule>> {
    match done {
        None => Ok(None),
        Some(false) => Ok(task.clone().reopen(ctx.at)),
        Some(true) => {
            let (staff, _) = ctx.staff().ok_or(Error::Denied("do tasks"))?;
            Ok(task.clone().finish(staff, ctx.at))
        }
    }
}

/// Whether somebody could do a task.
pub(crate) fn assignable(staff: Option<&StaffMember>) -> Result<(), TaskRule> {
    let staff = staff.filter(|staff| staff.active);
    let staff = staff.ok_or(TaskRule::NoSuchAssignee)?;
    if reach(staff.role, Capability::EditTasks) == Reach::Nothing {
        return Err(TaskRule::AssigneeOnlyReads);
    }
    Ok(())
}
