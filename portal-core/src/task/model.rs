use crate::workflow::Assignee;
use crate::{
    Date, FieldError, Invalid, MatterId, PracticeId, StaffId, StageEntryId, TaskId, Timestamp, Version,
    WorkflowId, text,
};

/// What a task comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TaskSource {
    /// Staff added it by hand; the audit trail says who.
    Hand,
    /// An automation of a workflow set it.
    Workflow(TaskCause),
}

/// What an automation's task is set for. One task is set for one cause, whatever is tried again
/// ([`TASK_ONCE`](crate::unique::TASK_ONCE)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskCause {
    /// The workflow.
    pub workflow: WorkflowId,
    /// The automation's [edition](crate::workflow::Workflow::edition).
    pub version: Version,
    /// The entry into the stage.
    pub entry: StageEntryId,
    /// Whom the automation names. This, and not the person who that is on the day, is what tells tasks of one entry apart: a
    /// matter that changes hands meanwhile gets no second one.
    pub assignee: Assignee,
}

/// That a task is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TaskDone {
    /// When somebody said so.
    pub at: Timestamp,
    /// Who.
    pub by: StaffId,
}

/// Something for staff to do on a matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The matter that it is about.
    pub matter_id: MatterId,
    /// What to do, in one line.
    pub title: String,
    /// More about it.
    pub note: String,
    /// Who does it; anyone who may see the matter when nobody is named.
    pub assignee_id: Option<StaffId>,
    /// The last day for it, in the practice's zone.
    pub due_on: Option<Date>,
    /// Not to be begun before: an automation's delay. Lists of what is to be done now leave it out until then.
    pub starts_at: Timestamp,
    /// What it comes from.
    pub source: TaskSource,
    /// That it is done; open while `None`.
    pub done: Option<TaskDone>,
    /// When it was set.
    pub created_at: Timestamp,
    /// When it was saved last.
    pub updated_at: Timestamp,
}

/// A task as someone fills it in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TaskDraft {
    /// What to do: 1 to 200 characters.
    pub title: String,
    /// More about it: at most 2,000 characters.
    pub note: String,
    /// Who does it; anyone when nobody is named.
    pub assignee_id: Option<StaffId>,
    /// The last day for it.
    pub due_on: Option<Date>,
}

impl Task {
    /// The most characters of a title.
    pub const LONGEST_TITLE: usize = 200;
    /// The most characters of a note.
    pub const LONGEST_NOTE: usize = 2_000;

    /// A new task by hand, to be begun at once.
    ///
    /// # Errors
    /// All that is wrong with the draft.
    pub fn new(
        id: TaskId,
        (practice, matter): (PracticeId, MatterId),
        draft: &TaskDraft,
        at: Timestamp,
    ) -> Result<Self, Invalid> {
        let blank = Self {
            id,
            practice_id: practice,
            version: Version(0),
            matter_id: matter,
            title: String::new(),
            note: String::new(),
            assignee_id: None,
            due_on: None,
            starts_at: at,
            source: TaskSource::Hand,
            done: None,
            created_at: at,
            updated_at: at,
        };
        blank.revise(draft, at)
    }

    /// The same task with everything as `draft` says.
    ///
    /// # Errors
    /// All that is wrong with the draft.
    pub fn revise(mut self, draft: &TaskDraft, at: Timestamp) -> Result<Self, Invalid> {
        let mut invalid = Invalid::default();
        self.version.bump();
        self.updated_at = at;
        self.title = invalid
            .check(text::line("title", &draft.title, Self::LONGEST_TITLE))
            .unwrap_or_default();
        self.note = invalid
            .check(text::block("note", &draft.note, Self::LONGEST_NOTE))
            .unwrap_or_default();
        self.assignee_id = draft.assignee_id;
        self.due_on = invalid.check(check_due(draft.due_on)).flatten();
        invalid.finish()?;
        Ok(self)
    }

    /// The task as a form shows it.
    #[must_use]
    pub fn draft(&self) -> TaskDraft {
        TaskDraft {
            title: self.title.clone(),
            note: self.note.clone(),
            assignee_id: self.assignee_id,
            due_on: self.due_on,
        }
    }

    /// The names of the fields in which `other` differs, for the audit trail.
    #[must_use]
    pub fn changed_fields(&self, other: &Self) -> Vec<&'static str> {
        [
            ("title", self.title != other.title),
            ("note", self.note != other.note),
            ("assignee", self.assignee_id != other.assignee_id),
            ("due_on", self.due_on != other.due_on),
        ]
        .into_iter()
        .filter_map(|(name, differs)| differs.then_some(name))
        .collect()
    }

    /// The task, done. `None` when it was done already: who was first stays on record.
    #[must_use]
    pub fn finish(mut self, by: StaffId, at: Timestamp) -> Option<Self> {
        self.done.is_none().then(|| {
            self.version.bump();
            self.updated_at = at;
            self.done = Some(TaskDone { at, by });
            self
        })
    }

    /// The task, to be done after all. `None` when it is open already.
    #[must_use]
    pub fn reopen(mut self, at: Timestamp) -> Option<Self> {
        self.done.is_some().then(|| {
            self.version.bump();
            self.updated_at = at;
            self.done = None;
            self
        })
    }

    /// The sentence that tells its assignee of it.
    #[must_use]
    pub fn headline(&self) -> String {
        let title = self.title.trim_end_matches('.');
        match self.due_on {
            Some(due) => format!("You have a task: {title}, due on {due}."),
            None => format!("You have a task: {title}."),
        }
    }

    /// Whether it is late on `today`: open, and due before.
    #[must_use]
    pub fn is_overdue(&self, today: Date) -> bool {
        self.done.is_none() && self.due_on.is_some_and(|due| due < today)
    }

    /// The automation that it was set for.
    #[must_use]
    pub const fn cause(&self) -> Option<&TaskCause> {
        match &self.source {
            TaskSource::Workflow(cause) => Some(cause),
            TaskSource::Hand => None,
        }
    }

    /// What no other task of the practice may have: what an automation set it for. Its entry belongs to one matter.
    #[must_use]
    pub fn once_key(&self) -> Option<String> {
        let cause = self.cause()?;
        Some(format!(
            "{} {} {} {}",
            cause.workflow, cause.version.0, cause.entry, cause.assignee
        ))
    }

    /// The text that open tasks are sorted by: the day they are due on, those without one last.
    #[must_use]
    pub fn due_key(&self) -> String {
        self.due_on
            .map_or_else(|| "9999-12-31".to_owned(), |due| due.to_string())
    }
}

fn check_due(due_on: Option<Date>) -> Result<Option<Date>, FieldError> {
    match due_on {
        Some(date) if !(1_850..=2_200).contains(&date.year()) => Err(FieldError::new(
            "due_on",
            "out-of-range",
            "Choose a date between the years 1850 and 2200.",
        )),
        _ => Ok(due_on),
    }
}
