//! Portal access: who may enter which workspace.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use portal_core::access::PortalAccess;
use portal_core::client::Client;
use portal_core::{AccessId, ClientId, Ids, Locator, MatterId, Portal, RandomIds, Secret, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::auth::{TokensBody, tokens};
use super::values::Failures;
use crate::cookies;
use crate::error::Problem;
use crate::extract::{ETagged, Json, Listed, Path, RequestOrigin, Signed};
use crate::layers::NotRepeated;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, enable))
        .routes(routes!(get))
        .routes(routes!(invite))
        .routes(routes!(revoke))
        .routes(routes!(restore))
        .routes(routes!(preview))
        .routes(routes!(request_link))
}

/// One client's workspace on one matter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessBody {
    id: Uuid,
    /// How often the record was saved.
    version: i64,
    matter_id: Uuid,
    client_id: Uuid,
    #[schema(example = "active")]
    state: &'static str,
    /// The workspace's address. It identifies the workspace and opens nothing by itself.
    url: String,
    /// When it was last invited to.
    #[schema(value_type = Option<String>, format = DateTime)]
    invited_at: Option<Timestamp>,
    /// When its client first signed in through it.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_entered_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl AccessBody {
    fn new(portal: &Portal, access: &PortalAccess) -> Self {
        Self {
            id: access.id.0,
            version: access.version.0,
            matter_id: access.matter_id.0,
            client_id: access.client_id.0,
            state: access.state.as_str(),
            url: portal.portal_url(access),
            invited_at: access.invited_at,
            first_entered_at: access.first_entered_at,
            created_at: access.created_at,
            updated_at: access.updated_at,
        }
    }
}

/// A workspace in a list, with its client's name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AccessItem {
    #[serde(flatten)]
    access: AccessBody,
    client_name: String,
}

fn tagged(portal: &Portal, access: &PortalAccess) -> ETagged<AccessBody> {
    ETagged::new(access.version, AccessBody::new(portal, access))
}

/// Whose workspace is enabled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnableInput {
    /// A participant of the matter.
    #[schema(value_type = Uuid)]
    client_id: ClientId,
    /// Whether a mail with a sign-in link goes out as well; yes by default.
    #[serde(default = "yes")]
    invite: bool,
}

const fn yes() -> bool {
    true
}

/// The workspaces on a matter, oldest first.
#[utoipa::path(get, path = "/matters/{id}/portal-accesses", tag = "portal access", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listed<AccessItem>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
) -> Result<Json<Listed<AccessItem>>, Problem> {
    let accesses = portal.accesses(signed.context(), matter).await?;
    let item = |(access, client): (PortalAccess, Client)| AccessItem {
        access: AccessBody::new(&portal, &access),
        client_name: client.name(),
    };
    Ok(Json(Listed::whole(accesses.into_iter().map(item).collect())))
}

/// Enables a client's workspace on a matter.
#[utoipa::path(post, path = "/matters/{id}/portal-accesses", tag = "portal access", params(("id" = Uuid, Path)),
    request_body = EnableInput, responses((status = 201, body = AccessBody), Failures))]
async fn enable(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Json(input): Json<EnableInput>,
) -> Result<ETagged<AccessBody>, Problem> {
    let ctx = signed.context();
    let access = portal
        .enable_access(ctx, matter, input.client_id, input.invite)
        .await?;
    let location = portal.url(&format!("/api/v1/portal-accesses/{}", access.id));
    Ok(ETagged::created(
        access.version,
        location,
        AccessBody::new(&portal, &access),
    ))
}

/// One workspace.
#[utoipa::path(get, path = "/portal-accesses/{id}", tag = "portal access", params(("id" = Uuid, Path)),
    responses((status = 200, body = AccessBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<AccessId>,
) -> Result<ETagged<AccessBody>, Problem> {
    let ctx = signed.context();
    let workspace = match ctx.client() {
        Some(_) => portal.workspace(ctx, id).await?,
        None => portal.access(ctx, id).await?,
    };
    Ok(tagged(&portal, &workspace.access))
}

/// Sends the client a mail with a sign-in link.
#[utoipa::path(post, path = "/portal-accesses/{id}/invite", tag = "portal access", params(("id" = Uuid, Path)),
    responses((status = 200, body = AccessBody), Failures))]
async fn invite(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<AccessId>,
) -> Result<ETagged<AccessBody>, Problem> {
    let access = portal.invite(signed.context(), id).await?;
    Ok(tagged(&portal, &access))
}

/// Shuts the client out at once: sessions, open pages and signed download addresses end.
#[utoipa::path(post, path = "/portal-accesses/{id}/revoke", tag = "portal access", params(("id" = Uuid, Path)),
    responses((status = 200, body = AccessBody), Failures))]
async fn revoke(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<AccessId>,
) -> Result<ETagged<AccessBody>, Problem> {
    let access = portal.revoke_access(signed.context(), id).await?;
    Ok(tagged(&portal, &access))
}

/// Lets the client in again. They need a new sign-in link.
#[utoipa::path(post, path = "/portal-accesses/{id}/restore", tag = "portal access", params(("id" = Uuid, Path)),
    responses((status = 200, body = AccessBody), Failures))]
async fn restore(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<AccessId>,
) -> Result<ETagged<AccessBody>, Problem> {
    let access = portal.restore_access(signed.context(), id).await?;
    Ok(tagged(&portal, &access))
}

/// Opens a session in which a staff member sees the workspace as its client does, and can change nothing.
#[utoipa::path(post, path = "/portal-accesses/{id}/preview", tag = "portal access", params(("id" = Uuid, Path)),
    responses((status = 200, body = TokensBody), Failures))]
async fn preview(
    signed: Signed,
    State(state): State<AppState>,
    Path(id): Path<AccessId>,
) -> Result<Response, Problem> {
    let signed_in = state.portal().preview(signed.context(), id).await?;
    let mut response = tokens(&state, &signed_in)?.into_response();
    response.extensions_mut().insert(NotRepeated);
    Ok(response)
}

/// A client asks for a sign-in link. The answer is the same whatever becomes of it.
#[utoipa::path(post, path = "/portal/{access_id}/request-link", tag = "portal access", security(()),
    params(("access_id" = String, Path, description = "The last part of the workspace's address")),
    responses((status = 202, description = "Noted. A mail follows if it may."), Failures))]
async fn request_link(
    State(state): State<AppState>,
    RequestOrigin(origin): RequestOrigin,
    Path(workspace): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let mut response = StatusCode::ACCEPTED.into_response();
    let known = cookies::browser(&headers, state.public_url());
    let browser = known.unwrap_or_else(|| {
        let secret = Secret::new(RandomIds.random());
        cookies::set_browser(response.headers_mut(), state.public_url(), &secret);
        secret.digest()
    });
    // What is no locator names no workspace, which is nobody's business either.
    if let Ok(workspace) = workspace.parse::<Locator>() {
        state
            .portal()
            .ask_for_link(workspace, Some(browser), origin)
            .await?;
    }
    Ok(response)
}
