//! Every statement with sample arguments, so that a driver's tests can prepare each against a real database and look at
//! its plan.

use portal_core::audit::AuditFilter;
use portal_core::checklist::{RequestFilter, RequestState};
use portal_core::client::ClientFilter;
use portal_core::document::{DocumentFilter, DocumentStatus};
use portal_core::matter::{MatterFilter, MatterSort, MatterState};
use portal_core::notify::{DeliveryFilter, DeliveryState};
use portal_core::{
    AccessId, ClientId, Cursor, Date, Digest, DocumentId, LinkId, MatterId, PageRequest, PracticeId,
    RecordKind, RequestId, SessionId, StaffId, StoreError, StoredAnswer, TemplateId, Timestamp, Version,
};
use uuid::Uuid;

use crate::driver::Dialect;
use crate::statement::Statement;
use crate::table::Selects;
use crate::{
    access, audit, checklist, client, counter, document, housekeeping, idempotency, identity, matter, notify,
    practice, save,
};

/// Who waits for a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// A person, or a worker between two jobs: it must find its rows by an index that the practice leads.
    Hot,
    /// The same, but what it answers is a number over a part of a practice that it may have to look through, or a search
    /// by word, which may have to look through all of a practice's rows of one kind.
    Counts,
    /// All practices at once; now and then.
    Rare,
    /// It writes.
    Writes,
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
        self.entries.push(Entry {
            name: name.into(),
            statement,
            used,
        });
    }

    /// The first page of a list, a later one, and the count of it all.
    fn list(
        &mut self,
        used: Use,
        name: &str,
        key: &str,
        list: impl Fn(&PageRequest) -> Result<Statement, StoreError>,
        count: Option<Statement>,
    ) -> Result<(), StoreError> {
        let first = PageRequest::first(50);
        let after = Cursor {
            key: key.to_owned(),
            id: ID,
        };
        self.add(used, name, list(&first)?);
        self.add(
            used,
            format!("{name}, next page"),
            list(&first.after(Some(after)))?,
        );
        if let Some(count) = count {
            self.add(Use::Counts, format!("{name}, total"), count);
        }
        Ok(())
    }
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

