//! A store of one's own: records in one map behind a lock, every promise of a store kept, and proven so.
//!
//! Run it with `cargo run -p portal-examples --example custom_store`; its test is the proof.
//!
//! What a store has to do itself is to *write*, and that is what is shown here: a change is applied whole or not at all
//! (`Commits`), waiting work is claimed by one worker at a time (`Outbox`), counting is atomic (`Counters`), a command that
//! is sent twice is done once (`IdempotencyKeys`), and what nobody needs goes (`Housekeeping`). Put your database, journal
//! or key-value store in the map's place.
//!
//! What a store *reads* is borrowed from `portal_core::testing`: [`Scan`] answers all look-ups and lists by going through
//! every record. That is right and slow, and enough to begin with; then implement one read port after the other with
//! your own queries, and let the suite tell you when one of them answers differently.
//!
//! It keeps everything in memory and forgets it at the end.
#![allow(clippy::print_stdout, reason = "an example shows what happens")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use portal_core::access::LinkUse;
use portal_core::audit::{AuditEntry, Erasure, Sealing};
use portal_core::notify::{
    Delivery, DeliveryCount, DeliveryFilter, DeliveryState, Lane, Outbox, Queue, Written,
};
use portal_core::testing::{Scan, Tables, conformance, unique_values};
use portal_core::text::Address;
use portal_core::{
    AuditId, Change, Claim, Commits, Counters, DeliveryId, Duration, Event, EventState, Housekeeping,
    IdempotencyKeys, KEY_KEPT, KeyClaim, MatterId, Page, PageRequest, PracticeId, Record, RecordKind, Store,
    StoreError, StoredAnswer, Timestamp,
};
use uuid::Uuid;

/// The practice leads every key: nothing is ever looked up without its tenant.
type Key = (PracticeId, RecordKind, Uuid);

fn key(record: &Record) -> Key {
    (record.practice(), record.kind(), record.id())
}

#[derive(Default)]
struct MapStore(Mutex<Held>);

#[derive(Default)]
struct Held {
    records: HashMap<Key, Record>,
    audit: Vec<AuditEntry>,
    /// The batches of audit entries that were sealed, and what was erased of them since.
    sealings: Vec<Sealing>,
    erasures: Vec<Erasure>,
    counters: HashMap<(PracticeId, String), (u32, Timestamp)>,
    keys: HashMap<(PracticeId, String), ClaimedKey>,
    /// The practice whose work was handed out last.
    turns: HashMap<Queue, PracticeId>,
}

struct ClaimedKey {
    claim: Claim,
    answer: Option<StoredAnswer>,
}

impl ClaimedKey {
    /// Whether it may be claimed anew: a claim that was cut off stays known for longer than its lease.
    fn is_over(&self, now: Timestamp) -> bool {
        let kept = if self.answer.is_some() {
            Duration::ZERO
        } else {
            KEY_KEPT
        };
        self.claim.until + kept <= now
    }
}

impl MapStore {
    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every port that only reads.
impl Scan for MapStore {
    fn held(&self) -> Result<impl Deref<Target = Tables> + '_, StoreError> {
        let held = self.lock();
        let tables: Tables = held.records.values().cloned().collect();
        let tables = tables.with_audit(held.audit.iter().cloned());
        Ok(Box::new(tables.with_seals(&held.sealings, &held.erasures)))
    }
}

#[async_trait]
impl Commits for MapStore {
    /// Everything is checked on what the change would make of the records; only then is anything written. There is no
    /// await in between, so a caller who goes away cannot leave half of it.
    async fn commit(&self, change: Change) -> Result<(), StoreError> {
        let mut held = self.lock();
        for guard in change.unchanged() {
            let read = held.records.get(&(change.practice(), guard.kind, guard.id));
            if read.map(Record::version) != Some(guard.version) {
                return Err(StoreError::Stale);
            }
        }
        let mut staged: HashMap<Key, Record> = HashMap::new();
        for record in change.saves() {
            if record.practice() != change.practice() {
                return Err(StoreError::Failed("a record of another practice".into()));
            }
            let key = key(record);
            let read = staged.get(&key).or_else(|| held.records.get(&key));
            // A new record has version 1; any other the one that follows what was read.
            if record.version().0 != read.map_or(0, |read| read.version().0) + 1 {
                return Err(StoreError::Stale);
            }
            held.refuse_a_second(record, &staged)?;
            staged.insert(key, record.clone());
        }
        held.refuse_a_false_seal(&change)?;
        // Every entry waits here from the commit that wrote it until it is sealed.
        if !change.waits().is_empty() {
            return Err(StoreError::Conflict("waits".into()));
        }
        held.records.extend(staged);
        held.audit.extend_from_slice(change.audit_entries());
        held.sealings.extend(change.seals().cloned());
        held.erasures.extend_from_slice(change.erasures());
        Ok(())
    }
}

