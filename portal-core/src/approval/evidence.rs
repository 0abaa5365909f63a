use serde::{Deserialize, Serialize};

use super::{Decision, FactorMethod};
use crate::matter::Part;
use crate::{
    AccessId, ApprovalId, AuditId, ClientId, Digest, EvidenceId, MatterId, Origin, PracticeId, SessionId,
    Timestamp, Version,
};

/// How sure the portal is of who answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assurance {
    /// One factor: whoever reads the person's mail could sign in.
    SingleFactor,
}

/// How somebody had signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SignInMethod {
    /// By a link that was sent to their address by mail, used once, and confirmed by a press or by the code of the same mail.
    EmailLink,
}

/// The session in which somebody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedInAs {
    /// The session.
    pub session: SessionId,
    /// How it was opened.
    pub method: SignInMethod,
    /// How sure that makes the portal of who they are.
    pub assurance: Assurance,
    /// When it was opened.
    pub since: Timestamp,
    /// From where it was opened.
    pub from: Origin,
}

/// For whom somebody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnBehalfOf {
    /// The client.
    pub client: ClientId,
    /// Their name at the time.
    pub name: String,
    /// The part they took in the matter at the time.
    pub part: Option<Part>,
    /// The portal access that let them in.
    pub access: AccessId,
}

/// What else is known of how an answer came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circumstances {
    /// The name, at the time, of whoever answered.
    pub name: String,
    /// For whom they answered: themselves, as long as nobody can stand in for another.
    pub on_behalf_of: OnBehalfOf,
    /// How they had signed in.
    pub signed_in: SignedInAs,
    /// The second factor that was confirmed as they answered, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<FactorMethod>,
    /// From where they answered: the network's address as the server or its trusted proxy saw it, the browser, the request.
    pub from: Origin,
    /// Which clock told the time.
    pub clock: String,
    /// The approval's version that was answered.
    pub approval_version: Version,
    /// The entry of the audit trail that was written in the same commit. A proof that the trail includes it is found by this id.
    pub audit_entry: AuditId,
}

/// What proves one answer. It is written in the same commit as the answer and never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its id.
    pub id: EvidenceId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// Always the first.
    pub version: Version,
    /// The approval.
    pub approval_id: ApprovalId,
    /// The matter.
    pub matter_id: MatterId,
    /// Who answered.
    pub client_id: ClientId,
    /// Yes or no.
    pub decision: Decision,
    /// What they said with it; may be empty.
    pub comment: String,
    /// What was shown, as [`Approval::shown`](super::Approval::shown) has it.
    pub shown: Vec<u8>,
    /// The SHA-256 of it.
    pub shown_hash: Digest,
    /// How the answer came.
    pub circumstances: Circumstances,
    /// When it was given.
    pub at: Timestamp,
}
