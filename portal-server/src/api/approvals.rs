//! Approvals: what clients are asked, what they answer, and what proves it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use portal_core::approval::{
    Answer, ApprovalDraft, ApprovalFilter, ApprovalItem, ApprovalKind, ApprovalState, Decision, Needed,
    Presented,
};
use portal_core::{ApprovalId, ClientId, Date, Digest, DocumentId, EvidenceId, MatterId, Portal, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::audit::ProofBody;
use super::evidence::{EvidenceListBody, evidence_list};
use super::values::{Failures, IsoDate};
use crate::certificate as certificates;
use crate::error::Problem;
use crate::extract::{ETagged, IfMatch, Json, Listed, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(ask))
        .routes(routes!(get))
        .routes(routes!(answer))
        .routes(routes!(answer_many))
        .routes(routes!(withdraw))
        .routes(routes!(evidence))
        .routes(routes!(certificate))
        .routes(routes!(certificate_json))
}

/// A version of a document that is shown with an approval.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttachedBody {
    document_id: Uuid,
    version_id: Uuid,
    /// The version's number, which `/documents/{id}/content` takes.
    number: u32,
    name: String,
    media_type: String,
    size: u64,
    /// The SHA-256 of its bytes, in hexadecimal.
    sha256: String,
}

/// What somebody answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnsweredBody {
    /// `approved` or `declined`.
    decision: &'static str,
    comment: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Somebody who is asked.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AskedBody {
    client_id: Uuid,
    name: String,
    /// Whether it waits for their answer now.
    waiting: bool,
    /// Null until they answered. Clients read the comments of nobody else.
    answered: Option<AnsweredBody>,
}

/// A question that clients must answer explicitly.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ApprovalBody {
    id: Uuid,
    /// How often the record was saved; `If-Match` takes it.
    version: i64,
    matter_id: Uuid,
    matter_reference: String,
    kind: &'static str,
    title: String,
    description: String,
    /// The versions that are shown, in order.
    documents: Vec<AttachedBody>,
    /// Who is asked, in order. Clients see themselves only.
    people: Vec<AskedBody>,
    /// Whose answer is needed: `all` or `any`.
    needed: &'static str,
    /// Whether people are asked one after the other.
    in_turn: bool,
    due_on: Option<IsoDate>,
    /// The last day on which it can be answered.
    expires_on: Option<IsoDate>,
    /// When that day ends.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    remind_every_days: Option<u32>,
    /// `open`, `approved`, `declined`, `expired`, `withdrawn` or `superseded`.
    state: &'static str,
    /// Why it was withdrawn; may be empty.
    reason: String,
    /// The SHA-256 of what is shown, in hexadecimal: an answer carries it as `shown`.
    shown: String,
    /// The approval whose place it took.
    replaces: Option<Uuid>,
    /// The approval that took its place.
    replaced_by: Option<Uuid>,
    asked_by: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl ApprovalBody {
    fn of(signed: &Signed, item: ApprovalItem) -> Self {
        let now = signed.context().at;
        let reader = signed.context().client();
        let state = item.approval.state_at(now).as_str();
        let shown = item.approval.shown_hash().to_string();
        let seen = |client: ClientId| reader.is_none_or(|reader| reader == client);
        let people = item.approval.people.iter().filter(|asked| seen(asked.client));
        let people = people.map(|asked| AskedBody {
            client_id: asked.client.0,
            name: item.name_of(asked.client).to_owned(),
            waiting: item.approval.waits_for(asked.client, now),
            answered: asked.answered.as_ref().map(|answered| AnsweredBody {
                decision: answered.decision.as_str(),
                comment: answered.comment.clone(),
                at: answered.at,
            }),
        });
        let people = people.collect();
        let approval = item.approval;
        let documents = approval.documents.into_iter().map(|attached| AttachedBody {
            document_id: attached.document.0,
            version_id: attached.version.0,
            number: attached.number,
            name: attached.name.to_string(),
            media_type: attached.media_type,
            size: attached.size,
            sha256: attached.sha256.to_string(),
        });
        let terms = approval.terms;
        Self {
            id: approval.id.0,
            version: approval.version.0,
            matter_id: approval.matter_id.0,
            matter_reference: item.matter_reference,
            kind: terms.kind.as_str(),
            title: terms.title,
            description: terms.description,
            documents: documents.collect(),
            people,
            needed: terms.needed.as_str(),
            in_turn: terms.in_turn,
            due_on: terms.due_on.map(IsoDate),
            expires_on: terms.expires_on.map(IsoDate),
            expires_at: terms.expires_at,
            remind_every_days: terms.remind_every_days,
            state,
            reason: approval.reason,
            shown,
            replaces: approval.replaces.map(|id| id.0),
            replaced_by: approval.replaced_by.map(|id| id.0),
            asked_by: item.asked_by,
            ended_at: approval.ended_at,
            created_at: approval.created_at,
            updated_at: approval.updated_at,
        }
    }
}

