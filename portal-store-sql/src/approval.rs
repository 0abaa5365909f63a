//! Approvals, and the evidence of their answers.

pub(crate) mod search;

use async_trait::async_trait;
use portal_core::approval::{
    Approval, ApprovalFilter, ApprovalKind, ApprovalState, Approvals, Asked, Evidence, Terms,
};
use portal_core::{ApprovalId, ClientId, Page, PageRequest, PracticeId, StoreError, Timestamp, Version};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use self::search::OldestRow;
use crate::decode;
use crate::driver::{Dialect, Driver};
use crate::list::{Key, cursor};
use crate::matter::visible_to;
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Day, Stamp, Value};

table! {
    APPROVAL = "approval" as ApprovalRow {
        matter_id: Uuid,
        kind: String,
        title: String,
        description: String,
        subject: Option<Json<serde_json::Value>>,
        needed: String,
        in_turn: bool,
        due_on: Option<Day>,
        expires_on: Option<Day>,
        expires_at: Option<Stamp>,
        remind_every_days: Option<i64>,
        documents: Json<serde_json::Value>,
        people: Json<serde_json::Value>,
        state: String,
        reason: String,
        ended_at: Option<Stamp>,
        replaces_id: Option<Uuid>,
        replaced_by_id: Option<Uuid>,
        asked_by: Uuid,
        created_at: Stamp,
        updated_at: Stamp,
    } + [people_key, shown_key, search_text]
}

impl Reads for ApprovalRow {
    type Record = Approval;
    fn record(self) -> Result<Approval, StoreError> {
        let remind = self.remind_every_days;
        let subject = self.subject.map(|subject| decode::json("subject", subject.0));
        Ok(Approval {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            matter_id: self.matter_id.into(),
            terms: Terms {
                kind: decode::word("kind", &self.kind)?,
                title: self.title,
                description: self.description,
                subject: subject.transpose()?,
                needed: decode::word("needed", &self.needed)?,
                in_turn: self.in_turn,
                due_on: self.due_on.map(|day| day.0),
                expires_on: self.expires_on.map(|day| day.0),
                expires_at: self.expires_at.map(|at| at.0),
                remind_every_days: remind
                    .map(|days| decode::number("remind_every_days", days))
                    .transpose()?,
            },
            documents: decode::json("documents", self.documents.0)?,
            people: decode::json("people", self.people.0)?,
            state: decode::word("state", &self.state)?,
            reason: self.reason,
            ended_at: self.ended_at.map(|at| at.0),
            replaces: self.replaces_id.map(Into::into),
            replaced_by: self.replaced_by_id.map(Into::into),
            asked_by: self.asked_by.into(),
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

/// The ids of people, one after the other.
fn ids<'a>(people: impl Iterator<Item = &'a Asked>) -> String {
    let ids: Vec<String> = people.map(|asked| asked.client.to_string()).collect();
    ids.join(" ")
}

pub(crate) fn save(approval: &Approval) -> Result<Step, StoreError> {
    let terms = &approval.terms;
    let shown = |asked: &&Asked| approval.is_shown_to(asked.client);
    APPROVAL.save(
        approval.practice_id,
        approval.id,
        approval.version,
        vec![
            approval.matter_id.value(),
            terms.kind.as_str().value(),
            (&terms.title).value(),
            (&terms.description).value(),
            match &terms.subject {
                Some(subject) => Value::json(subject)?,
                None => Value::Json(None),
            },
            terms.needed.as_str().value(),
            terms.in_turn.value(),
            terms.due_on.value(),
            terms.expires_on.value(),
            terms.expires_at.value(),
            terms.remind_every_days.value(),
            Value::json(&approval.documents)?,
            Value::json(&approval.people)?,
            approval.state.as_str().value(),
            (&approval.reason).value(),
            approval.ended_at.value(),
            approval.replaces.value(),
            approval.replaced_by.value(),
            approval.asked_by.value(),
            approval.created_at.value(),
            approval.updated_at.value(),
            ids(approval.people.iter()).value(),
            ids(approval.people.iter().filter(shown)).value(),
            approval.search_text().value(),
        ],
    )
}

table! {
    APPROVAL_EVIDENCE = "approval_evidence" as EvidenceRow {
        approval_id: Uuid,
        matter_id: Uuid,
        client_id: Uuid,
        decision: String,
        comment: String,
        shown: Vec<u8>,
        shown_sha256: Vec<u8>,
        circumstances: Json<serde_json::Value>,
        answered_at: Stamp,
    } + []
}

impl Reads for EvidenceRow {
    type Record = Evidence;
    fn record(self) -> Result<Evidence, StoreError> {
        Ok(Evidence {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            approval_id: self.approval_id.into(),
            matter_id: self.matter_id.into(),
            client_id: self.client_id.into(),
            decision: decode::word("decision", &self.decision)?,
            comment: self.comment,
            shown: self.shown,
            shown_hash: decode::digest("shown_sha256", &self.shown_sha256)?,
            circumstances: decode::json("circumstances", self.circumstances.0)?,
            at: self.answered_at.0,
        })
    }
}

pub(crate) fn save_evidence(evidence: &Evidence) -> Result<Step, StoreError> {
    APPROVAL_EVIDENCE.save(
        evidence.practice_id,
        evidence.id,
        evidence.version,
        vec![
            evidence.approval_id.value(),
            evidence.matter_id.value(),
            evidence.client_id.value(),
            evidence.decision.as_str().value(),
            (&evidence.comment).value(),
            evidence.shown.clone().value(),
            evidence.shown_hash.value(),
            Value::json(&evidence.circumstances)?,
            evidence.at.value(),
        ],
    )
}

/// Only those with `client` among the ids in `column`. Who is asked takes part in the matter, or did: their few matters are found
/// first.
fn with_client(sql: &mut Sql, practice: PracticeId, client: Option<ClientId>, column: &'static str) {
    let Some(client) = client else { return };
    sql.push(" AND approval.matter_id IN (SELECT part.matter_id FROM participant AS part WHERE part.practice_id = ")
        .bind(practice)
        .push(" AND part.client_id = ")
        .bind(client)
        .push(") AND ")
        .like(column, format!("%{client}%"));
}

fn narrow(sql: &mut Sql, practice: PracticeId, filter: &ApprovalFilter) {
    sql.and(" AND approval.matter_id = ", filter.matter)
        .and(" AND approval.state = ", filter.state.map(ApprovalState::as_str))
        .and(" AND approval.kind = ", filter.kind.map(ApprovalKind::as_str))
        .and(" AND approval.created_at >= ", filter.since)
        .and(" AND approval.created_at < ", filter.before);
    with_client(sql, practice, filter.client, "approval.people_key");
    with_client(sql, practice, filter.shown_to, "approval.shown_key");
    visible_to!(sql, practice, filter.visible_to, "approval.matter_id");
    sql.words(filter.q.as_deref(), |sql, pattern| {
        sql.like("approval.search_text", pattern);
    });
}

/// How words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    /// In every row that the rest of the filter leaves.
    Reading,
    /// By the index of parts of words.
    ByParts(Dialect),
}

fn narrow_by(sql: &mut Sql, practice: PracticeId, filter: &ApprovalFilter, search: Search) {
    narrow(sql, practice, filter);
    if let Search::ByParts(dialect) = search {
        search::by_parts(sql, dialect, practice, filter);
    }
}

pub(crate) fn approvals(
    practice: PracticeId,
    filter: &ApprovalFilter,
    page: &PageRequest,
    search: Search,
) -> Result<Statement, StoreError> {
    let mut sql = ApprovalRow::select(practice);
    narrow_by(&mut sql, practice, filter, search);
    sql.after(page, Key::Stamp, " AND (approval.created_at, approval.id) < (")?
        .push(" ORDER BY approval.created_at DESC, approval.id DESC")
        .limit(page);
    Ok(sql.done())
}

pub(crate) fn approval_count(practice: PracticeId, filter: &ApprovalFilter, search: Search) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM approval WHERE approval.practice_id = ");
    sql.bind(practice);
    narrow_by(&mut sql, practice, filter, search);
    sql.done()
}

pub(crate) fn evidence(practice: PracticeId, approval: ApprovalId) -> Statement {
    let mut sql = EvidenceRow::select(practice);
    sql.push(" AND approval_evidence.approval_id = ")
        .bind(approval)
        .push(" ORDER BY approval_evidence.answered_at, approval_evidence.id");
    sql.done()
}

impl<D: Driver> SqlStore<D>
where
    OldestRow: for<'r> FromRow<'r, DbRow<D>>,
{
    /// When the oldest of the newest approvals was asked, where there are more than one reads through for a word.
    async fn oldest_of_newest(
        &self,
        practice: PracticeId,
        filter: &ApprovalFilter,
        page: &PageRequest,
    ) -> Result<Option<Timestamp>, StoreError> {
        if !search::has_words(filter) {
            return Ok(None);
        }
        self.one::<OldestRow>(search::oldest_of_newest(practice, filter, page)?)
            .await
    }
}

#[async_trait]
impl<D: Driver> Approvals for SqlStore<D>
where
    ApprovalRow: for<'r> FromRow<'r, DbRow<D>>,
    EvidenceRow: for<'r> FromRow<'r, DbRow<D>>,
    OldestRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn approval(&self, practice: PracticeId, id: ApprovalId) -> Result<Option<Approval>, StoreError> {
        self.one::<ApprovalRow>(ApprovalRow::by_id(practice, id)).await
    }

