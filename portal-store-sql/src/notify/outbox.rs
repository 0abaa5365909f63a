use std::sync::PoisonError;

use async_trait::async_trait;
use portal_core::notify::{Delivery, DeliveryCount, DeliveryFilter, Lane, Outbox, Queue, Written};
use portal_core::text::Address;
use portal_core::{DeliveryId, Event, MatterId, Page, PageRequest, PracticeId, StoreError, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::delivery::{
    AlikeRow, DeliveryRow, WrittenRow, deliveries, deliveries_count, delivery_counts, open_deliveries,
    written_on,
};
use super::event::EventRow;
use crate::driver::{Dialect, Driver};
use crate::list::cursor;
use crate::statement::{Sql, Statement};
use crate::store::{CountRow, DbRow, Reads, SqlStore, record};
use crate::table::Selects;

/// The practices after `turn` come first, then it begins again. This statement is the worker's, who serves all practices.
///
/// It goes from practice to practice by the index instead of looking at all that waits, so that a backlog does not slow
/// down those who work it off.
pub(crate) fn due_practices(queue: Queue, now: Timestamp, turn: Uuid, limit: u32) -> Statement {
    let (table, waits) = match queue {
        Queue::Events => ("event", "state = 'pending'"),
        Queue::Messages(_) => ("delivery", "state IN ('queued', 'sending')"),
    };
    let mut sql = Sql::new("WITH RECURSIVE waiting (practice_id) AS (SELECT (SELECT practice_id FROM ");
    sql.push(table)
        .push(" WHERE ")
        .push(waits)
        .push(" ORDER BY practice_id LIMIT 1) UNION ALL SELECT (SELECT it.practice_id FROM ")
        .push(table)
        .push(" AS it WHERE it.")
        .push(waits)
        .push(
            " AND it.practice_id > waiting.practice_id ORDER BY it.practice_id LIMIT 1) \
             FROM waiting WHERE waiting.practice_id IS NOT NULL) \
             SELECT waiting.practice_id AS id FROM waiting WHERE (SELECT 1 FROM ",
        )
        .push(table)
        .push(" AS it WHERE it.practice_id = waiting.practice_id AND it.")
        .push(waits);
    if let Queue::Messages(lane) = queue {
        sql.push(" AND it.lane = ").bind(lane.as_str());
    }
    sql.push(" AND it.due_at <= ")
        .bind(now)
        .push(" LIMIT 1) IS NOT NULL ORDER BY CASE WHEN waiting.practice_id > ")
        .bind(turn)
        .push(" THEN 0 ELSE 1 END, waiting.practice_id LIMIT ")
        .bind(limit);
    sql.done()
}

/// The rows to claim are chosen first and once: as a subquery of the `UPDATE`, PostgreSQL may choose again for each
/// row and claim more than the limit. They are found again by their ids, which PostgreSQL does by the index only when they
/// come as an array; a join it may do by comparing each row of the table with each that is due.
fn claim(
    (find, order, update, returning): (&'static str, &'static str, &'static str, &'static str),
    columns: &'static str,
    dialect: Dialect,
    (practice, lane): (PracticeId, Option<Lane>),
    (now, lease_until): (Timestamp, Timestamp),
    limit: u32,
) -> Statement {
    let mut sql = Sql::new("WITH due AS MATERIALIZED (");
    sql.push(find)
        .bind(practice)
        .and(" AND lane = ", lane.map(Lane::as_str))
        .push(" AND due_at <= ")
        .bind(now)
        .push(order)
        .bind(limit)
        .push(dialect.claim())
        .push(") ")
        .push(update)
        .bind(lease_until)
        .push(returning)
        .placeholder(1)
        .push(" AND ")
        .push(dialect.is_due())
        .push(" RETURNING ")
        .push(columns);
    sql.done()
}

pub(crate) fn claim_events(
    dialect: Dialect,
    practice: PracticeId,
    times: (Timestamp, Timestamp),
    limit: u32,
) -> Statement {
    let parts = (
        "SELECT id FROM event WHERE state = 'pending' AND practice_id = ",
        " ORDER BY due_at, id LIMIT ",
        "UPDATE event SET version = version + 1, attempts = attempts + 1, due_at = ",
        " WHERE practice_id = ",
    );
    claim(parts, EventRow::COLUMNS, dialect, (practice, None), times, limit)
}

pub(crate) fn claim_deliveries(
    dialect: Dialect,
    (practice, lane): (PracticeId, Lane),
    times: (Timestamp, Timestamp),
    limit: u32,
) -> Statement {
    let parts = (
        "SELECT id FROM delivery WHERE state IN ('queued', 'sending') AND practice_id = ",
        " ORDER BY due_at, id LIMIT ",
        "UPDATE delivery SET version = version + 1, attempts = attempts + 1, due_at = ",
        " WHERE practice_id = ",
    );
    let which = (practice, Some(lane));
    claim(parts, DeliveryRow::COLUMNS, dialect, which, times, limit)
}

/// What can be read of what was claimed: a row that cannot, written by a newer server, say, keeps no other waiting. It comes again
/// when its lease runs out. An error when there is nothing else.
fn readable<T>(rows: impl Iterator<Item = Result<T, StoreError>>) -> Result<Vec<T>, StoreError> {
    match read(rows) {
        (read, Some(error)) if read.is_empty() => Err(error),
        (read, _) => Ok(read),
    }
}

/// The rows that can be read, and why the last of the others cannot.
fn read<T>(rows: impl Iterator<Item = Result<T, StoreError>>) -> (Vec<T>, Option<StoreError>) {
    let mut read = Vec::new();
    let mut trouble = None;
    for row in rows {
        match row {
            Ok(row) => read.push(row),
            Err(error) => {
                tracing::error!(%error, "it is left where it is");
                trouble = Some(error);
            }
        }
    }
    (read, trouble)
}

#[derive(FromRow)]
pub(crate) struct PracticeIdRow {
    id: Uuid,
}

impl Reads for PracticeIdRow {
    type Record = PracticeId;
    fn record(self) -> Result<PracticeId, StoreError> {
        Ok(self.id.into())
    }
}

#[async_trait]
impl<D: Driver> Outbox for SqlStore<D>
where
    EventRow: for<'r> FromRow<'r, DbRow<D>>,
    DeliveryRow: for<'r> FromRow<'r, DbRow<D>>,
    PracticeIdRow: for<'r> FromRow<'r, DbRow<D>>,
    WrittenRow: for<'r> FromRow<'r, DbRow<D>>,
    AlikeRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn due_practices(
        &self,
        queue: Queue,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<PracticeId>, StoreError> {
        let turns = || self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = turns().get(&queue).copied().unwrap_or_default();
        let practices = self
            .all::<PracticeIdRow>(due_practices(queue, now, turn, limit))
            .await?;
        if let Some(last) = practices.last() {
            turns().insert(queue, last.0);
        }
        Ok(practices)
    }

    async fn claim_events(
        &self,
        practice: PracticeId,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Event>, StoreError> {
        let statement = claim_events(D::DIALECT, practice, (now, lease_until), limit);
        let written = self.driver.write(statement).await?;
        let mut events = readable(written.rows.iter().map(record::<D, EventRow>))?;
        events.sort_by_key(|event| (event.at, event.id));
        Ok(events)
    }

    async fn claim_deliveries(
        &self,
        practice: PracticeId,
        lane: Lane,
        now: Timestamp,
        lease_until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let statement = claim_deliveries(D::DIALECT, (practice, lane), (now, lease_until), limit);
        let written = self.driver.write(statement).await?;
        let mut deliveries = readable(written.rows.iter().map(record::<D, DeliveryRow>))?;
        deliveries.sort_by_key(|delivery| (delivery.created_at, delivery.id));
        Ok(deliveries)
    }

    async fn delivery(&self, practice: PracticeId, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        self.one::<DeliveryRow>(DeliveryRow::by_id(practice, id)).await
    }

    async fn open_deliveries(
        &self,
        practice: PracticeId,
        to: &Address,
        limit: u32,
    ) -> Result<Vec<Delivery>, StoreError> {
        let mut wanted = limit;
        loop {
            let rows = self.driver.fetch(open_deliveries(practice, to, wanted)).await?;
            let (mut open, trouble) = read(rows.iter().map(record::<D, DeliveryRow>));
            let enough = usize::try_from(limit).unwrap_or(usize::MAX);
            let is_all = rows.len() < usize::try_from(wanted).unwrap_or(usize::MAX);
            if trouble.is_none() || is_all || open.len() >= enough {
                open.truncate(enough);
                return Ok(open);
            }
            // Those that cannot be read took the places of others.
            wanted = wanted.saturating_mul(2);
        }
    }

    async fn deliveries(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
        page: &PageRequest,
    ) -> Result<Page<Delivery>, StoreError> {
        let total = page.total.then(|| deliveries_count(practice, filter));
        self.page::<DeliveryRow>(deliveries(practice, filter, page)?, total, page, |delivery| {
            cursor(&delivery.created_at, delivery.id)
        })
        .await
    }

    async fn written_on(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<Written>, StoreError> {
        self.by_ids::<WrittenRow>(matters.iter().map(|id| id.0), |ids| written_on(practice, ids))
            .await
    }

    async fn delivery_counts(
        &self,
        practice: PracticeId,
        filter: &DeliveryFilter,
    ) -> Result<Vec<DeliveryCount>, StoreError> {
        self.all::<AlikeRow>(delivery_counts(practice, filter)).await
    }
}
