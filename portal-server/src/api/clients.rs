//! Clients.

use axum::extract::State;
use portal_core::audit::Erased;
use portal_core::client::{Client, ClientDraft, ClientFilter};
use portal_core::{ClientId, Portal, Timestamp};
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
        .routes(routes!(deactivate))
        .routes(routes!(reactivate))
        .routes(routes!(erase))
}

/// A person the practice serves.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClientBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    reference: Option<String>,
    given_names: String,
    family_name: String,
    /// The full name, given names first.
    name: String,
    email: Option<String>,
    /// E.164.
    #[schema(example = "+61412345678")]
    phone: Option<String>,
    date_of_birth: Option<IsoDate>,
    nationality: Option<String>,
    passport_number: Option<String>,
    passport_issued_on: Option<IsoDate>,
    passport_expires_on: Option<IsoDate>,
    /// BCP 47.
    language: Option<String>,
    /// Where they live (IANA); null: in the practice's. Quiet hours of messages are reckoned in it.
    #[schema(example = "Europe/London")]
    time_zone: Option<String>,
    active: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Client> for ClientBody {
    fn from(client: Client) -> Self {
        Self {
            id: client.id.0,
            version: client.version.0,
            name: client.name(),
            reference: client.reference,
            given_names: client.given_names,
            family_name: client.family_name,
            email: client.email.map(String::from),
            phone: client.phone.map(String::from),
            date_of_birth: client.date_of_birth.map(IsoDate),
            nationality: client.nationality,
            passport_number: client.passport.number,
            passport_issued_on: client.passport.issued_on.map(IsoDate),
            passport_expires_on: client.passport.expires_on.map(IsoDate),
            language: client.language,
            time_zone: client.time_zone,
            active: client.active,
            created_at: client.created_at,
            updated_at: client.updated_at,
        }
    }
}

fn tagged(client: Client) -> ETagged<ClientBody> {
    ETagged::new(client.version, client.into())
}

/// What is known of a client. In a `PATCH`, fields that are left out stay and null empties one.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::option_option, reason = "absent and null say different things")]
pub(crate) struct ClientInput {
    /// Their number in the practice's own system; no other client has it. At most 60 characters.
    #[serde(deserialize_with = "given")]
    reference: Option<Option<String>>,
    /// Given names, as in their passport. Needed; at most 120 characters.
    #[serde(deserialize_with = "given")]
    given_names: Option<Option<String>>,
    /// Family name; none for people who have one name only.
    #[serde(deserialize_with = "given")]
    family_name: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    email: Option<Option<String>>,
    /// As people write it; without a country code it is read as dialled in the practice's country.
    #[serde(deserialize_with = "given")]
    phone: Option<Option<String>>,
    #[schema(example = "1990-05-17")]
    #[serde(deserialize_with = "given")]
    date_of_birth: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    nationality: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    passport_number: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    passport_issued_on: Option<Option<String>>,
    #[serde(deserialize_with = "given")]
    passport_expires_on: Option<Option<String>>,
    /// BCP 47.
    #[serde(deserialize_with = "given")]
    language: Option<Option<String>>,
    /// IANA; null for the practice's.
    #[schema(example = "Europe/London")]
    #[serde(deserialize_with = "given")]
    time_zone: Option<Option<String>>,
}

impl ClientInput {
    fn onto(self, mut draft: ClientDraft) -> ClientDraft {
        patched(&mut draft.reference, self.reference);
        patched(&mut draft.given_names, self.given_names);
        patched(&mut draft.family_name, self.family_name);
        patched(&mut draft.email, self.email);
        patched(&mut draft.phone, self.phone);
        patched(&mut draft.date_of_birth, self.date_of_birth);
        patched(&mut draft.nationality, self.nationality);
        patched(&mut draft.passport_number, self.passport_number);
        patched(&mut draft.passport_issued_on, self.passport_issued_on);
        patched(&mut draft.passport_expires_on, self.passport_expires_on);
        patched(&mut draft.language, self.language);
        patched(&mut draft.time_zone, self.time_zone);
        draft
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ClientsQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Words that name, reference, email or phone must contain.
    q: Option<String>,
}

/// Clients, by name.
#[utoipa::path(get, path = "/clients", tag = "clients", params(ClientsQuery),
    responses((status = 200, body = Listed<ClientBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<ClientsQuery>,
) -> Result<Json<Listed<ClientBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let filter = ClientFilter { q: query.q };
    let page = portal.clients(signed.context(), &filter, &page).await?;
    Ok(Json(Listed::present(page, ClientBody::from)))
}

/// Adds a client.
#[utoipa::path(post, path = "/clients", tag = "clients", request_body = ClientInput,
    responses((status = 201, body = ClientBody), Failures))]