fn tagged(signed: &Signed, item: ApprovalItem) -> ETagged<ApprovalBody> {
    ETagged::new(item.approval.version, ApprovalBody::of(signed, item))
}

/// An approval as staff ask for it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AskInput {
    /// `draft`, `statement`, `evidence-bundle`, `declaration`, `authority-to-proceed`, `pre-lodgement-review`, `time-entry`,
    /// `expense`, `invoice` or `deliverable`.
    #[schema(value_type = String)]
    kind: ApprovalKind,
    /// The question in one line: 1 to 200 characters.
    title: String,
    /// What it is about, and what the answer means: at most 5,000 characters.
    #[serde(default)]
    description: String,
    /// Documents of the matter, in order: at most 50. Their newest versions are shown.
    #[schema(value_type = Vec<Uuid>)]
    #[serde(default)]
    documents: Vec<DocumentId>,
    /// Clients who take part in the matter and have active portal access, in order: 1 to 20.
    #[schema(value_type = Vec<Uuid>)]
    people: Vec<ClientId>,
    /// Whose answer is needed: `all` (the default) or `any`.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    needed: Needed,
    /// Whether people are asked one after the other, in their order.
    #[serde(default)]
    in_turn: bool,
    /// The day by which an answer is wished for.
    due_on: Option<IsoDate>,
    /// The last day on which it can be answered, in the practice's time zone.
    expires_on: Option<IsoDate>,
    /// After how many days those who have not answered are asked again, and again, ten times at most: 1 to 30.
    remind_every_days: Option<u32>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ApprovalsQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
    /// Whether to count the whole list as well.
    total: Option<bool>,
    /// Words in the title, the text, the kind or the names of the documents.
    q: Option<String>,
    /// `open`, `approved`, `declined`, `expired`, `withdrawn` or `superseded`.
    #[param(value_type = Option<String>)]
    state: Option<ApprovalState>,
    /// Only those of this kind.
    #[param(value_type = Option<String>)]
    kind: Option<ApprovalKind>,
    /// Only those on this matter. Clients must name one.
    #[param(value_type = Option<Uuid>)]
    matter_id: Option<MatterId>,
    /// Only those that this client is asked.
    #[param(value_type = Option<Uuid>)]
    client_id: Option<ClientId>,
    /// Only those asked at this time or later.
    #[param(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// Only those asked before this time.
    #[param(value_type = Option<String>, format = DateTime)]
    before: Option<Timestamp>,
}

/// Approvals, the newest first: for staff those on matters that they may see, for clients those that they are asked on the matter
/// that they name.
#[utoipa::path(get, path = "/approvals", tag = "approvals", params(ApprovalsQuery),
    responses((status = 200, body = Listed<ApprovalBody>), Failures))]
async fn list(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<ApprovalsQuery>,
) -> Result<Json<Listed<ApprovalBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), query.total)?;
    let ctx = signed.context();
    let filter = ApprovalFilter {
        matter: query.matter_id,
        client: query.client_id,
        state: query.state,
        kind: query.kind,
        q: query.q,
        since: query.since,
        before: query.before,
        ..ApprovalFilter::default()
    };
    let page = portal.approvals(ctx, &filter, &page).await?;
    Ok(Json(Listed::present(page, |item| {
        ApprovalBody::of(&signed, item)
    })))
}

/// Asks people on a matter to approve something.
#[utoipa::path(post, path = "/matters/{id}/approvals", tag = "approvals", params(("id" = Uuid, Path)),
    request_body = AskInput, responses((status = 201, body = ApprovalBody), Failures))]
