//! Reports in numbers.

use axum::extract::State;
use portal_core::notify::{DeliveryCount, MessageReport, ReportDay};
use portal_core::sms::Price;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::values::{Failures, IsoDate};
use crate::error::Problem;
use crate::extract::{Json, Query, Signed};
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(messages))
}

/// Messages that were written in a period.
#[derive(Debug, Serialize, ToSchema)]
struct MessageReportBody {
    /// The zone that decides which day it is: the practice's.
    time_zone: String,
    /// How many messages there are.
    total: u64,
    /// How many segments of text messages providers charge for: those of messages that were taken, or may have been.
    segments: u64,
    /// What those cost by `sms.price_per_segment`, an exact decimal; null where no price is set.
    #[schema(example = "96.32")]
    cost: Option<String>,
    /// The currency of every `cost`, as in ISO 4217.
    #[schema(example = "AUD")]
    currency: Option<String>,
    /// Each day of the period, the first first, those without messages too.
    days: Vec<ReportDayBody>,
}

/// A day of a report.
#[derive(Debug, Serialize, ToSchema)]
struct ReportDayBody {
    date: IsoDate,
    /// How many segments providers charge for, of the messages that were written on it.
    segments: u64,
    /// What those cost.
    #[schema(example = "4.08")]
    cost: Option<String>,
    /// What was written on it.
    counts: Vec<ReportCountBody>,
}

/// How many messages are alike.
#[derive(Debug, Serialize, ToSchema)]
struct ReportCountBody {
    /// What became of them: `queued`, `sending`, `sent`, `delivered`, `failed`, `unknown` or `held`.
    state: &'static str,
    /// Over what they go: `email` or `sms`.
    channel: &'static str,
    /// The workflow whose automation they are of.
    workflow_id: Option<Uuid>,
    count: u64,
    /// How many segments providers charge for, of all of them together.
    segments: u64,
    /// What those cost.
    #[schema(example = "0.16")]
    cost: Option<String>,
}

/// What segments cost.
type Costs<'a> = &'a dyn Fn(u64) -> Option<String>;

impl ReportCountBody {
    fn new(count: &DeliveryCount, costs: Costs<'_>) -> Self {
        Self {
            state: count.state.as_str(),
            channel: count.channel.as_str(),
            workflow_id: count.workflow.map(|id| id.0),
            count: count.count,
            segments: count.segments,
            cost: costs(count.segments),
        }
    }
}

impl ReportDayBody {
    fn new(day: &ReportDay, costs: Costs<'_>) -> Self {
        let segments = day.segments(|_| true);
        let counts = day.counts.iter();
        Self {
            date: IsoDate(day.date),
            segments,
            cost: costs(segments),
            counts: counts.map(|count| ReportCountBody::new(count, costs)).collect(),
        }
    }
}

impl MessageReportBody {
    fn new(report: &MessageReport, state: &AppState) -> Self {
        let costs = |segments| state.cost_of(segments).as_ref().map(Price::amount);
        let segments = report.segments(|_| true);
        Self {
            total: report.count(|_| true),
            segments,
            cost: costs(segments),
            currency: state.cost_of(1).map(|price| price.currency().to_owned()),
            time_zone: report.time_zone.clone(),
            days: report
                .days
                .iter()
                .map(|day| ReportDayBody::new(day, &costs))
                .collect(),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PeriodQuery {
    /// The first day. 30 days before the last when it is not given.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<IsoDate>,
    /// The last day, which counts too; at most 92 days from the first. Today when neither is given.
    #[param(value_type = Option<String>, format = Date)]
    until: Option<IsoDate>,
}

/// Messages in numbers: by state, channel and workflow, day by day, and what text messages cost where a price is set.
#[utoipa::path(get, path = "/reports/messages", tag = "history", params(PeriodQuery),
    responses((status = 200, body = MessageReportBody), Failures))]
async fn messages(
    signed: Signed,
    State(state): State<AppState>,
    Query(query): Query<PeriodQuery>,
) -> Result<Json<MessageReportBody>, Problem> {
    let (from, until) = (query.from.map(|date| date.0), query.until.map(|date| date.0));
    let report = state
        .portal()
        .message_report(signed.context(), from, until)
        .await?;
    Ok(Json(MessageReportBody::new(&report, &state)))
}
