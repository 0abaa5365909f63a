use async_trait::async_trait;

use super::MemoryStore;
use super::tables::{Row, Tables};
use crate::{Change, Commits, Record, StoreError};

#[async_trait]
impl Commits for MemoryStore {
    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let mut tables = self.tables()?;
        // All or nothing: the change is done to a copy, which takes the original's place at the end.
        let mut after = tables.clone();
        for guard in change.unchanged() {
            if after.version(guard.kind, (change.practice(), guard.id)) != Some(guard.version) {
                return Err(StoreError::Stale);
            }
        }
        for record in change.saves() {
            if record.practice() != change.practice() {
                return Err(StoreError::Failed("a record of another practice".into()));
            }
            match record {
                Record::Practice(row) => after.save(&**row),
                Record::StaffMember(row) => after.save(&**row),
                Record::Session(row) => after.save(&**row),
                Record::Client(row) => after.save(&**row),
                Record::Matter(row) => after.save(&**row),
                Record::Participant(row) => after.save(&**row),
                Record::TeamMember(row) => after.save(&**row),
                Record::PortalAccess(row) => after.save(&**row),
                Record::SignInLink(row) => after.save(&**row),
                Record::StageEntry(row) => after.save(&**row),
                Record::Rulebook(row) => after.save(&**row),
                Record::KeptWorkflow(row) => after.save(&**row),
                Record::ChecklistTemplate(row) => after.save(&**row),
                Record::Request(row) => after.save(&**row),
                Record::Document(row) => after.save(&**row),
                Record::DocumentVersion(row) => after.save(&**row),
                Record::Share(row) => after.save(&**row),
                Record::Upload(row) => after.save(&**row),
                Record::Task(row) => after.save(&**row),
                Record::Approval(row) => after.save(&**row),
                Record::Evidence(row) => after.save(&**row),
                Record::Notification(row) => after.save(&**row),
                Record::Delivery(row) => after.save(&**row),
                Record::PhoneRecord(row) => after.save(&**row),
                Record::Consent(row) => after.save(&**row),
                Record::ReceivedSms(row) => after.save(&**row),
                Record::Conversation(row) => after.save(&**row),
                Record::AuditTree(row) => after.save(&**row),
                Record::Event(row) => after.save(&**row),
            }?;
        }
        after.append(change.audit_entries().iter().cloned());
        if let Some(sealing) = change.seals() {
            after.seal(sealing)?;
        }
        for erasure in change.erasures() {
            after.erase(erasure)?;
        }
        for missed in change.waits() {
            after.wait(change.practice(), missed.id)?;
        }
        *tables = after;
        Ok(())
    }
}

impl Tables {
    fn save<T: Row>(&mut self, row: &T) -> Result<(), StoreError> {
        let key = row.key();
        let before = T::table(self).get(&key).cloned();
        let read_at = before.as_ref().map_or(0, |before| before.version().0);
        if row.version().0 != read_at + 1 {
            return Err(StoreError::Stale);
        }
        for (rule, value) in before.iter().flat_map(Row::unique) {
            self.unique.remove(&(key.0, rule, value));
        }
        for (rule, value) in row.unique() {
            if self.unique.insert((key.0, rule, value), key.1).is_some() {
                return Err(StoreError::Conflict(rule.to_owned()));
            }
        }
        T::table_mut(self).insert(key, row.clone());
        Ok(())
    }

    /// Takes records away.
    pub(super) fn remove_all<T: Row>(&mut self, rows: &[T]) {
        for row in rows {
            let key = row.key();
            for (rule, value) in row.unique() {
                self.unique.remove(&(key.0, rule, value));
            }
            T::table_mut(self).remove(&key);
        }
    }
}
