//! The domain of a client portal: the secure place where a practice and its clients meet.
//!
//! The whole idea fits in one line:
//!
//! ```text
//! request -> Context -> service (read) -> decision (pure) -> Change -> Store::commit (atomic) -> outbox -> worker -> the world
//! ```
//!
//! * A **rule** is a pure function of values: the record as read, the command and the [`Context`].
//!   Time, ids and secrets come in as arguments, so rules are property-testable and the same on every store.
//! * A **write** is data: a [`Change`] says everything one command does and is applied whole or not at all.
//! * A **service** is a method of [`Portal`]: it reads, authorises, decides and commits; it holds no rule.
//! * A **port** is a small object-safe trait. Stores, mailers, blob stores and clocks are adapters of ports.
//!
//! Every capability is a folder with the rooms it needs of these: `model` (types and rules), `service` (commands and
//! queries), `port` (what it reads), `error` (the rules that a caller can break). This crate knows no
//! database, no HTTP and no async runtime.

pub mod access;
pub mod approval;
pub mod audit;
mod blob;
mod change;
pub mod checklist;
pub mod client;
mod clock;
mod context;
pub mod conversation;
mod counter;
pub mod document;
mod error;
mod event;
mod id;
mod idempotency;
pub mod identity;
pub mod import;
pub mod matter;
pub mod notify;
mod page;
pub mod policy;
mod portal;
pub mod practice;
pub mod rulebook;
mod secret;
pub mod sms;
pub mod stage;
mod store;
pub mod task;
#[cfg(feature = "testing")]
pub mod testing;
pub mod text;
mod timestamp;
pub mod unique;
pub mod upload;
pub mod workflow;

pub use blob::{BlobError, BlobKey, BlobStream, BlobWriter, Blobs, Stored};
pub use change::{Change, Record, RecordKind, Unchanged};
pub use clock::{Clock, SystemClock};
pub use context::{Actor, Context, Origin};
pub use counter::{Allowance, Counters};
pub use error::{Error, ErrorKind, FieldError, Invalid, NoRule, Rule, StoreError};
pub use event::{Event, EventKind, EventState};
pub use id::{
    AccessId, ApprovalId, AuditId, ClientId, ConsentId, ConversationId, DeliveryId, DocumentId,
    DocumentVersionId, EventId, EvidenceId, Ids, LinkId, Locator, MatterId, NotificationId, ParticipantId,
    PhoneRecordId, PracticeId, RandomIds, ReceivedSmsId, RequestId, SessionId, ShareId, StaffId,
    StageEntryId, TaskId, TeamMemberId, TemplateId, UploadId, Version, WorkflowId,
};
pub use idempotency::{Claim, IdempotencyKeys, KEY_KEPT, KeyClaim, StoredAnswer};
pub use page::{Cursor, Page, PageRequest};
pub use portal::{Parts, Portal, Settings};
pub use secret::{Digest, Keys, PreviousKey, Secret, SecretLocator};
pub use store::{Commits, Hints, Housekeeping, NoHints, Store};
pub use time::{Date, Duration};
pub use timestamp::Timestamp;
