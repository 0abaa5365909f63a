use crate::{ErrorKind, Rule};

/// The rules of identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentityRule {
    /// Email and password do not belong together. Says the same for an unknown address.
    #[error("Email or password is not right.")]
    WrongCredentials,
    /// Another staff member has this address.
    #[error("Another staff member has this email address.")]
    EmailTaken,
    /// The practice would be left without an owner.
    #[error("A practice needs at least one active owner.")]
    LastOwner,
}

impl Rule for IdentityRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::WrongCredentials => ErrorKind::Unauthenticated,
            Self::EmailTaken | Self::LastOwner => ErrorKind::Conflict,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::WrongCredentials => "wrong-credentials",
            Self::EmailTaken => "email-taken",
            Self::LastOwner => "last-owner",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::EmailTaken => Some("email"),
            Self::WrongCredentials | Self::LastOwner => None,
        }
    }
}
