use async_trait::async_trait;

use super::Task;
use crate::{Date, MatterId, Page, PageRequest, PracticeId, StaffId, StoreError, TaskId, Timestamp};

/// Whom tasks are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Assigned {
    /// This staff member.
    To(StaffId),
    /// Nobody in particular.
    Anyone,
    /// Somebody who does not work for the practice any more.
    Left,
}

/// Which tasks are wanted. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Those that are done; else those that are open.
    pub done: bool,
    /// Only those on this matter.
    pub matter: Option<MatterId>,
    /// Only those for these people.
    pub assigned: Option<Assigned>,
    /// Only those that are due before this day.
    pub due_before: Option<Date>,
    /// Only those that may be begun at this time.
    pub begun_at: Option<Timestamp>,
    /// Only those that this staff member may see: on matters that they own or are on the team of, and their own.
    pub visible_to: Option<StaffId>,
}

/// Reads tasks.
#[async_trait]
pub trait Tasks: Send + Sync {
    /// One task.
    async fn task(&self, practice: PracticeId, id: TaskId) -> Result<Option<Task>, StoreError>;
    /// Open tasks by the day they are due on, those without one last (cursor key: [`Task::due_key`]); done ones the last done
    /// first (cursor key: when).
    async fn tasks(
        &self,
        practice: PracticeId,
        filter: &TaskFilter,
        page: &PageRequest,
    ) -> Result<Page<Task>, StoreError>;
    /// How many there are.
    async fn task_count(&self, practice: PracticeId, filter: &TaskFilter) -> Result<u64, StoreError>;
    /// Everything that automations set on these matters, open and done, in any order.
    async fn automated_tasks(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Task>, StoreError>;
}
