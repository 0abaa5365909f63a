//! The audit trail.

use axum::extract::State;
use portal_core::audit::{AuditEntry, AuditFilter};
use portal_core::{MatterId, Portal, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::Failures;
use crate::error::Problem;
use crate::extract::{Json, Listed, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Who did what, from where, and when.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditBody {
    id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `staff`, `client`, `system` or `anyone`.
    actor_kind: String,
    /// The staff member who acted, also while previewing as a client.
    staff_id: Option<Uuid>,
    /// The client who acted, or as whom staff looked.
    client_id: Option<Uuid>,
    /// Which part of the portal acted, when no person did.
    system: Option<String>,
    #[schema(example = "access.revoked")]
    action: String,
    subject_kind: String,
    subject_id: Uuid,
    matter_id: Option<Uuid>,
    #[schema(value_type = Object)]
    detail: Map<String, Value>,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
}

impl From<AuditEntry> for AuditBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.0,
            at: entry.at,
            actor_kind: entry.actor_kind,
            staff_id: entry.staff_id.map(|id| id.0),
            client_id: entry.client_id.map(|id| id.0),
            system: entry.system,
            action: entry.action,
            subject_kind: entry.subject_kind,
            subject_id: entry.subject_id,
            matter_id: entry.matter_id.map(|id| id.0),
            detail: entry.detail,
            ip: entry.origin.ip.map(|ip| ip.to_string()),
            user_agent: entry.origin.user_agent,
            request_id: entry.origin.request_id,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Only what concerns this matter. Without it, the caller must be allowed to read the whole practice's.
    #[param(value_type = Option<Uuid>)]
    matter_id: Option<MatterId>,
    /// Only what was done to this record.
    subject_id: Option<Uuid>,
    /// Only this action, such as `access.revoked`.
    action: Option<String>,
}

/// The audit trail, the newest entry first.
#[utoipa::path(get, path = "/audit", tag = "audit", params(AuditQuery),
    responses((status = 200, body = Listed<AuditBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<Listed<AuditBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let filter = AuditFilter {
        matter: query.matter_id,
        subject: query.subject_id,
        action: query.action,
    };
    let page = portal.audit_entries(signed.context(), &filter, &page).await?;
    Ok(Json(Listed::present(page, AuditBody::from)))
}
