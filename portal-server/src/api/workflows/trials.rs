//! What workflows would do, and why.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use portal_core::sms::Price;
use portal_core::stage::{DryRunItem, DryRunTotals, SendTotals};
use portal_core::workflow::{Case, Explanation, Normalised, Verdict, Workflows};
use portal_core::{MatterId, Portal, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::WorkflowInput;
use crate::api::effects::{EffectsBody, MatchedBody, StageBody};
use crate::api::values::Failures;
use crate::error::Problem;
use crate::extract::{Json, Listed, Optional, Path, Query, Signed, page_request};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(match_values))
        .routes(routes!(analyse))
        .routes(routes!(dry_run))
        .routes(routes!(apply))
        .routes(routes!(why))
        .routes(routes!(stages))
}

/// What a system of record would say of a matter: raw text by the name of the dimension.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MatchInput {
    #[schema(example = json!({"Practice area": " t visa ", "Case stage": "FILING (USCIS)"}))]
    values: BTreeMap<String, String>,
}

/// One thing that is asked for.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AskedBody {
    key: String,
    title: String,
    part: &'static str,
    wanted: u32,
    required: bool,
    /// The workflow that has its way.
    workflow_id: Uuid,
    /// Other workflows that match and ask for it in another way.
    overruled: Vec<Uuid>,
}

/// What values mean, and what matches them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MatchBody {
    /// The canonical values, by dimension.
    normalised: BTreeMap<String, String>,
    /// What the taxonomy does not know.
    unknown: BTreeMap<String, String>,
    /// The workflows that match, the most specific first.
    matched: Vec<MatchedBody>,
    /// What they ask for together.
    requirements: Vec<AskedBody>,
}

fn matching(workflows: &Workflows, case: &Case) -> MatchBody {
    let reading = workflows.taxonomy().read(case);
    let matched = workflows.matches(&reading.facts).into_iter();
    let requirements = workflows.requirements(&reading.facts);
    let asked = requirements.asked().into_iter().map(|asked| AskedBody {
        key: asked.requirement.key.clone(),
        title: asked.requirement.title.clone(),
        part: asked.requirement.part.as_str(),
        wanted: asked.requirement.wanted,
        required: asked.requirement.required,
        workflow_id: asked.by.0,
        overruled: asked.overruled().map(|id| id.0).collect(),
    });
    MatchBody {
        normalised: reading.facts.names(),
        matched: matched
            .map(|found| MatchedBody::new(found.id, found.version, found.name.clone()))
            .collect(),
        requirements: asked.collect(),
        unknown: reading.unknown,
    }
}

/// Says what values mean and which workflows match them. Nothing is changed or sent.
#[utoipa::path(post, path = "/workflows/match", tag = "workflows", request_body = MatchInput,
    responses((status = 200, body = MatchBody), Failures))]
async fn match_values(
    signed: Signed,
    State(portal): State<Portal>,
    Json(input): Json<MatchInput>,
) -> Result<Json<MatchBody>, Problem> {
    let rules = portal.compiled_rules(signed.context()).await?;
    Ok(Json(matching(rules.workflows(), &Case(input.values))))
}

/// What is odd about the workflows.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AnalysisBody {
    /// Each with its `kind`, what it concerns, and a `case` that shows it.
    #[schema(value_type = Vec<Object>)]
    findings: Vec<Value>,
    /// Whether there may be more than was found.
    incomplete: bool,
}

/// Finds workflows that nothing can match, that others shadow, that are there twice or in conflict, values that nothing
/// covers, and criteria on what the taxonomy does not know any more.
#[utoipa::path(post, path = "/workflows/analyse", tag = "workflows",
    responses((status = 200, body = AnalysisBody), Failures))]
async fn analyse(signed: Signed, State(portal): State<Portal>) -> Result<Json<AnalysisBody>, Problem> {
    let analysis = portal.analyse_workflows(signed.context()).await?;
    let findings: Result<Vec<Value>, _> = analysis.findings.iter().map(serde_json::to_value).collect();
    let findings = findings.map_err(Problem::internal)?;
    Ok(Json(AnalysisBody {
        findings,
        incomplete: analysis.incomplete,
    }))
}

