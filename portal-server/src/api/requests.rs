//! Requests: what a client is asked to provide.

use axum::extract::State;
use portal_core::checklist::{
    Request, RequestCounts, RequestDraft, RequestFilter, RequestSource, RequestState, RequestStep,
};
use portal_core::document::DocumentCounts;
use portal_core::{ClientId, MatterId, Portal, RequestId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::{Failures, IsoDate, given, patched};
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Listed, Optional, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change))
        .routes(routes!(accept))
        .routes(routes!(return_with_reason))
        .routes(routes!(waive))
        .routes(routes!(withdraw))
        .routes(routes!(reopen))
}

/// Requests by state.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CountsBody {
    outstanding: u64,
    submitted: u64,
    accepted: u64,
    returned: u64,
    waived: u64,
    withdrawn: u64,
}

impl From<RequestCounts> for CountsBody {
    fn from(counts: RequestCounts) -> Self {
        Self {
            outstanding: counts.outstanding,
            submitted: counts.submitted,
            accepted: counts.accepted,
            returned: counts.returned,
            waived: counts.waived,
            withdrawn: counts.withdrawn,
        }
    }
}

/// Documents by status.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DocumentCountsBody {
    pending_review: u64,
    accepted: u64,
    returned: u64,
    filed: u64,
    total: u64,
}

impl From<DocumentCounts> for DocumentCountsBody {
    fn from(counts: DocumentCounts) -> Self {
        Self {
            pending_review: counts.pending_review,
            accepted: counts.accepted,
            returned: counts.returned,
            filed: counts.filed,
            total: counts.total(),
        }
    }
}

/// One thing that a client is asked to provide.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    matter_id: Uuid,
    client_id: Uuid,
    group: String,
    title: String,
    help: String,
    example: String,
    /// How many files are wanted.
    wanted: u32,
    required: bool,
    due_on: Option<IsoDate>,
    position: i32,
    /// The template that asks for it; none when it was added by hand.
    template_id: Option<Uuid>,
    /// The workflow that asked for it, if one did.
    workflow_id: Option<Uuid>,
    #[schema(example = "outstanding")]
    state: &'static str,
    /// Why it was returned or waived.
    reason: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Request> for RequestBody {
    fn from(request: Request) -> Self {
        Self {
            id: request.id.0,
            version: request.version.0,
            matter_id: request.matter_id.0,
            client_id: request.client_id.0,
            group: request.group,
            title: request.title,
            help: request.help,
            example: request.example,
            wanted: request.wanted,
            required: request.required,
            due_on: request.due_on.map(IsoDate),
            position: request.position,
            template_id: match request.source {
                RequestSource::Template { template, .. } => Some(template.0),
                RequestSource::Hand | RequestSource::Workflow { .. } => None,
            },
            workflow_id: match request.source {
                RequestSource::Workflow { workflow, .. } => Some(workflow.0),
                RequestSource::Hand | RequestSource::Template { .. } => None,
            },
            state: request.state.as_str(),
            reason: request.reason,
            created_at: request.created_at,
            updated_at: request.updated_at,
        }
    }
}

/// A request in a list, with the counts of its documents.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RequestItem {
    #[serde(flatten)]
    request: RequestBody,
    documents: DocumentCountsBody,
}

fn tagged(request: Request) -> ETagged<RequestBody> {
    ETagged::new(request.version, request.into())
}

/// A request as staff fill it in. In a `PATCH`, fields that are left out stay and null empties one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::option_option, reason = "absent and null say different things")]
pub(crate) struct RequestInput {
    /// Who is asked. Needed for a new request; cannot be changed.
    #[schema(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
    /// The group that it stands in; at most 80 characters.
    #[serde(deserialize_with = "given")]
    group: Option<Option<String>>,
    /// What it is. Needed; at most 160 characters.
    #[serde(deserialize_with = "given")]
    title: Option<Option<String>>,
    /// What it is and why it is asked; at most 1,000 characters.
    #[serde(deserialize_with = "given")]
    help: Option<Option<String>>,
    /// An example in words; at most 500 characters.
    #[serde(deserialize_with = "given")]
    example: Option<Option<String>>,
    /// How many files are wanted: 1 to 50, 1 by default.
    wanted: Option<u32>,
    /// Whether the matter cannot go on without it; yes by default.
    required: Option<bool>,
    #[schema(value_type = Option<String>, format = Date)]
    #[serde(deserialize_with = "given")]
    due_on: Option<Option<IsoDate>>,
}

impl RequestInput {
    fn onto(self, mut draft: RequestDraft) -> RequestDraft {
        patched(&mut draft.group, self.group);
        patched(&mut draft.title, self.title);
        patched(&mut draft.help, self.help);
        patched(&mut draft.example, self.example);
        draft.wanted = self.wanted.unwrap_or(draft.wanted);
        draft.required = self.required.unwrap_or(draft.required);
        draft.due_on = self
            .due_on
            .map_or(draft.due_on, |due| due.map(|IsoDate(date)| date));
        draft
    }
}

/// A reason that the client reads.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonInput {
    /// In words the client understands; at most 1,000 characters.
    pub(super) reason: String,
}

