//! Every statement with sample arguments, so that a driver's tests can prepare each against a real database and look at
//! its plan.

mod approvals;
mod matters;
mod people;
mod rules;
mod seals;
mod tasks;
mod telling;
mod work;

use portal_core::{
    AccessId, Claim, ClientId, Cursor, Date, Digest, MatterId, PageRequest, PracticeId, RecordKind, StaffId,
    StoreError, Timestamp, Version,
};
use uuid::Uuid;

use crate::driver::Dialect;
use crate::save;
use crate::statement::{Statement, Step};

/// Who waits for a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A person, or a worker between two jobs: it must find its rows by an index that the practice leads.
    Hot,
    /// Whoever brings something without saying for which practice: it must find its rows by an index, of all practices.
    Shared,
    /// No person: a worker that looks for practices with work, or housekeeping. It serves all practices at once.
    Rare,
    /// It saves a record.
    Saves,
}

/// A statement with its name.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it is called.
    pub name: String,
    /// The statement, with sample arguments.
    pub statement: Statement,
    /// Who waits for it.
    pub used: Use,
}

struct Catalogue {
    entries: Vec<Entry>,
}

impl Catalogue {
    fn add(&mut self, used: Use, name: impl Into<String>, statement: Statement) {
        let name = name.into();
        self.entries.push(Entry {
            name,
            statement,
            used,
        });
    }

    fn hot(&mut self, name: impl Into<String>, statement: Statement) {
        self.add(Use::Hot, name, statement);
    }

    fn rare(&mut self, name: impl Into<String>, statement: Statement) {
        self.add(Use::Rare, name, statement);
    }

    /// The statements of steps.
    fn extend_rare(&mut self, name: &str, steps: impl IntoIterator<Item = Step>) {
        for (number, step) in steps.into_iter().enumerate() {
            self.rare(format!("{name} {number}"), step.statement);
        }
    }

    /// The first page of a list, a later one, and the count of it all.
    fn list(
        &mut self,
        name: &str,
        key: &str,
        list: impl Fn(&PageRequest) -> Result<Statement, StoreError>,
        count: Option<Statement>,
    ) -> Result<(), StoreError> {
        self.hot(name, list(&PageRequest::first(50))?);
        self.hot(format!("{name}, next page"), list(&after(key))?);
        if let Some(count) = count {
            self.hot(format!("{name}, total"), count);
        }
        Ok(())
    }
}

/// The page after an item with this key.
fn after(key: &str) -> PageRequest {
    let cursor = Cursor {
        key: key.to_owned(),
        id: ID,
    };
    PageRequest::first(50).after(Some(cursor))
}

const ID: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
const PRACTICE: PracticeId = PracticeId(ID);
const STAFF: StaffId = StaffId(ID);
const CLIENT: ClientId = ClientId(ID);
const MATTER: MatterId = MatterId(ID);
const ACCESS: AccessId = AccessId(ID);
const NOW: Timestamp = Timestamp::UNIX_EPOCH;
/// 2026-11-20.
const DAY: Date = match Date::from_ordinal_date(2026, 324) {
    Ok(day) => day,
    Err(_) => Date::MIN,
};
const TIME_KEY: &str = "2026-11-20T20:59:25.642066Z";
const DIGEST: Digest = Digest([7; 32]);
const CLAIM: Claim = Claim {
    by: Uuid::nil(),
    fingerprint: DIGEST,
    until: NOW,
};

/// Every statement of the store, lists with each of their filters. Those that save records come without arguments.
pub fn every_statement(dialect: Dialect) -> Result<Vec<Entry>, StoreError> {
    let mut it = Catalogue { entries: Vec::new() };
    people::people(&mut it)?;
    people::entrance(&mut it);
    matters::matters(&mut it)?;
    rules::rules(&mut it)?;
    work::checklists(&mut it)?;
    work::documents(&mut it)?;
    work::uploads(&mut it);
    tasks::tasks(&mut it)?;
    approvals::approvals(&mut it, dialect)?;
    telling::telling(&mut it, dialect)?;
    telling::rest(&mut it)?;
    seals::seals(&mut it, dialect)?;
    for kind in KINDS {
        let guard = save::table(kind).guard(dialect.hold(), PRACTICE, ID, Version::FIRST);
        it.hot(format!("{kind:?}, unchanged"), guard.statement);
        for sql in save::table(kind).saves() {
            it.add(
                Use::Saves,
                format!("{kind:?}, saved"),
                Statement::fixed(sql, Vec::new()),
            );
        }
    }
    Ok(it.entries)
}

/// Every kind of record.
pub const KINDS: [RecordKind; 29] = [
    RecordKind::Practice,
    RecordKind::StaffMember,
    RecordKind::Session,
    RecordKind::Client,
    RecordKind::Matter,
    RecordKind::Participant,
    RecordKind::TeamMember,
    RecordKind::PortalAccess,
    RecordKind::SignInLink,
    RecordKind::StageEntry,
    RecordKind::Rulebook,
    RecordKind::KeptWorkflow,
    RecordKind::ChecklistTemplate,
    RecordKind::Request,
    RecordKind::Document,
    RecordKind::DocumentVersion,
    RecordKind::Share,
    RecordKind::Upload,
    RecordKind::Task,
    RecordKind::Approval,
    RecordKind::Evidence,
    RecordKind::Notification,
    RecordKind::Delivery,
    RecordKind::PhoneRecord,
    RecordKind::Consent,
    RecordKind::ReceivedSms,
    RecordKind::Conversation,
    RecordKind::AuditTree,
    RecordKind::Event,
];