/// What is tried out: all workflows as they are, or one of them, which need not be switched on or kept yet.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DryRunInput {
    /// Which one.
    #[schema(value_type = Option<Uuid>)]
    workflow_id: Option<WorkflowId>,
    /// A new one, or what is to change about that one.
    workflow: Option<WorkflowInput>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PartQuery {
    /// At most so many items: 1 to 200, 50 by default.
    limit: Option<u32>,
    /// Where the list goes on: the `next_cursor` of the part before.
    cursor: Option<String>,
}

/// Numbers over all open matters.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRunTotalsBody {
    /// How many open matters there are.
    matters: u64,
    /// How many of them match.
    matching: u64,
    /// How many have something that the taxonomy does not know, which may be why nothing matches.
    unknown: u64,
    /// How many each workflow matches, by its id.
    by_workflow: BTreeMap<Uuid, u64>,
}

impl From<DryRunTotals> for DryRunTotalsBody {
    fn from(totals: DryRunTotals) -> Self {
        let by_workflow = totals.by_workflow.into_iter();
        Self {
            matters: totals.matters,
            matching: totals.matching,
            unknown: totals.unknown,
            by_workflow: by_workflow.map(|(id, number)| (id.0, number)).collect(),
        }
    }
}

/// What would be sent over all matters, in numbers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SendTotalsBody {
    /// How many text messages.
    texts: u64,
    /// How many segments these have together.
    segments: u64,
    /// What those cost by `sms.price_per_segment`, an exact decimal; null where no price is set.
    #[schema(example = "4.08")]
    cost: Option<String>,
    /// The currency of that, as in ISO 4217.
    #[schema(example = "AUD")]
    currency: Option<String>,
    /// How many mails.
    mails: u64,
    /// How many tasks.
    tasks: u64,
    /// How much would be held back, by the reason.
    held: BTreeMap<&'static str, u64>,
    /// Whether the numbers are reckoned from the first 5000 matters that match.
    is_estimate: bool,
}

impl SendTotalsBody {
    fn new(totals: SendTotals, cost: Option<Price>) -> Self {
        Self {
            cost: cost.as_ref().map(Price::amount),
            currency: cost.map(|cost| cost.currency().to_owned()),
            texts: totals.texts,
            segments: totals.segments,
            mails: totals.mails,
            tasks: totals.tasks,
            held: totals.held,
            is_estimate: totals.is_estimate,
        }
    }
}

/// A matter that matches, and what it would bring.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRunItemBody {
    matter_id: Uuid,
    reference: String,
    effects: EffectsBody,
}

impl From<DryRunItem> for DryRunItemBody {
    fn from(item: DryRunItem) -> Self {
        Self {
            matter_id: item.matter.0,
            reference: item.reference,
            effects: item.effects.into(),
        }
    }
}

/// What would happen.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DryRunBody {
    /// Only with the first part.
    totals: Option<DryRunTotalsBody>,
    /// Only with the first part.
    sends: Option<SendTotalsBody>,
    /// The matters that match.
    items: Vec<DryRunItemBody>,
    /// What to send as `cursor` for the next part; null at the end of the list.
    next_cursor: Option<String>,
}

/// Says what workflows would do to every open matter if they were applied now: who would be asked for what, who would be sent
/// what, and who cannot be reached and why. Nothing is changed or sent.
#[utoipa::path(post, path = "/workflows/dry-run", tag = "workflows", params(PartQuery), request_body = DryRunInput,
    responses((status = 200, body = DryRunBody), Failures))]
async fn dry_run(
    signed: Signed,
    State(state): State<AppState>,
    Query(query): Query<PartQuery>,
    Optional(input): Optional<DryRunInput>,
) -> Result<Json<DryRunBody>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), None)?;
    let (portal, ctx) = (state.portal(), signed.context());
    let draft = match (input.workflow, input.workflow_id) {
        (Some(input), Some(id)) => Some(input.onto(portal.workflow(ctx, id).await?.draft)),
        (Some(input), None) => Some(input.into_draft()),
        (None, _) => None,
    };
    let run = portal
        .dry_run(ctx, input.workflow_id, draft.as_ref(), &page)
        .await?;
    Ok(Json(DryRunBody {
        totals: run.totals.map(DryRunTotalsBody::from),
        sends: run.sends.map(|totals| {
            let cost = state.cost_of(totals.segments);
            SendTotalsBody::new(totals, cost)
        }),
        next_cursor: run.page.next.as_ref().map(ToString::to_string),
        items: run.page.items.into_iter().map(DryRunItemBody::from).collect(),
    }))
}

