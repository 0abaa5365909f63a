//! Tasks: what staff have to do on a matter, by hand or because a workflow's automation set it.
//!
//! A task is for one staff member or for anyone who may see its matter. It outlives its assignee's time with the practice: a
//! task of somebody who left stays where it was, and every list says so ([`TaskItem::is_left_behind`]).

mod error;
mod model;
mod port;
mod service;
mod words;

pub use error::TaskRule;
pub use model::{Task, TaskCause, TaskDone, TaskDraft, TaskSource};
pub use port::{Assigned, TaskFilter, Tasks};
pub(crate) use service::assignable;
pub use service::{TaskItem, TaskMatter, TaskPerson};
pub use words::{Words, words};
