use async_trait::async_trait;

use super::MemoryStore;
use super::lists::{Order, page};
use super::scan::Scan;
use super::tables::Key;
use crate::access::{LinkUse, SignInLink};
use crate::audit::{AuditEntry, AuditFilter, Audits};
use crate::identity::Session;
use crate::upload::Upload;
use crate::{
    Claim, Counters, Duration, Event, EventState, Housekeeping, IdempotencyKeys, KeyClaim, Page, PageRequest,
    PracticeId, StoreError, StoredAnswer, Timestamp,
};

#[async_trait]
impl<S: Scan> Audits for S {
    async fn audit_entries(
        &self,
        practice: PracticeId,
        filter: &AuditFilter,
        request: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let tables = self.held()?;
        let kept = tables
            .audit
            .iter()
            .filter(|row| row.practice_id == practice && filter.keeps(row));
        Ok(page(
            kept.cloned().collect(),
            request,
            Order::Falling,
            |row: &AuditEntry| (row.at.to_string(), row.id.into()),
        ))
    }
}

#[async_trait]
impl Counters for MemoryStore {
    async fn count(&self, practice: PracticeId, key: &str, until: Timestamp) -> Result<u32, StoreError> {
        let mut tables = self.tables()?;
        let counter = tables
            .counters
            .entry((practice, key.to_owned()))
            .or_insert((0, until));
        counter.0 += 1;
        counter.1 = until;
        Ok(counter.0)
    }

    async fn counted(&self, practice: PracticeId, key: &str, now: Timestamp) -> Result<u32, StoreError> {
        let tables = self.tables()?;
        let counter = tables.counters.get(&(practice, key.to_owned()));
        Ok(counter
            .filter(|(_, until)| now <= *until)
            .map_or(0, |(count, _)| *count))
    }
}

#[async_trait]
impl IdempotencyKeys for MemoryStore {
    async fn claim_key(
        &self,
        practice: PracticeId,
        key: &str,
        claim: Claim,
        now: Timestamp,
    ) -> Result<KeyClaim, StoreError> {
        let mut tables = self.tables()?;
        let place = (practice, key.to_owned());
        match tables.keys.get(&place).filter(|held| !held.is_over(now)) {
            None => {
                let held = Key { claim, answer: None };
                tables.keys.insert(place, held);
                Ok(KeyClaim::Fresh)
            }
            Some(held) if held.claim.fingerprint != claim.fingerprint => Ok(KeyClaim::Different),
            Some(held) => Ok(match &held.answer {
                Some(answer) => KeyClaim::Answered(answer.clone()),
                None if held.claim.until <= now => KeyClaim::CutOff,
                None if held.claim.by == claim.by => KeyClaim::Fresh,
                None => KeyClaim::Running,
            }),
        }
    }

    async fn extend_key(
        &self,
        practice: PracticeId,
        key: &str,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut tables = self.tables()?;
        let held = tables.keys.get_mut(&(practice, key.to_owned()));
        if let Some(held) = held.filter(|held| held.answer.is_none()) {
            held.claim.until = lease_until;
        }
        Ok(())
    }

    async fn store_answer(
        &self,
        practice: PracticeId,
        key: &str,
        answer: StoredAnswer,
        kept_until: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(held) = self.tables()?.keys.get_mut(&(practice, key.to_owned())) {
            held.answer = Some(answer);
            held.claim.until = kept_until;
        }
        Ok(())
    }

    async fn release_key(&self, practice: PracticeId, key: &str) -> Result<(), StoreError> {
        self.tables()?.keys.remove(&(practice, key.to_owned()));
        Ok(())
    }
}

#[async_trait]
impl Housekeeping for MemoryStore {
    async fn tidy(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut tables = self.tables()?;
        let long_ago = now - Duration::days(30);
        let mut gone = tables.counters.len() + tables.keys.len();
        tables.counters.retain(|_, (_, until)| now <= *until);
        tables
            .keys
            .retain(|_, key| now <= key.claim.until || !key.is_over(now));
        gone -= tables.counters.len() + tables.keys.len();

        let done = |row: &&Event| row.state == EventState::Done;
        let events: Vec<Event> = tables.events.values().filter(done).cloned().collect();
        let ended = |row: &&Session| row.ended.map_or(row.expires_at, |(at, _)| at) < long_ago;
        let sessions: Vec<Session> = tables.sessions.values().filter(ended).cloned().collect();
        let spent = |row: &&SignInLink| match row.used {
            LinkUse::Used(at) => at < long_ago,
            LinkUse::Unused => row.expires_at < long_ago,
        };
        let links: Vec<SignInLink> = tables.links.values().filter(spent).cloned().collect();
        let old = |row: &&Upload| row.expires_at < long_ago;
        let uploads: Vec<Upload> = tables.uploads.values().filter(old).cloned().collect();
        tables.remove_all(&events);
        tables.remove_all(&uploads);
        tables.remove_all(&sessions);
        tables.remove_all(&links);
        gone += events.len() + sessions.len() + links.len() + uploads.len();
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.tables().map(|_| ())
    }
}
