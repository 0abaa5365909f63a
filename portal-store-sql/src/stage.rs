//! Stages of matters, and matters by the thousand.

use async_trait::async_trait;
use portal_core::stage::{MatterCase, MatterScan, StageEntry, Stages};
use portal_core::workflow::Case;
use portal_core::{MatterId, Page, PageRequest, PracticeId, StoreError, Version};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor};
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp};

table! {
    STAGE_ENTRY = "stage_entry" as StageEntryRow {
        matter_id: Uuid,
        number: i64,
        raw: String,
        canonical: Option<String>,
        why: String,
        entered_at: Stamp,
        left_at: Option<Stamp>,
    } + []
}

impl Reads for StageEntryRow {
    type Record = StageEntry;
    fn record(self) -> Result<StageEntry, StoreError> {
        Ok(StageEntry {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            matter_id: self.matter_id.into(),
            number: decode::number("number", self.number)?,
            raw: self.raw,
            canonical: self.canonical,
            why: decode::word("why", &self.why)?,
            entered_at: self.entered_at.0,
            left_at: self.left_at.map(|at| at.0),
        })
    }
}

pub(crate) fn save(entry: &StageEntry) -> Result<Step, StoreError> {
    STAGE_ENTRY.save(
        entry.practice_id,
        entry.id,
        entry.version,
        vec![
            entry.matter_id.value(),
            entry.number.value(),
            (&entry.raw).value(),
            entry.canonical.clone().value(),
            entry.why.as_str().value(),
            entry.entered_at.value(),
            entry.left_at.value(),
        ],
    )
}

pub(crate) fn stage_entries(
    practice: PracticeId,
    matter: MatterId,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = StageEntryRow::select(practice);
    sql.push(" AND stage_entry.matter_id = ")
        .bind(matter)
        .after(page, Key::Number, " AND (stage_entry.number, stage_entry.id) < (")?
        .push(" ORDER BY stage_entry.number DESC, stage_entry.id DESC")
        .limit(page);
    Ok(sql.done())
}

pub(crate) fn current_entries(practice: PracticeId, matters: &[Uuid]) -> Statement {
    let mut sql = StageEntryRow::select(practice);
    sql.push(" AND stage_entry.matter_id IN ")
        .bind_ids(matters)
        .push(" AND stage_entry.left_at IS NULL");
    sql.done()
}

pub(crate) fn stage_entries_count(practice: PracticeId, matter: MatterId) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM stage_entry WHERE stage_entry.practice_id = ");
    sql.bind(practice)
        .push(" AND stage_entry.matter_id = ")
        .bind(matter);
    sql.done()
}

/// A matter as workflows read it.
#[derive(FromRow)]
pub(crate) struct CaseRow {
    id: Uuid,
    reference: String,
    state: String,
    practice_area: Option<String>,
    stage: Option<String>,
    attributes: Json<std::collections::BTreeMap<String, String>>,
    normalised: Json<std::collections::BTreeMap<String, String>>,
    unknown: Json<std::collections::BTreeMap<String, String>>,
}

impl Reads for CaseRow {
    type Record = MatterCase;
    fn record(self) -> Result<MatterCase, StoreError> {
        Ok(MatterCase {
            id: self.id.into(),
            case: Case::written(
                self.practice_area.as_ref(),
                self.stage.as_ref(),
                &self.attributes.0,
            ),
            reference: self.reference,
            open: self.state == "open",
            normalised: self.normalised.0,
            unknown: self.unknown.0,
        })
    }
}

pub(crate) fn matter_cases(practice: PracticeId, scan: &MatterScan) -> Statement {
    let mut sql = Sql::new(
        "SELECT matter.id, matter.reference, matter.state, matter.practice_area, matter.stage, \
         matter.attributes, matter.normalised, matter.unknown FROM matter WHERE matter.practice_id = ",
    );
    sql.bind(practice).and(" AND matter.id > ", scan.after);
    if scan.unknown {
        sql.push(" AND matter.has_unknown");
    }
    sql.push(" ORDER BY matter.id LIMIT ").bind(i64::from(scan.limit));
    sql.done()
}

#[async_trait]
impl<D: Driver> Stages for SqlStore<D>
where
    StageEntryRow: for<'r> FromRow<'r, DbRow<D>>,
    CaseRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn stage_entries(
        &self,
        practice: PracticeId,
        matter: MatterId,
        page: &PageRequest,
    ) -> Result<Page<StageEntry>, StoreError> {
        let total = page.total.then(|| stage_entries_count(practice, matter));
        let list = stage_entries(practice, matter, page)?;
        self.page::<StageEntryRow>(list, total, page, |entry| {
            cursor(&format!("{:010}", entry.number), entry.id)
        })
        .await
    }

    async fn current_entries(
        &self,
        practice: PracticeId,
        matters: &[MatterId],
    ) -> Result<Vec<StageEntry>, StoreError> {
        self.by_ids::<StageEntryRow>(matters.iter().map(|id| id.0), |ids| {
            current_entries(practice, ids)
        })
        .await
    }

    async fn matter_cases(
        &self,
        practice: PracticeId,
        scan: &MatterScan,
    ) -> Result<Vec<MatterCase>, StoreError> {
        self.all::<CaseRow>(matter_cases(practice, scan)).await
    }
}
