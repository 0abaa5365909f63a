//! Who takes part in a matter, and who works on it.

use axum::extract::State;
use axum::http::StatusCode;
use portal_core::client::{Client, Saved};
use portal_core::matter::{Part, Participant};
use portal_core::{ClientId, MatterId, Portal, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::staff::ColleagueBody;
use super::values::{Failures, word};
use crate::error::Problem;
use crate::extract::{Json, Listed, Path, Signed};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(participants, add_participant))
        .routes(routes!(remove_participant))
        .routes(routes!(team))
        .routes(routes!(join_team, leave_team))
}

/// A client's part in a matter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ParticipantBody {
    id: Uuid,
    client_id: Uuid,
    name: String,
    #[schema(example = "principal")]
    part: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

fn body((participant, client): (Participant, Client)) -> ParticipantBody {
    ParticipantBody {
        id: participant.id.0,
        client_id: participant.client_id.0,
        name: client.name(),
        part: participant.part.as_str(),
        created_at: participant.created_at,
    }
}

/// Who takes part, and as what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ParticipantInput {
    #[schema(value_type = Uuid)]
    client_id: ClientId,
    /// `principal`, `partner`, `dependant` or `contact`.
    part: String,
}

/// Who takes part in a matter.
#[utoipa::path(get, path = "/matters/{id}/participants", tag = "matters", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listed<ParticipantBody>), Failures))]
async fn participants(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
) -> Result<Json<Listed<ParticipantBody>>, Problem> {
    let participants = portal.participants(signed.context(), matter).await?;
    Ok(Json(Listed::whole(participants.into_iter().map(body).collect())))
}

/// Puts a client on a matter, or gives them another part.
#[utoipa::path(post, path = "/matters/{id}/participants", tag = "matters", params(("id" = Uuid, Path)),
    request_body = ParticipantInput,
    responses((status = 200, body = ParticipantBody), (status = 201, body = ParticipantBody), Failures))]
async fn add_participant(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Json(input): Json<ParticipantInput>,
) -> Result<(StatusCode, Json<ParticipantBody>), Problem> {
    let part: Part = word(input.part.parse())?;
    let ctx = signed.context();
    let (saved, participant) = portal.put_participant(ctx, matter, input.client_id, part).await?;
    let client = portal.client(ctx, input.client_id).await?;
    let status = match saved {
        Saved::Created => StatusCode::CREATED,
        Saved::Updated | Saved::Unchanged => StatusCode::OK,
    };
    Ok((status, Json(body((participant, client)))))
}

/// Takes a client off a matter. Refused while they have an active portal access on it.
#[utoipa::path(delete, path = "/matters/{id}/participants/{client_id}", tag = "matters",
    params(("id" = Uuid, Path), ("client_id" = Uuid, Path)), responses((status = 204), Failures))]
async fn remove_participant(
    signed: Signed,
    State(portal): State<Portal>,
    Path((matter, client)): Path<(MatterId, ClientId)>,
) -> Result<StatusCode, Problem> {
    portal
        .remove_participant(signed.context(), matter, client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who works on a matter beside its owner.
#[utoipa::path(get, path = "/matters/{id}/team", tag = "matters", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listed<ColleagueBody>), Failures))]
async fn team(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
) -> Result<Json<Listed<ColleagueBody>>, Problem> {
    let team = portal.team(signed.context(), matter).await?;
    Ok(Json(Listed::whole(
        team.into_iter().map(ColleagueBody::from).collect(),
    )))
}

/// Puts a staff member on a matter's team. Doing it twice is no error.
#[utoipa::path(put, path = "/matters/{id}/team/{staff_id}", tag = "matters",
    params(("id" = Uuid, Path), ("staff_id" = Uuid, Path)), responses((status = 204), Failures))]
async fn join_team(
    signed: Signed,
    State(portal): State<Portal>,
    Path((matter, staff)): Path<(MatterId, StaffId)>,
) -> Result<StatusCode, Problem> {
    portal
        .set_team_member(signed.context(), matter, staff, true)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a staff member off a matter's team. Doing it twice is no error.
#[utoipa::path(delete, path = "/matters/{id}/team/{staff_id}", tag = "matters",
    params(("id" = Uuid, Path), ("staff_id" = Uuid, Path)), responses((status = 204), Failures))]
async fn leave_team(
    signed: Signed,
    State(portal): State<Portal>,
    Path((matter, staff)): Path<(MatterId, StaffId)>,
) -> Result<StatusCode, Problem> {
    portal
        .set_team_member(signed.context(), matter, staff, false)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
