use serde::{Deserialize, Serialize};

use crate::{
    ApprovalId, ClientId, ConversationId, DocumentId, MatterId, NotificationId, PracticeId, RequestId,
    StaffId, TaskId, Timestamp, Version,
};

/// What a staff member is told in the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum NotificationKind {
    /// A client uploaded a document.
    DocumentUploaded {
        /// The document.
        document: DocumentId,
        /// The request that it answers.
        request: Option<RequestId>,
        /// Its file name.
        file_name: String,
    },
    /// A client signed in for the first time.
    ClientSignedIn,
    /// They were put on a matter.
    Assigned,
    /// A task is theirs now.
    TaskGiven {
        /// The task.
        task: TaskId,
    },
    /// A client answered an approval.
    ApprovalAnswered {
        /// The approval.
        approval: ApprovalId,
    },
    /// Nobody answered an approval in time.
    ApprovalExpired {
        /// The approval.
        approval: ApprovalId,
    },
    /// Somebody wrote by text message.
    TextReceived {
        /// The conversation.
        conversation: ConversationId,
    },
}

/// Something a staff member is told in the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its id.
    pub id: NotificationId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// Who is told.
    pub staff_id: StaffId,
    /// What.
    pub kind: NotificationKind,
    /// On which matter; `None` for what concerns none in particular.
    pub matter_id: Option<MatterId>,
    /// Which client it is about.
    pub client_id: Option<ClientId>,
    /// The sentence they read.
    pub headline: String,
    /// When.
    pub created_at: Timestamp,
    /// When they read it.
    pub read_at: Option<Timestamp>,
}

impl Notification {
    /// The notification, read. `None` when it was read before.
    #[must_use]
    pub fn read(mut self, at: Timestamp) -> Option<Self> {
        self.read_at.is_none().then(|| {
            self.version.bump();
            self.read_at = Some(at);
            self
        })
    }
}
