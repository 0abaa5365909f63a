use portal_core::notify::{Delivery, DeliveryCount, DeliveryFilter, DeliveryState, Recipient, Written};
use portal_core::text::Address;
use portal_core::workflow::Channel;
use portal_core::{PageRequest, PracticeId, StoreError, Version};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::decode;
use crate::list::Key;
use crate::statement::{Sql, Statement, Step};
use crate::store::Reads;
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp, Value};

// `to_email` holds telephone numbers too: renaming it would break servers that still run while the schema moves on.
table! {
    DELIVERY = "delivery" as DeliveryRow {
        event_id: Uuid,
        matter_id: Option<Uuid>,
        client_id: Option<Uuid>,
        staff_id: Option<Uuid>,
        to_name: String,
        to_email: String,
        letter: Json<serde_json::Value>,
        subject: String,
        body: String,
        state: String,
        attempts: i64,
        due_at: Stamp,
        last_error: Option<String>,
        created_at: Stamp,
        sent_at: Option<Stamp>,
        provider_id: Option<String>,
        tried_at: Option<Stamp>,
        in_doubt: bool,
    } + [workflow_id, once_key, lane, segments]
}

impl Reads for DeliveryRow {
    type Record = Delivery;
    fn record(self) -> Result<Delivery, StoreError> {
        let recipient = match (self.client_id, self.staff_id) {
            (Some(client), None) => Recipient::Client(client.into()),
            (None, Some(staff)) => Recipient::Staff(staff.into()),
            _ => return Err(decode::missing("client_id")),
        };
        Ok(Delivery {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            event_id: self.event_id.into(),
            matter_id: self.matter_id.map(Into::into),
            recipient,
            to_name: self.to_name,
            to: decode::address("to_email", self.to_email)?,
            letter: decode::json("letter", self.letter.0)?,
            subject: self.subject,
            text: self.body,
            state: decode::word("state", &self.state)?,
            attempts: decode::number("attempts", self.attempts)?,
            due_at: self.due_at.0,
            last_error: self.last_error,
            created_at: self.created_at.0,
            sent_at: self.sent_at.map(|at| at.0),
            provider_id: self.provider_id,
            tried_at: self.tried_at.map(|at| at.0),
            in_doubt: self.in_doubt,
        })
    }
}

pub(crate) fn save(delivery: &Delivery) -> Result<Step, StoreError> {
    let (client, staff) = match delivery.recipient {
        Recipient::Client(client) => (Some(client), None),
        Recipient::Staff(staff) => (None, Some(staff)),
    };
    DELIVERY.save(
        delivery.practice_id,
        delivery.id,
        delivery.version,
        vec![
            delivery.event_id.value(),
            delivery.matter_id.value(),
            client.value(),
            staff.value(),
            (&delivery.to_name).value(),
            delivery.to.as_str().value(),
            Value::json(&delivery.letter)?,
            (&delivery.subject).value(),
            (&delivery.text).value(),
            delivery.state.as_str().value(),
            delivery.attempts.value(),
            delivery.due_at.value(),
            delivery.last_error.clone().value(),
            delivery.created_at.value(),
            delivery.sent_at.value(),
            delivery.provider_id.clone().value(),
            delivery.tried_at.value(),
            delivery.in_doubt.value(),
            delivery.letter.cause().map(|cause| cause.workflow).value(),
            delivery.once_key().value(),
            delivery.lane().as_str().value(),
            delivery.segments().value(),
        ],
    )
}

fn narrow(sql: &mut Sql, filter: &DeliveryFilter) {
    sql.and(" AND delivery.matter_id = ", filter.matter)
        .and(" AND delivery.client_id = ", filter.client)
        .and(" AND delivery.state = ", filter.state.map(DeliveryState::as_str))
        .and(" AND delivery.workflow_id = ", filter.workflow)
        .and(
            " AND delivery.created_at >= ",
            filter.created.map(|span| span.from),
        )
        .and(
            " AND delivery.created_at < ",
            filter.created.map(|span| span.until),
        );
    if let Some(automated) = filter.automated {
        sql.push(if automated {
            " AND delivery.workflow_id IS NOT NULL"
        } else {
            " AND delivery.workflow_id IS NULL"
        });
    }
    if let Some(channel) = filter.channel {
        sql.push(" AND ").push(CHANNEL).push(" = ").bind(channel.as_str());
    }
}

