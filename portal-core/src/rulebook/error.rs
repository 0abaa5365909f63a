use crate::{ErrorKind, Rule};

/// The rules of taxonomies and workflows as they are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RulebookRule {
    /// Another workflow has this name.
    #[error("Another workflow has this name.")]
    NameTaken,
    /// There are as many workflows as a practice can have.
    #[error("There are too many workflows. Remove one that is not needed any more.")]
    TooManyWorkflows,
    /// It is switched off, so there is nothing to apply.
    #[error("The workflow is switched off. Switch it on first.")]
    NotOn,
}

impl Rule for RulebookRule {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Conflict
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NameTaken => "name-taken",
            Self::TooManyWorkflows => "too-many-workflows",
            Self::NotOn => "not-on",
        }
    }

    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NameTaken => Some("name"),
            Self::TooManyWorkflows | Self::NotOn => None,
        }
    }
}
