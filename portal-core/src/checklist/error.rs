use crate::{ErrorKind, Rule};

/// The rules of checklists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChecklistRule {
    /// Nothing was provided that could be accepted.
    #[error("There is nothing to accept yet.")]
    NothingToAccept,
    /// Nothing was provided that could be returned.
    #[error("There is nothing to return yet.")]
    NothingToReturn,
    /// The request is accepted, waived or withdrawn.
    #[error("This request is already settled.")]
    Settled,
    /// The request is neither waived nor accepted, so there is nothing to reopen.
    #[error("This request is open already.")]
    StillOpen,
    /// A reason is needed, because the client will read it.
    #[error("Say why, in words the client understands.")]
    ReasonNeeded,
    /// The client does not take part in the matter.
    #[error("This client does not take part in the matter. Add them to it first.")]
    NotParticipant,
    /// The matter is closed.
    #[error("The matter is closed. Reopen it first.")]
    MatterClosed,
    /// The template is archived.
    #[error("This template is archived.")]
    TemplateArchived,
    /// Everything the template asks for is on the checklist already.
    #[error("Everything in this template is on the checklist already.")]
    NothingNew,
    /// Another template has this name.
    #[error("Another template has this name.")]
    NameTaken,
}

impl Rule for ChecklistRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::ReasonNeeded => ErrorKind::Invalid,
            _ => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NothingToAccept => "nothing-to-accept",
            Self::NothingToReturn => "nothing-to-return",
            Self::Settled => "settled",
            Self::StillOpen => "still-open",
            Self::ReasonNeeded => "reason-needed",
            Self::NotParticipant => "not-participant",
            Self::MatterClosed => "matter-closed",
            Self::TemplateArchived => "template-archived",
            Self::NothingNew => "nothing-new",
            Self::NameTaken => "name-taken",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::ReasonNeeded => Some("reason"),
            Self::NotParticipant => Some("client_id"),
            Self::NameTaken => Some("name"),
            _ => None,
        }
    }
}