/// As [`Delivery::channel`] says: the key of an automation's message names it, and of what else there is, telephone
/// numbers begin with a plus sign and have no at sign.
const CHANNEL: &str = "CASE WHEN delivery.once_key LIKE '% sms %' \
    OR (delivery.once_key IS NULL AND delivery.to_email LIKE '+%' AND delivery.to_email NOT LIKE '%@%') THEN 'sms' \
    WHEN delivery.once_key LIKE '% task %' THEN 'task' ELSE 'email' END";

pub(crate) fn delivery_counts(practice: PracticeId, filter: &DeliveryFilter) -> Statement {
    let mut sql = Sql::new(
        "SELECT alike.state, alike.channel, alike.workflow_id, COUNT(*) AS count, \
         CAST(SUM(alike.segments) AS BIGINT) AS segments FROM (SELECT delivery.state, delivery.segments, ",
    );
    sql.push(CHANNEL)
        .push(" AS channel, delivery.workflow_id FROM delivery WHERE delivery.practice_id = ")
        .bind(practice);
    narrow(&mut sql, filter);
    sql.push(") AS alike GROUP BY alike.state, alike.channel, alike.workflow_id");
    sql.done()
}

/// Only what automations wrote has a key, and all of that is on a matter.
pub(crate) fn written_on(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql = Sql::new(
        "SELECT delivery.matter_id, delivery.once_key, delivery.state, delivery.created_at FROM delivery \
         WHERE delivery.practice_id = ",
    );
    sql.bind(practice)
        .push(" AND delivery.matter_id IN ")
        .bind_ids(matters)
        .push(" AND delivery.once_key IS NOT NULL");
    sql.done()
}

/// What an automation wrote.
#[derive(FromRow)]
pub(crate) struct WrittenRow {
    matter_id: Uuid,
    once_key: String,
    state: String,
    created_at: Stamp,
}

impl Reads for WrittenRow {
    type Record = Written;
    fn record(self) -> Result<Written, StoreError> {
        let state = decode::word("state", &self.state)?;
        Written::new(self.matter_id.into(), &self.once_key, state, self.created_at.0)
            .ok_or_else(|| StoreError::Failed(format!("once_key cannot be read: {}", self.once_key)))
    }
}

/// How many deliveries are alike.
#[derive(FromRow)]
pub(crate) struct AlikeRow {
    state: String,
    channel: String,
    workflow_id: Option<Uuid>,
    count: i64,
    segments: i64,
}

impl Reads for AlikeRow {
    type Record = DeliveryCount;
    fn record(self) -> Result<DeliveryCount, StoreError> {
        Ok(DeliveryCount {
            state: decode::word("state", &self.state)?,
            channel: decode::word::<Channel>("channel", &self.channel)?,
            workflow: self.workflow_id.map(Into::into),
            count: decode::number("count", self.count)?,
            segments: decode::number("segments", self.segments)?,
        })
    }
}

pub(crate) fn open_deliveries(practice: PracticeId, to: &Address, limit: u32) -> Statement {
    let mut sql = DeliveryRow::select(practice);
    sql.push(" AND delivery.state IN ('queued', 'sending') AND delivery.to_email = ")
        .bind(to.as_str())
        .push(" ORDER BY delivery.created_at, delivery.id LIMIT ")
        .bind(limit);
    sql.done()
}

pub(crate) fn deliveries(
    practice: PracticeId,
    filter: &DeliveryFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = DeliveryRow::select(practice);
    narrow(&mut sql, filter);
    sql.after(page, Key::Stamp, " AND (delivery.created_at, delivery.id) < (")?
        .push(" ORDER BY delivery.created_at DESC, delivery.id DESC")
        .limit(page);
    Ok(sql.done())
}

pub(crate) fn deliveries_count(practice: PracticeId, filter: &DeliveryFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM delivery WHERE delivery.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, filter);
    sql.done()
}