impl Held {
    /// The unique rules. A database has indexes for this.
    fn refuse_a_second(&self, record: &Record, staged: &HashMap<Key, Record>) -> Result<(), StoreError> {
        let wanted = unique_values(record);
        let before = self.records.iter().filter(|(key, _)| !staged.contains_key(key));
        let others = before.chain(staged).map(|(_, other)| other).filter(|other| {
            other.kind() == record.kind()
                && other.practice() == record.practice()
                && other.id() != record.id()
        });
        for other in others {
            let taken = unique_values(other);
            if let Some((rule, _)) = wanted.iter().find(|value| taken.contains(value)) {
                return Err(StoreError::Conflict((*rule).to_owned()));
            }
        }
        Ok(())
    }
}

impl Held {
    /// An entry is sealed once, at a place of its own; what is erased stands at the place that is named.
    fn refuse_a_false_seal(&self, change: &Change) -> Result<(), StoreError> {
        let practice = change.practice();
        let own = self.sealings.iter().filter(|it| it.tree.practice_id == practice);
        let places: HashMap<AuditId, u64> = own
            .flat_map(|it| &it.seals)
            .map(|seal| (seal.entry_id, seal.position))
            .collect();
        let taken: HashSet<u64> = places.values().copied().collect();
        let own = self.audit.iter().filter(|entry| entry.practice_id == practice);
        let written: HashSet<AuditId> = own.map(|entry| entry.id).collect();
        let mut seals = change.seals().into_iter().flat_map(|it| &it.seals);
        let is_true = seals.all(|seal| {
            let waits = written.contains(&seal.entry_id) && !places.contains_key(&seal.entry_id);
            waits && !taken.contains(&seal.position)
        });
        let mut erasures = change.erasures().iter();
        let is_there = erasures.all(|it| places.get(&it.seal.entry_id) == Some(&it.seal.position));
        if is_true && is_there {
            Ok(())
        } else {
            Err(StoreError::Stale)
        }
    }
}

/// What a record that waits is queued up in.
fn queue_of(record: &Record) -> Queue {
    match record {
        Record::Delivery(delivery) => Queue::Messages(delivery.lane()),
        _ => Queue::Events,
    }
}

/// When work is due, if it waits at all.
fn waits_until(record: &Record) -> Option<Timestamp> {
    match record {
        Record::Event(event) => (event.state == EventState::Pending).then_some(event.due_at),
        Record::Delivery(delivery) => {
            let waits = matches!(delivery.state, DeliveryState::Queued | DeliveryState::Sending);
            waits.then_some(delivery.due_at)
        }
        _ => None,
    }
}

