//! Matters.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use portal_core::client::Saved;
use portal_core::matter::{Matter, MatterDraft, MatterFilter, MatterSort, MatterState, MatterSummary};
use portal_core::stage::MatterChange;
use portal_core::{ClientId, MatterId, Portal, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::effects::EffectsBody;
use super::requests::CountsBody;
use super::values::{Failures, IsoDate, given, patched};
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(get, change))
        .routes(routes!(save_by_reference))
        .routes(routes!(close))
        .routes(routes!(reopen))
}

/// A case, application, project or engagement.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatterBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    reference: String,
    title: String,
    /// As the system of record wrote it.
    practice_area: Option<String>,
    /// As the system of record wrote it.
    stage: Option<String>,
    /// Further attributes as written there. Staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<BTreeMap<String, String>>,
    /// What the taxonomy makes of area, stage and attributes, by dimension. Staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    normalised: Option<BTreeMap<String, String>>,
    /// What the taxonomy does not know, by dimension; it waits for a person. Staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<BTreeMap<String, String>>,
    /// The staff member who answers for it. Staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    owner_id: Option<Uuid>,
    /// The matter that it is part of. Staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<Uuid>,
    #[schema(example = "open")]
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Matter> for MatterBody {
    fn from(matter: Matter) -> Self {
        Self {
            id: matter.id.0,
            version: matter.version.0,
            reference: matter.reference,
            title: matter.title,
            practice_area: matter.practice_area,
            stage: matter.stage,
            attributes: Some(matter.attributes),
            normalised: Some(matter.normalised),
            unknown: Some(matter.unknown),
            owner_id: Some(matter.owner_id.0),
            parent_id: matter.parent_id.map(|id| id.0),
            state: matter.state.as_str(),
            created_at: matter.created_at,
            updated_at: matter.updated_at,
        }
    }
}

impl MatterBody {
    /// What a client may see of it: nothing of related matters, and nothing that staff noted.
    fn for_client(matter: Matter) -> Self {
        Self {
            attributes: None,
            normalised: None,
            unknown: None,
            owner_id: None,
            parent_id: None,
            ..Self::from(matter)
        }
    }
}

/// A matter in a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatterItem {
    #[serde(flatten)]
    matter: MatterBody,
    /// The client's own workspace on it. Clients only.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_id: Option<Uuid>,
    /// What only staff see.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    staff: Option<MatterSummaryBody>,
}

/// What a list shows staff of a matter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatterSummaryBody {
    owner_name: String,
    /// The name of its principal, or of its first participant.
    client_name: Option<String>,
    /// Its requests by state, over all its clients.
    requests: CountsBody,
    /// How many documents wait for review.
    to_review: u64,
    /// The earliest date at which something outstanding is due.
    next_due_on: Option<IsoDate>,
}

impl From<MatterSummary> for MatterItem {
    fn from(summary: MatterSummary) -> Self {
        Self {
            matter: summary.matter.into(),
            access_id: None,
            staff: Some(MatterSummaryBody {
                owner_name: summary.owner_name,
                client_name: summary.client_name,
                requests: summary.requests.into(),
                to_review: summary.to_review,
                next_due_on: summary.next_due_on.map(IsoDate),
            }),
        }
    }
}

/// A matter as it was saved, and what that brought about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatterChangeBody {
    #[serde(flatten)]
    matter: MatterBody,
    effects: EffectsBody,
}

impl From<MatterChange> for MatterChangeBody {
    fn from(change: MatterChange) -> Self {
        Self {
            matter: change.matter.into(),
            effects: change.effects.into(),
        }
    }
}

fn changed(change: MatterChange) -> ETagged<MatterChangeBody> {
    ETagged::new(change.matter.version, change.into())
}

fn tagged(matter: Matter) -> ETagged<MatterBody> {
    ETagged::new(matter.version, matter.into())
}

