use crate::{Record, Store};

use super::world::got;

/// The record as the store has it now, by the port that reads it. `None` for what is not there, and for events,
/// which are read by claiming them.
pub(super) async fn read_back(store: &dyn Store, record: &Record) -> Option<Record> {
    let practice = record.practice();
    match record {
        Record::Practice(row) => got(store.practice(row.id).await).map(Record::from),
        Record::StaffMember(row) => got(store.staff_member(practice, row.id).await).map(Record::from),
        Record::Session(row) => got(store.session(practice, row.id).await).map(Record::from),
        Record::Client(row) => got(store.client(practice, row.id).await).map(Record::from),
        Record::Matter(row) => got(store.matter(practice, row.id).await).map(Record::from),
        Record::Participant(row) => got(store.participants(practice, row.matter_id).await)
            .into_iter()
            .find(|other| other.id == row.id)
            .map(Record::from),
        Record::TeamMember(row) => got(store.team(practice, row.matter_id).await)
            .into_iter()
            .find(|other| other.id == row.id)
            .map(Record::from),
        Record::PortalAccess(row) => got(store.access(practice, row.id).await).map(Record::from),
        Record::SignInLink(row) => got(store.link(practice, row.id).await).map(Record::from),
        Record::StageEntry(row) => {
            let page = crate::PageRequest::first(200);
            got(store.stage_entries(practice, row.matter_id, &page).await)
                .items
                .into_iter()
                .find(|other| other.id == row.id)
                .map(Record::from)
        }
        Record::Rulebook(row) => got(store.rulebook(row.id).await).map(Record::from),
        Record::KeptWorkflow(row) => got(store.workflow(practice, row.id).await).map(Record::from),
        Record::ChecklistTemplate(row) => got(store.template(practice, row.id).await).map(Record::from),
        Record::Request(row) => got(store.request(practice, row.id).await).map(Record::from),
        Record::Document(row) => got(store.document(practice, row.id).await).map(Record::from),
        Record::DocumentVersion(row) => got(store.document_version(practice, row.id).await).map(Record::from),
        Record::Share(row) => got(store.shares(practice, row.document_id).await)
            .into_iter()
            .find(|other| other.id == row.id)
            .map(Record::from),
        Record::Upload(row) => got(store.upload(practice, row.id).await).map(Record::from),
        Record::Task(row) => got(store.task(practice, row.id).await).map(Record::from),
        Record::Approval(row) => got(store.approval(practice, row.id).await).map(Record::from),
        Record::Evidence(row) => got(store.evidence(practice, row.approval_id).await)
            .into_iter()
            .find(|other| other.id == row.id)
            .map(Record::from),
        Record::Notification(row) => got(store.notification(practice, row.id).await).map(Record::from),
        Record::Delivery(row) => got(store.delivery(practice, row.id).await).map(Record::from),
        Record::PhoneRecord(row) => got(store.phone_record(practice, &row.phone).await).map(Record::from),
        Record::Consent(row) => {
            let page = crate::PageRequest::first(200);
            got(store.consents(practice, &row.phone, &page).await)
                .items
                .into_iter()
                .find(|other| other.id == row.id)
                .map(Record::from)
        }
        Record::ReceivedSms(row) => got(store.received_sms(practice, row.id).await).map(Record::from),
        Record::Conversation(row) => got(store.conversation(practice, row.id).await).map(Record::from),
        Record::AuditTree(row) => got(store.audit_tree(row.id).await).map(Record::from),
        Record::Event(_) => None,
    }
}

/// The store must have exactly this record.
pub(super) async fn must_have(store: &dyn Store, record: &Record) {
    let found = read_back(store, record).await;
    // Clients and passports hide in `Debug`, so the kind is said too.
    assert!(
        found.as_ref() == Some(record),
        "a {:?} did not come back as it was saved:\nsaved {record:#?}\nfound {found:#?}",
        record.kind()
    );
}
