use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::FieldError;

/// What is to be approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ApprovalKind {
    /// A draft of something that the practice will send or lodge.
    Draft,
    /// A statement in the client's name.
    Statement,
    /// Documents put together as evidence.
    EvidenceBundle,
    /// A declaration that the client makes.
    Declaration,
    /// Leave to go ahead.
    AuthorityToProceed,
    /// Everything, before it is lodged.
    PreLodgementReview,
    /// Time that was worked.
    TimeEntry,
    /// Money that was spent.
    Expense,
    /// An invoice.
    Invoice,
    /// Something that was made for the client.
    Deliverable,
}

impl ApprovalKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::Statement,
        Self::EvidenceBundle,
        Self::Declaration,
        Self::AuthorityToProceed,
        Self::PreLodgementReview,
        Self::TimeEntry,
        Self::Expense,
        Self::Invoice,
        Self::Deliverable,
    ];

    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Statement => "statement",
            Self::EvidenceBundle => "evidence-bundle",
            Self::Declaration => "declaration",
            Self::AuthorityToProceed => "authority-to-proceed",
            Self::PreLodgementReview => "pre-lodgement-review",
            Self::TimeEntry => "time-entry",
            Self::Expense => "expense",
            Self::Invoice => "invoice",
            Self::Deliverable => "deliverable",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Statement => "Statement",
            Self::EvidenceBundle => "Evidence bundle",
            Self::Declaration => "Declaration",
            Self::AuthorityToProceed => "Authority to proceed",
            Self::PreLodgementReview => "Pre-lodgement review",
            Self::TimeEntry => "Time entry",
            Self::Expense => "Expense",
            Self::Invoice => "Invoice",
            Self::Deliverable => "Deliverable",
        }
    }
}

impl FromStr for ApprovalKind {
    type Err = FieldError;
    fn from_str(text: &str) -> Result<Self, FieldError> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| FieldError::new("kind", "unknown", "Choose what is to be approved."))
    }
}
