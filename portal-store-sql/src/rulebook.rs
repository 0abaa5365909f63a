//! A practice's taxonomy and workflows.

use async_trait::async_trait;
use portal_core::rulebook::{KeptWorkflow, Rulebook, Rulebooks};
use portal_core::{Page, PageRequest, PracticeId, StoreError, Version, WorkflowId, text};
use sqlx::FromRow;
use sqlx::types::Json;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor, unique_key};
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Stamp, Value};

table! {
    RULEBOOK = "rulebook" as RulebookRow {
        taxonomy: Json<serde_json::Value>,
        taxonomy_version: i64,
        updated_at: Stamp,
        accepting: Json<serde_json::Value>,
    } + []
}

impl Reads for RulebookRow {
    type Record = Rulebook;
    fn record(self) -> Result<Rulebook, StoreError> {
        Ok(Rulebook {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            taxonomy: decode::json("taxonomy", self.taxonomy.0)?,
            taxonomy_version: Version(self.taxonomy_version),
            updated_at: self.updated_at.0,
            accepting: decode::json("accepting", self.accepting.0)?,
        })
    }
}

pub(crate) fn save(book: &Rulebook) -> Result<Step, StoreError> {
    RULEBOOK.save(
        book.practice_id,
        book.id,
        book.version,
        vec![
            Value::json(&book.taxonomy)?,
            book.taxonomy_version.value(),
            book.updated_at.value(),
            Value::json(&book.accepting)?,
        ],
    )
}

table! {
    WORKFLOW = "workflow" as WorkflowRow {
        draft: Json<serde_json::Value>,
        removed: bool,
        created_at: Stamp,
        updated_at: Stamp,
        editions: Json<Vec<i64>>,
    } + [name_key]
}

impl Reads for WorkflowRow {
    type Record = KeptWorkflow;
    fn record(self) -> Result<KeptWorkflow, StoreError> {
        Ok(KeptWorkflow {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            draft: decode::json("draft", self.draft.0)?,
            editions: self.editions.0.into_iter().map(Version).collect(),
            removed: self.removed,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

fn name_key(workflow: &KeptWorkflow) -> String {
    unique_key(&text::fold(&workflow.draft.name))
}

/// One that was removed has no key: its name is free.
pub(crate) fn save_workflow(workflow: &KeptWorkflow) -> Result<Step, StoreError> {
    WORKFLOW.save(
        workflow.practice_id,
        workflow.id,
        workflow.version,
        vec![
            Value::json(&workflow.draft)?,
            workflow.removed.value(),
            workflow.created_at.value(),
            workflow.updated_at.value(),
            Value::json(&workflow.editions)?,
            (!workflow.removed).then(|| name_key(workflow)).value(),
        ],
    )
}

/// The number that it answers is called `count`, as of every statement that answers one.
pub(crate) fn rulebook_version(practice: PracticeId) -> Statement {
    let mut sql = Sql::new("SELECT rulebook.version AS count FROM rulebook WHERE rulebook.practice_id = ");
    sql.bind(practice).push(" AND rulebook.id = ").bind(practice);
    sql.done()
}

pub(crate) fn workflows(practice: PracticeId, page: &PageRequest) -> Result<Statement, StoreError> {
    let mut sql = WorkflowRow::select(practice);
    sql.push(" AND workflow.name_key IS NOT NULL")
        .after(page, Key::Text, " AND (workflow.name_key, workflow.id) > (")?
        .push(" ORDER BY workflow.name_key, workflow.id")
        .limit(page);
    Ok(sql.done())
}

pub(crate) fn workflows_count(practice: PracticeId) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM workflow WHERE workflow.practice_id = ");
    sql.bind(practice).push(" AND workflow.name_key IS NOT NULL");
    sql.done()
}

#[async_trait]
impl<D: Driver> Rulebooks for SqlStore<D>
where
    RulebookRow: for<'r> FromRow<'r, DbRow<D>>,
    WorkflowRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn rulebook(&self, practice: PracticeId) -> Result<Option<Rulebook>, StoreError> {
        self.one::<RulebookRow>(RulebookRow::by_id(practice, practice))
            .await
    }

    async fn rulebook_version(&self, practice: PracticeId) -> Result<Option<Version>, StoreError> {
        let version = self.one::<CountRow>(rulebook_version(practice)).await?;
        Ok(version.map(|version| Version(i64::try_from(version).unwrap_or(i64::MAX))))
    }

    async fn workflow(
        &self,
        practice: PracticeId,
        id: WorkflowId,
    ) -> Result<Option<KeptWorkflow>, StoreError> {
        self.one::<WorkflowRow>(WorkflowRow::by_id(practice, id)).await
    }

    async fn workflows(
        &self,
        practice: PracticeId,
        page: &PageRequest,
    ) -> Result<Page<KeptWorkflow>, StoreError> {
        let total = page.total.then(|| workflows_count(practice));
        self.page::<WorkflowRow>(workflows(practice, page)?, total, page, |workflow| {
            cursor(&name_key(workflow), workflow.id)
        })
        .await
    }
}