/// What is known of a matter. In a `PATCH`, fields that are left out stay and null empties one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::option_option, reason = "absent and null say different things")]
pub(crate) struct MatterInput {
    /// Its number in the practice; no other matter has it. Needed; at most 60 characters.
    #[serde(deserialize_with = "given")]
    reference: Option<Option<String>>,
    /// Needed; at most 200 characters.
    #[serde(deserialize_with = "given")]
    title: Option<Option<String>>,
    /// As the system of record writes it.
    #[serde(deserialize_with = "given")]
    practice_area: Option<Option<String>>,
    /// As the system of record writes it.
    #[serde(deserialize_with = "given")]
    stage: Option<Option<String>>,
    /// Further attributes, at most 50. They replace those that are there.
    attributes: Option<BTreeMap<String, String>>,
    /// Who answers for it; the caller when a new matter names nobody.
    #[schema(value_type = Option<Uuid>)]
    owner_id: Option<StaffId>,
    /// The matter that it is part of.
    #[schema(value_type = Option<Uuid>)]
    #[serde(deserialize_with = "given")]
    parent_id: Option<Option<MatterId>>,
}

impl MatterInput {
    fn onto(self, mut draft: MatterDraft) -> MatterDraft {
        patched(&mut draft.reference, self.reference);
        patched(&mut draft.title, self.title);
        patched(&mut draft.practice_area, self.practice_area);
        patched(&mut draft.stage, self.stage);
        draft.attributes = self.attributes.unwrap_or(draft.attributes);
        draft.owner_id = self.owner_id.unwrap_or(draft.owner_id);
        draft.parent_id = self.parent_id.unwrap_or(draft.parent_id);
        draft
    }

    /// A matter from nothing, owned by the caller unless it says otherwise.
    fn into_draft(self, signed: &Signed) -> Result<MatterDraft, Problem> {
        let caller = signed.context().staff().map(|(id, _)| id);
        let owner_id = self.owner_id.or(caller).ok_or_else(Problem::not_found)?;
        Ok(self.onto(MatterDraft {
            reference: String::new(),
            title: String::new(),
            practice_area: String::new(),
            stage: String::new(),
            attributes: BTreeMap::new(),
            owner_id,
            parent_id: None,
        }))
    }
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum SortParam {
    Updated,
    Reference,
    Title,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MattersQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// `updated` (the default), `reference` or `title`.
    #[param(inline)]
    sort: Option<SortParam>,
    /// Words that reference, title, area, stage or a participant's name must contain.
    q: Option<String>,
    /// Only `open` or only `closed` ones.
    #[param(value_type = Option<String>)]
    state: Option<MatterState>,
    /// Only those that this staff member owns.
    #[param(value_type = Option<Uuid>)]
    owner_id: Option<StaffId>,
    /// Only those that this client takes part in.
    #[param(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
    /// Only the parts of this matter.
    #[param(value_type = Option<Uuid>)]
    parent_id: Option<MatterId>,
    /// Only those in this practice area, as written.
    practice_area: Option<String>,
    /// Only those in this stage, as written.
    stage: Option<String>,
    /// Only those with documents that wait for review.
    to_review: Option<bool>,
}

impl MattersQuery {
    fn filter(self) -> MatterFilter {
        MatterFilter {
            q: self.q,
            state: self.state,
            owner: self.owner_id,
            visible_to: None,
            practice_area: self.practice_area,
            stage: self.stage,
            client: self.client_id,
            parent: self.parent_id,
            to_review: self.to_review.unwrap_or(false),
        }
    }
}

/// The matters that the caller may see. For a client: those on which they have an active portal access, all in one part.
#[utoipa::path(get, path = "/matters", tag = "matters", params(MattersQuery),
    responses((status = 200, body = Listed<MatterItem>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<MattersQuery>,
) -> Result<Json<Listed<MatterItem>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    if signed.context().client().is_some() {
        let workspaces = portal.workspaces(signed.context()).await?;
        let item = |workspace: portal_core::access::Workspace| MatterItem {
            matter: MatterBody::for_client(workspace.matter),
            access_id: Some(workspace.access.id.0),
            staff: None,
        };
        return Ok(Json(Listed::whole(workspaces.into_iter().map(item).collect())));
    }
    let sort = match query.sort {
        None | Some(SortParam::Updated) => MatterSort::Updated,
        Some(SortParam::Reference) => MatterSort::Reference,
        Some(SortParam::Title) => MatterSort::Title,
    };
    let page = portal
        .matters(signed.context(), &query.filter(), sort, &page)
        .await?;
    Ok(Json(Listed::present(page, MatterItem::from)))
}

/// Opens a matter. Its values are normalised, and the workflows that match it are applied.
#[utoipa::path(post, path = "/matters", tag = "matters", request_body = MatterInput,
    responses((status = 201, body = MatterChangeBody), Failures))]
