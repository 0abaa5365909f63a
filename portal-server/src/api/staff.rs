//! Staff.

use axum::extract::State;
use portal_core::identity::{NewStaffMember, StaffMember};
use portal_core::{Portal, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::Typed;
use super::values::{Failures, word};
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(get, change))
}

/// Someone who works for the practice.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StaffBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    name: String,
    email: String,
    #[schema(example = "manager")]
    role: &'static str,
    /// Whether they may sign in.
    active: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// A member of a matter's team.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ColleagueBody {
    id: Uuid,
    name: String,
    email: String,
    #[schema(example = "member")]
    role: &'static str,
}

impl From<StaffMember> for StaffBody {
    fn from(staff: StaffMember) -> Self {
        Self {
            id: staff.id.0,
            version: staff.version.0,
            name: staff.name,
            email: staff.email.into(),
            role: staff.role.as_str(),
            active: staff.active,
            created_at: staff.created_at,
        }
    }
}

impl From<StaffMember> for ColleagueBody {
    fn from(staff: StaffMember) -> Self {
        Self {
            id: staff.id.0,
            name: staff.name,
            email: staff.email.into(),
            role: staff.role.as_str(),
        }
    }
}

fn tagged(staff: StaffMember) -> ETagged<StaffBody> {
    ETagged::new(staff.version, staff.into())
}

/// A new staff member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStaffInput {
    name: String,
    email: String,
    /// `owner`, `admin`, `manager`, `member` or `auditor`.
    role: String,
    /// 12 to 200 characters.
    #[schema(format = Password)]
    password: Typed,
}

/// What changes about a staff member.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StaffInput {
    /// `owner`, `admin`, `manager`, `member` or `auditor`.
    role: Option<String>,
    /// Whether they may sign in. Their sessions end when they may not.
    active: Option<bool>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct StaffQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
}

/// The practice's staff, by name.
#[utoipa::path(get, path = "/staff", tag = "staff", params(StaffQuery),
    responses((status = 200, body = Listed<StaffBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<StaffQuery>,
) -> Result<Json<Listed<StaffBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let page = portal.staff(signed.context(), &page).await?;
    Ok(Json(Listed::present(page, StaffBody::from)))
}

/// Adds a staff member. Only an owner can add another owner.
#[utoipa::path(post, path = "/staff", tag = "staff", request_body = NewStaffInput,
    responses((status = 201, body = StaffBody), Failures))]
async fn add(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<NewStaffInput>,
) -> Result<ETagged<StaffBody>, Problem> {
    let new = NewStaffMember {
        name: input.name,
        email: input.email,
        role: word(input.role.parse())?,
        password: input.password.0,
    };
    let staff = portal.add_staff(signed.context(), new).await?;
    let location = portal.url(&format!("/api/v1/staff/{}", staff.id));
    Ok(ETagged::created(staff.version, location, staff.into()))
}

/// One staff member.
#[utoipa::path(get, path = "/staff/{id}", tag = "staff", params(("id" = Uuid, Path)),
    responses((status = 200, body = StaffBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<StaffId>,
) -> Result<ETagged<StaffBody>, Problem> {
    Ok(tagged(portal.staff_member(signed.context(), id).await?))
}

/// Gives a staff member another role, or lets them sign in or not.
#[utoipa::path(patch, path = "/staff/{id}", tag = "staff", params(("id" = Uuid, Path)), request_body = StaffInput,
    responses((status = 200, body = StaffBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<StaffId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<StaffInput>,
) -> Result<ETagged<StaffBody>, Problem> {
    let staff = portal.staff_member(signed.context(), id).await?;
    let role = input.role.map_or(Ok(staff.role), |role| word(role.parse()))?;
    let active = input.active.unwrap_or(staff.active);
    let expected = expected.or(Some(staff.version));
    Ok(tagged(
        portal
            .update_staff(signed.context(), id, expected, (role, active))
            .await?,
    ))
}
