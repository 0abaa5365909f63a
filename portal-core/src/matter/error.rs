use crate::{ErrorKind, Rule};

/// The rules of matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MatterRule {
    /// Another matter has this reference.
    #[error("Another matter has this reference.")]
    ReferenceTaken,
    /// A matter cannot be its own parent, however many steps apart.
    #[error("A matter cannot belong to itself or to one of its own parts.")]
    OwnParent,
    /// The parent does not exist.
    #[error("There is no such parent matter.")]
    NoSuchParent,
    /// The owner or team member is not an active staff member.
    #[error("This is not an active staff member who can work on matters.")]
    NotAssignable,
    /// The client takes part already.
    #[error("This client takes part in the matter already.")]
    AlreadyParticipant,
    /// The matter is closed.
    #[error("The matter is closed. Reopen it first.")]
    Closed,
    /// There is no such client.
    #[error("There is no such client.")]
    NoSuchClient,
    /// The client still has an active portal access on the matter.
    #[error("This client has an active portal access on the matter. Revoke it first.")]
    StillHasAccess,
}

impl Rule for MatterRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::OwnParent | Self::NoSuchParent | Self::NotAssignable | Self::NoSuchClient => {
                ErrorKind::Invalid
            }
            Self::ReferenceTaken | Self::AlreadyParticipant | Self::Closed | Self::StillHasAccess => {
                ErrorKind::Conflict
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::ReferenceTaken => "reference-taken",
            Self::OwnParent => "own-parent",
            Self::NoSuchParent => "no-such-parent",
            Self::NotAssignable => "not-assignable",
            Self::AlreadyParticipant => "already-participant",
            Self::Closed => "matter-closed",
            Self::NoSuchClient => "no-such-client",
            Self::StillHasAccess => "still-has-access",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::ReferenceTaken => Some("reference"),
            Self::OwnParent | Self::NoSuchParent => Some("parent_id"),
            Self::NotAssignable => Some("staff_id"),
            Self::AlreadyParticipant | Self::NoSuchClient | Self::StillHasAccess => Some("client_id"),
            Self::Closed => None,
        }
    }
}
