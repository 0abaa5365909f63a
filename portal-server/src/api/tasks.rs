//! Tasks: what staff have to do on a matter.

use axum::extract::State;
use portal_core::task::{Assigned, TaskDraft, TaskFilter, TaskItem};
use portal_core::{MatterId, Portal, StaffId, TaskId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::{Failures, IsoDate, given, patched};
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change))
}

/// Something for staff to do on a matter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TaskBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    matter_id: Uuid,
    matter_reference: String,
    title: String,
    note: String,
    /// Who does it; null for anyone who may see the matter.
    assignee_id: Option<Uuid>,
    assignee_name: Option<String>,
    /// Whether it is open and its assignee does not work for the practice any more.
    left_behind: bool,
    due_on: Option<IsoDate>,
    /// Not to be begun before: an automation's delay.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// The workflow whose automation set it; null for what staff added.
    workflow_id: Option<Uuid>,
    /// The entry into the stage that it was set for.
    stage_entry_id: Option<Uuid>,
    done: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    done_at: Option<Timestamp>,
    /// Who said that it is done.
    done_by: Option<Uuid>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<TaskItem> for TaskBody {
    fn from(item: TaskItem) -> Self {
        let left_behind = item.is_left_behind();
        let cause = item.task.cause().copied();
        let task = item.task;
        Self {
            id: task.id.0,
            version: task.version.0,
            matter_id: task.matter_id.0,
            matter_reference: item.matter.reference,
            title: task.title,
            note: task.note,
            assignee_id: task.assignee_id.map(|id| id.0),
            assignee_name: item.assignee.map(|person| person.name),
            left_behind,
            due_on: task.due_on.map(IsoDate),
            starts_at: task.starts_at,
            workflow_id: cause.map(|cause| cause.workflow.0),
            stage_entry_id: cause.map(|cause| cause.entry.0),
            done: task.done.is_some(),
            done_at: task.done.map(|done| done.at),
            done_by: task.done.map(|done| done.by.0),
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

fn tagged(item: TaskItem) -> ETagged<TaskBody> {
    ETagged::new(item.task.version, item.into())
}

/// A task as staff fill it in. In a `PATCH`, fields that are left out stay and null empties one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::option_option, reason = "absent and null say different things")]
pub(crate) struct TaskInput {
    /// The matter. Needed for a new task; cannot be changed.
    #[schema(value_type = Option<Uuid>)]
    matter_id: Option<MatterId>,
    /// What to do. Needed; at most 200 characters.
    #[serde(deserialize_with = "given")]
    title: Option<Option<String>>,
    /// More about it; at most 2,000 characters.
    #[serde(deserialize_with = "given")]
    note: Option<Option<String>>,
    /// Who does it: somebody who works for the practice and is no auditor. Null for anyone.
    #[schema(value_type = Option<Uuid>)]
    #[serde(deserialize_with = "given")]
    assignee_id: Option<Option<StaffId>>,
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(deserialize_with = "given")]
    due_on: Option<Option<IsoDate>>,
    /// Whether it is done, in a `PATCH`.
    done: Option<bool>,
}

impl TaskInput {
    fn onto(self, mut draft: TaskDraft) -> TaskDraft {
        patched(&mut draft.title, self.title);
        patched(&mut draft.note, self.note);
        draft.assignee_id = self.assignee_id.unwrap_or(draft.assignee_id);
        draft.due_on = self
            .due_on
            .map_or(draft.due_on, |due| due.map(|IsoDate(date)| date));
        draft
    }
}

/// Whether tasks are open or done.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum TaskState {
    Open,
    Done,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TasksQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// `open` (the default) or `done`.
    #[param(value_type = Option<String>)]
    state: Option<TaskState>,
    /// Whose: `any` (the default), `me`, `anyone` (for nobody in particular), `left` (for somebody who does not work for the
    /// practice any more), or a staff member's id.
    assignee: Option<String>,
    /// Only those on this matter.
    #[param(value_type = Option<Uuid>)]
    matter_id: Option<MatterId>,
    /// Only those that are due before this day.
    due_before: Option<IsoDate>,
    /// Only those that may be begun by now.
    begun: Option<bool>,
}

fn assigned(signed: &Signed, text: &str) -> Result<Option<Assigned>, Problem> {
    let wrong = || {
        Problem::field(
            "assignee",
            "unknown",
            "Choose any, me, anyone, left or a staff member's id.",
        )
    };
    match text {
        "any" => Ok(None),
        "anyone" => Ok(Some(Assigned::Anyone)),
        "left" => Ok(Some(Assigned::Left)),
        "me" => {
            let me = signed.context().staff().map(|(id, _)| Assigned::To(id));
            me.map(Some).ok_or_else(wrong)
        }
        id => id.parse().map(|id| Some(Assigned::To(id))).map_err(|_| wrong()),
    }
}

/// Tasks that the caller may see: those on their matters and their own. Open ones by the day they are due on, done ones the
/// last done first.
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(TasksQuery),
    responses((status = 200, body = Listed<TaskBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<TasksQuery>,
) -> Result<Json<Listed<TaskBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let ctx = signed.context();
    // Who may not see tasks at all is told that first.
    ctx.require(portal_core::policy::Capability::SeeMatters)?;
    let filter = TaskFilter {
        done: matches!(query.state, Some(TaskState::Done)),
        matter: query.matter_id,
        assigned: assigned(&signed, query.assignee.as_deref().unwrap_or("any"))?,
        due_before: query.due_before.map(|IsoDate(date)| date),
        begun_at: (query.begun == Some(true)).then_some(ctx.at),
        visible_to: None,
    };
    let page = portal.tasks(ctx, &filter, &page).await?;
    Ok(Json(Listed::present(page, TaskBody::from)))
}

/// Adds a task to a matter.
#[utoipa::path(post, path = "/tasks", tag = "tasks", request_body = TaskInput,
    responses((status = 201, body = TaskBody), Failures))]
