use portal_core::task::{Assigned, TaskFilter};
use portal_core::{PageRequest, StoreError, TaskId};

use super::{Catalogue, DAY, ID, MATTER, NOW, PRACTICE, STAFF, TIME_KEY};
use crate::table::Selects;
use crate::task;

pub(super) fn tasks(it: &mut Catalogue) -> Result<(), StoreError> {
    it.hot("task", task::TaskRow::by_id(PRACTICE, TaskId(ID)));
    it.hot("tasks of automations", task::automated_tasks(PRACTICE, &[ID; 3]));
    for (name, filter) in filters() {
        for done in [false, true] {
            let filter = TaskFilter {
                done,
                ..filter.clone()
            };
            let (state, key) = if done {
                ("done", TIME_KEY)
            } else {
                ("open", "2026-11-20")
            };
            let count = task::task_count(PRACTICE, &filter);
            let list = |page: &PageRequest| task::tasks(PRACTICE, &filter, page);
            it.list(&format!("{state} tasks {name}"), key, list, Some(count))?;
        }
    }
    Ok(())
}

fn filters() -> [(&'static str, TaskFilter); 8] {
    let none = TaskFilter::default();
    let assigned = |whom| TaskFilter {
        assigned: Some(whom),
        ..TaskFilter::default()
    };
    [
        ("all", none.clone()),
        (
            "on a matter",
            TaskFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        ("of somebody", assigned(Assigned::To(STAFF))),
        ("of anyone", assigned(Assigned::Anyone)),
        ("left behind", assigned(Assigned::Left)),
        (
            "visible to",
            TaskFilter {
                visible_to: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "late and begun",
            TaskFilter {
                due_before: Some(DAY),
                begun_at: Some(NOW),
                ..none.clone()
            },
        ),
        (
            "by everything",
            TaskFilter {
                done: false,
                matter: Some(MATTER),
                assigned: Some(Assigned::To(STAFF)),
                due_before: Some(DAY),
                begun_at: Some(NOW),
                visible_to: Some(STAFF),
            },
        ),
    ]
}
