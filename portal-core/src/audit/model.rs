use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Actor, AuditId, ClientId, Context, MatterId, Origin, PracticeId, StaffId, Timestamp};

/// What an entry is about: the kind of record in kebab-case, and which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Subject {
    /// `matter`, `document`, `portal-access`, ..
    pub kind: &'static str,
    /// Which one.
    pub id: Uuid,
}

impl Subject {
    /// A subject.
    #[must_use]
    pub fn new(kind: &'static str, id: impl Into<Uuid>) -> Self {
        Self { kind, id: id.into() }
    }
}

macro_rules! uuid_from {
    ($($id:ident)*) => {$(impl From<crate::$id> for Uuid { fn from(id: crate::$id) -> Self { id.0 } })*};
}
uuid_from!(PracticeId StaffId ClientId MatterId ParticipantId TeamMemberId AccessId LinkId SessionId TemplateId WorkflowId StageEntryId RequestId
    DocumentId DocumentVersionId ShareId UploadId TaskId ApprovalId EvidenceId ConsentId NotificationId EventId DeliveryId PhoneRecordId ReceivedSmsId ConversationId AuditId);

/// One entry of the audit trail. It is appended and never changed.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// The practice.
    pub practice_id: PracticeId,
    /// When.
    pub at: Timestamp,
    /// The kind of actor: `staff`, `client`, `system`, `anyone`.
    pub actor_kind: String,
    /// The staff member who acted, also while previewing as a client.
    pub staff_id: Option<StaffId>,
    /// The client who acted, or as whom staff looked.
    pub client_id: Option<ClientId>,
    /// Which part of the portal acted, when no person did.
    pub system: Option<String>,
    /// What was done, in the past tense: `access.revoked`.
    pub action: String,
    /// The kind of record that it was done to.
    pub subject_kind: String,
    /// Which one.
    pub subject_id: Uuid,
    /// The matter that it concerns.
    pub matter_id: Option<MatterId>,
    /// What else is worth knowing; small, no secrets, no file contents.
    pub detail: Map<String, Value>,
    /// From where.
    pub origin: Origin,
}

impl AuditEntry {
    /// The detail that is the SHA-256 of an answer's evidence.
    pub const EVIDENCE: &'static str = "evidence";

    /// Whether it holds the hash of evidence, of which a certificate is made: then the checkpoint that seals it is kept for good.
    #[must_use]
    pub fn binds_evidence(&self) -> bool {
        self.detail.contains_key(Self::EVIDENCE)
    }

    /// An entry of what `ctx` says is being done.
    #[must_use]
    pub fn new(id: AuditId, ctx: &Context, action: &str, subject: Subject) -> Self {
        let (actor_kind, staff_id, client_id, system) = match ctx.actor {
            Actor::Staff { id, .. } => ("staff", Some(id), None, None),
            Actor::Client { id } => ("client", None, Some(id), None),
            Actor::Preview { staff, client, .. } => ("staff", Some(staff), Some(client), None),
            Actor::System(what) => ("system", None, None, Some(what.to_owned())),
            Actor::Anyone => ("anyone", None, None, None),
        };
        Self {
            id,
            practice_id: ctx.practice,
            at: ctx.at,
            actor_kind: actor_kind.to_owned(),
            staff_id,
            client_id,
            system,
            action: action.to_owned(),
            subject_kind: subject.kind.to_owned(),
            subject_id: subject.id,
            matter_id: None,
            detail: Map::new(),
            origin: ctx.origin.clone(),
        }
    }

    /// It concerns this matter.
    #[must_use]
    pub fn on(mut self, matter: MatterId) -> Self {
        self.matter_id = Some(matter);
        self
    }

    /// With one more detail.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }
}

impl fmt::Display for AuditEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {} {}",
            self.at, self.action, self.subject_kind, self.subject_id
        )
    }
}

/// Which entries of the trail are wanted. All that is given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Only what concerns this matter.
    pub matter: Option<MatterId>,
    /// Only what was done to this record.
    pub subject: Option<Uuid>,
    /// Only this action.
    pub action: Option<String>,
    /// Only what this staff member did, also while previewing as a client.
    pub staff: Option<StaffId>,
    /// Only what this client did, and what staff did who looked as them.
    pub client: Option<ClientId>,
    /// Only what came from this address.
    pub ip: Option<IpAddr>,
    /// Only what happened then or later.
    pub from: Option<Timestamp>,
    /// Only what happened before.
    pub until: Option<Timestamp>,
}

impl AuditFilter {
    /// What this client did.
    #[must_use]
    pub fn acted_by(client: ClientId) -> Self {
        Self {
            client: Some(client),
            ..Self::default()
        }
    }

    /// What was done to this record.
    #[must_use]
    pub fn done_to(subject: impl Into<Uuid>) -> Self {
        Self {
            subject: Some(subject.into()),
            ..Self::default()
        }
    }

    /// Whether an entry is wanted.
    #[must_use]
    pub fn keeps(&self, entry: &AuditEntry) -> bool {
        (self.matter.is_none() || entry.matter_id == self.matter)
            && self.subject.is_none_or(|subject| entry.subject_id == subject)
            && self.action.as_ref().is_none_or(|action| entry.action == *action)
            && (self.staff.is_none() || entry.staff_id == self.staff)
            && (self.client.is_none() || entry.client_id == self.client)
            && (self.ip.is_none() || entry.origin.ip == self.ip)
            && self.from.is_none_or(|from| entry.at >= from)
            && self.until.is_none_or(|until| entry.at < until)
    }
}
