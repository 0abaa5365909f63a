//! Tasks of staff.

use async_trait::async_trait;
use portal_core::task::{Assigned, Task, TaskCause, TaskDone, TaskFilter, TaskSource, Tasks};
use portal_core::{MatterId, Page, PageRequest, PracticeId, StoreError, TaskId, Version};
use sqlx::FromRow;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor};
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Day, Stamp};

table! {
    TASK = "task" as TaskRow {
        matter_id: Uuid,
        title: String,
        note: String,
        assignee_id: Option<Uuid>,
        due_on: Option<Day>,
        starts_at: Stamp,
        workflow_id: Option<Uuid>,
        workflow_version: Option<i64>,
        stage_entry_id: Option<Uuid>,
        assigned_as: Option<String>,
        done_at: Option<Stamp>,
        done_by: Option<Uuid>,
        created_at: Stamp,
        updated_at: Stamp,
    } + [due_key, once_key]
}

impl Reads for TaskRow {
    type Record = Task;
    fn record(self) -> Result<Task, StoreError> {
        let source = match (self.workflow_id, self.workflow_version, self.stage_entry_id) {
            (Some(workflow), Some(version), Some(entry)) => {
                let assigned_as = self.assigned_as.ok_or_else(|| decode::missing("assigned_as"))?;
                TaskSource::Workflow(TaskCause {
                    workflow: workflow.into(),
                    version: Version(version),
                    entry: entry.into(),
                    assignee: decode::word("assigned_as", &assigned_as)?,
                })
            }
            _ => TaskSource::Hand,
        };
        let done = self.done_at.zip(self.done_by);
        Ok(Task {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            matter_id: self.matter_id.into(),
            title: self.title,
            note: self.note,
            assignee_id: self.assignee_id.map(Into::into),
            due_on: self.due_on.map(|day| day.0),
            starts_at: self.starts_at.0,
            source,
            done: done.map(|(at, by)| TaskDone {
                at: at.0,
                by: by.into(),
            }),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

pub(crate) fn save(task: &Task) -> Result<Step, StoreError> {
    let cause = task.cause();
    TASK.save(
        task.practice_id,
        task.id,
        task.version,
        vec![
            task.matter_id.value(),
            (&task.title).value(),
            (&task.note).value(),
            task.assignee_id.value(),
            task.due_on.value(),
            task.starts_at.value(),
            cause.map(|cause| cause.workflow).value(),
            cause.map(|cause| cause.version).value(),
            cause.map(|cause| cause.entry).value(),
            cause.map(|cause| cause.assignee.to_string()).value(),
            task.done.map(|done| done.at).value(),
            task.done.map(|done| done.by).value(),
            task.created_at.value(),
            task.updated_at.value(),
            task.due_key().value(),
            task.once_key().value(),
        ],
    )
}

fn narrow(sql: &mut Sql, practice: PracticeId, filter: &TaskFilter) {
    sql.push(if filter.done {
        " AND task.done_at IS NOT NULL"
    } else {
        " AND task.done_at IS NULL"
    })
    .and(" AND task.matter_id = ", filter.matter);
    match filter.assigned {
        None => {}
        Some(Assigned::To(staff)) => {
            sql.push(" AND task.assignee_id = ").bind(staff);
        }
        Some(Assigned::Anyone) => {
            sql.push(" AND task.assignee_id IS NULL");
        }
        Some(Assigned::Left) => {
            sql.push(
                " AND task.assignee_id IN (SELECT gone.id FROM staff_member AS gone WHERE gone.practice_id = ",
            )
            .bind(practice)
            .push(" AND NOT gone.active)");
        }
    }
    sql.and(" AND task.due_on < ", filter.due_before)
        .and(" AND task.starts_at <= ", filter.begun_at);
    if let Some(staff) = filter.visible_to {
        sql.push(" AND (task.assignee_id = ")
            .bind(staff)
            .push(" OR task.matter_id IN (SELECT own.id FROM matter AS own WHERE own.practice_id = ")
            .bind(practice)
            .push(" AND own.owner_id = ")
            .bind(staff)
            .push(" UNION ALL SELECT seat.matter_id FROM team_member AS seat WHERE seat.practice_id = ")
            .bind(practice)
            .push(" AND seat.staff_id = ")
            .bind(staff)
            .push(" AND NOT seat.removed))");
    }
}

pub(crate) fn tasks(
    practice: PracticeId,
    filter: &TaskFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = TaskRow::select(practice);
    narrow(&mut sql, practice, filter);
    if filter.done {
        sql.after(page, Key::Stamp, " AND (task.done_at, task.id) < (")?
            .push(" ORDER BY task.done_at DESC, task.id DESC");
    } else {
        sql.after(page, Key::Text, " AND (task.due_key, task.id) > (")?
            .push(" ORDER BY task.due_key, task.id");
    }
    sql.limit(page);
    Ok(sql.done())
}

pub(crate) fn task_count(practice: PracticeId, filter: &TaskFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM task WHERE task.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, practice, filter);
    sql.done()
}

pub(crate) fn automated_tasks(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql = TaskRow::select(practice);
    sql.push(" AND task.matter_id IN ")
        .bind_ids(matters)
        .push(" AND task.workflow_id IS NOT NULL");
    sql.done()
}

#[async_trait]
impl<D: Driver> Tasks for SqlStore<D>
where
    TaskRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn task(&self, practice: PracticeId, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.one::<TaskRow>(TaskRow::by_id(practice, id)).await
    }

    async fn tasks(
        &self,
        practice: PracticeId,
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Result<Page<Task>, StoreError> {
        let total = page.total.then(|| task_count(practice, filter));
        self.page::<TaskRow>(tasks(practice, filter, page)?, total, page, |task| {
            match task.done {
                Some(done) => cursor(&done.at, task.id),
                None => cursor(&task.due_key(), task.id),
            }
        })
        .await
    }

    async fn task_count(&self, practice: PracticeId, filter: &TaskFilter) -> Result<u64, StoreError> {
        self.count(task_count(practice, filter)).await
    }

    async fn automated_tasks(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Task>, StoreError> {
        self.by_ids::<TaskRow>(matters.iter().map(|id| id.0), |ids| {
            automated_tasks(practice, ids)
        })
        .await
    }
}
