use async_trait::async_trait;

use super::lists::{Order, page};
use super::scan::{Look, Scan};
use super::tables::Tables;
use crate::identity::StaffMember;
use crate::task::{Assigned, Task, TaskFilter, Tasks};
use crate::{MatterId, Page, PageRequest, PracticeId, StaffId, StoreError, TaskId};

#[async_trait]
impl<S: Scan> Tasks for S {
    async fn task(&self, practice: PracticeId, id: TaskId) -> Result<Option<Task>, StoreError> {
        self.one(practice, id)
    }

    async fn tasks(
        &self,
        practice: PracticeId,
        filter: &TaskFilter,
        request: &PageRequest,
    ) -> Result<Page<Task>, StoreError> {
        let rows = self.held()?.tasks_kept(practice, filter);
        if filter.done {
            return Ok(page(rows, request, Order::Falling, |row| {
                let at = row.done.map(|done| done.at.to_string());
                (at.unwrap_or_default(), row.id.into())
            }));
        }
        Ok(page(rows, request, Order::Rising, |row| {
            (row.due_key(), row.id.into())
        }))
    }

    async fn task_count(&self, practice: PracticeId, filter: &TaskFilter) -> Result<u64, StoreError> {
        let rows = self.held()?.tasks_kept(practice, filter);
        Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    async fn automated_tasks(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Task>, StoreError> {
        self.all(practice, |row: &Task| {
            matters.contains(&row.matter_id) && row.cause().is_some()
        })
    }
}

impl Tables {
    fn tasks_kept(&self, practice: PracticeId, filter: &TaskFilter) -> Vec<Task> {
        let has_left = |staff: StaffId| {
            let found: Option<&StaffMember> = self.staff.get(&(practice, staff.into()));
            found.is_some_and(|staff| !staff.active)
        };
        let is_for = |row: &Task, whom: Assigned| match whom {
            Assigned::To(staff) => row.assignee_id == Some(staff),
            Assigned::Anyone => row.assignee_id.is_none(),
            Assigned::Left => row.assignee_id.is_some_and(has_left),
        };
        self.of(practice)
            .filter(|row: &&Task| {
                row.done.is_some() == filter.done
                    && filter.matter.is_none_or(|matter| row.matter_id == matter)
                    && filter.assigned.is_none_or(|whom| is_for(row, whom))
                    && filter
                        .due_before
                        .is_none_or(|day| row.due_on.is_some_and(|due| due < day))
                    && filter.begun_at.is_none_or(|at| row.starts_at <= at)
                    && filter.visible_to.is_none_or(|staff| {
                        row.assignee_id == Some(staff) || self.works_on(practice, row.matter_id, staff)
                    })
            })
            .cloned()
            .collect()
    }
}
