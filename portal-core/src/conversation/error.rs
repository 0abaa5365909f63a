use crate::workflow::Held;
use crate::{ErrorKind, Rule};

/// The rules of conversations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConversationRule {
    /// Nobody said whose number it is.
    #[error("Say first whose number this is: what is sent stands in a client's history.")]
    Nobody,
    /// The text message would not reach them.
    #[error("This cannot be sent: {0}.")]
    Unreachable(Held),
    /// Another message was sent under this id.
    #[error("Another message was sent under this id.")]
    OtherMessage,
    /// It is a client's conversation, not that of a number.
    #[error("This conversation is a client's already.")]
    NotANumber,
    /// Nobody said that the number is a client's.
    #[error("Nobody said that this number is a client's.")]
    NotLinked,
    /// The staff member does not work for the practice any more.
    #[error("This staff member does not work here any more.")]
    NotActive,
}

impl Rule for ConversationRule {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unreachable(Held::Empty | Held::TooLong { .. }) | Self::NotActive => ErrorKind::Invalid,
            Self::Nobody | Self::Unreachable(_) | Self::OtherMessage | Self::NotANumber | Self::NotLinked => {
                ErrorKind::Conflict
            }
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Nobody => "nobodys-number",
            Self::Unreachable(held) => held.as_str(),
            Self::OtherMessage => "other-message",
            Self::NotANumber => "not-a-number",
            Self::NotLinked => "not-linked",
            Self::NotActive => "not-active",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable(_) => Some("text"),
            Self::NotActive => Some("staff_id"),
            Self::OtherMessage => Some("once"),
            Self::Nobody | Self::NotANumber | Self::NotLinked => None,
        }
    }
}
