//! What staff have to do.

use askama::Template;

use super::{Chip, Fact};
use crate::web::client::Due;
use crate::web::view::{Badge, Choice, Errors, Pager, Shell};

/// `/staff/tasks`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/tasks.html")]
pub struct Tasks {
    /// The frame.
    pub shell: Shell,
    /// How many there are, worded.
    pub counted: String,
    /// The matter whose tasks alone are shown: its name and page.
    pub matter: Option<(String, String)>,
    /// Filters: mine, for anyone, all, left behind, done.
    pub chips: Vec<Chip>,
    /// What is said when there is none: a title and a sentence.
    pub nothing: (String, String),
    /// This page of them.
    pub rows: Vec<TaskRow>,
    /// Where this page is.
    pub pager: Pager,
}

/// A task in a list.
#[derive(Debug, Clone, Default)]
pub struct TaskRow {
    /// Its page.
    pub href: String,
    /// What to do.
    pub title: String,
    /// More about it; may be empty.
    pub note: String,
    /// Who does it: `You`, `Anyone`, `Ana Lopes`; for what is done: who did it, and when.
    pub person: String,
    /// Its matter: its name and page; `None` on the matter's own page.
    pub matter: Option<(String, String)>,
    /// When it is due.
    pub due: Option<Due>,
    /// Where it stands.
    pub badge: Badge,
    /// Where saying that it is done posts to; `None` when it is, and for who may not.
    pub done_action: Option<String>,
    /// The list to come back to (`back`).
    pub back: String,
}

/// `/staff/tasks/{id}`, and a new task that was filled in wrongly.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/task.html")]
pub struct TaskPage {
    /// The frame.
    pub shell: Shell,
    /// What to do, or `New task`.
    pub heading: String,
    /// Where it stands; `None` for a new one.
    pub badge: Option<Badge>,
    /// Where one comes from: its name and page.
    pub back: (String, String),
    /// What is known of it.
    pub facts: Vec<Fact>,
    /// What it says, for who may not change it.
    pub note: String,
    /// The form; `None` for who may not change it.
    pub form: Option<TaskForm>,
    /// Where saying that it is done posts to.
    pub done_action: Option<String>,
    /// Where saying that it is not done after all posts to.
    pub reopen_action: Option<String>,
}

/// A task as it is filled in.
#[derive(Debug, Clone, Default)]
pub struct TaskForm {
    /// Where it posts to.
    pub action: String,
    /// The word on its button.
    pub button: String,
    /// The version that was read; empty for a new one.
    pub version: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `title` as sent.
    pub title: String,
    /// `note` as sent.
    pub note: String,
    /// Choices of `assignee_id`; the empty one is anyone.
    pub assignees: Vec<Choice>,
    /// `due_on` as sent (`2026-11-27`).
    pub due_on: String,
}
