//! Identifiers: `UUIDv7` (RFC 9562), one type per record, so that no id can stand where another belongs.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
    )*};
}

ids! {
    /// A practice: the tenant that every record belongs to.
    PracticeId;
    /// A staff member of a practice.
    StaffId;
    /// A client of a practice.
    ClientId;
    /// A matter.
    MatterId;
    /// A client's part in a matter.
    ParticipantId;
    /// A staff member's place on a matter's team.
    TeamMemberId;
    /// One client's workspace on one matter.
    AccessId;
    /// A sign-in link.
    LinkId;
    /// A signed-in session.
    SessionId;
    /// A checklist template.
    TemplateId;
    /// A workflow.
    WorkflowId;
    /// A matter's entry into a stage.
    StageEntryId;
    /// A request: one thing a client is asked to provide.
    RequestId;
    /// Something for staff to do on a matter.
    TaskId;
    /// What was said about text messages to a number.
    ConsentId;
    /// A question that clients must answer explicitly.
    ApprovalId;
    /// What proves one answer to an approval.
    EvidenceId;
    /// A document on a matter.
    DocumentId;
    /// One version of a document.
    DocumentVersionId;
    /// A document shared with one portal access.
    ShareId;
    /// A file that comes in several goes.
    UploadId;
    /// A notification to a staff member.
    NotificationId;
    /// An event in the outbox.
    EventId;
    /// One message to one person over one channel, with its attempts.
    DeliveryId;
    /// What is on record about a telephone number.
    PhoneRecordId;
    /// A text message that somebody sent to us.
    ReceivedSmsId;
    /// A conversation with a client, or with a number that nobody knows.
    ConversationId;
    /// An audit entry.
    AuditId;
}

/// How often a record was saved. A new record is version 1; each save must follow the version it read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub i64);

impl Version {
    /// The version of a record that was never saved before.
    pub const FIRST: Self = Self(1);

    /// The version that the next save carries.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Moves on to the next version; every transition of a record does it once.
    pub const fn bump(&mut self) {
        self.0 += 1;
    }
}

/// Where ids and random bits come from; injected, so that tests can repeat themselves.
pub trait Ids: Send + Sync {
    /// A fresh id that sorts by time of creation (`UUIDv7`).
    fn uuid(&self) -> Uuid;
    /// 256 random bits from the operating system.
    fn random(&self) -> [u8; 32];
}

/// [`Ids`] from the operating system's random source.
#[derive(Debug, Clone, Copy, Default)]
pub struct RandomIds;

impl Ids for RandomIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter that the rule points to"
    )]
    fn uuid(&self) -> Uuid {
        Uuid::now_v7()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter that the rule points to"
    )]
    #[expect(
        clippy::expect_used,
        reason = "without a random source no secret may be made; there is no way on"
    )]
    fn random(&self) -> [u8; 32] {
        let mut bits = [0; 32];
        getrandom::fill(&mut bits).expect("the operating system has a random source");
        bits
    }
}

/// A record's address that names its practice too: 32 bytes, base64url, 43 characters.
///
/// It lets a request that arrives before anybody is known (a portal URL, say) be looked up within one
/// practice. It is an address, not a secret: it opens nothing by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Locator {
    /// The practice that the record belongs to.
    pub practice: PracticeId,
    /// The record.
    pub id: Uuid,
}

impl Locator {
    /// The locator of the practice itself.
    #[must_use]
    pub const fn of_practice(practice: PracticeId) -> Self {
        Self {
            practice,
            id: practice.0,
        }
    }

    /// The locator of a message.
    #[must_use]
    pub const fn of_delivery(practice: PracticeId, delivery: DeliveryId) -> Self {
        Self {
            practice,
            id: delivery.0,
        }
    }

    /// The locator of a portal access.
    #[must_use]
    pub const fn of_access(practice: PracticeId, access: AccessId) -> Self {
        Self {
            practice,
            id: access.0,
        }
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 32];
        let (practice, id) = bytes.split_at_mut(16);
        practice.copy_from_slice(self.practice.0.as_bytes());
        id.copy_from_slice(self.id.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The text is not a locator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a portal address")]
pub struct NotALocator;

impl FromStr for Locator {
    type Err = NotALocator;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NotALocator)?;
        let bytes: [u8; 32] = bytes.try_into().map_err(|_| NotALocator)?;
        let (practice, id) = bytes.split_at(16);
        Ok(Self {
            practice: PracticeId(Uuid::from_slice(practice).map_err(|_| NotALocator)?),
            id: Uuid::from_slice(id).map_err(|_| NotALocator)?,
        })
    }
}
