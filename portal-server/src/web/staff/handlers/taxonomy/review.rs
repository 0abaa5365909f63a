//! Texts that the taxonomy does not know, and what saying what one means does before it is said.

use axum::response::Response;
use portal_core::WorkflowId;
use portal_core::policy::Capability;
use portal_core::rulebook::{Accepted, Gained, Rules, UnknownValue};

use super::super::asked::{Asked, number};
use super::super::desk::{Desk, Outcome, tried};
use super::super::rows::matter_href;
use super::super::sent::Sent;
use super::{address, choices, matters, read};
use crate::error::Problem;
use crate::web::staff::taxonomy::{AcceptPage, GainedRow, ReviewPage, UnknownRow};
use crate::web::staff::{Fact, Place};

/// How many texts one page shows: each has all values of its dimension to choose from.
const PAGE: u32 = 20;

const REVIEW: &str = "/staff/taxonomy/review";

pub(in super::super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let page = desk
        .portal()
        .unknown_values(desk.ctx(), &asked.page(PAGE))
        .await?;
    let (_, taxonomy) = read(&desk).await?;
    let row = |unknown: &UnknownValue| {
        let accept = |value: &str| {
            let names = [
                ("dimension", unknown.dimension.as_str()),
                ("raw", &unknown.raw),
                ("value", value),
            ];
            address("/staff/taxonomy/accept", &names)
        };
        UnknownRow {
            dimension: unknown.dimension.clone(),
            raw: unknown.raw.clone(),
            matters: matters(unknown.matters),
            suggestions: unknown
                .suggestions
                .iter()
                .map(|suggestion| {
                    (
                        suggestion.value.name().to_owned(),
                        accept(suggestion.value.name()),
                    )
                })
                .collect(),
            values: choices(&taxonomy, &unknown.dimension, "Another value", ""),
        }
    };
    Ok(desk.page(&ReviewPage {
        shell: desk.shell(Some(Place::Workflows)).await?,
        rows: page.items.iter().map(row).collect(),
        pager: asked.pager(&page),
    }))
}

fn name(rules: &Rules, id: WorkflowId) -> String {
    let workflow = rules.workflows().get(id);
    workflow.map(|workflow| workflow.name.clone()).unwrap_or_default()
}

fn gained(rules: &Rules, gained: &Gained) -> GainedRow {
    let names: Vec<String> = gained.workflows.iter().map(|id| name(rules, *id)).collect();
    GainedRow {
        href: matter_href(gained.matter),
        reference: gained.reference.clone(),
        workflows: names.join(", "),
    }
}

/// What accepting does. Looking at it changes nothing.
pub(in super::super) async fn preview(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    desk.ctx().require(Capability::EditWorkflows)?;
    let names = (asked.text("dimension"), asked.text("value"), asked.text("raw"));
    let accepted: Accepted = match tried(desk.portal().try_accepting(desk.ctx(), names).await)? {
        Outcome::Done(accepted) => accepted,
        Outcome::Wrong(errors) => {
            let texts: Vec<&str> = errors.0.iter().map(|error| error.text.as_str()).collect();
            return Ok(desk.failed(REVIEW, texts.join(" ")));
        }
    };
    let rules = desk.portal().compiled_rules(desk.ctx()).await?;
    let rest = accepted
        .gaining
        .saturating_sub(u64::try_from(accepted.first.len()).unwrap_or(u64::MAX));
    let by_workflow = accepted.by_workflow.iter();
    Ok(desk.page(&AcceptPage {
        shell: desk.shell(Some(Place::Workflows)).await?,
        dimension: names.0.to_owned(),
        value: names.1.to_owned(),
        raw: names.2.to_owned(),
        facts: vec![
            Fact::new("Matters that carry it", number(accepted.matters)),
            Fact::new(
                "Open matters that come to match workflows",
                number(accepted.gaining),
            ),
            Fact::new("Of which workflows write or set tasks", number(accepted.firing)),
        ],
        workflows: by_workflow
            .map(|(id, count)| Fact::new(name(&rules, *id), matters(*count)))
            .collect(),
        rows: accepted.first.iter().map(|row| gained(&rules, row)).collect(),
        more: if rest > 0 {
            format!("and {} more", number(rest))
        } else {
            String::new()
        },
    }))
}

pub(in super::super) async fn accept(Sent { desk, fields }: Sent) -> Result<Response, Problem> {
    let (dimension, value, raw) = (fields.text("dimension"), fields.text("value"), fields.text("raw"));
    let send = fields.text("send") == "yes";
    let accepted = desk
        .portal()
        .accept_value(desk.ctx(), (&dimension, &value, &raw), send)
        .await;
    let text = match &accepted {
        Ok(accepted) => format!(
            "\u{201c}{raw}\u{201d} means {value} from now on. {} being read again.",
            match accepted.matters {
                1 => "1 matter is".to_owned(),
                count => format!("{} matters are", number(count)),
            }
        ),
        Err(_) => String::new(),
    };
    desk.after(accepted, REVIEW, text)
}
