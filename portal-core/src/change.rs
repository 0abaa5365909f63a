//! Writes as data.

use uuid::Uuid;

use crate::access::{PortalAccess, SignInLink};
use crate::approval::{Approval, Evidence};
use crate::audit::{AuditEntry, AuditTree, Erasure, Sealing, Swept};
use crate::checklist::{ChecklistTemplate, Request};
use crate::client::Client;
use crate::conversation::Conversation;
use crate::document::{Document, DocumentVersion, Share};
use crate::identity::{Session, StaffMember};
use crate::matter::{Matter, Participant, TeamMember};
use crate::notify::{Delivery, Notification};
use crate::practice::Practice;
use crate::rulebook::{KeptWorkflow, Rulebook};
use crate::sms::{Consent, PhoneRecord, ReceivedSms};
use crate::stage::StageEntry;
use crate::task::Task;
use crate::upload::Upload;
use crate::{Event, PracticeId, Version};

macro_rules! records {
    ($($kind:ident($record:ty),)*) => {
        /// A record to save, at the version it shall have afterwards.
        #[derive(Debug, Clone, PartialEq)]
        #[expect(missing_docs, reason = "each variant is the record that it is named after")]
        pub enum Record { $($kind(Box<$record>),)* }

        /// The kinds of record.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each variant is the record that it is named after")]
        pub enum RecordKind { $($kind,)* }

        impl Record {
            /// The practice that the record belongs to.
            #[must_use]
            pub fn practice(&self) -> PracticeId {
                match self { $(Self::$kind(record) => record.practice_id,)* }
            }

            /// The version it shall have once saved.
            #[must_use]
            pub fn version(&self) -> Version {
                match self { $(Self::$kind(record) => record.version,)* }
            }

            /// Its id.
            #[must_use]
            pub fn id(&self) -> Uuid {
                match self { $(Self::$kind(record) => record.id.into(),)* }
            }

            /// Its kind.
            #[must_use]
            pub const fn kind(&self) -> RecordKind {
                match self { $(Self::$kind(_) => RecordKind::$kind,)* }
            }
        }

        $(impl From<$record> for Record {
            fn from(record: $record) -> Self {
                Self::$kind(Box::new(record))
            }
        })*
    };
}

records! {
    Practice(Practice),
    StaffMember(StaffMember),
    Session(Session),
    Client(Client),
    Matter(Matter),
    Participant(Participant),
    TeamMember(TeamMember),
    PortalAccess(PortalAccess),
    SignInLink(SignInLink),
    StageEntry(StageEntry),
    Rulebook(Rulebook),
    KeptWorkflow(KeptWorkflow),
    ChecklistTemplate(ChecklistTemplate),
    Request(Request),
    Document(Document),
    DocumentVersion(DocumentVersion),
    Share(Share),
    Upload(Upload),
    Task(Task),
    Approval(Approval),
    Evidence(Evidence),
    Notification(Notification),
    Delivery(Delivery),
    PhoneRecord(PhoneRecord),
    Consent(Consent),
    ReceivedSms(ReceivedSms),
    Conversation(Conversation),
    AuditTree(AuditTree),
    Event(Event),
}

/// A record that must still be at the version it was read at, though it is not saved itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unchanged {
    /// What kind of record.
    pub kind: RecordKind,
    /// Which one.
    pub id: Uuid,
    /// The version it was read at.
    pub version: Version,
}

/// Everything one command does, applied whole or not at all.
///
/// It cannot be built without an audit entry; [`Change::unaudited`] is the one exception, and says why.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    practice: PracticeId,
    saves: Vec<Record>,
    unchanged: Vec<Unchanged>,
    audit: Vec<AuditEntry>,
    seals: Option<Box<Sealing>>,
    erasures: Vec<Erasure>,
    waits: Vec<Swept>,
}

impl Change {
    /// A change with the entry that tells of it.
    #[must_use]
    pub fn audited(entry: AuditEntry) -> Self {
        Self {
            practice: entry.practice_id,
            saves: Vec::new(),
            unchanged: Vec::new(),
            audit: vec![entry],
            seals: None,
            erasures: Vec::new(),
            waits: Vec::new(),
        }
    }

