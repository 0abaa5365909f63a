//! Reports in numbers.

use axum::extract::State;
use portal_core::Portal;
use portal_core::notify::{DeliveryCount, MessageReport, ReportDay};
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
    /// Each day of the period, the first first, those without messages too.
    days: Vec<ReportDayBody>,
}

/// A day of a report.
#[derive(Debug, Serialize, ToSchema)]
struct ReportDayBody {
    date: IsoDate,
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
}

impl From<DeliveryCount> for ReportCountBody {
    fn from(count: DeliveryCount) -> Self {
        Self {
            state: count.state.as_str(),
            channel: count.channel.as_str(),
            workflow_id: count.workflow.map(|id| id.0),
            count: count.count,
        }
    }
}

impl From<MessageReport> for MessageReportBody {
    fn from(report: MessageReport) -> Self {
        let day = |day: ReportDay| ReportDayBody {
            date: IsoDate(day.date),
            counts: day.counts.into_iter().map(Into::into).collect(),
        };
        Self {
            total: report.count(|_| true),
            time_zone: report.time_zone,
            days: report.days.into_iter().map(day).collect(),
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

/// Messages in numbers: by state, channel and workflow, day by day.
#[utoipa::path(get, path = "/reports/messages", tag = "history", params(PeriodQuery),
    responses((status = 200, body = MessageReportBody), Failures))]
async fn messages(
    signed: Signed,
    State(portal): State<Portal>,
    Query(query): Query<PeriodQuery>,
) -> Result<Json<MessageReportBody>, Problem> {
    let (from, until) = (query.from.map(|date| date.0), query.until.map(|date| date.0));
    let report = portal.message_report(signed.context(), from, until).await?;
    Ok(Json(report.into()))
}
