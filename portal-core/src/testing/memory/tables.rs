use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::seals::Sealed;
use crate::access::{PortalAccess, SignInLink};
use crate::approval::{Approval, Evidence};
use crate::audit::{AuditEntry, AuditTree};
use crate::checklist::{ChecklistTemplate, Request, RequestSource};
use crate::client::Client;
use crate::conversation::Conversation;
use crate::document::{Document, DocumentVersion, Share};
use crate::identity::{Session, StaffMember};
use crate::matter::{Matter, Participant, TeamMember};
use crate::notify::{Delivery, Notification, Queue};
use crate::practice::Practice;
use crate::rulebook::{KeptWorkflow, Rulebook};
use crate::sms::{Consent, PhoneRecord, ReceivedSms};
use crate::stage::StageEntry;
use crate::task::Task;
use crate::text::fold;
use crate::upload::Upload;
use crate::{
    Claim, Duration, Event, KEY_KEPT, PracticeId, Record, RecordKind, StoredAnswer, Timestamp, Version,
    unique,
};

/// The records of one kind, by practice and id.
pub(super) type Table<T> = BTreeMap<(PracticeId, Uuid), T>;

/// A claimed idempotency key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) claim: Claim,
    pub(super) answer: Option<StoredAnswer>,
}

impl Key {
    /// Whether it may be claimed anew: a claim that was cut off stays known for longer than its lease.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        let kept = if self.answer.is_some() {
            Duration::ZERO
        } else {
            KEY_KEPT
        };
        self.claim.until + kept <= now
    }
}

