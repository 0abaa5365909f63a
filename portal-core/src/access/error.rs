use crate::{ErrorKind, Rule};

/// The rules of portal access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessRule {
    /// The client does not take part in the matter.
    #[error("This client does not take part in the matter. Add them to it first.")]
    NotParticipant,
    /// The client has an active portal access on this matter already.
    #[error("This client's portal access is active already.")]
    AlreadyActive,
    /// The portal access is not active.
    #[error("This portal access is not active. Restore it first.")]
    NotActive,
    /// The matter is closed.
    #[error("The matter is closed. Reopen it first.")]
    MatterClosed,
    /// The client is deactivated.
    #[error("This client is deactivated.")]
    ClientInactive,
    /// The client has no email address, so that no link can be sent.
    #[error("This client has no email address. Add one first.")]
    NoEmail,
    /// An invitation went out a moment ago.
    #[error("Several links were sent in the last hour. Please wait before sending another.")]
    TooManyLinks,
}

impl Rule for AccessRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooManyLinks => ErrorKind::Limited,
            _ => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotParticipant => "not-participant",
            Self::AlreadyActive => "already-active",
            Self::NotActive => "not-active",
            Self::MatterClosed => "matter-closed",
            Self::ClientInactive => "client-inactive",
            Self::NoEmail => "no-email",
            Self::TooManyLinks => "too-many-links",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotParticipant => Some("client_id"),
            _ => None,
        }
    }
}

/// Why a sign-in link does not open anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInRule {
    /// It is expired, used, superseded, or opens nothing any more: the way on is the same for all, a new link.
    #[error("This link does not work any more. Links work once, and only the newest one works.")]
    LinkSpent,
    /// The short code of the mail is needed, because another browser asked for the link.
    #[error("Type the code from the same email.")]
    CodeNeeded,
    /// The short code is not the one of the mail.
    #[error("This is not the code from that email. Check the newest email and type its eight digits.")]
    WrongCode,
    /// Too many wrong codes were tried with this link.
    #[error("Too many wrong codes. Please ask for a new link.")]
    TooManyCodes,
}

impl Rule for SignInRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::LinkSpent => ErrorKind::Gone,
            Self::CodeNeeded | Self::WrongCode => ErrorKind::Invalid,
            Self::TooManyCodes => ErrorKind::Limited,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::LinkSpent => "link-spent",
            Self::CodeNeeded => "code-needed",
            Self::WrongCode => "wrong-code",
            Self::TooManyCodes => "too-many-codes",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::CodeNeeded | Self::WrongCode | Self::TooManyCodes => Some("code"),
            Self::LinkSpent => None,
        }
    }
}