async fn ask(
    signed: Signed,
    State(portal): State<Portal>,
    Path(matter): Path<MatterId>,
    Json(input): Json<AskInput>,
) -> Result<ETagged<ApprovalBody>, Problem> {
    let day = |day: Option<IsoDate>| -> Option<Date> { day.map(|IsoDate(date)| date) };
    let draft = ApprovalDraft {
        kind: input.kind,
        title: input.title,
        description: input.description,
        subject: None,
        documents: input.documents,
        people: input.people,
        needed: input.needed,
        in_turn: input.in_turn,
        due_on: day(input.due_on),
        expires_on: day(input.expires_on),
        remind_every_days: input.remind_every_days,
    };
    let item = portal.ask_approval(signed.context(), matter, &draft).await?;
    let location = portal.url(&format!("/api/v1/approvals/{}", item.approval.id));
    let version = item.approval.version;
    Ok(ETagged::created(
        version,
        location,
        ApprovalBody::of(&signed, item),
    ))
}

/// One approval: for staff who may see its matter, and for those who are asked once it is their turn.
#[utoipa::path(get, path = "/approvals/{id}", tag = "approvals", params(("id" = Uuid, Path)),
    responses((status = 200, body = ApprovalBody), Failures))]
async fn get(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ApprovalId>,
) -> Result<ETagged<ApprovalBody>, Problem> {
    let item = portal.approval(signed.context(), id).await?;
    Ok(tagged(&signed, item))
}

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AnswerInput {
    /// `approved` or `declined`.
    #[schema(value_type = String)]
    decision: Decision,
    /// At most 2,000 characters.
    #[serde(default)]
    comment: String,
    /// The approval's `shown` as it was read: what was looked at is what is answered.
    #[schema(value_type = String)]
    shown: Digest,
    /// The client's second factor, where the practice needs one: at most 4,096 characters.
    factor: Option<String>,
}

fn presented(factor: Option<&str>) -> Result<Option<Presented>, Problem> {
    let given = Presented::given(factor.unwrap_or_default());
    given.map_err(|wrong| Problem::field(wrong.field, wrong.code, wrong.message))
}

/// Answers an approval, as the client who is asked. Each person answers once; the evidence is written in the same commit. An
/// answer that carries another hash than what is shown is refused with `subject-changed`, and one to what was replaced meanwhile
/// with `superseded`; `replaced_by` of the approval leads on.
///
/// Where the practice needs a second factor (`settings.approval_factor_needed`), an answer without one is refused with 403
/// `factor-needed`, one that is wrong with 403 `wrong-factor`, and that of somebody who has none with 403 `no-factor-set-up`. What is sent
/// is checked whether or not it is needed; a server that has no second factor refuses with 403 `factor-not-offered`. Nothing is written
/// then. A code is only spent on an answer that could be taken otherwise.
#[utoipa::path(post, path = "/approvals/{id}/answer", tag = "approvals", params(("id" = Uuid, Path)),
    request_body = AnswerInput, responses((status = 200, body = ApprovalBody), Failures))]
async fn answer(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ApprovalId>,
    Json(input): Json<AnswerInput>,
) -> Result<ETagged<ApprovalBody>, Problem> {
    let answer = Answer {
        decision: input.decision,
        comment: input.comment,
        shown: input.shown,
    };
    let presented = presented(input.factor.as_deref())?;
    let item = portal
        .answer_approval(signed.context(), id, &answer, presented.as_ref())
        .await?;
    Ok(tagged(&signed, item))
}

/// One of several approvals that are answered alike.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManyItem {
    #[schema(value_type = Uuid)]
    id: ApprovalId,
    /// The approval's `shown` as it was read.
    #[schema(value_type = String)]
    shown: Digest,
}

/// Several answers with one decision and comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ManyInput {
    /// `approved` or `declined`.
    #[schema(value_type = String)]
    decision: Decision,
    /// At most 2,000 characters.
    #[serde(default)]
    comment: String,
    /// 1 to 50.
    items: Vec<ManyItem>,
    /// The client's second factor, where the practice needs one: the same for all of them.
    factor: Option<String>,
}

/// What became of one of several answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManyAnswer {
    id: Uuid,
    /// Whether the answer is on record.
    answered: bool,
    /// Why it is not.
    code: Option<String>,
    detail: Option<String>,
}

/// What became of several answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManyBody {
    items: Vec<ManyAnswer>,
}

/// Answers several approvals alike, as the client who is asked: each with evidence of its own. One that is refused keeps no other
/// from being answered. One second factor counts for all: when it is needed and missing, or wrong, the request is refused as a whole, as
/// that of a single answer is.
#[utoipa::path(post, path = "/approvals/answer", tag = "approvals", request_body = ManyInput,
    responses((status = 200, body = ManyBody), Failures))]
