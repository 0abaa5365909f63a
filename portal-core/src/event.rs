//! What happened: the outbox.

use serde::{Deserialize, Serialize};

use crate::access::Ask;
use crate::stage::{MatchedWorkflow, Rereading};
use crate::{
    AccessId, ApprovalId, ClientId, ConversationId, DeliveryId, DocumentId, EventId, LinkId, MatterId,
    PracticeId, RequestId, StaffId, StageEntryId, TaskId, Timestamp, Version,
};

/// What happened, in the past tense, with what a worker needs to tell people of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EventKind {
    /// Somebody asked for a sign-in link. Whether one is sent is decided by the worker, so that the answer to
    /// the person takes as long whoever they are.
    SignInLinkAsked(Ask),
    /// A sign-in link was issued and its mail is due.
    SignInLinkIssued {
        /// The link.
        link: LinkId,
        /// Whether it invites (staff sent it) rather than answers a request.
        invitation: bool,
    },
    /// Requests were added to a client's checklist.
    RequestsAdded {
        /// The matter.
        matter: MatterId,
        /// Who is asked.
        client: ClientId,
        /// What for.
        requests: Vec<RequestId>,
    },
    /// Staff returned a document with a reason.
    DocumentReturned {
        /// The document.
        document: DocumentId,
        /// The request it was provided for.
        request: Option<RequestId>,
    },
    /// A client uploaded a document.
    DocumentUploaded {
        /// The document.
        document: DocumentId,
        /// Who uploaded it.
        client: ClientId,
    },
    /// A client signed in for the first time.
    ClientSignedIn {
        /// The workspace.
        access: AccessId,
        /// Who.
        client: ClientId,
    },
    /// A staff member was added to a matter.
    StaffAssigned {
        /// The matter.
        matter: MatterId,
        /// Who.
        staff: StaffId,
    },
    /// A task was given to a staff member, by another or by an automation. It is due when the task may be begun.
    TaskGiven {
        /// The task.
        task: TaskId,
        /// To whom.
        staff: StaffId,
    },
    /// A client is asked to approve something: it is new, or their turn has come.
    ApprovalAsked {
        /// The approval.
        approval: ApprovalId,
        /// Who.
        client: ClientId,
    },
    /// A client answered an approval.
    ApprovalAnswered {
        /// The approval.
        approval: ApprovalId,
        /// Who.
        client: ClientId,
    },
    /// Those who have not answered are to be asked again. It is due some days after the approval was asked.
    ApprovalReminderDue {
        /// The approval.
        approval: ApprovalId,
        /// How many times that makes.
        number: u32,
    },
    /// Staff took an approval back that was open.
    ApprovalWithdrawn {
        /// The approval.
        approval: ApprovalId,
    },
    /// The time to answer an approval is over when this is due.
    ApprovalOver {
        /// The approval.
        approval: ApprovalId,
    },
    /// Workflows came to match a matter: it entered a stage, what is known of it changed, or somebody joined it. Their
    /// automations are due, each once for (its edition, stage entry, recipient, channel).
    WorkflowsMatched {
        /// The matter.
        matter: MatterId,
        /// The entry into the stage that it is in.
        entry: StageEntryId,
        /// Which, as they stand.
        workflows: Vec<MatchedWorkflow>,
        /// Only for this client, who joined the matter.
        client: Option<ClientId>,
    },
    /// Staff answered a client by text message.
    TextWritten {
        /// The message.
        delivery: DeliveryId,
        /// To whom.
        client: ClientId,
    },
    /// Somebody wrote by text message, in a conversation in which everything was read before.
    TextReceived {
        /// The conversation: the client's, or a number's.
        conversation: ConversationId,
    },
    /// The practice's taxonomy changed, or its workflows are to be applied: matters are read again, some at a time.
    RulesChanged {
        /// Those up to this one are done.
        after: Option<MatterId>,
        /// Which are read again.
        which: Rereading,
        /// Whether clients are told of what that brings, and automations fire.
        send: bool,
    },
}

impl EventKind {
    /// Its stable name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignInLinkAsked(_) => "sign-in-link.asked",
            Self::SignInLinkIssued { .. } => "sign-in-link.issued",
            Self::RequestsAdded { .. } => "requests.added",
            Self::DocumentReturned { .. } => "document.returned",
            Self::DocumentUploaded { .. } => "document.uploaded",
            Self::ClientSignedIn { .. } => "client.signed-in",
            Self::StaffAssigned { .. } => "staff.assigned",
            Self::TaskGiven { .. } => "task.given",
            Self::ApprovalAsked { .. } => "approval.asked",
            Self::ApprovalAnswered { .. } => "approval.answered",
            Self::ApprovalReminderDue { .. } => "approval.reminder-due",
            Self::ApprovalWithdrawn { .. } => "approval.withdrawn",
            Self::ApprovalOver { .. } => "approval.over",
            Self::WorkflowsMatched { .. } => "workflows.matched",
            Self::TextWritten { .. } => "text.written",
            Self::TextReceived { .. } => "text.received",
            Self::RulesChanged { .. } => "rules.changed",
        }
    }
}

/// How far a worker has come with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventState {
    /// Waits for a worker.
    Pending,
    /// Everybody who needs to know is being told.
    Done,
    /// It failed too often; staff can see why.
    Dead,
}

/// Something that happened, written in the same commit as what it tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved; each claim counts too.
    pub version: Version,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub at: Timestamp,
    /// How far a worker has come.
    pub state: EventState,
    /// How often it was claimed.
    pub attempts: u32,
    /// Not to be claimed before: the next try, or the end of a claim's lease.
    pub due_at: Timestamp,
    /// Why the last try failed.
    pub last_error: Option<String>,
}

impl Event {
    /// The most tries an event gets, over about two days.
    pub const MOST_ATTEMPTS: u32 = 20;

    /// An event that just happened.
    #[must_use]
    pub const fn new(id: EventId, practice: PracticeId, kind: EventKind, at: Timestamp) -> Self {
        Self {
            id,
            practice_id: practice,
            version: Version::FIRST,
            kind,
            at,
            state: EventState::Pending,
            attempts: 0,
            due_at: at,
            last_error: None,
        }
    }

    /// The same, not to be planned before `at`.
    #[must_use]
    pub fn not_before(mut self, at: Timestamp) -> Self {
        self.due_at = self.due_at.max(at);
        self
    }

    /// It is planned; nobody needs to claim it again.
    #[must_use]
    pub fn done(mut self) -> Self {
        self.version.bump();
        self.state = EventState::Done;
        self.last_error = None;
        self
    }

    /// Planning failed: try again later, or give up after [`Event::MOST_ATTEMPTS`].
    #[must_use]
    pub fn failed(mut self, why: String, now: Timestamp, jitter: u8) -> Self {
        self.version.bump();
        self.state = if self.attempts >= Self::MOST_ATTEMPTS {
            EventState::Dead
        } else {
            EventState::Pending
        };
        self.due_at = now + crate::notify::retry_after(self.attempts, jitter);
        self.last_error = Some(why);
        self
    }
}