async fn add(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<TaskInput>,
) -> Result<ETagged<TaskBody>, Problem> {
    let matter = input
        .matter_id
        .ok_or_else(|| Problem::field("matter_id", "required", "Say which matter it is about."))?;
    if input.done.is_some() {
        let text = "A new task is open. Say that it is done with a PATCH.";
        return Err(Problem::field("done", "unused", text));
    }
    let draft = input.onto(TaskDraft::default());
    let item = portal.add_task(signed.context(), matter, &draft).await?;
    let location = portal.url(&format!("/api/v1/tasks/{}", item.task.id));
    Ok(ETagged::created(item.task.version, location, item.into()))
}

/// One task: for whoever may see its matter, and for its assignee.
#[utoipa::path(get, path = "/tasks/{id}", tag = "tasks", params(("id" = Uuid, Path)),
    responses((status = 200, body = TaskBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<TaskId>,
) -> Result<ETagged<TaskBody>, Problem> {
    Ok(tagged(portal.task(signed.context(), id).await?))
}

/// Changes what a task says, whom it is for, when it is due, or that it is done.
#[utoipa::path(patch, path = "/tasks/{id}", tag = "tasks", params(("id" = Uuid, Path)),
    request_body = TaskInput, responses((status = 200, body = TaskBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<TaskId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<TaskInput>,
) -> Result<ETagged<TaskBody>, Problem> {
    let task = portal.task(signed.context(), id).await?.task;
    if input.matter_id.is_some_and(|matter| matter != task.matter_id) {
        let text = "A task cannot move to another matter. Add another there.";
        return Err(Problem::field("matter_id", "fixed", text));
    }
    // What stays is what was read here, so nothing that came in between may be overwritten.
    let expected = expected.or(Some(task.version));
    let done = input.done;
    let draft = input.onto(task.draft());
    Ok(tagged(
        portal
            .update_task(signed.context(), id, expected, (Some(&draft), done))
            .await?,
    ))
}
