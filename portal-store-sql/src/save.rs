//! From a change to the statements that do it.

use async_trait::async_trait;
use portal_core::{Change, Commits, Record, RecordKind, StoreError};

use crate::driver::{Dialect, Driver};
use crate::statement::Step;
use crate::store::SqlStore;
use crate::table::Table;
use crate::{
    access, approval, audit, checklist, client, conversation, document, identity, matter, notify, practice,
    rulebook, sms, stage, task, upload,
};

fn save(record: &Record) -> Result<Step, StoreError> {
    match record {
        Record::Practice(it) => practice::save(it),
        Record::StaffMember(it) => identity::save_staff_member(it),
        Record::Session(it) => identity::save_session(it),
        Record::Client(it) => client::save(it),
        Record::Matter(it) => matter::save_matter(it),
        Record::Participant(it) => matter::save_participant(it),
        Record::TeamMember(it) => matter::save_team_member(it),
        Record::PortalAccess(it) => access::save_access(it),
        Record::SignInLink(it) => access::save_link(it),
        Record::StageEntry(it) => stage::save(it),
        Record::Rulebook(it) => rulebook::save(it),
        Record::KeptWorkflow(it) => rulebook::save_workflow(it),
        Record::ChecklistTemplate(it) => checklist::save_template(it),
        Record::Request(it) => checklist::save_request(it),
        Record::Document(it) => document::save_document(it),
        Record::DocumentVersion(it) => document::save_version(it),
        Record::Share(it) => document::save_share(it),
        Record::Upload(it) => upload::save(it),
        Record::Task(it) => task::save(it),
        Record::Approval(it) => approval::save(it),
        Record::Evidence(it) => approval::save_evidence(it),
        Record::Notification(it) => notify::save_notification(it),
        Record::Delivery(it) => notify::save_delivery(it),
        Record::PhoneRecord(it) => sms::save_phone_record(it),
        Record::Consent(it) => sms::save_consent(it),
        Record::ReceivedSms(it) => sms::save_received(it),
        Record::Conversation(it) => conversation::save(it),
        Record::AuditTree(it) => audit::save_tree(it),
        Record::Event(it) => notify::save_event(it),
    }
}

pub(crate) fn table(kind: RecordKind) -> &'static Table {
    match kind {
        RecordKind::Practice => &practice::PRACTICE,
        RecordKind::StaffMember => &identity::STAFF_MEMBER,
        RecordKind::Session => &identity::SESSION,
        RecordKind::Client => &client::CLIENT,
        RecordKind::Matter => &matter::MATTER,
        RecordKind::Participant => &matter::PARTICIPANT,
        RecordKind::TeamMember => &matter::TEAM_MEMBER,
        RecordKind::PortalAccess => &access::PORTAL_ACCESS,
        RecordKind::SignInLink => &access::SIGN_IN_LINK,
        RecordKind::StageEntry => &stage::STAGE_ENTRY,
        RecordKind::Rulebook => &rulebook::RULEBOOK,
        RecordKind::KeptWorkflow => &rulebook::WORKFLOW,
        RecordKind::ChecklistTemplate => &checklist::CHECKLIST_TEMPLATE,
        RecordKind::Request => &checklist::REQUEST,
        RecordKind::Document => &document::DOCUMENT,
        RecordKind::DocumentVersion => &document::DOCUMENT_VERSION,
        RecordKind::Share => &document::SHARE,
        RecordKind::Upload => &upload::UPLOAD,
        RecordKind::Task => &task::TASK,
        RecordKind::Approval => &approval::APPROVAL,
        RecordKind::Evidence => &approval::APPROVAL_EVIDENCE,
        RecordKind::Notification => &notify::NOTIFICATION,
        RecordKind::Delivery => &notify::DELIVERY,
        RecordKind::PhoneRecord => &sms::PHONE_RECORD,
        RecordKind::Consent => &sms::TEXT_CONSENT,
        RecordKind::ReceivedSms => &sms::RECEIVED_SMS,
        RecordKind::Conversation => &conversation::CONVERSATION,
        RecordKind::AuditTree => &audit::AUDIT_TREE,
        RecordKind::Event => &notify::EVENT,
    }
}

/// The statements that do `change`, in this order: what must not have moved is held first, before the change itself
/// moves it; then the records in their order; then the audit entries, and what seals or erases them.
///
/// # Errors
/// `Failed` when a record belongs to another practice than the change.
pub fn steps(change: &Change, dialect: Dialect) -> Result<Vec<Step>, StoreError> {
    let practice = change.practice();
    let stranger = change.saves().iter().any(|record| record.practice() != practice)
        || change
            .audit_entries()
            .iter()
            .any(|entry| entry.practice_id != practice)
        || change
            .erasures()
            .iter()
            .any(|erased| erased.entry.practice_id != practice);
    if stranger {
        return Err(StoreError::Failed(
            "a change stays within one practice".to_owned(),
        ));
    }
    let mut steps =
        Vec::with_capacity(change.unchanged().len() + change.saves().len() + change.audit_entries().len());
    for held in change.unchanged() {
        steps.push(table(held.kind).guard(dialect.hold(), practice, held.id, held.version));
    }
    for record in change.saves() {
        steps.push(save(record)?);
    }
    for entry in change.audit_entries() {
        steps.push(audit::append(entry)?);
    }
    steps.extend(audit::queue(change.audit_entries()));
    if let Some(sealing) = change.seals() {
        steps.extend(audit::sealing(sealing, dialect));
    }
    for erased in change.erasures() {
        steps.extend(audit::erasure(erased)?);
    }
    steps.extend(audit::wait(practice, change.waits()));
    Ok(steps)
}

#[async_trait]
impl<D: Driver> Commits for SqlStore<D> {
    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let steps = steps(&change, D::DIALECT)?;
        if steps.is_empty() {
            return Ok(());
        }
        self.driver.apply(steps).await
    }
}
