use crate::{ErrorKind, Rule};

/// The rules of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ClientRule {
    /// Another client has this reference.
    #[error("Another client has this reference.")]
    ReferenceTaken,
}

impl Rule for ClientRule {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Conflict
    }
    fn code(&self) -> &'static str {
        "reference-taken"
    }
    fn field(&self) -> Option<&'static str> {
        Some("reference")
    }
}
