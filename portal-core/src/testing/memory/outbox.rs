use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;

use super::MemoryStore;
use super::lists::{Order, page};
use super::people::count;
use super::scan::{Look, Scan};
use super::tables::Tables;
use crate::notify::{
    Delivery, DeliveryCount, DeliveryFilter, DeliveryState, Lane, Notification, Notifications, Outbox, Queue,
    Written,
};
use crate::sms::{Consent, PhoneRecord, ReceivedFilter, ReceivedSms, TextMessages, Texted};
use crate::text::{Address, Phone};
use crate::{
    DeliveryId, Event, EventState, MatterId, NotificationId, Page, PageRequest, PracticeId, ReceivedSmsId,
    StaffId, StoreError, Timestamp,
};

#[async_trait]
impl Outbox for MemoryStore {
    async fn due_practices(
        &self,
        queue: Queue,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<PracticeId>, StoreError> {
        let mut tables = self.tables()?;
        let due: BTreeSet<PracticeId> = match queue {
            Queue::Events => {
                let due = tables.events.values().filter(|row| is_due_event(row, now));
                due.map(|row| row.practice_id).collect()
            }
            Queue::Messages(lane) => {
                let open = tables.deliveries.values().filter(|row| row.lane() == lane);
                let due = open.filter(|row| is_due_delivery(row, now));
                due.map(|row| row.practice_id).collect()
            }
        };
        // In turn: begin after the one that was served last.
        let turn = tables.turns.get(&queue).copied();
        let (before, after): (Vec<_>, Vec<_>) = due
            .into_iter()
            .partition(|id| turn.is_some_and(|turn| *id <= turn));
        let mut next: Vec<PracticeId> = after.into_iter().chain(before).collect();
        next.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        if let Some(last) = next.last() {
            tables.turns.insert(queue, *last);
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
        let mut tables = self.tables()?;
        let rows = tables.events.values_mut();
        let mut due: Vec<&mut Event> = rows
            .filter(|row| row.practice_id == practice && is_due_event(row, now))
            .collect();
        due.sort_by_key(|row| (row.due_at, row.id));
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let claim = |row: &mut Event| {
            row.version.bump();
            row.attempts += 1;
            row.due_at = lease_until;
            row.clone()
        };
        Ok(due.into_iter().map(claim).collect())
    }

    async fn claim_deliveries(
        &self,
        practice: PracticeId,
        lane: Lane,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut tables = self.tables()?;
        let rows = tables.deliveries.values_mut();
        let mut due: Vec<&mut Delivery> = rows
            .filter(|row| row.practice_id == practice && row.lane() == lane && is_due_delivery(row, now))
            .collect();
        due.sort_by_key(|row| (row.due_at, row.id));
        due.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let claim = |row: &mut Delivery| {
            row.version.bump();
            row.attempts += 1;
            row.due_at = lease_until;
            row.clone()
        };
        Ok(due.into_iter().map(claim).collect())
    }

    async fn delivery(&self, practice: PracticeId, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.one(practice, id)
    }

    async fn open_deliveries(
        &self,
        practice: PracticeId,
        to: &Address,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        Ok(self.tables()?.open_deliveries(practice, to, limit))
    }

    async fn deliveries(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
        request: &PageRequest,
    ) -> Result<Page<Delivery>, StoreError> {
        Ok(self.tables()?.deliveries(practice, filter, request))
    }

    async fn written_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Written>, StoreError> {
        Ok(self.tables()?.written_on(practice, matters))
    }

    async fn delivery_counts(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
    ) -> Result<Vec<DeliveryCount>, StoreError> {
        Ok(self.tables()?.delivery_counts(practice, filter))
    }
}

#[async_trait]
impl<S: Scan> Notifications for S {
    async fn notification(
        &self,
        practice: PracticeId,
        id: NotificationId,
    ) -> Result<Option<Notification>, StoreError> {
        self.one(practice, id)
    }

    async fn notifications(
        &self,
        practice: PracticeId,
        staff: StaffId,
        unread: bool,
        request: &PageRequest,
    ) -> Result<Page<Notification>, StoreError> {
        let rows = self.all(practice, |row: &Notification| {
            row.staff_id == staff && !(unread && row.read_at.is_some())
        })?;
        Ok(page(rows, request, Order::Falling, |row| {
            (row.created_at.to_string(), row.id.into())
        }))
    }

    async fn unread_notifications(&self, practice: PracticeId, staff: StaffId) -> Result<u64, StoreError> {
        let unread = self.all(practice, |row: &Notification| {
            row.staff_id == staff && row.read_at.is_none()
        })?;
        Ok(count(&unread))
    }
}

#[async_trait]
impl<S: Scan> TextMessages for S {
    async fn phone_record(
        &self,
        practice: PracticeId,
        phone: &Phone,
    ) -> Result<Option<PhoneRecord>, StoreError> {
        self.one(practice, PhoneRecord::id_of(phone))
    }

    async fn phone_records(
        &self,
        practice: PracticeId,
        phones: &[Phone],
    ) -> Result<Vec<PhoneRecord>, StoreError> {
        self.all(practice, |row: &PhoneRecord| phones.contains(&row.phone))
    }

    async fn consents(
        &self,
        practice: PracticeId,
        phone: &Phone,
        request: &PageRequest,
    ) -> Result<Page<Consent>, StoreError> {
        let rows = self.all(practice, |row: &Consent| row.phone == *phone)?;
        Ok(page(rows, request, Order::Falling, |row| {
            (row.created_at.to_string(), row.id.into())
        }))
    }

    async fn received_sms(
        &self,
        practice: PracticeId,
        id: ReceivedSmsId,
    ) -> Result<Option<ReceivedSms>, StoreError> {
        self.one(practice, id)
    }

    async fn received(
        &self,
        practice: PracticeId,
        filter: &ReceivedFilter,
        request: &PageRequest,
    ) -> Result<Page<ReceivedSms>, StoreError> {
        let rows = self.all(practice, |row: &ReceivedSms| {
            filter.from.as_ref().is_none_or(|from| row.from == *from)
                && filter.conversation.is_none_or(|id| row.conversation_id == id)
                && filter.after.is_none_or(|after| row.received_at > after)
        })?;
        Ok(page(rows, request, Order::Falling, |row| {
            (row.received_at.to_string(), row.id.into())
        }))
    }

    async fn who_texted(&self, phone: &Phone) -> Result<Vec<Texted>, StoreError> {
        let to = Address::from(phone.clone());
        let mut left: BTreeMap<PracticeId, Option<Timestamp>> = BTreeMap::new();
        for row in self.held()?.deliveries.values().filter(|row| row.to == to) {
            if row.tried_at.is_none() {
                continue;
            }
            let may_have_left = row.tried_at.filter(|_| row.state != DeliveryState::Failed);
            let newest = left.entry(row.practice_id).or_default();
            *newest = (*newest).max(row.sent_at.or(may_have_left));
        }
        let texted = |(practice, left)| Texted { practice, left };
        Ok(left.into_iter().map(texted).collect())
    }
}

impl Tables {
    /// The oldest deliveries that are on their way to an address, as [`Outbox::open_deliveries`] says: for stores that implement that
    /// port themselves.
    #[must_use]
    pub fn open_deliveries(&self, practice: PracticeId, to: &Address, limit: u32) -> Vec<Delivery> {
        let open = self
            .of(practice)
            .filter(|row: &&Delivery| row.is_open() && row.to == *to);
        let mut open: Vec<Delivery> = open.cloned().collect();
        open.sort_by_key(|row| (row.created_at, row.id));
        open.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        open
    }

    /// What automations wrote, as [`Outbox::written_on`] says: for stores that implement that port themselves.
    #[must_use]
    pub fn written_on(&self, practice: PracticeId, matters: &[MatterId]) -> Vec<Written> {
        let rows = self.of(practice).filter_map(Written::of);
        rows.filter(|row| matters.contains(&row.matter)).collect()
    }

    /// How many deliveries are alike, as [`Outbox::delivery_counts`] says: for stores that implement that port themselves.
    #[must_use]
    pub fn delivery_counts(&self, practice: PracticeId, filter: &DeliveryFilter) -> Vec<DeliveryCount> {
        let mut counts: Vec<DeliveryCount> = Vec::new();
        for row in self.of(practice).filter(|row: &&Delivery| filter.admits(row)) {
            let one = DeliveryCount {
                state: row.state,
                channel: row.channel(),
                workflow: row.letter.cause().map(|cause| cause.workflow),
                count: 1,
                segments: row.segments().into(),
            };
            let alike = |known: &&mut DeliveryCount| {
                (known.state, known.channel, known.workflow) == (one.state, one.channel, one.workflow)
            };
            match counts.iter_mut().find(alike) {
                Some(known) => {
                    known.count += one.count;
                    known.segments += one.segments;
                }
                None => counts.push(one),
            }
        }
        counts
    }

    /// A page of deliveries, as [`Outbox::deliveries`] says: for stores that implement that port themselves.
    #[must_use]
    pub fn deliveries(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
        request: &PageRequest,
    ) -> Page<Delivery> {
        let kept = self.of(practice).filter(|row: &&Delivery| filter.admits(row));
        page(
            kept.cloned().collect(),
            request,
            Order::Falling,
            |row: &Delivery| (row.created_at.to_string(), row.id.into()),
        )
    }
}

fn is_due_event(row: &Event, now: Timestamp) -> bool {
    row.state == EventState::Pending && row.due_at <= now
}

fn is_due_delivery(row: &Delivery, now: Timestamp) -> bool {
    row.is_open() && row.due_at <= now
}