async fn answer_many(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<ManyInput>,
) -> Result<Json<ManyBody>, Problem> {
    let answers: Vec<(ApprovalId, Answer)> = input
        .items
        .into_iter()
        .map(|item| {
            let answer = Answer {
                decision: input.decision,
                comment: input.comment.clone(),
                shown: item.shown,
            };
            (item.id, answer)
        })
        .collect();
    let presented = presented(input.factor.as_deref())?;
    let done = portal
        .answer_approvals(signed.context(), &answers, presented.as_ref())
        .await?;
    let items = done.into_iter().map(|(id, outcome)| match outcome {
        Ok(_) => ManyAnswer {
            id: id.0,
            answered: true,
            code: None,
            detail: None,
        },
        Err(error) => {
            let code = error.code().to_owned();
            let problem = Problem::from(error);
            ManyAnswer {
                id: id.0,
                answered: false,
                code: Some(code),
                detail: Some(problem.detail.into_owned()),
            }
        }
    });
    let items = items.collect();
    Ok(Json(ManyBody { items }))
}

/// Why an approval is taken back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WithdrawInput {
    /// Clients read it: at most 1,000 characters, may be empty.
    reason: String,
}

/// Takes an approval back.
#[utoipa::path(post, path = "/approvals/{id}/withdraw", tag = "approvals", params(("id" = Uuid, Path)),
    request_body = WithdrawInput, responses((status = 200, body = ApprovalBody), Failures))]
async fn withdraw(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ApprovalId>,
    IfMatch(expected): IfMatch,
    Json(input): Json<WithdrawInput>,
) -> Result<ETagged<ApprovalBody>, Problem> {
    let item = portal
        .withdraw_approval(signed.context(), id, expected, &input.reason)
        .await?;
    Ok(tagged(&signed, item))
}

/// The evidence of an approval's answers, the oldest first: all of it for staff, and for a client that of their own answer. Reading
/// it leaves an audit entry.
#[utoipa::path(get, path = "/approvals/{id}/evidence", tag = "approvals", params(("id" = Uuid, Path)),
    responses((status = 200, body = EvidenceListBody), Failures))]
async fn evidence(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<ApprovalId>,
) -> Result<Response, Problem> {
    let (item, evidence) = portal.evidence(signed.context(), id).await?;
    Ok(Json(evidence_list(&item, evidence)).into_response())
}

/// The certificate of an answer as a PDF/A-3, with its JSON attached: of any answer for staff, and of their own for clients. The same bytes
/// every time. Answers 409 `not-sealed` with `Retry-After` until the answer's audit entry is sealed, which takes a second or so, and 409
/// `no-certificate` for an answer from before the audit trail held its hash. Leaves an audit entry. A server built without the feature
/// `certificate` answers with the JSON.
#[utoipa::path(get, path = "/approvals/{id}/evidence/{evidence_id}/certificate", tag = "approvals",
    params(("id" = Uuid, Path), ("evidence_id" = Uuid, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/pdf"), Failures))]
async fn certificate(
    signed: Signed,
    State(state): State<AppState>,
    Path((id, answer)): Path<(ApprovalId, EvidenceId)>,
) -> Result<Response, Problem> {
    let made = certificates::made(state.portal(), signed.context(), id, Some(answer)).await?;
    certificates::pdf(state.certificate_fonts(), made).await
}

/// The certificate of an answer as a verifier takes it: the canonical bytes of its evidence, and the proof that its audit entry, which has
/// their hash, stands in the sealed trail.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CertificateBody {
    /// `portal-certificate/1`.
    format: String,
    /// The evidence: the canonical bytes as text.
    evidence: String,
    /// The same as that of `/audit/{id}/proof`, under the first checkpoint that was kept after the answer.
    proof: ProofBody,
}

/// The certificate of an answer as JSON: what is attached to the PDF, with the same answers.
#[utoipa::path(get, path = "/approvals/{id}/evidence/{evidence_id}/certificate.json", tag = "approvals",
    params(("id" = Uuid, Path), ("evidence_id" = Uuid, Path)),
    responses((status = 200, body = CertificateBody), Failures))]
async fn certificate_json(
    signed: Signed,
    State(portal): State<Portal>,
    Path((id, answer)): Path<(ApprovalId, EvidenceId)>,
) -> Result<Response, Problem> {
    certificates::json(&certificates::made(&portal, signed.context(), id, Some(answer)).await?)
}