    async fn approvals(
        &self,
        practice: PracticeId,
        filter: &ApprovalFilter,
        page: &PageRequest,
    ) -> Result<Page<Approval>, StoreError> {
        let total = if page.total {
            Some(self.approval_count(practice, filter).await?)
        } else {
            None
        };
        let list = async |filter: &ApprovalFilter, search| {
            let statement = approvals(practice, filter, page, search)?;
            self.all::<ApprovalRow>(statement).await
        };
        let items = if page.limit == 0 {
            Vec::new()
        } else if let Some(oldest) = self.oldest_of_newest(practice, filter, page).await? {
            let newest = list(&search::among_newest(filter, oldest), Search::Reading).await?;
            if u32::try_from(newest.len()).is_ok_and(|found| found <= page.limit) {
                list(filter, Search::ByParts(D::DIALECT)).await?
            } else {
                newest
            }
        } else {
            list(filter, Search::Reading).await?
        };
        Ok(Page::cut(items, page, total, |approval| {
            cursor(&approval.created_at, approval.id)
        }))
    }

    async fn approval_count(&self, practice: PracticeId, filter: &ApprovalFilter) -> Result<u64, StoreError> {
        let all = PageRequest::first(0);
        let search = match self.oldest_of_newest(practice, filter, &all).await? {
            Some(_) => Search::ByParts(D::DIALECT),
            None => Search::Reading,
        };
        self.count(approval_count(practice, filter, search)).await
    }

    async fn evidence(
        &self,
        practice: PracticeId,
        approval: ApprovalId,
    ) -> Result<Vec<Evidence>, StoreError> {
        self.all::<EvidenceRow>(evidence(practice, approval)).await
    }
}