async fn open(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<MatterInput>,
) -> Result<ETagged<MatterChangeBody>, Problem> {
    let draft = input.into_draft(&signed)?;
    Ok(created(
        &portal,
        portal.open_matter_with_effects(signed.context(), &draft).await?,
    ))
}

fn created(portal: &Portal, change: MatterChange) -> ETagged<MatterChangeBody> {
    let location = portal.url(&format!("/api/v1/matters/{}", change.matter.id));
    ETagged::created(change.matter.version, location, change.into())
}

/// One matter.
#[utoipa::path(get, path = "/matters/{id}", tag = "matters", params(("id" = Uuid, Path)),
    responses((status = 200, body = MatterBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<MatterId>,
) -> Result<ETagged<MatterBody>, Problem> {
    if signed.context().client().is_some() {
        let workspaces = portal.workspaces(signed.context()).await?;
        let found = workspaces.into_iter().find(|workspace| workspace.matter.id == id);
        let matter = found.ok_or_else(Problem::not_found)?.matter;
        return Ok(ETagged::new(matter.version, MatterBody::for_client(matter)));
    }
    Ok(tagged(portal.matter(signed.context(), id).await?))
}

/// Changes what is known of a matter. When that changes which workflows match, what they ask for is asked, what none asks for
/// any more and nobody touched is withdrawn, and their messages are due; the answer says so.
#[utoipa::path(patch, path = "/matters/{id}", tag = "matters", params(("id" = Uuid, Path)), request_body = MatterInput,
    responses((status = 200, body = MatterChangeBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<MatterId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<MatterInput>,
) -> Result<ETagged<MatterChangeBody>, Problem> {
    let matter = portal.matter(signed.context(), id).await?;
    let draft = input.onto(matter.draft());
    // What stays is what was read here, so nothing that came in between may be overwritten.
    let expected = expected.or(Some(matter.version));
    Ok(changed(
        portal
            .update_matter_with_effects(signed.context(), id, expected, &draft)
            .await?,
    ))
}

/// Opens the matter with this reference, or changes it to exactly what is sent. For the system of record; safe to repeat.
#[utoipa::path(put, path = "/matters/by-reference/{reference}", tag = "matters", params(("reference" = String, Path)),
    request_body = MatterInput,
    responses((status = 200, body = MatterChangeBody), (status = 201, body = MatterChangeBody), Failures))]
async fn save_by_reference(
    signed: Signed,
    State(portal): State<Portal>,
    Path(reference): Path<String>,
    Json(mut input): Json<MatterInput>,
) -> Result<Response, Problem> {
    match input.reference.take().flatten() {
        Some(other) if other != reference => {
            let text = "This is not the reference in the address. Leave it out, or change it with PATCH.";
            return Err(Problem::field("reference", "mismatch", text));
        }
        _ => input.reference = Some(Some(reference)),
    }
    let draft = input.into_draft(&signed)?;
    let (saved, change) = portal
        .save_matter_by_reference(signed.context(), &draft, false)
        .await?;
    Ok(match saved {
        Saved::Created => created(&portal, change).into_response(),
        Saved::Updated | Saved::Unchanged => (StatusCode::OK, changed(change)).into_response(),
    })
}

/// Closes a matter: its portal accesses close with it.
#[utoipa::path(post, path = "/matters/{id}/close", tag = "matters", params(("id" = Uuid, Path)),
    responses((status = 200, body = MatterBody), Failures))]
async fn close(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<MatterId>,
) -> Result<ETagged<MatterBody>, Problem> {
    Ok(tagged(portal.close_matter(signed.context(), id).await?))
}

/// Reopens a matter. Its portal accesses stay closed until each is restored.
#[utoipa::path(post, path = "/matters/{id}/reopen", tag = "matters", params(("id" = Uuid, Path)),
    responses((status = 200, body = MatterBody), Failures))]
async fn reopen(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<MatterId>,
) -> Result<ETagged<MatterBody>, Problem> {
    Ok(tagged(portal.reopen_matter(signed.context(), id).await?))
}
