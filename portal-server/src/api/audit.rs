//! The audit trail.

use std::net::IpAddr;

use axum::extract::State;
use axum::response::Response;
use portal_core::audit::export::AuditProof;
use portal_core::audit::{AuditEntry, AuditFilter, AuditKey, AuditTree};
use portal_core::{AuditId, ClientId, Error, MatterId, NoRule, Portal, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::Failures;
use crate::error::Problem;
use crate::extract::{Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(checkpoint))
        .routes(routes!(keys))
        .routes(routes!(proof))
}

/// What takes as long as it takes.
pub(super) fn transfers() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(export))
        .routes(routes!(spreadsheet))
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
    /// Only what this staff member did, also while previewing as a client.
    #[param(value_type = Option<Uuid>)]
    staff_id: Option<StaffId>,
    /// Only what this client did, or staff who looked as them.
    #[param(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
    /// Only what came from this address.
    #[param(value_type = Option<String>)]
    ip: Option<IpAddr>,
    /// Only what happened then or later.
    #[param(value_type = Option<String>)]
    from: Option<Timestamp>,
    /// Only what happened before.
    #[param(value_type = Option<String>)]
    until: Option<Timestamp>,
}

/// The audit trail, the newest entry first. All filters must hold.
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
        staff: query.staff_id,
        client: query.client_id,
        ip: query.ip,
        from: query.from,
        until: query.until,
    };
    let page = portal.audit_entries(signed.context(), &filter, &page).await?;
    Ok(Json(Listed::present(page, AuditBody::from)))
}

/// The signed head of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CheckpointBody {
    /// What the trail's tree is called; it ends with the practice's id.
    origin: String,
    /// How many entries are sealed.
    size: u64,
    /// The root over them, in hexadecimal.
    root: String,
    /// The signed checkpoint: a C2SP checkpoint. Keep it, as it is, where the practice cannot reach it.
    checkpoint: String,
    /// The public key that verifies it, as a C2SP verifier key.
    key: String,
    #[schema(value_type = String, format = DateTime)]
    signed_at: Timestamp,
}

impl From<AuditTree> for CheckpointBody {
    fn from(tree: AuditTree) -> Self {
        Self {
            origin: tree.origin,
            size: tree.size,
            root: tree.root.to_string(),
            checkpoint: tree.note,
            key: tree.key,
            signed_at: tree.signed_at,
        }
    }
}

/// What the audit trail stands at, signed: whoever keeps it can tell later whether anything before it was changed.
/// 404 before anything was sealed, which takes a second or so.
#[utoipa::path(get, path = "/audit/checkpoint", tag = "audit",
    responses((status = 200, body = CheckpointBody), Failures))]
async fn checkpoint(signed: Signed, State(portal): State<Portal>) -> Result<Json<CheckpointBody>, Problem> {
    let tree = portal.audit_checkpoint(signed.context()).await?;
    let tree = tree.ok_or(Error::<NoRule>::NotFound("checkpoint"))?;
    Ok(Json(tree.into()))
}

/// A public key by which checkpoints are believed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditKeyBody {
    /// A C2SP verifier key: `name+id+key`.
    key: String,
    /// How many entries the trail had when it signed for the first time; `null` when it signed nothing that was kept.
    since_size: Option<u64>,
    /// When that was.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
}

impl From<AuditKey> for AuditKeyBody {
    fn from(it: AuditKey) -> Self {
        Self {
            key: it.key.to_string(),
            since_size: it.since.map(|(size, _)| size),
            since: it.since.map(|(_, at)| at),
        }
    }
}

/// The public keys by which checkpoints are believed: the previous ones, and last the one that signs now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditKeysBody {
    items: Vec<AuditKeyBody>,
}

/// The public keys that verify the audit trail's checkpoints: the previous ones as the server's configuration names them
/// (`audit.previous_keys`), and last the one that signs now. Keep them elsewhere: whoever gets key and export from the same hand can
/// be shown anything.
#[utoipa::path(get, path = "/audit/keys", tag = "audit",
    responses((status = 200, body = AuditKeysBody), Failures))]
async fn keys(signed: Signed, State(portal): State<Portal>) -> Result<Json<AuditKeysBody>, Problem> {
    let keys = portal.audit_keys(signed.context()).await?;
    let items = keys.into_iter().map(Into::into).collect();
    Ok(Json(AuditKeysBody { items }))
}

/// That one entry stands in the trail; `portal-server verify-audit` checks it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProofBody {
    /// `portal-audit-proof/1`.
    format: String,
    /// The entry: a line of an export, as text.
    entry: String,
    /// The hashes on the way up, in hexadecimal.
    path: Vec<String>,
    /// The signed checkpoint.
    checkpoint: String,
}

impl From<AuditProof> for ProofBody {
    fn from(proof: AuditProof) -> Self {
        Self {
            format: proof.format,
            entry: proof.entry,
            path: proof.path.iter().map(ToString::to_string).collect(),
            checkpoint: proof.checkpoint,
        }
    }
}

/// The proof that an entry stands in the trail, under its newest checkpoint. 404 until it is sealed.
#[utoipa::path(get, path = "/audit/{id}/proof", tag = "audit", params(("id" = Uuid, Path)),
    responses((status = 200, body = ProofBody), Failures))]
async fn proof(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<AuditId>,
) -> Result<Json<ProofBody>, Problem> {
    let proof = portal.audit_entry_proof(signed.context(), id).await?;
    Ok(Json(proof.into()))
}

/// Every sealed entry in its place with the signed checkpoints, as JSON Lines that anybody can check with
/// `portal-server verify-audit`. It leaves an entry itself.
#[utoipa::path(get, path = "/audit/export.jsonl", tag = "audit",
    responses((status = 200, content((String = "application/jsonl"))), Failures))]
async fn export(signed: Signed, State(portal): State<Portal>) -> Result<Response, Problem> {
    Ok(crate::transfer::audit::lines(&portal, signed.context()).await?)
}

/// The sealed entries as a CSV file for spreadsheets. No value is a formula. It leaves an entry itself.
#[utoipa::path(get, path = "/audit/export.csv", tag = "audit",
    responses((status = 200, content((String = "text/csv"))), Failures))]
async fn spreadsheet(signed: Signed, State(portal): State<Portal>) -> Result<Response, Problem> {
    Ok(crate::transfer::audit::csv(&portal, signed.context()).await?)
}
