//! Workflows: kept, matched, analysed and tried out.

mod shapes;
mod trials;

use axum::extract::State;
use axum::http::StatusCode;
use portal_core::rulebook::KeptWorkflow;
use portal_core::workflow::{Automation, Criterion, Requirement, WorkflowDraft};
use portal_core::{Portal, Timestamp, WorkflowId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use self::shapes::{AutomationShape, CriterionShape, RequirementShape};
use super::values::Failures;
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change, remove))
        .merge(trials::routes())
}

/// What happens to matters of one kind.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WorkflowBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    name: String,
    /// Whether it matches anything at all.
    enabled: bool,
    /// Of workflows that are as specific, the one with the higher priority has its way.
    priority: i32,
    /// What must hold of a matter: all of these.
    #[schema(value_type = Vec<CriterionShape>)]
    criteria: Vec<Criterion>,
    /// What it asks for.
    #[schema(value_type = Vec<RequirementShape>)]
    requirements: Vec<Requirement>,
    /// What it sends, and the tasks it sets.
    #[schema(value_type = Vec<AutomationShape>)]
    automations: Vec<Automation>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<KeptWorkflow> for WorkflowBody {
    fn from(workflow: KeptWorkflow) -> Self {
        let draft = workflow.draft;
        Self {
            id: workflow.id.0,
            version: workflow.version.0,
            name: draft.name,
            enabled: draft.enabled,
            priority: draft.priority,
            criteria: draft.criteria,
            requirements: draft.requirements,
            automations: draft.automations,
            created_at: workflow.created_at,
            updated_at: workflow.updated_at,
        }
    }
}

/// A workflow as staff fill it in. In a `PATCH`, fields that are left out stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WorkflowInput {
    /// No other workflow has it. Needed; at most 120 characters.
    name: Option<String>,
    /// Whether it is switched on. A new one is not, unless this says so.
    enabled: Option<bool>,
    /// 0 unless this says otherwise.
    priority: Option<i32>,
    /// 1 to 64. They replace those that are there.
    #[schema(value_type = Option<Vec<CriterionShape>>)]
    criteria: Option<Vec<Criterion>>,
    /// At most 200, no two with the same key. They replace those that are there.
    #[schema(value_type = Option<Vec<RequirementShape>>)]
    requirements: Option<Vec<Requirement>>,
    /// At most 50. They replace those that are there.
    #[schema(value_type = Option<Vec<AutomationShape>>)]
    automations: Option<Vec<Automation>>,
}

impl WorkflowInput {
    fn onto(self, draft: WorkflowDraft) -> WorkflowDraft {
        WorkflowDraft {
            name: self.name.unwrap_or(draft.name),
            enabled: self.enabled.unwrap_or(draft.enabled),
            priority: self.priority.unwrap_or(draft.priority),
            criteria: self.criteria.unwrap_or(draft.criteria),
            requirements: self.requirements.unwrap_or(draft.requirements),
            automations: self.automations.unwrap_or(draft.automations),
        }
    }

    /// A workflow from nothing: switched off, so that nothing fires before somebody looked.
    fn into_draft(self) -> WorkflowDraft {
        self.onto(WorkflowDraft {
            enabled: false,
            ..WorkflowDraft::default()
        })
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct WorkflowsQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
}

fn tagged(workflow: KeptWorkflow) -> ETagged<WorkflowBody> {
    ETagged::new(workflow.version, workflow.into())
}

/// Workflows, by name.
#[utoipa::path(get, path = "/workflows", tag = "workflows", params(WorkflowsQuery),
    responses((status = 200, body = Listed<WorkflowBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<WorkflowsQuery>,
) -> Result<Json<Listed<WorkflowBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let page = portal.workflows(signed.context(), &page).await?;
    Ok(Json(Listed::present(page, WorkflowBody::from)))
}

/// Adds a workflow. Matters meet it when what is known of them changes next, or when workflows are applied.
#[utoipa::path(post, path = "/workflows", tag = "workflows", request_body = WorkflowInput,
    responses((status = 201, body = WorkflowBody), Failures))]
async fn add(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<WorkflowInput>,
) -> Result<ETagged<WorkflowBody>, Problem> {
    let workflow = portal.add_workflow(signed.context(), &input.into_draft()).await?;
    let location = portal.url(&format!("/api/v1/workflows/{}", workflow.id));
    Ok(ETagged::created(workflow.version, location, workflow.into()))
}

/// One workflow.
#[utoipa::path(get, path = "/workflows/{id}", tag = "workflows", params(("id" = Uuid, Path)),
    responses((status = 200, body = WorkflowBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<WorkflowId>,
) -> Result<ETagged<WorkflowBody>, Problem> {
    Ok(tagged(portal.workflow(signed.context(), id).await?))
}

/// Changes a workflow, or switches it on or off. What it asked for and sent stays.
#[utoipa::path(patch, path = "/workflows/{id}", tag = "workflows", params(("id" = Uuid, Path)),
    request_body = WorkflowInput, responses((status = 200, body = WorkflowBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<WorkflowId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<WorkflowInput>,
) -> Result<ETagged<WorkflowBody>, Problem> {
    let workflow = portal.workflow(signed.context(), id).await?;
    let expected = expected.or(Some(workflow.version));
    let draft = input.onto(workflow.draft);
    Ok(tagged(
        portal
            .update_workflow(signed.context(), id, expected, &draft)
            .await?,
    ))
}

/// Removes a workflow. What it asked for and sent stays.
#[utoipa::path(delete, path = "/workflows/{id}", tag = "workflows", params(("id" = Uuid, Path)),
    responses((status = 204), Failures))]
async fn remove(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<WorkflowId>,
    IfMatch(expected): IfMatch,
) -> Result<StatusCode, Problem> {
    portal.remove_workflow(signed.context(), id, expected).await?;
    Ok(StatusCode::NO_CONTENT)
}
