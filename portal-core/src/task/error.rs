use crate::{ErrorKind, Rule};

/// The rules of tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaskRule {
    /// Nobody by that id works for the practice, or not any more.
    #[error("Choose somebody who works for the practice.")]
    NoSuchAssignee,
    /// The assignee's role changes nothing, so they could never say that it is done.
    #[error("An auditor cannot do tasks. Choose somebody else.")]
    AssigneeOnlyReads,
}

impl Rule for TaskRule {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Invalid
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NoSuchAssignee => "no-such-assignee",
            Self::AssigneeOnlyReads => "assignee-only-reads",
        }
    }

    fn field(&self) -> Option<&'static str> {
        Some("assignee_id")
    }
}