async fn add(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<ClientInput>,
) -> Result<ETagged<ClientBody>, Problem> {
    let draft = input.onto(ClientDraft::default());
    let client = portal.add_client(signed.context(), &draft).await?;
    let location = portal.url(&format!("/api/v1/clients/{}", client.id));
    Ok(ETagged::created(client.version, location, client.into()))
}

/// One client: for staff, or the client themselves.
#[utoipa::path(get, path = "/clients/{id}", tag = "clients", params(("id" = Uuid, Path)),
    responses((status = 200, body = ClientBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ClientId>,
) -> Result<ETagged<ClientBody>, Problem> {
    Ok(tagged(portal.client(signed.context(), id).await?))
}

/// Changes what is known of a client.
#[utoipa::path(patch, path = "/clients/{id}", tag = "clients", params(("id" = Uuid, Path)), request_body = ClientInput,
    responses((status = 200, body = ClientBody), Failures))]
async fn change(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ClientId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<ClientInput>,
) -> Result<ETagged<ClientBody>, Problem> {
    let client = portal.client(signed.context(), id).await?;
    let draft = input.onto(client.draft());
    // What stays is what was read here, so nothing that came in between may be overwritten.
    let expected = expected.or(Some(client.version));
    Ok(tagged(
        portal
            .update_client(signed.context(), id, expected, &draft)
            .await?,
    ))
}

/// Ends a client's use of the portal: all their sessions end at once.
#[utoipa::path(post, path = "/clients/{id}/deactivate", tag = "clients", params(("id" = Uuid, Path)),
    responses((status = 200, body = ClientBody), Failures))]
async fn deactivate(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ClientId>,
) -> Result<ETagged<ClientBody>, Problem> {
    Ok(tagged(
        portal.set_client_active(signed.context(), id, false).await?,
    ))
}

/// Lets a client use the portal again.
#[utoipa::path(post, path = "/clients/{id}/reactivate", tag = "clients", params(("id" = Uuid, Path)),
    responses((status = 200, body = ClientBody), Failures))]
async fn reactivate(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ClientId>,
) -> Result<ETagged<ClientBody>, Problem> {
    Ok(tagged(
        portal.set_client_active(signed.context(), id, true).await?,
    ))
}

/// What erasing is confirmed with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErasureInput {
    /// The client's reference once more, or the name of one who has none.
    #[schema(example = "C-1001")]
    confirm: String,
}

/// What was erased, and what was left.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ErasedBody {
    /// In how many entries of the trail something was erased.
    entries: u64,
    /// How many entries tell of the client and are not sealed yet, which takes a second or so. They are left: ask again.
    unsealed: u64,
    /// How many approvals the client answered. The evidence of each is kept whole, as the record of a legal act (GDPR, Article
    /// 17(3)(e)).
    evidence_kept: u64,
}

impl From<Erased> for ErasedBody {
    fn from(erased: Erased) -> Self {
        Self {
            entries: erased.entries,
            unsealed: erased.unsealed,
            evidence_kept: erased.evidence_kept,
        }
    }
}

/// Erases a client's personal data from the audit trail, for good.
///
/// For owners and admins. Gone is from where the client acted, from where anybody asked for a link to their workspaces or failed to
/// come in, and every detail of what they did or of what was done to their own record; each entry stays in its place, and every
/// proof holds. The evidence of what they approved or declined is kept, and so are their record, documents and messages. Asked
/// again when all is done, it erases nothing and answers 0.
#[utoipa::path(post, path = "/clients/{id}/erase-from-audit", tag = "clients", params(("id" = Uuid, Path)),
    request_body = ErasureInput, responses((status = 200, body = ErasedBody), Failures))]
async fn erase(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ClientId>,
    Json(input): Json<ErasureInput>,
) -> Result<Json<ErasedBody>, Problem> {
    let erased = portal.erase_client(signed.context(), id, &input.confirm).await?;
    Ok(Json(erased.into()))
}
