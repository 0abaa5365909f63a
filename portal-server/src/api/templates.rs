//! Checklist templates.

use axum::extract::State;
use portal_core::checklist::{ChecklistTemplate, TemplateDraft, TemplateGroup, TemplateItem};
use portal_core::{ClientId, MatterId, Portal, TemplateId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::requests::RequestBody;
use super::values::Failures;
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change))
        .routes(routes!(apply))
}

/// One thing that a template asks for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ItemBody {
    /// Its name within the template; a client is asked once for each. Made from the title when empty.
    #[serde(default)]
    key: String,
    title: String,
    #[serde(default)]
    help: String,
    #[serde(default)]
    example: String,
    /// How many files are wanted: 1 to 50.
    #[serde(default = "one")]
    wanted: u32,
    #[serde(default = "yes")]
    required: bool,
    /// How many days after it is asked it is due.
    #[serde(default)]
    due_in_days: Option<u32>,
}

const fn one() -> u32 {
    1
}

const fn yes() -> bool {
    true
}

/// Items that belong together.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupBody {
    #[schema(example = "Identity")]
    name: String,
    items: Vec<ItemBody>,
}

impl From<TemplateGroup> for GroupBody {
    fn from(group: TemplateGroup) -> Self {
        let item = |item: TemplateItem| ItemBody {
            key: item.key,
            title: item.title,
            help: item.help,
            example: item.example,
            wanted: item.wanted,
            required: item.required,
            due_in_days: item.due_in_days,
        };
        Self {
            name: group.name,
            items: group.items.into_iter().map(item).collect(),
        }
    }
}

impl From<GroupBody> for TemplateGroup {
    fn from(group: GroupBody) -> Self {
        let item = |item: ItemBody| TemplateItem {
            key: item.key,
            title: item.title,
            help: item.help,
            example: item.example,
            wanted: item.wanted,
            required: item.required,
            due_in_days: item.due_in_days,
        };
        Self {
            name: group.name,
            items: group.items.into_iter().map(item).collect(),
        }
    }
}

/// A list of requests that can be put on a client's checklist as a whole.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TemplateBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    name: String,
    description: String,
    groups: Vec<GroupBody>,
    /// Whether it is not offered any more.
    archived: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<ChecklistTemplate> for TemplateBody {
    fn from(template: ChecklistTemplate) -> Self {
        Self {
            id: template.id.0,
            version: template.version.0,
            name: template.name,
            description: template.description,
            groups: template.groups.into_iter().map(GroupBody::from).collect(),
            archived: template.archived,
            created_at: template.created_at,
            updated_at: template.updated_at,
        }
    }
}

/// A template as staff fill it in. In a `PATCH`, fields that are left out stay.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TemplateInput {
    /// No other template has it. Needed; at most 120 characters.
    name: Option<String>,
    description: Option<String>,
    /// 1 to 200 items in all. They replace those that are there.
    groups: Option<Vec<GroupBody>>,
    archived: Option<bool>,
}

impl TemplateInput {
    fn onto(self, draft: TemplateDraft) -> TemplateDraft {
        let groups = self
            .groups
            .map(|groups| groups.into_iter().map(TemplateGroup::from).collect());
        TemplateDraft {
            name: self.name.unwrap_or(draft.name),
            description: self.description.unwrap_or(draft.description),
            groups: groups.unwrap_or(draft.groups),
            archived: self.archived.unwrap_or(draft.archived),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TemplatesQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Whether archived ones are listed too.
    archived: Option<bool>,
}

fn tagged(template: ChecklistTemplate) -> ETagged<TemplateBody> {
    ETagged::new(template.version, template.into())
}

/// Templates, by name.
#[utoipa::path(get, path = "/checklist-templates", tag = "checklist templates", params(TemplatesQuery),
    responses((status = 200, body = Listed<TemplateBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<TemplatesQuery>,
) -> Result<Json<Listed<TemplateBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let archived = query.archived.unwrap_or(false);
    let page = portal.templates(signed.context(), archived, &page).await?;
    Ok(Json(Listed::present(page, TemplateBody::from)))
}

/// Adds a template.
#[utoipa::path(post, path = "/checklist-templates", tag = "checklist templates", request_body = TemplateInput,
    responses((status = 201, body = TemplateBody), Failures))]
async fn add(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<TemplateInput>,
) -> Result<ETagged<TemplateBody>, Problem> {
    let draft = input.onto(TemplateDraft::default());
    let template = portal.add_template(signed.context(), &draft).await?;
    let location = portal.url(&format!("/api/v1/checklist-templates/{}", template.id));
    Ok(ETagged::created(template.version, location, template.into()))
}

/// One template.
#[utoipa::path(get, path = "/checklist-templates/{id}", tag = "checklist templates", params(("id" = Uuid, Path)),
    responses((status = 200, body = TemplateBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<TemplateId>,
) -> Result<ETagged<TemplateBody>, Problem> {
    Ok(tagged(portal.template(signed.context(), id).await?))
}

/// Changes a template. Requests that it put on checklists stay as they are.
#[utoipa::path(patch, path = "/checklist-templates/{id}", tag = "checklist templates", params(("id" = Uuid, Path)),
    request_body = TemplateInput, responses((status = 200, body = TemplateBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<TemplateId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<TemplateInput>,
) -> Result<ETagged<TemplateBody>, Problem> {
    let template = portal.template(signed.context(), id).await?;
    let expected = expected.or(Some(template.version));
    let draft = input.onto(template.draft());
    Ok(tagged(
        portal
            .update_template(signed.context(), id, expected, &draft)
            .await?,
    ))
}

/// Which template is put on whose checklist.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApplyInput {
    #[schema(value_type = Uuid)]
    template_id: TemplateId,
    #[schema(value_type = Uuid)]
    client_id: ClientId,
}

/// Puts all that a template asks for on a client's checklist. What they were asked for before is not asked again.
#[utoipa::path(post, path = "/matters/{id}/apply-template", tag = "checklist templates", params(("id" = Uuid, Path)),
    request_body = ApplyInput, responses((status = 200, body = Listed<RequestBody>), Failures))]
async fn apply(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Json(input): Json<ApplyInput>,
) -> Result<Json<Listed<RequestBody>>, Problem> {
    let ctx = signed.context();
    let requests = portal
        .apply_template(ctx, matter, input.client_id, input.template_id)
        .await?;
    Ok(Json(Listed::whole(
        requests.into_iter().map(RequestBody::from).collect(),
    )))
}
