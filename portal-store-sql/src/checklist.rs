//! Checklist templates and requests.

use async_trait::async_trait;
use portal_core::checklist::{
    ChecklistTemplate, Checklists, Request, RequestCounts, RequestFilter, RequestSource, RequestState,
};
use portal_core::{
    ClientId, MatterId, Page, PageRequest, PracticeId, RequestId, StoreError, TemplateId, Version, text,
};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::decode;
use crate::driver::Driver;
use crate::list::{Key, cursor, unique_key};
use crate::matter::visible_to;
use crate::statement::{Sql, Statement, Step};
use crate::store::{CountRow, DbRow, Reads, SqlStore};
use crate::table::{Selects, table};
use crate::value::{Argument, Day, Stamp, Value};

table! {
    CHECKLIST_TEMPLATE = "checklist_template" as TemplateRow {
        name: String,
        description: String,
        item_groups: Json<serde_json::Value>,
        archived: bool,
        created_at: Stamp,
        updated_at: Stamp,
    } + [name_key]
}

impl Reads for TemplateRow {
    type Record = ChecklistTemplate;
    fn record(self) -> Result<ChecklistTemplate, StoreError> {
        Ok(ChecklistTemplate {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            name: self.name,
            description: self.description,
            groups: decode::json("item_groups", self.item_groups.0)?,
            archived: self.archived,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

pub(crate) fn save_template(template: &ChecklistTemplate) -> Result<Step, StoreError> {
    CHECKLIST_TEMPLATE.save(
        template.practice_id,
        template.id,
        template.version,
        vec![
            (&template.name).value(),
            (&template.description).value(),
            Value::json(&template.groups)?,
            template.archived.value(),
            template.created_at.value(),
            template.updated_at.value(),
            unique_key(&text::fold(&template.name)).value(),
        ],
    )
}

table! {
    REQUEST = "request" as RequestRow {
        matter_id: Uuid,
        client_id: Uuid,
        group_name: String,
        title: String,
        help: String,
        example: String,
        wanted: i64,
        required: bool,
        due_on: Option<Day>,
        position: i64,
        template_id: Option<Uuid>,
        template_key: Option<String>,
        workflow_id: Option<Uuid>,
        requirement_key: Option<String>,
        obsolete: bool,
        state: String,
        reason: Option<String>,
        created_at: Stamp,
        updated_at: Stamp,
    } + []
}

impl Reads for RequestRow {
    type Record = Request;
    fn record(self) -> Result<Request, StoreError> {
        let asked_by = (self.workflow_id, self.requirement_key);
        let source = match (self.template_id, self.template_key, asked_by) {
            (_, _, (Some(workflow), Some(key))) => RequestSource::Workflow {
                workflow: workflow.into(),
                key,
            },
            (Some(template), Some(key), _) => RequestSource::Template {
                template: template.into(),
                key,
            },
            _ => RequestSource::Hand,
        };
        Ok(Request {
            id: self.id.into(),
            practice_id: self.practice_id.into(),
            version: Version(self.version),
            matter_id: self.matter_id.into(),
            client_id: self.client_id.into(),
            group: self.group_name,
            title: self.title,
            help: self.help,
            example: self.example,
            wanted: decode::number("wanted", self.wanted)?,
            required: self.required,
            due_on: self.due_on.map(|day| day.0),
            position: decode::number("position", self.position)?,
            source,
            state: decode::word("state", &self.state)?,
            obsolete: self.obsolete,
            reason: self.reason,
            created_at: self.created_at.0,
            updated_at: self.updated_at.0,
        })
    }
}

pub(crate) fn save_request(request: &Request) -> Result<Step, StoreError> {
    let (template, key) = match &request.source {
        RequestSource::Template { template, key } => (Some(*template), Some(key.as_str())),
        RequestSource::Hand | RequestSource::Workflow { .. } => (None, None),
    };
    let (workflow, requirement) = match &request.source {
        RequestSource::Workflow { workflow, key } => (Some(*workflow), Some(key.as_str())),
        RequestSource::Hand | RequestSource::Template { .. } => (None, None),
    };
    REQUEST.save(
        request.practice_id,
        request.id,
        request.version,
        vec![
            request.matter_id.value(),
            request.client_id.value(),
            (&request.group).value(),
            (&request.title).value(),
            (&request.help).value(),
            (&request.example).value(),
            request.wanted.value(),
            request.required.value(),
            request.due_on.value(),
            request.position.value(),
            template.value(),
            key.value(),
            workflow.value(),
            requirement.value(),
            request.obsolete.value(),
            request.state.as_str().value(),
            request.reason.clone().value(),
            request.created_at.value(),
            request.updated_at.value(),
        ],
    )
}

fn narrow_templates(sql: &mut Sql, archived: bool) {
    if !archived {
        sql.push(" AND NOT checklist_template.archived");
    }
}

pub(crate) fn templates(
    practice: PracticeId,
    archived: bool,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = TemplateRow::select(practice);
    narrow_templates(&mut sql, archived);
    sql.after(
        page,
        Key::Text,
        " AND (checklist_template.name_key, checklist_template.id) > (",
    )?
    .push(" ORDER BY checklist_template.name_key, checklist_template.id")
    .limit(page);
    Ok(sql.done())
}

pub(crate) fn templates_count(practice: PracticeId, archived: bool) -> Statement {
    let mut sql =
        Sql::new("SELECT COUNT(*) AS count FROM checklist_template WHERE checklist_template.practice_id = ");
    sql.bind(practice);
    narrow_templates(&mut sql, archived);
    sql.done()
}

pub(crate) fn requests_by_id(practice: PracticeId, ids: &[Uuid]) -> Statement {
    let mut sql = RequestRow::select(practice);
    sql.push(" AND request.id IN ").bind_ids(ids);
    sql.done()
}

fn narrow(sql: &mut Sql, practice: PracticeId, filter: &RequestFilter) {
    sql.and(" AND request.matter_id = ", filter.matter)
        .and(" AND request.client_id = ", filter.client)
        .and(" AND request.state = ", filter.state.map(RequestState::as_str));
    if filter.shown_to_client {
        sql.push(
            " AND (request.state <> 'withdrawn' OR EXISTS (SELECT 1 FROM document \
             WHERE document.practice_id = request.practice_id AND document.request_id = request.id))",
        );
    }
    visible_to!(sql, practice, filter.visible_to, "request.matter_id");
    sql.and(
        " AND request.state IN ('outstanding', 'returned') AND request.due_on < ",
        filter.overdue_on,
    );
}

pub(crate) fn requests(
    practice: PracticeId,
    filter: &RequestFilter,
    page: &PageRequest,
) -> Result<Statement, StoreError> {
    let mut sql = RequestRow::select(practice);
    narrow(&mut sql, practice, filter);
    sql.after(page, Key::Number, " AND (request.position, request.id) > (")?
        .push(" ORDER BY request.position, request.id")
        .limit(page);
    Ok(sql.done())
}

pub(crate) fn requests_count(practice: PracticeId, filter: &RequestFilter) -> Statement {
    let mut sql = Sql::new("SELECT COUNT(*) AS count FROM request WHERE request.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, practice, filter);
    sql.done()
}

pub(crate) fn request_counts(practice: PracticeId, filter: &RequestFilter) -> Statement {
    let mut sql =
        Sql::new("SELECT request.state, COUNT(*) AS count FROM request WHERE request.practice_id = ");
    sql.bind(practice);
    narrow(&mut sql, practice, filter);
    sql.push(" GROUP BY request.state");
    sql.done()
}

/// The number that it answers is called `count`, as of every statement that answers one.
pub(crate) fn last_position(practice: PracticeId, matter: MatterId) -> Statement {
    let mut sql = Sql::new(
        "SELECT COALESCE(MAX(request.position), 0) AS count FROM request WHERE request.practice_id = ",
    );
    sql.bind(practice).push(" AND request.matter_id = ").bind(matter);
    sql.done()
}

pub(crate) fn next_request(practice: PracticeId, matter: MatterId, client: ClientId) -> Statement {
    let mut sql = RequestRow::select(practice);
    sql.push(" AND request.matter_id = ")
        .bind(matter)
        .push(" AND request.client_id = ")
        .bind(client)
        .push(
            " AND request.state IN ('outstanding', 'returned') ORDER BY request.required DESC, \
             request.due_on ASC NULLS LAST, request.position, request.id LIMIT 1",
        );
    sql.done()
}

/// How many records are in one state.
#[derive(FromRow)]
pub(crate) struct StateRow {
    state: String,
    count: i64,
}

impl Reads for StateRow {
    type Record = (RequestState, u64);
    fn record(self) -> Result<Self::Record, StoreError> {
        Ok((
            decode::word("state", &self.state)?,
            decode::number("count", self.count)?,
        ))
    }
}

#[async_trait]
impl<D: Driver> Checklists for SqlStore<D>
where
    TemplateRow: for<'r> FromRow<'r, DbRow<D>>,
    RequestRow: for<'r> FromRow<'r, DbRow<D>>,
    StateRow: for<'r> FromRow<'r, DbRow<D>>,
    CountRow: for<'r> FromRow<'r, DbRow<D>>,
{
    async fn template(
        &self,
        practice: PracticeId,
        id: TemplateId,
    ) -> Result<Option<ChecklistTemplate>, StoreError> {
        self.one::<TemplateRow>(TemplateRow::by_id(practice, id)).await
    }

    async fn templates(
        &self,
        practice: PracticeId,
        archived: bool,
        page: &PageRequest,
    ) -> Result<Page<ChecklistTemplate>, StoreError> {
        let total = page.total.then(|| templates_count(practice, archived));
        self.page::<TemplateRow>(templates(practice, archived, page)?, total, page, |template| {
            cursor(&unique_key(&text::fold(&template.name)), template.id)
        })
        .await
    }

    async fn request(&self, practice: PracticeId, id: RequestId) -> Result<Option<Request>, StoreError> {
        self.one::<RequestRow>(RequestRow::by_id(practice, id)).await
    }

    async fn requests_by_id(
        &self,
        practice: PracticeId,
        ids: &[RequestId],
    ) -> Result<Vec<Request>, StoreError> {
        self.by_ids::<RequestRow>(ids.iter().map(|id| id.0), |ids| requests_by_id(practice, ids))
            .await
    }

    async fn requests(
        &self,
        practice: PracticeId,
        filter: &RequestFilter,
        page: &PageRequest,
    ) -> Result<Page<Request>, StoreError> {
        let total = page.total.then(|| requests_count(practice, filter));
        self.page::<RequestRow>(requests(practice, filter, page)?, total, page, |request| {
            cursor(&format!("{:010}", request.position), request.id)
        })
        .await
    }

    async fn last_position(&self, practice: PracticeId, matter: MatterId) -> Result<i32, StoreError> {
        let last = self.count(last_position(practice, matter)).await?;
        Ok(i32::try_from(last).unwrap_or(i32::MAX))
    }

    async fn request_counts(
        &self,
        practice: PracticeId,
        filter: &RequestFilter,
    ) -> Result<RequestCounts, StoreError> {
        let counts = self.all::<StateRow>(request_counts(practice, filter)).await?;
        Ok(counts
            .into_iter()
            .fold(RequestCounts::default(), |counts, (state, count)| {
                counts.plus(state, count)
            }))
    }

    async fn next_request(
        &self,
        practice: PracticeId,
        matter: MatterId,
        client: ClientId,
    ) -> Result<Option<Request>, StoreError> {
        self.one::<RequestRow>(next_request(practice, matter, client))
            .await
    }
}