impl Held {
    /// What is due is claimed by moving its due time to the end of the lease: no second worker finds it before that,
    /// and it is found again if the first one dies. The version moves too, so that only the claimant can settle it.
    fn claim(
        &mut self,
        (practice, kind, queue): (PracticeId, RecordKind, Queue),
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Vec<Record> {
        let mut due: Vec<(Timestamp, Uuid)> = self
            .records
            .iter()
            .filter(|((of, is, _), record)| *of == practice && *is == kind && queue_of(record) == queue)
            .filter_map(|((_, _, id), record)| Some((waits_until(record)?, *id)))
            .filter(|(at, _)| *at <= now)
            .collect();
        due.sort_unstable();
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let mut claimed = Vec::with_capacity(due.len());
        for (_, id) in due {
            let record = self.records.get_mut(&(practice, kind, id));
            let (version, attempts, due_at) = match record {
                Some(Record::Event(event)) => (&mut event.version, &mut event.attempts, &mut event.due_at),
                Some(Record::Delivery(sent)) => (&mut sent.version, &mut sent.attempts, &mut sent.due_at),
                _ => continue,
            };
            version.bump();
            *attempts += 1;
            *due_at = lease_until;
            claimed.extend(self.records.get(&(practice, kind, id)).cloned());
        }
        claimed
    }
}

#[async_trait]
impl Outbox for MapStore {
    /// In turn, so that a practice with much to do does not starve the others.
    async fn due_practices(
        &self,
        queue: Queue,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<PracticeId>, StoreError> {
        let mut held = self.lock();
        let waiting = held.records.iter().filter_map(|(key, record)| {
            let due = waits_until(record)?;
            (queue_of(record) == queue && due <= now).then_some(key.0)
        });
        let due: BTreeSet<PracticeId> = waiting.collect();
        let turn = held.turns.get(&queue).copied();
        let after = due.iter().filter(|id| turn.is_none_or(|turn| **id > turn));
        let before = due.iter().filter(|id| turn.is_some_and(|turn| **id <= turn));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let next: Vec<PracticeId> = after.chain(before).copied().take(limit).collect();
        if let Some(last) = next.last() {
            held.turns.insert(queue, *last);
        }
        Ok(next)
    }

    async fn claim_events(
        &self,
        practice: PracticeId,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let kind = (practice, RecordKind::Event, Queue::Events);
        let claimed = self.lock().claim(kind, now, lease_until, limit);
        let event = |record| match record {
            Record::Event(event) => Some(*event),
            _ => None,
        };
        Ok(claimed.into_iter().filter_map(event).collect())
    }

    async fn claim_deliveries(
        &self,
        practice: PracticeId,
        lane: Lane,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let kind = (practice, RecordKind::Delivery, Queue::Messages(lane));
        let claimed = self.lock().claim(kind, now, lease_until, limit);
        let delivery = |record| match record {
            Record::Delivery(delivery) => Some(*delivery),
            _ => None,
        };
        Ok(claimed.into_iter().filter_map(delivery).collect())
    }

    async fn delivery(&self, practice: PracticeId, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        let key = (practice, RecordKind::Delivery, id.into());
        Ok(match self.lock().records.get(&key) {
            Some(Record::Delivery(delivery)) => Some((**delivery).clone()),
            _ => None,
        })
    }

    async fn open_deliveries(
        &self,
        practice: PracticeId,
        to: &Address,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        Ok(self.held()?.open_deliveries(practice, to, limit))
    }

    async fn deliveries(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<Delivery>, StoreError> {
        Ok(self.held()?.deliveries(practice, filter, page))
    }

    async fn written_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Written>, StoreError> {
        Ok(self.held()?.written_on(practice, matters))
    }

    async fn delivery_counts(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
    ) -> Result<Vec<DeliveryCount>, StoreError> {
        Ok(self.held()?.delivery_counts(practice, filter))
    }
}

#[async_trait]
impl Counters for MapStore {
    async fn count(&self, practice: PracticeId, key: &str, until: Timestamp) -> Result<u32, StoreError> {
        let mut held = self.lock();
        let counter = held
            .counters
            .entry((practice, key.to_owned()))
            .or_insert((0, until));
        *counter = (counter.0 + 1, until);
        Ok(counter.0)
    }

    async fn counted(&self, practice: PracticeId, key: &str, now: Timestamp) -> Result<u32, StoreError> {
        let held = self.lock();
        let counter = held.counters.get(&(practice, key.to_owned()));
        Ok(counter
            .filter(|(_, until)| now <= *until)
            .map_or(0, |(count, _)| *count))
    }
}

#[async_trait]
impl IdempotencyKeys for MapStore {
    async fn claim_key(
        &self,
        practice: PracticeId,
        key: &str,
        claim: Claim,
        now: Timestamp,
    ) -> Result<KeyClaim, StoreError> {
        let mut held = self.lock();
        let place = (practice, key.to_owned());
        match held.keys.get(&place).filter(|claimed| !claimed.is_over(now)) {
            Some(claimed) if claimed.claim.fingerprint != claim.fingerprint => Ok(KeyClaim::Different),
            Some(claimed) => Ok(match &claimed.answer {
                Some(answer) => KeyClaim::Answered(answer.clone()),
                None if claimed.claim.until <= now => KeyClaim::CutOff,
                None if claimed.claim.by == claim.by => KeyClaim::Fresh,
                None => KeyClaim::Running,
            }),
            None => {
                let answer = None;
                held.keys.insert(place, ClaimedKey { claim, answer });
                Ok(KeyClaim::Fresh)
            }
        }
    }

    async fn extend_key(
        &self,
        practice: PracticeId,
        key: &str,
        lease_until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut held = self.lock();
        let claimed = held.keys.get_mut(&(practice, key.to_owned()));
        if let Some(claimed) = claimed.filter(|claimed| claimed.answer.is_none()) {
            claimed.claim.until = lease_until;
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
        if let Some(claimed) = self.lock().keys.get_mut(&(practice, key.to_owned())) {
            claimed.answer = Some(answer);
            claimed.claim.until = kept_until;
        }
        Ok(())
    }

    async fn release_key(&self, practice: PracticeId, key: &str) -> Result<(), StoreError> {
        self.lock().keys.remove(&(practice, key.to_owned()));
        Ok(())
    }
}

#[async_trait]
impl Housekeeping for MapStore {
    async fn tidy(&self, now: Timestamp) -> Result<u64, StoreError> {
        let mut held = self.lock();
        let rows = |held: &Held| held.records.len() + held.counters.len() + held.keys.len();
        let before = rows(&held);
        let long_ago = now - Duration::days(30);
        held.counters.retain(|_, (_, until)| now <= *until);
        held.keys
            .retain(|_, claimed| now <= claimed.claim.until || !claimed.is_over(now));
        held.records.retain(|_, record| match record {
            Record::Event(event) => event.state != EventState::Done,
            Record::Session(session) => session.ended.map_or(session.expires_at, |(at, _)| at) >= long_ago,
            Record::SignInLink(link) => match link.used {
                LinkUse::Used(at) => at >= long_ago,
                LinkUse::Unused => link.expires_at >= long_ago,
            },
            Record::Upload(upload) => upload.expires_at >= long_ago,
            _ => true,
        });
        Ok(u64::try_from(before - rows(&held)).unwrap_or(u64::MAX))
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The proof: whatever is not kept is named, with what was expected.
async fn prove() {
    conformance::run_all(|| async { Arc::new(MapStore::default()) as Arc<dyn Store> }).await;
}

#[tokio::main]
async fn main() {
    prove().await;
    println!("the store keeps all {} promises", conformance::PROMISES.len());
}

#[cfg(test)]
mod tests {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_keeps_every_promise() {
        super::prove().await;
    }
}
