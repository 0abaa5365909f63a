use serde::{Deserialize, Serialize};

use crate::practice::PracticeSettings;
use crate::{
    AccessId, ClientId, Digest, Duration, Origin, PracticeId, SessionId, StaffId, Timestamp, Version,
};

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Person {
    /// A staff member's.
    Staff(StaffId),
    /// A client's.
    Client(ClientId),
    /// A staff member's who looks at a portal as its client sees it.
    Preview {
        /// Who looks.
        staff: StaffId,
        /// As whom.
        client: ClientId,
        /// At which workspace.
        access: AccessId,
    },
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SessionEnd {
    /// Its owner signed out.
    SignedOut,
    /// Its owner signed out everywhere.
    SignedOutEverywhere,
    /// The last portal access was revoked.
    AccessRevoked,
    /// The matter was closed.
    MatterClosed,
    /// The person was deactivated.
    Deactivated,
    /// The address that it was opened through is not the client's any more.
    AddressChanged,
    /// A newer sign-in in the same browser took its place.
    Replaced,
}

/// Somebody's proof of who they are, for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its practice.
    pub practice_id: PracticeId,
    /// How often it was saved.
    pub version: Version,
    /// Whose it is.
    pub person: Person,
    /// The hash of the secret that the browser holds.
    pub secret_digest: Digest,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When it ends in any case.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub seen_at: Timestamp,
    /// When and why it ended early.
    pub ended: Option<(Timestamp, SessionEnd)>,
    /// Where it was opened.
    pub origin: Origin,
}

impl Session {
    /// How exactly `seen_at` is kept: writing it at every request would cost more than it is worth.
    pub const SEEN_EVERY: Duration = Duration::minutes(1);

    /// A session that begins now.
    #[must_use]
    pub fn begin(
        id: SessionId,
        practice: PracticeId,
        person: Person,
        secret_digest: Digest,
        settings: &PracticeSettings,
        origin: Origin,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            practice_id: practice,
            version: Version::FIRST,
            person,
            secret_digest,
            created_at: at,
            expires_at: at + settings.session_life(),
            seen_at: at,
            ended: None,
            origin,
        }
    }

    /// Whether it still proves anything at `now`. Its last moment is the one before `expires_at`.
    #[must_use]
    pub fn is_alive(&self, idle: Duration, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires_at && now < self.seen_at + idle
    }

    /// The session as used now, or `None` when noting it is not due.
    #[must_use]
    pub fn seen(mut self, now: Timestamp) -> Option<Self> {
        (now - self.seen_at >= Self::SEEN_EVERY).then(|| {
            self.version.bump();
            self.seen_at = now;
            self
        })
    }

    /// The session with a new secret, which is what a refresh gives; the old secret is worth nothing from then on.
    #[must_use]
    pub fn rotate(mut self, secret_digest: Digest, now: Timestamp) -> Self {
        self.version.bump();
        self.secret_digest = secret_digest;
        self.seen_at = now;
        self
    }

    /// The session, ended. One that has ended stays as it is.
    #[must_use]
    pub fn end(mut self, why: SessionEnd, now: Timestamp) -> Self {
        self.version.bump();
        self.ended.get_or_insert((now, why));
        self
    }

    /// Whether it ends when staff revokes `access` or its matter closes: a preview of it does, and its client's
    /// sessions do unless they have another active access (`elsewhere`).
    #[must_use]
    pub fn ends_with(&self, access: AccessId, elsewhere: bool) -> bool {
        match self.person {
            Person::Preview {
                access: previewed, ..
            } => previewed == access,
            Person::Client(_) => !elsewhere,
            Person::Staff(_) => false,
        }
    }

    /// The client whose session it is, previews included.
    #[must_use]
    pub const fn client(&self) -> Option<ClientId> {
        match self.person {
            Person::Client(client) | Person::Preview { client, .. } => Some(client),
            Person::Staff(_) => None,
        }
    }
}
