//! The audit trail: appended, never changed.

mod seals;

use async_trait::async_trait;
use portal_core::audit::{AuditEntry, AuditFilter, Audits};
use portal_core::{Page, PageRequest, PracticeId, StoreError};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor};
use crate::statement::{Must, Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::value::{Argument, Stamp, Value};

#[derive(FromRow)]
pub(crate) struct AuditRow {
    practice_id: Uuid,
    id: Uuid,
    happened_at: Stamp,
    actor_kind: String,
    staff_id: Option<Uuid>,
    client_id: Option<Uuid>,
    system: Option<String>,
    action: String,
    subject_kind: String,
    subject_id: Uuid,
    matter_id: Option<Uuid>,
    detail: Json<serde_json::Value>,
    origin: Json<serde_json::Value>,
}

impl Reads for AuditRow {
    type Record = AuditEntry;
    fn record(self) -> Result<AuditEntry, StoreError> {
        Ok(AuditEntry {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            at: self.happened_at.0,
            actor_kind: self.actor_kind,
            staff_id: self.staff_id.map(Into::into),
            client_id: self.client_id.map(Into::into),
            system: self.system,
            action: self.action,
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            matter_id: self.matter_id.map(Into::into),
            detail: decode::json("detail", self.detail.0)?,
            origin: decode::json("origin", self.origin.0)?,
        })
    }
}

pub(crate) use seals::{
    AUDIT_TREE, AuditTreeRow, audit_keys, entries_by_id, erasure, keep, kept_checkpoints, save_tile,
    save_tree, seal_of, sealed, sealing, seals, seals_from, swept, tiles, unsealed, unsealed_practices, wait,
};

/// `SELECT` of entries of the practice that follows.
const SELECT: &str = "SELECT audit_entry.practice_id, audit_entry.id, audit_entry.happened_at, audit_entry.actor_kind, \
     audit_entry.staff_id, audit_entry.client_id, audit_entry.system, audit_entry.action, \
     audit_entry.subject_kind, audit_entry.subject_id, audit_entry.matter_id, audit_entry.detail, \
     audit_entry.origin FROM audit_entry WHERE audit_entry.practice_id = ";

/// Puts entries where the sealer finds them: one row each, in the commit that writes them.
pub(crate) fn queue(entries: &[AuditEntry]) -> Option<Step> {
    let first = entries.first()?;
    let mut sql = Sql::new("INSERT INTO audit_unsealed (practice_id, since, id) VALUES ");
    for (number, entry) in entries.iter().enumerate() {
        if number == 0 {
            sql.push("(").bind(first.practice_id).push(", ").bind(first.at);
        } else {
            sql.push(", (").placeholder(1).push(", ").placeholder(2);
        }
        sql.push(", ").bind(entry.id).push(")");
    }
    Some(Step {
        statement: sql.done(),
        must: Must::Write(entries.len() as u64),
        inserts: None,
    })
}

pub(crate) fn append(entry: &AuditEntry) -> Result<Step, StoreError> {
    let sql = "INSERT INTO audit_entry (practice_id, id, happened_at, actor_kind, staff_id, client_id, system, action, \
        subject_kind, subject_id, matter_id, detail, origin) \
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (practice_id, id) DO NOTHING";
    let args = vec![
        entry.practice_id.value(),
        entry.id.value(),
        entry.at.value(),
        (&entry.actor_kind).value(),
        entry.staff_id.value(),
        entry.client_id.value(),
        entry.system.clone().value(),
        (&entry.action).value(),
        (&entry.subject_kind).value(),
        entry.subject_id.value(),
        entry.matter_id.value(),
        Value::json(&entry.detail)?,
        Value::json(&entry.origin)?,
    ];
    Ok(Step {
        statement: Statement::fixed(sql, args),
        must: Must::WriteOne,
        inserts: Some("audit_entry"),
    })
}

fn narrow(sql: &mut Sql, filter: &AuditFilter) {
    sql.and(" AND audit_entry.matter_id = ", filter.matter)
        .and(" AND audit_entry.subject_id = ", filter.subject)
        .and(" AND audit_entry.action = ", filter.action.as_deref())
        .and(" AND audit_entry.staff_id = ", filter.staff)
        .and(" AND audit_entry.client_id = ", filter.client)
        .and(
            " AND (audit_entry.origin ->> 'ip') = ",
            filter.ip.map(|ip| ip.to_string()),
        )
        .and(" AND audit_entry.happened_at >= ", filter.from)
        .and(" AND audit_entry.happened_at < ", filter.until);
}

pub(crate) fn entries(
    practice: PracticeId,
    filter: &AuditFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = Sql::new(SELECT);
    sql.bind(practice);
    narrow(&mut sql, filter);
    sql.after(
        page,
        Key::Stamp,
        " AND (audit_entry.happened_at, audit_entry.id) < (",
    )?
    .push(" ORDER BY audit_entry.happened_at DESC, audit_entry.id DESC")
    .limit(page);
    Ok(sql.done())
}

pub(crate) fn entries_count(practice: PracticeId, filter: &AuditFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM audit_entry WHERE audit_entry.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, filter);
    sql.done()
}

#[async_trait]
impl<D: Driver> Audits for SqlStore<D>
where
    AuditRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn audit_entries(
        &self,
        practice: PracticeId,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let total = page.total.then(|| entries_count(practice, filter));
        self.page::<AuditRow>(entries(practice, filter, page)?, total, page, |entry| {
            cursor(&entry.at, entry.id)
        })
        .await
    }
}