/// What a unique rule holds unique: the practice, the rule, and the value in the form in which it is compared.
pub(super) type Unique = (PracticeId, &'static str, String);

/// A record that a table can hold.
pub(super) trait Row: Clone + 'static {
    fn key(&self) -> (PracticeId, Uuid);
    fn version(&self) -> Version;
    fn table(tables: &Tables) -> &Table<Self>;
    fn table_mut(tables: &mut Tables) -> &mut Table<Self>;
    /// The rules that it takes part in, with its values.
    fn unique(&self) -> Vec<(&'static str, String)>;
}

macro_rules! tables {
    ($($table:ident: $record:ident = |$row:ident| $unique:expr;)*) => {
        /// Everything that a store holds, in maps. It is collected from records:
        /// `records.into_iter().collect::<Tables>()`.
        #[derive(Debug, Clone, Default)]
        pub struct Tables {
            $(pub(super) $table: Table<$record>,)*
            pub(super) unique: BTreeMap<Unique, Uuid>,
            pub(super) audit: Vec<AuditEntry>,
            pub(super) sealed: Sealed,
            pub(super) counters: BTreeMap<(PracticeId, String), (u32, Timestamp)>,
            pub(super) keys: BTreeMap<(PracticeId, String), Key>,
            /// The practice of each queue that was served last.
            pub(super) turns: HashMap<Queue, PracticeId>,
        }

        impl Tables {
            /// The version that a record is at.
            pub(super) fn version(&self, kind: RecordKind, key: (PracticeId, Uuid)) -> Option<Version> {
                match kind {
                    $(RecordKind::$record => self.$table.get(&key).map(|row| row.version),)*
                }
            }
        }

        impl FromIterator<Record> for Tables {
            /// The newest of each record; nothing is checked.
            fn from_iter<I: IntoIterator<Item = Record>>(records: I) -> Self {
                let mut tables = Self::default();
                for record in records {
                    match record {
                        $(Record::$record(row) => {
                            tables.$table.insert(row.key(), *row);
                        })*
                    }
                }
                tables
            }
        }

        /// The unique rules that `record` takes part in ([`unique`]), each with the value that no other record of its
        /// practice may have under the same rule. Values are in the form in which they are compared.
        #[must_use]
        pub fn unique_values(record: &Record) -> Vec<(&'static str, String)> {
            match record {
                $(Record::$record(row) => row.unique(),)*
            }
        }

        $(impl Row for $record {
            fn key(&self) -> (PracticeId, Uuid) {
                (self.practice_id, self.id.into())
            }
            fn version(&self) -> Version {
                self.version
            }
            fn table(tables: &Tables) -> &Table<Self> {
                &tables.$table
            }
            fn table_mut(tables: &mut Tables) -> &mut Table<Self> {
                &mut tables.$table
            }
            fn unique(&self) -> Vec<(&'static str, String)> {
                let $row = self;
                $unique
            }
        })*
    };
}

tables! {
    practices: Practice = |_row| vec![];
    staff: StaffMember = |row| vec![(unique::STAFF_EMAIL, row.email.key())];
    sessions: Session = |row| vec![(unique::SESSION_SECRET, row.secret_digest.to_string())];
    clients: Client = |row| row.reference.iter().map(|r| (unique::CLIENT_REFERENCE, fold(r))).collect();
    matters: Matter = |row| vec![(unique::MATTER_REFERENCE, fold(&row.reference))];
    participants: Participant = |row| vec![
        (unique::PARTICIPANT_ONCE, format!("{} {}", row.matter_id, row.client_id)),
    ];
    team: TeamMember = |row| vec![(unique::TEAM_MEMBER_ONCE, format!("{} {}", row.matter_id, row.staff_id))];
    accesses: PortalAccess = |row| vec![
        (unique::PORTAL_ACCESS_ONCE, format!("{} {}", row.matter_id, row.client_id)),
    ];
    links: SignInLink = |row| vec![(unique::LINK_TOKEN, row.token_digest.to_string())];
    stage_entries: StageEntry = |row| vec![
        (unique::STAGE_ENTRY_NUMBER, format!("{} {}", row.matter_id, row.number)),
    ];
    rulebooks: Rulebook = |_row| vec![];
    workflows: KeptWorkflow = |row| {
        let name = (unique::WORKFLOW_NAME, fold(&row.draft.name));
        if row.removed { vec![] } else { vec![name] }
    };
    templates: ChecklistTemplate = |row| vec![(unique::TEMPLATE_NAME, fold(&row.name))];
    requests: Request = |row| match &row.source {
        RequestSource::Hand => vec![],
        RequestSource::Template { template, key } => vec![
            (unique::REQUEST_SOURCE, format!("{} {} {template} {key}", row.matter_id, row.client_id)),
        ],
        RequestSource::Workflow { key, .. } => vec![
            (unique::REQUEST_REQUIREMENT, format!("{} {} {key}", row.matter_id, row.client_id)),
        ],
    };
    documents: Document = |_row| vec![];
    versions: DocumentVersion = |row| vec![
        (unique::DOCUMENT_VERSION_NUMBER, format!("{} {}", row.document_id, row.number)),
    ];
    shares: Share = |row| vec![(unique::SHARE_ONCE, format!("{} {}", row.document_id, row.access_id))];
    uploads: Upload = |_row| vec![];
    tasks: Task = |row| row.once_key().map(|key| (unique::TASK_ONCE, key)).into_iter().collect();
    approvals: Approval = |_row| vec![];
    evidence: Evidence = |row| vec![
        (unique::APPROVAL_ANSWER_ONCE, format!("{} {}", row.approval_id, row.client_id)),
    ];
    notifications: Notification = |_row| vec![];
    deliveries: Delivery = |row| row.once_key().map(|key| (unique::AUTOMATION_ONCE, key)).into_iter().collect();
    phone_records: PhoneRecord = |_row| vec![];
    consents: Consent = |_row| vec![];
    received: ReceivedSms = |_row| vec![];
    conversations: Conversation = |_row| vec![];
    audit_trees: AuditTree = |_row| vec![];
    events: Event = |_row| vec![];
}

impl Tables {
    /// The same with these audit entries, none of them sealed.
    #[must_use]
    pub fn with_audit(mut self, entries: impl IntoIterator<Item = AuditEntry>) -> Self {
        self.append(entries);
        self
    }

    /// The records of a kind that a practice has, by id.
    pub(super) fn of<T: Row>(&self, practice: PracticeId) -> impl Iterator<Item = &T> {
        T::table(self)
            .range((practice, Uuid::nil())..=(practice, Uuid::max()))
            .map(|(_, row)| row)
    }
}
