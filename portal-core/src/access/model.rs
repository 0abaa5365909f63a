use serde::{Deserialize, Serialize};

use super::{AccessRule, SignInLink};
use crate::client::Client;
use crate::matter::{Matter, MatterState, Participant};
use crate::practice::Practice;
use crate::{AccessId, ClientId, LinkId, MatterId, PracticeId, Timestamp, Version};

/// Whether a workspace can be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessState {
    /// It can.
    Active,
    /// Staff revoked it.
    Revoked,
    /// The matter was closed.
    Closed,
}

impl AccessState {
    /// Its name in code and API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Revoked => "revoked",
            Self::Closed => "closed",
        }
    }
}

/// One client's workspace on one matter. Its URL identifies it and opens nothing by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalAccess {
    /// Its id.
    pub id: AccessId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// The matter.
    pub matter_id: MatterId,
    /// The client; a matter has at most one workspace for each.
    pub client_id: ClientId,
    /// Whether it can be entered.
    pub state: AccessState,
    /// When it was last invited to.
    pub invited_at: Option<Timestamp>,
    /// When its client first signed in through it.
    pub first_entered_at: Option<Timestamp>,
    /// When it was enabled first.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
}

impl PortalAccess {
    /// Enables a new workspace.
    pub fn enable(
        id: AccessId,
        matter: &Matter,
        participant: Option<&Participant>,
        client: &Client,
        at: Timestamp,
    ) -> Result<Self, AccessRule> {
        let access = Self {
            id,
            practice_id: matter.practice_id,
            version: Version(0),
            matter_id: matter.id,
            client_id: client.id,
            state: AccessState::Revoked,
            invited_at: None,
            first_entered_at: None,
            created_at: at,
            updated_at: at,
        };
        access.restore(matter, participant, client, at)
    }

    /// Lets the client in again, after it was revoked or closed.
    pub fn restore(
        mut self,
        matter: &Matter,
        participant: Option<&Participant>,
        client: &Client,
        at: Timestamp,
    ) -> Result<Self, AccessRule> {
        let takes_part =
            participant.is_some_and(|p| !p.removed && p.client_id == client.id && p.matter_id == matter.id);
        if !takes_part {
            return Err(AccessRule::NotParticipant);
        }
        if matter.state == MatterState::Closed {
            return Err(AccessRule::MatterClosed);
        }
        if !client.active {
            return Err(AccessRule::ClientInactive);
        }
        if self.state == AccessState::Active {
            return Err(AccessRule::AlreadyActive);
        }
        self.version.bump();
        self.state = AccessState::Active;
        self.updated_at = at;
        Ok(self)
    }

    /// Shuts the client out.
    pub fn revoke(mut self, at: Timestamp) -> Result<Self, AccessRule> {
        if self.state != AccessState::Active {
            return Err(AccessRule::NotActive);
        }
        self.version.bump();
        self.state = AccessState::Revoked;
        self.updated_at = at;
        Ok(self)
    }

    /// The workspace of a matter that is being closed; one that staff revoked stays revoked.
    #[must_use]
    pub fn close(mut self, at: Timestamp) -> Option<Self> {
        (self.state == AccessState::Active).then(|| {
            self.version.bump();
            self.state = AccessState::Closed;
            self.updated_at = at;
            self
        })
    }

    /// Notes that an invitation is on its way.
    #[must_use]
    pub fn invited(mut self, at: Timestamp) -> Self {
        self.version.bump();
        self.invited_at = Some(at);
        self.updated_at = at;
        self
    }

    /// The same for an access that is being enabled in the same commit.
    #[must_use]
    pub(super) fn invited_anew(mut self, at: Timestamp) -> Self {
        self.invited_at = Some(at);
        self
    }

    /// Notes the first time its client came in; `None` when they had been there before.
    #[must_use]
    pub fn entered(mut self, at: Timestamp) -> Option<Self> {
        self.first_entered_at.is_none().then(|| {
            self.version.bump();
            self.first_entered_at = Some(at);
            self
        })
    }

    /// Whether staff lets its client in.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state == AccessState::Active
    }

    /// Whether its client may enter at present: the access, the matter and the client all allow it.
    #[must_use]
    pub fn admits(&self, matter: &Matter, client: &Client) -> bool {
        self.state == AccessState::Active
            && matter.state == MatterState::Open
            && matter.id == self.matter_id
            && client.active
            && client.id == self.client_id
    }
}

/// A sign-in link with what decides whether it works, read at once.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkStanding {
    /// The link.
    pub link: SignInLink,
    /// The newest link to the same workspace, which may be this one.
    pub newest: LinkId,
    /// The workspace that it opens.
    pub workspace: Workspace,
    /// The practice.
    pub practice: Practice,
}

/// A workspace with what it is about: what a signed-in client may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    /// The portal access.
    pub access: PortalAccess,
    /// The matter.
    pub matter: Matter,
    /// The client.
    pub client: Client,
}
