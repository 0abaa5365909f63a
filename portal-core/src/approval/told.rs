//! What evidence says, read back from its canonical bytes without a portal. `docs/approvals.md` lists the fields.

use serde::Deserialize;

use super::{ApprovalKind, Assurance, Decision, FactorMethod, SignInMethod};
use crate::matter::Part;
use crate::{Digest, Timestamp};

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldPerson {
    /// The client's id.
    pub client: String,
    /// Their name at the time.
    pub name: String,
}

/// For whom somebody answered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldOnBehalfOf {
    /// The client's id.
    pub client: String,
    /// Their name at the time.
    pub name: String,
    /// The part they took in the matter at the time.
    pub part: Option<Part>,
}

/// From where something came.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldOrigin {
    /// The network's address.
    pub ip: Option<String>,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// How somebody had signed in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldSignIn {
    /// The session's id.
    pub session: String,
    /// By what.
    pub method: SignInMethod,
    /// How sure that makes the portal of who they are.
    pub assurance: Assurance,
    /// When.
    pub since: Timestamp,
    /// From where.
    pub from: ToldOrigin,
}

/// The second factor that was confirmed with an answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldFactor {
    /// What it is called.
    pub method: FactorMethod,
}

/// What the canonical bytes of evidence say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldEvidence {
    /// Its id.
    pub evidence: String,
    /// The approval's id.
    pub approval: String,
    /// The matter's id.
    pub matter: String,
    /// The practice's id.
    pub practice: String,
    /// The id of the audit entry of the same commit.
    pub audit_entry: String,
    /// Yes or no.
    pub decision: Decision,
    /// What was said with it; may be empty.
    pub comment: String,
    /// When.
    pub answered_at: Timestamp,
    /// Which clock told the time.
    pub clock: String,
    /// Who answered.
    pub by: ToldPerson,
    /// For whom.
    pub on_behalf_of: ToldOnBehalfOf,
    /// How they had signed in.
    pub signed_in: ToldSignIn,
    /// The second factor that was confirmed as they answered, where there was one.
    #[serde(default)]
    pub factor: Option<ToldFactor>,
    /// From where they answered.
    pub from: ToldOrigin,
    /// The canonical bytes of what was shown, as text.
    pub shown: String,
    /// Their SHA-256.
    pub shown_sha256: Digest,
}

/// A document that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldDocument {
    /// The file's name.
    pub name: String,
    /// The version's number within the document.
    pub number: u32,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
}

/// A line of what was shown of another record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldLine {
    /// "Amount".
    pub label: String,
    /// "AUD 120.50".
    pub value: String,
}

/// Another record that was shown.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldSubject {
    /// What was shown of it.
    pub lines: Vec<ToldLine>,
}

/// What the canonical bytes of what was shown say.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ToldShown {
    /// What was to be approved.
    pub kind: ApprovalKind,
    /// The question in one line.
    pub title: String,
    /// What it was about.
    pub description: String,
    /// The documents, in order.
    pub documents: Vec<ToldDocument>,
    /// Another record that it was about.
    pub subject: Option<ToldSubject>,
}
