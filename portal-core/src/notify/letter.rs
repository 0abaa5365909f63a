use serde::{Deserialize, Serialize};

use crate::workflow::{Channel, QuietHours};
use crate::{ApprovalId, Date, LinkId, StaffId, StageEntryId, Timestamp, Version, WorkflowId};

/// What a mail says, as data. A [`Composer`](super::Composer) puts it into words. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Letter {
    /// The client asked for a sign-in link.
    SignIn {
        /// The link; its address and code come as [`LetterSecrets`] when the mail is sent.
        link: LinkId,
        /// What it opens.
        about: About,
        /// When it stops working.
        expires_at: Timestamp,
        /// For how long it works, in minutes.
        minutes: i64,
    },
    /// Staff invites the client to the portal.
    Invitation {
        /// The link; its address and code come as [`LetterSecrets`] when the mail is sent.
        link: LinkId,
        /// What it opens.
        about: About,
        /// When it stops working.
        expires_at: Timestamp,
        /// For how long it works, in minutes.
        minutes: i64,
    },
    /// Something new is asked of the client.
    RequestsAdded {
        /// On which matter.
        about: About,
        /// What: titles and due dates.
        requests: Vec<(String, Option<Date>)>,
    },
    /// A file was returned to the client.
    DocumentReturned {
        /// On which matter.
        about: About,
        /// What was asked for.
        request_title: Option<String>,
        /// The file's name.
        file_name: String,
        /// Why.
        reason: String,
    },
    /// The client is asked to approve something.
    ApprovalAsked {
        /// On which matter.
        about: About,
        /// The approval; letters that were written before this was kept have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<ApprovalId>,
        /// The question.
        title: String,
        /// The names of the documents that are to be looked at.
        files: Vec<String>,
        /// By when an answer is wished for, or the last day for it.
        due_on: Option<Date>,
        /// Why they are asked now.
        why: AskedNow,
    },
    /// Staff took back what the client was asked to approve, and had not answered: nothing is to be done any more.
    ApprovalWithdrawn {
        /// On which matter.
        about: About,
        /// The question.
        title: String,
        /// Why; may be empty.
        reason: String,
    },
    /// What an automation of a workflow says, in its own words.
    Automated {
        /// On which matter.
        about: About,
        /// Its subject; empty in a text message.
        subject: String,
        /// Its text.
        text: String,
        /// What it is sent for.
        cause: Cause,
    },
    /// A staff member answers a client by text message.
    Reply {
        /// Who reads it; it is about no matter.
        about: About,
        /// What it says.
        text: String,
        /// Who wrote it.
        by: Option<StaffId>,
    },
    /// Something happened that staff should know.
    StaffNotice {
        /// On which matter.
        about: About,
        /// What happened, in one sentence.
        headline: String,
        /// What its address leads to.
        #[serde(default)]
        opens: Opens,
    },
}

/// Why a client is asked to approve something now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskedNow {
    /// It is new to them.
    New,
    /// What they were asked about before has changed.
    Changed,
    /// They have not answered yet.
    Reminder,
}

/// What the address of a notice to staff leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opens {
    /// The matter, on which they work.
    #[default]
    Matter,
    /// A task, which is theirs.
    Task,
    /// A conversation, which they are to answer; it is about no matter in particular.
    Conversation,
}

/// What an automation's message is sent for. One message is written for one cause and recipient, whatever is tried again
/// ([`AUTOMATION_ONCE`](crate::unique::AUTOMATION_ONCE)).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The workflow.
    pub workflow: WorkflowId,
    /// The automation's [edition](crate::workflow::Workflow::edition).
    pub version: Version,
    /// The entry into the stage.
    pub entry: StageEntryId,
    /// Over what.
    pub channel: Channel,
    /// Not to be sent before: its delay, and quiet hours.
    pub not_before: Timestamp,
    /// Whether it gives the portal's address.
    #[serde(default)]
    pub gives_portal: bool,
    /// When its reader is not to be disturbed, whenever it comes to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
}

/// What most letters speak of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The reader's name.
    pub reader: String,
    /// The matter's title.
    pub matter_title: String,
    /// The matter's reference.
    pub matter_reference: String,
    /// Where to read on: the portal's address for a client, the matter's for staff. It opens nothing by itself.
    pub url: String,
}

impl Letter {
    /// Its stable name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SignIn { .. } => "sign-in",
            Self::Invitation { .. } => "invitation",
            Self::RequestsAdded { .. } => "requests-added",
            Self::DocumentReturned { .. } => "document-returned",
            Self::ApprovalAsked { .. } => "approval-asked",
            Self::ApprovalWithdrawn { .. } => "approval-withdrawn",
            Self::Automated { .. } => "automated",
            Self::Reply { .. } => "reply",
            Self::StaffNotice { .. } => "staff-notice",
        }
    }

    /// What it speaks of.
    #[must_use]
    pub const fn about(&self) -> &About {
        match self {
            Self::SignIn { about, .. }
            | Self::Invitation { about, .. }
            | Self::RequestsAdded { about, .. }
            | Self::DocumentReturned { about, .. }
            | Self::ApprovalAsked { about, .. }
            | Self::ApprovalWithdrawn { about, .. }
            | Self::Automated { about, .. }
            | Self::Reply { about, .. }
            | Self::StaffNotice { about, .. } => about,
        }
    }

    /// Whether it waits for what was written to the same reader before. A sign-in link does not: its reader waits for it now,
    /// and only the newest works.
    #[must_use]
    pub const fn waits_its_turn(&self) -> bool {
        self.link().is_none()
    }

    /// The automation that it is sent for.
    #[must_use]
    pub const fn cause(&self) -> Option<&Cause> {
        match self {
            Self::Automated { cause, .. } => Some(cause),
            _ => None,
        }
    }

    /// The sign-in link whose address and code it needs.
    #[must_use]
    pub const fn link(&self) -> Option<LinkId> {
        match self {
            Self::SignIn { link, .. } | Self::Invitation { link, .. } => Some(*link),
            _ => None,
        }
    }
}

/// What goes into a mail and nowhere else.
#[derive(Clone, PartialEq, Eq)]
pub struct LetterSecrets {
    /// The sign-in link's address.
    pub url: String,
    /// The short code, eight digits.
    pub code: String,
}

impl LetterSecrets {
    /// What the history shows in their place.
    #[must_use]
    pub fn withheld() -> Self {
        Self {
            url: "[the link was sent and is not kept]".into(),
            code: "[not kept]".into(),
        }
    }
}

impl std::fmt::Debug for LetterSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LetterSecrets(..)")
    }
}