    /// A change that leaves no audit entry; `reason` is for the reader of the code.
    #[must_use]
    pub fn unaudited(practice: PracticeId, reason: &'static str) -> Self {
        debug_assert!(!reason.is_empty(), "say why nobody needs to know");
        Self {
            practice,
            saves: Vec::new(),
            unchanged: Vec::new(),
            audit: Vec::new(),
            seals: None,
            erasures: Vec::new(),
            waits: Vec::new(),
        }
    }

    /// Saves `record` too. Records are saved in the order in which they were added.
    #[must_use]
    pub fn save(mut self, record: impl Into<Record>) -> Self {
        self.saves.push(record.into());
        self
    }

    /// Saves all of `records` too.
    #[must_use]
    pub fn save_all<T: Into<Record>>(mut self, records: impl IntoIterator<Item = T>) -> Self {
        self.saves.extend(records.into_iter().map(Into::into));
        self
    }

    /// Holds only while this record is still at `version`.
    #[must_use]
    pub fn while_unchanged(mut self, kind: RecordKind, id: impl Into<Uuid>, version: Version) -> Self {
        self.unchanged.push(Unchanged {
            kind,
            id: id.into(),
            version,
        });
        self
    }

    /// Leaves one more audit entry.
    #[must_use]
    pub fn audit(mut self, entry: AuditEntry) -> Self {
        self.audit.push(entry);
        self
    }

    /// Seals entries: the tree's next head, their places and the tiles that hold them. The one change that tells of no
    /// command, because what it seals does.
    #[must_use]
    pub fn sealing(sealing: Sealing) -> Self {
        Self::unaudited(
            sealing.tree.practice_id,
            "what is sealed are the entries themselves",
        )
        .save(sealing.tree.clone())
        .with_seals(sealing)
    }

    /// Seals these entries too; the head that the batch leads to is saved with it or not at all.
    #[must_use]
    pub fn with_seals(mut self, sealing: Sealing) -> Self {
        self.seals = Some(Box::new(sealing));
        self
    }

    /// Takes what is personal out of a sealed entry too.
    #[must_use]
    pub fn erase(mut self, erasure: Erasure) -> Self {
        self.erasures.push(erasure);
        self
    }

    /// Puts an entry to wait for its seal that was written without, and is neither waiting nor sealed. Whoever says so holds the
    /// tree's head with [`while_unchanged`](Self::while_unchanged), or the entry could have been sealed meanwhile.
    #[must_use]
    pub fn wait_for_seal(mut self, missed: Swept) -> Self {
        self.waits.push(missed);
        self
    }

    /// Does all of `other` as well, which is a change of the same practice.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        debug_assert_eq!(
            self.practice, other.practice,
            "a change stays within one practice"
        );
        self.saves.extend(other.saves);
        self.unchanged.extend(other.unchanged);
        self.audit.extend(other.audit);
        self.seals = self.seals.or(other.seals);
        self.erasures.extend(other.erasures);
        self.waits.extend(other.waits);
        self
    }

    /// The practice that it changes.
    #[must_use]
    pub const fn practice(&self) -> PracticeId {
        self.practice
    }

    /// The records to save, in order.
    #[must_use]
    pub fn saves(&self) -> &[Record] {
        &self.saves
    }

    /// The records that must not have moved.
    #[must_use]
    pub fn unchanged(&self) -> &[Unchanged] {
        &self.unchanged
    }

    /// The audit entries to append.
    #[must_use]
    pub fn audit_entries(&self) -> &[AuditEntry] {
        &self.audit
    }

    /// The batch of entries that it seals. Its head is among [`saves`](Self::saves) too.
    #[must_use]
    pub fn seals(&self) -> Option<&Sealing> {
        self.seals.as_deref()
    }

    /// The sealed entries from which it takes what is personal.
    #[must_use]
    pub fn erasures(&self) -> &[Erasure] {
        &self.erasures
    }

    /// The entries that it puts to wait for their seal.
    #[must_use]
    pub fn waits(&self) -> &[Swept] {
        &self.waits
    }
}