/// How workflows are applied.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ApplyInput {
    /// Whether clients are told of what is asked, and automations fire that did not yet for the stage a matter is in.
    send: bool,
    /// Only this one, which must be on, to the matters that it matches: no other is told of or fires. Else all workflows.
    #[schema(value_type = Option<uuid::Uuid>)]
    workflow_id: Option<WorkflowId>,
}

/// Applies the workflows as they are now, or one of them, to open matters, soon after: what the dry run of the same said happens.
#[utoipa::path(post, path = "/workflows/apply", tag = "workflows", request_body = ApplyInput,
    responses((status = 202), Failures))]
async fn apply(
    signed: Signed,
    State(portal): State<Portal>,
    Optional(input): Optional<ApplyInput>,
) -> Result<StatusCode, Problem> {
    match input.workflow_id {
        Some(id) => portal.apply_workflow(signed.context(), id, input.send).await?,
        None => portal.apply_workflows(signed.context(), input.send).await?,
    }
    Ok(StatusCode::ACCEPTED)
}

/// Whether a criterion holds of a matter.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerdictBody {
    dimension: String,
    /// The criterion in words.
    #[schema(example = "Case stage: one of Filing")]
    criterion: String,
    holds: bool,
    /// What the matter has there: `known`, `unknown`, `nothing`, or `no-dimension`.
    has: &'static str,
    /// The value, when it is known.
    value: Option<String>,
}

impl From<Verdict<'_>> for VerdictBody {
    fn from(verdict: Verdict<'_>) -> Self {
        let (has, value) = match verdict.value {
            Some(Normalised::Known(value)) => ("known", Some(value.name().to_owned())),
            Some(Normalised::Unknown) => ("unknown", None),
            Some(Normalised::Absent) => ("nothing", None),
            None => ("no-dimension", None),
        };
        Self {
            dimension: verdict.criterion.dimension.clone(),
            criterion: verdict.criterion.to_string(),
            holds: verdict.holds,
            has,
            value,
        }
    }
}

/// Why a workflow matches a matter or does not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WhyBody {
    workflow_id: Uuid,
    name: String,
    enabled: bool,
    matches: bool,
    criteria: Vec<VerdictBody>,
}

impl From<Explanation<'_>> for WhyBody {
    fn from(why: Explanation<'_>) -> Self {
        Self {
            workflow_id: why.workflow.id.0,
            name: why.workflow.name.clone(),
            enabled: why.workflow.enabled,
            matches: why.matches,
            criteria: why.criteria.into_iter().map(VerdictBody::from).collect(),
        }
    }
}

/// For each workflow, as they stand, why it matches the matter or does not.
#[utoipa::path(get, path = "/matters/{id}/why", tag = "workflows", params(("id" = Uuid, Path)),
    responses((status = 200, body = Listed<WhyBody>), Failures))]
async fn why(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<MatterId>,
) -> Result<Json<Listed<WhyBody>>, Problem> {
    let (matter, rules) = portal.rules_on(signed.context(), id).await?;
    let facts = rules.taxonomy().facts(&Case::of(&matter));
    let why = rules.workflows().explain(&facts).map(WhyBody::from);
    Ok(Json(Listed::whole(why.collect())))
}

/// The stages that a matter was in, the last first.
#[utoipa::path(get, path = "/matters/{id}/stages", tag = "matters", params(("id" = Uuid, Path), PartQuery),
    responses((status = 200, body = Listed<StageBody>), Failures))]
async fn stages(
    signed: Signed,
    State(portal): State<Portal>,
    Path(id): Path<MatterId>,
    Query(query): Query<PartQuery>,
) -> Result<Json<Listed<StageBody>>, Problem> {
    let page = page_request(query.limit, query.cursor.as_deref(), None)?;
    let page = portal.stages(signed.context(), id, &page).await?;
    Ok(Json(Listed::present(page, StageBody::from)))
}