/// A reason that may be left out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct OptionalReasonInput {
    /// In words the client understands; at most 1,000 characters.
    reason: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RequestsQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Only those to this client.
    #[param(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
    /// Only those in this state.
    #[param(value_type = Option<String>)]
    state: Option<RequestState>,
}

/// The requests on a matter, in the order of the checklist. A client sees their own.
#[utoipa::path(get, path = "/matters/{id}/requests", tag = "requests", params(("id" = Uuid, Path), RequestsQuery),
    responses((status = 200, body = Listed<RequestItem>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Query(query): Query<RequestsQuery>,
) -> Result<Json<Listed<RequestItem>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let filter = RequestFilter {
        matter: Some(matter),
        client: query.client_id,
        state: query.state,
        ..RequestFilter::default()
    };
    let page = portal
        .requests_with_documents(signed.context(), &filter, &page)
        .await?;
    Ok(Json(Listed::present(page, |(request, documents)| RequestItem {
        documents: documents.into(),
        request: request.into(),
    })))
}

/// Asks a client for one more thing.
#[utoipa::path(post, path = "/matters/{id}/requests", tag = "requests", params(("id" = Uuid, Path)),
    request_body = RequestInput, responses((status = 201, body = RequestBody), Failures))]
async fn add(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Json(input): Json<RequestInput>,
) -> Result<ETagged<RequestBody>, Problem> {
    let client = input
        .client_id
        .ok_or_else(|| Problem::field("client_id", "required", "Say which client is asked."))?;
    let draft = input.onto(RequestDraft::default());
    let request = portal
        .add_request(signed.context(), matter, client, &draft)
        .await?;
    let location = portal.url(&format!("/api/v1/requests/{}", request.id));
    Ok(ETagged::created(request.version, location, request.into()))
}

/// One request.
#[utoipa::path(get, path = "/requests/{id}", tag = "requests", params(("id" = Uuid, Path)),
    responses((status = 200, body = RequestBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<RequestId>,
) -> Result<ETagged<RequestBody>, Problem> {
    Ok(tagged(portal.request(signed.context(), id).await?))
}

/// Changes the words, number of files or date of a request.
#[utoipa::path(patch, path = "/requests/{id}", tag = "requests", params(("id" = Uuid, Path)),
    request_body = RequestInput, responses((status = 200, body = RequestBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<RequestId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<RequestInput>,
) -> Result<ETagged<RequestBody>, Problem> {
    let request = portal.request(signed.context(), id).await?;
    if input.client_id.is_some_and(|client| client != request.client_id) {
        let text = "A request cannot move to another client. Withdraw it and add another.";
        return Err(Problem::field("client_id", "fixed", text));
    }
    let expected = expected.or(Some(request.version));
    let draft = input.onto(request.draft());
    Ok(tagged(
        portal
            .update_request(signed.context(), id, expected, &draft)
            .await?,
    ))
}

async fn step(
    portal: &Portal,
    signed: &Signed,
    id: RequestId,
    step: RequestStep,
) -> Result<ETagged<RequestBody>, Problem> {
    Ok(tagged(portal.step_request(signed.context(), id, &step).await?))
}

/// Accepts what was provided, and with it every document that waits for review.
#[utoipa::path(post, path = "/requests/{id}/accept", tag = "requests", params(("id" = Uuid, Path)),
    responses((status = 200, body = RequestBody), Failures))]
async fn accept(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<RequestId>,
) -> Result<ETagged<RequestBody>, Problem> {
    step(&portal, &signed, id, RequestStep::Accept).await
}

/// Returns what was provided, with a reason that the client reads.
#[utoipa::path(post, path = "/requests/{id}/return", tag = "requests", params(("id" = Uuid, Path)),
    request_body = ReasonInput, responses((status = 200, body = RequestBody), Failures))]
async fn return_with_reason(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<RequestId>,
    Json(input): Json<ReasonInput>,
) -> Result<ETagged<RequestBody>, Problem> {
    step(&portal, &signed, id, RequestStep::Return(input.reason)).await
}

/// Asks for it no longer; what was provided stays visible.
#[utoipa::path(post, path = "/requests/{id}/waive", tag = "requests", params(("id" = Uuid, Path)),
    request_body = Option<OptionalReasonInput>, responses((status = 200, body = RequestBody), Failures))]
async fn waive(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<RequestId>,
    Optional(input): Optional<OptionalReasonInput>,
) -> Result<ETagged<RequestBody>, Problem> {
    step(&portal, &signed, id, RequestStep::Waive(input.reason)).await
}

/// Takes it back, because it was asked for in error.
#[utoipa::path(post, path = "/requests/{id}/withdraw", tag = "requests", params(("id" = Uuid, Path)),
    responses((status = 200, body = RequestBody), Failures))]
async fn withdraw(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<RequestId>,
) -> Result<ETagged<RequestBody>, Problem> {
    step(&portal, &signed, id, RequestStep::Withdraw).await
}

/// Asks for it again after it was settled.
#[utoipa::path(post, path = "/requests/{id}/reopen", tag = "requests", params(("id" = Uuid, Path)),
    responses((status = 200, body = RequestBody), Failures))]
async fn reopen(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<RequestId>,
) -> Result<ETagged<RequestBody>, Problem> {
    step(&portal, &signed, id, RequestStep::Reopen).await
}