/// Every statement of the store, lists with each of their filters. Those that save records come without arguments.
pub fn every_statement(dialect: Dialect) -> Result<Vec<Entry>, StoreError> {
    let mut it = Catalogue { entries: Vec::new() };
    people(&mut it)?;
    matters(&mut it)?;
    checklists(&mut it)?;
    documents(&mut it)?;
    telling(&mut it, dialect)?;
    rest(&mut it)?;
    for kind in KINDS {
        let guard = save::table(kind).guard(dialect.hold(), PRACTICE, ID, Version::FIRST);
        it.add(Use::Hot, format!("{kind:?}, unchanged"), guard.statement);
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
pub const KINDS: [RecordKind; 17] = [
    RecordKind::Practice,
    RecordKind::StaffMember,
    RecordKind::Session,
    RecordKind::Client,
    RecordKind::Matter,
    RecordKind::Participant,
    RecordKind::TeamMember,
    RecordKind::PortalAccess,
    RecordKind::SignInLink,
    RecordKind::ChecklistTemplate,
    RecordKind::Request,
    RecordKind::Document,
    RecordKind::DocumentVersion,
    RecordKind::Share,
    RecordKind::Notification,
    RecordKind::Delivery,
    RecordKind::Event,
];

fn people(it: &mut Catalogue) -> Result<(), StoreError> {
    it.add(
        Use::Hot,
        "practice",
        practice::PracticeRow::by_id(PRACTICE, PRACTICE),
    );
    it.list(
        Use::Rare,
        "practices",
        "",
        |page| Ok(practice::practices(page)),
        None,
    )?;
    it.add(Use::Rare, "practices, total", practice::count());

    it.add(
        Use::Hot,
        "staff member",
        identity::StaffRow::by_id(PRACTICE, STAFF),
    );
    it.add(
        Use::Hot,
        "staff by email",
        identity::staff_by_email(PRACTICE, "a@example.com"),
    );
    it.add(Use::Counts, "active owners", identity::active_owners(PRACTICE));
    let count = identity::staff_count(PRACTICE);
    it.list(
        Use::Hot,
        "staff",
        "a",
        |page| identity::staff(PRACTICE, page),
        Some(count),
    )?;
    it.add(
        Use::Hot,
        "session",
        identity::SessionRow::by_id(PRACTICE, SessionId(ID)),
    );
    it.add(
        Use::Hot,
        "session by digest",
        identity::session_by_digest(PRACTICE, DIGEST),
    );
    let sessions = identity::live_sessions(PRACTICE, identity::OF_STAFF, STAFF, NOW);
    it.add(Use::Hot, "sessions of staff", sessions);
    let sessions = identity::live_sessions(PRACTICE, identity::OF_CLIENT, CLIENT, NOW);
    it.add(Use::Hot, "sessions of a client", sessions);

    it.add(Use::Hot, "client", client::ClientRow::by_id(PRACTICE, CLIENT));
    it.add(
        Use::Hot,
        "client by reference",
        client::client_by_reference(PRACTICE, "C-1"),
    );
    it.add(
        Use::Hot,
        "clients by id",
        client::clients_by_id(PRACTICE, &[ID; 3]),
    );
    for (name, q) in [("clients", None), ("clients by words", Some("ann bo".to_owned()))] {
        let filter = ClientFilter { q };
        let count = client::clients_count(PRACTICE, &filter);
        it.list(
            Use::Hot,
            name,
            "a",
            |page| client::clients(PRACTICE, &filter, page),
            Some(count),
        )?;
    }

    it.add(Use::Hot, "access", access::AccessRow::by_id(PRACTICE, ACCESS));
    it.add(
        Use::Hot,
        "access of a client on a matter",
        access::access_for(PRACTICE, MATTER, CLIENT),
    );
    it.add(
        Use::Hot,
        "accesses of a matter",
        access::accesses(PRACTICE, access::OF_MATTER, MATTER),
    );
    it.add(
        Use::Hot,
        "accesses of a client",
        access::accesses(PRACTICE, access::OF_CLIENT, CLIENT),
    );
    it.add(Use::Hot, "link", access::LinkRow::by_id(PRACTICE, LinkId(ID)));
    it.add(
        Use::Hot,
        "link by digest",
        access::link_by_digest(PRACTICE, DIGEST),
    );
    it.add(Use::Hot, "newest link", access::newest_link(PRACTICE, ACCESS));
    it.add(
        Use::Hot,
        "links to an access since",
        access::links_since(PRACTICE, Some(ACCESS), NOW),
    );
    it.add(
        Use::Hot,
        "links of a practice since",
        access::links_since(PRACTICE, None, NOW),
    );
    Ok(())
}

fn matters(it: &mut Catalogue) -> Result<(), StoreError> {
    it.add(Use::Hot, "matter", matter::MatterRow::by_id(PRACTICE, MATTER));
    it.add(
        Use::Hot,
        "matter by reference",
        matter::matter_by_reference(PRACTICE, "M-1"),
    );
    it.add(
        Use::Hot,
        "matters by id",
        matter::matters_by_id(PRACTICE, &[ID; 3]),
    );
    it.add(Use::Hot, "ancestors", matter::ancestors(PRACTICE, MATTER));
    it.add(Use::Hot, "practice areas", matter::practice_areas(PRACTICE));
    it.add(Use::Hot, "stages", matter::stages(PRACTICE));
    it.add(Use::Hot, "participants", matter::participants(PRACTICE, MATTER));
    it.add(
        Use::Hot,
        "participations",
        matter::participations(PRACTICE, CLIENT),
    );
    it.add(Use::Hot, "team", matter::team(PRACTICE, MATTER));
    it.add(
        Use::Hot,
        "is on team",
        matter::is_on_team(PRACTICE, MATTER, STAFF),
    );
    it.add(
        Use::Hot,
        "parties of matters",
        matter::parties(PRACTICE, &[ID; 50]),
    );
    it.add(Use::Hot, "agenda of matters", matter::agenda(PRACTICE, &[ID; 50]));
    it.add(
        Use::Hot,
        "documents of matters to review",
        matter::to_review(PRACTICE, &[ID; 50]),
    );
    let none = MatterFilter::default();
    let filters = [
        ("all", none.clone()),
        (
            "by words",
            MatterFilter {
                q: Some("visa ann".into()),
                ..none.clone()
            },
        ),
        (
            "by state",
            MatterFilter {
                state: Some(MatterState::Open),
                ..none.clone()
            },
        ),
        (
            "by owner",
            MatterFilter {
                owner: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "visible to",
            MatterFilter {
                visible_to: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "by area",
            MatterFilter {
                practice_area: Some("Visas".into()),
                ..none.clone()
            },
        ),
        (
            "by stage",
            MatterFilter {
                stage: Some("Open".into()),
                ..none.clone()
            },
        ),
        (
            "by client",
            MatterFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "by parent",
            MatterFilter {
                parent: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "to review",
            MatterFilter {
                to_review: true,
                ..none
            },
        ),
        (
            "by everything",
            MatterFilter {
                q: Some("visa ann".into()),
                state: Some(MatterState::Closed),
                owner: Some(STAFF),
                visible_to: Some(STAFF),
                practice_area: Some("Visas".into()),
                stage: Some("Open".into()),
                client: Some(CLIENT),
                parent: Some(MATTER),
                to_review: true,
            },
        ),
    ];
    let sorts = [
        (MatterSort::Updated, TIME_KEY),
        (MatterSort::Reference, "m-1"),
        (MatterSort::Title, "visa"),
    ];
    for (name, filter) in &filters {
        for (sort, key) in sorts {
            let count = (sort == MatterSort::Updated).then(|| matter::matters_count(PRACTICE, filter));
            let name = format!("matters {name}, {sort:?}");
            it.list(
                Use::Hot,
                &name,
                key,
                |page| matter::matters(PRACTICE, filter, sort, page),
                count,
            )?;
        }
    }
    Ok(())
}

fn checklists(it: &mut Catalogue) -> Result<(), StoreError> {
    it.add(
        Use::Hot,
        "template",
        checklist::TemplateRow::by_id(PRACTICE, TemplateId(ID)),
    );
    for archived in [false, true] {
        let count = checklist::templates_count(PRACTICE, archived);
        let name = format!("templates, archived too: {archived}");
        it.list(
            Use::Hot,
            &name,
            "a",
            |page| checklist::templates(PRACTICE, archived, page),
            Some(count),
        )?;
    }
    it.add(
        Use::Hot,
        "request",
        checklist::RequestRow::by_id(PRACTICE, RequestId(ID)),
    );
    it.add(
        Use::Hot,
        "requests by id",
        checklist::requests_by_id(PRACTICE, &[ID; 3]),
    );
    it.add(
        Use::Hot,
        "next request",
        checklist::next_request(PRACTICE, MATTER, CLIENT),
    );
    let none = RequestFilter::default();
    let filters = [
        ("all", none.clone()),
        (
            "of a matter",
            RequestFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "to a client",
            RequestFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "by state",
            RequestFilter {
                state: Some(RequestState::Outstanding),
                ..none.clone()
            },
        ),
        (
            "shown to clients",
            RequestFilter {
                shown_to_client: true,
                ..none.clone()
            },
        ),
        (
            "visible to",
            RequestFilter {
                visible_to: Some(STAFF),
                ..none.clone()
            },
        ),
        (
            "overdue",
            RequestFilter {
                overdue_on: Some(DAY),
                ..none
            },
        ),
        (
            "by everything",
            RequestFilter {
                matter: Some(MATTER),
                client: Some(CLIENT),
                state: Some(RequestState::Outstanding),
                shown_to_client: true,
                visible_to: Some(STAFF),
                overdue_on: Some(DAY),
            },
        ),
    ];
    for (name, filter) in &filters {
        let count = checklist::requests_count(PRACTICE, filter);
        let list = |page: &PageRequest| checklist::requests(PRACTICE, filter, page);
        it.list(
            Use::Hot,
            &format!("requests {name}"),
            "0000000003",
            list,
            Some(count),
        )?;
        let counts = checklist::request_counts(PRACTICE, filter);
        it.add(Use::Counts, format!("request counts {name}"), counts);
    }
    Ok(())
}

fn documents(it: &mut Catalogue) -> Result<(), StoreError> {
    it.add(
        Use::Hot,
        "document",
        document::DocumentRow::by_id(PRACTICE, DocumentId(ID)),
    );
    it.add(
        Use::Hot,
        "document version",
        document::DocumentVersionRow::by_id(PRACTICE, ID),
    );
    it.add(
        Use::Hot,
        "document versions",
        document::document_versions(PRACTICE, DocumentId(ID)),
    );
    it.add(Use::Hot, "shares", document::shares(PRACTICE, DocumentId(ID)));
    it.add(Use::Hot, "known blobs", document::known_blobs(PRACTICE, &[ID; 3]));
    it.add(
        Use::Hot,
        "document counts by request",
        document::counts_by_request(PRACTICE, &[ID; 50]),
    );
    let none = DocumentFilter::default();
    let filters = [
        ("all", none.clone()),
        (
            "of a matter",
            DocumentFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "of a client",
            DocumentFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "of a request",
            DocumentFilter {
                request: Some(RequestId(ID)),
                ..none.clone()
            },
        ),
        (
            "by status",
            DocumentFilter {
                status: Some(DocumentStatus::PendingReview),
                ..none.clone()
            },
        ),
        (
            "by words",
            DocumentFilter {
                q: Some("passport page".into()),
                ..none.clone()
            },
        ),
        (
            "visible to an access",
            DocumentFilter {
                visible_to_access: Some(ACCESS),
                ..none.clone()
            },
        ),
        (
            "visible to staff",
            DocumentFilter {
                visible_to_staff: Some(STAFF),
                ..none
            },
        ),
        (
            "by everything",
            DocumentFilter {
                matter: Some(MATTER),
                client: Some(CLIENT),
                request: Some(RequestId(ID)),
                status: Some(DocumentStatus::PendingReview),
                q: Some("passport page".into()),
                visible_to_access: Some(ACCESS),
                visible_to_staff: Some(STAFF),
            },
        ),
    ];
    for (name, filter) in &filters {
        let count = document::documents_count(PRACTICE, filter);
        let list = |page: &PageRequest| document::documents(PRACTICE, filter, page);
        it.list(
            Use::Hot,
            &format!("documents {name}"),
            TIME_KEY,
            list,
            Some(count),
        )?;
        let counts = document::document_counts(PRACTICE, filter);
        it.add(Use::Counts, format!("document counts {name}"), counts);
    }
    Ok(())
}

fn telling(it: &mut Catalogue, dialect: Dialect) -> Result<(), StoreError> {
    it.add(Use::Rare, "due practices", notify::due_practices(NOW, ID, 10));
    it.add(
        Use::Writes,
        "claim events",
        notify::claim_events(dialect, PRACTICE, (NOW, NOW), 10),
    );
    it.add(
        Use::Writes,
        "claim deliveries",
        notify::claim_deliveries(dialect, PRACTICE, (NOW, NOW), 10),
    );
    it.add(Use::Hot, "delivery", notify::DeliveryRow::by_id(PRACTICE, ID));
    let none = DeliveryFilter::default();
    let filters = [
        ("all", none.clone()),
        (
            "on a matter",
            DeliveryFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "to a client",
            DeliveryFilter {
                client: Some(CLIENT),
                ..none.clone()
            },
        ),
        (
            "by state",
            DeliveryFilter {
                state: Some(DeliveryState::Failed),
                ..none.clone()
            },
        ),
        (
            "by everything",
            DeliveryFilter {
                matter: Some(MATTER),
                client: Some(CLIENT),
                state: Some(DeliveryState::Failed),
            },
        ),
    ];
    for (name, filter) in &filters {
        let count = notify::deliveries_count(PRACTICE, filter);
        let list = |page: &PageRequest| notify::deliveries(PRACTICE, filter, page);
        it.list(
            Use::Hot,
            &format!("deliveries {name}"),
            TIME_KEY,
            list,
            Some(count),
        )?;
    }
    it.add(
        Use::Hot,
        "notification",
        notify::NotificationRow::by_id(PRACTICE, ID),
    );
    for unread in [false, true] {
        let count = notify::notifications_count(PRACTICE, STAFF, unread);
        let list = |page: &PageRequest| notify::notifications(PRACTICE, STAFF, unread, page);
        it.list(
            Use::Hot,
            &format!("notifications, unread: {unread}"),
            TIME_KEY,
            list,
            Some(count),
        )?;
    }
    Ok(())
}

fn rest(it: &mut Catalogue) -> Result<(), StoreError> {
    let none = AuditFilter::default();
    let filters = [
        ("all", none.clone()),
        (
            "on a matter",
            AuditFilter {
                matter: Some(MATTER),
                ..none.clone()
            },
        ),
        (
            "about a record",
            AuditFilter {
                subject: Some(ID),
                ..none.clone()
            },
        ),
        (
            "of an action",
            AuditFilter {
                action: Some("access.revoked".into()),
                ..none.clone()
            },
        ),
        (
            "by everything",
            AuditFilter {
                matter: Some(MATTER),
                subject: Some(ID),
                action: Some("access.revoked".into()),
            },
        ),
    ];
    for (name, filter) in &filters {
        let count = audit::entries_count(PRACTICE, filter);
        let list = |page: &PageRequest| audit::entries(PRACTICE, filter, page);
        it.list(
            Use::Hot,
            &format!("audit entries {name}"),
            TIME_KEY,
            list,
            Some(count),
        )?;
    }
    it.add(Use::Writes, "count", counter::count(PRACTICE, "sign-in", NOW));
    it.add(
        Use::Writes,
        "claim key",
        idempotency::claim(PRACTICE, "k", DIGEST, NOW, NOW),
    );
    it.add(Use::Hot, "find key", idempotency::find(PRACTICE, "k"));
    let answer = StoredAnswer {
        status: 200,
        content_type: None,
        etag: None,
        location: None,
        body: Vec::new(),
    };
    it.add(
        Use::Writes,
        "store answer",
        idempotency::answer(PRACTICE, "k", answer),
    );
    it.add(Use::Writes, "release key", idempotency::release(PRACTICE, "k"));
    for (number, sweep) in housekeeping::sweeps(NOW).into_iter().enumerate() {
        it.add(Use::Rare, format!("sweep {number}"), sweep);
    }
    Ok(())
}
