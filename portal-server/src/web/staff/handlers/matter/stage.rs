//! Where a matter stands: its stages, the workflows that match it, and why each does or does not.

use axum::response::Response;
use portal_core::matter::Matter;
use portal_core::stage::{StageEntry, StageWhy};
use portal_core::workflow::{Case, Explanation};
use portal_core::{MatterId, PageRequest};

use super::super::asked::{Asked, number};
use super::super::desk::Desk;
use super::super::rows::matter_href;
use super::super::workflows::{self, words};
use super::head;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::matter::{Matched, StageCard, StageRow, VerdictRow, Why, WhyRow};
use crate::web::staff::{Chip, Fact, Place};
use crate::web::view::{Badge, Pager, Tone};

/// How many stages the overview shows.
const LATEST: u32 = 5;
/// How many workflows one page explains.
const PAGE: usize = 50;

/// What is written on a matter, and what the taxonomy makes of it where that is something else.
pub(super) fn said(matter: &Matter, dimension: &str, raw: Option<&String>) -> String {
    let raw = raw.cloned().unwrap_or_default();
    match matter.canonical(dimension) {
        Some(name) if name == raw => raw,
        Some(name) => format!("{name} (written \u{201c}{raw}\u{201d})"),
        None if matter.unknown.values().any(|unknown| *unknown == raw) => {
            format!("{raw} (not in the taxonomy yet)")
        }
        None => raw,
    }
}

fn row(desk: &Desk, entry: &StageEntry) -> StageRow {
    let since = desk.when.moment_within(entry.entered_at);
    let when = match (entry.left_at, entry.why) {
        (Some(left), _) => format!("From {since} to {}", desk.when.moment_within(left)),
        (None, StageWhy::Found) => format!("Known since {since}"),
        (None, StageWhy::Opened | StageWhy::Changed) => format!("Since {since}"),
    };
    let name = entry.canonical.clone().unwrap_or_else(|| entry.raw.clone());
    let note = match &entry.canonical {
        Some(name) if *name == entry.raw => String::new(),
        Some(_) => format!("Written \u{201c}{}\u{201d}", entry.raw),
        None => "Not in the taxonomy yet".to_owned(),
    };
    StageRow {
        icon: if entry.left_at.is_some() {
            "check-circle"
        } else {
            "circle"
        },
        name,
        note,
        when,
    }
}

/// The card of the overview.
pub(super) async fn card(desk: &Desk, matter: &Matter) -> Result<StageCard, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let entries = portal.stages(ctx, matter.id, &PageRequest::first(LATEST)).await?;
    let (_, rules) = portal.rules_on(ctx, matter.id).await?;
    let facts = rules.taxonomy().facts(&Case::of(matter));
    let matches = rules.workflows().matches(&facts);
    let matched = matches.iter().map(|found| Matched {
        href: workflows::href(found.id),
        name: found.name.clone(),
    });
    Ok(StageCard {
        matched: matched.collect(),
        rows: entries.items.iter().map(|entry| row(desk, entry)).collect(),
        is_cut: entries.next.is_some(),
        why_href: (rules.workflows().iter().len() > 0).then(|| format!("{}/why", matter_href(matter.id))),
    })
}

fn why_row(why: &Explanation<'_>) -> WhyRow {
    let badge = match (why.matches, why.workflow.enabled) {
        (true, _) => Badge::new(Tone::Success, "Matches"),
        (false, false) => Badge::new(Tone::Neutral, "Off").with_icon("minus-circle"),
        (false, true) => Badge::new(Tone::Neutral, "Does not match").with_icon("x"),
    };
    let verdicts = why.criteria.iter().map(|verdict| VerdictRow {
        holds: verdict.holds,
        text: words::criterion(verdict.criterion),
        because: words::because(verdict),
    });
    WhyRow {
        href: workflows::href(why.workflow.id),
        name: why.workflow.name.clone(),
        badge,
        verdicts: verdicts.collect(),
    }
}

/// What is known of the matter, as workflows see it.
fn known(matter: &Matter) -> Vec<Fact> {
    let case = Case::of(matter);
    let fact =
        |(dimension, raw): (&String, &String)| Fact::new(dimension, said(matter, dimension, Some(raw)));
    case.0.iter().map(fact).collect()
}

/// Each workflow, by dimension.
pub(in super::super) async fn why(
    desk: Desk,
    Path(id): Path<MatterId>,
    asked: Asked,
) -> Result<Response, Problem> {
    let (matter, rules) = desk.portal().rules_on(desk.ctx(), id).await?;
    let facts = rules.taxonomy().facts(&Case::of(&matter));
    let only_others = asked.text("show") == "others";
    let explained = rules.workflows().explain(&facts);
    let (matching, others): (Vec<_>, Vec<_>) = explained.partition(|why| why.matches);
    let chip = |label: &str, value: &str, count: usize, current| Chip {
        href: asked.with("show", value),
        label: label.to_owned(),
        count: number(u64::try_from(count).unwrap_or(u64::MAX)),
        current,
    };
    let chips = vec![
        chip("Match", "", matching.len(), !only_others),
        chip("Do not match", "others", others.len(), only_others),
    ];
    let shown = if only_others { others } else { matching };
    let from: usize = asked.value("at").unwrap_or(0);
    let at = |from: usize| {
        let show = if only_others { "show=others&" } else { "" };
        format!("{}/why?{show}at={from}", matter_href(id))
    };
    let pager = Pager {
        shown: String::new(),
        first_href: (from > 0).then(|| at(0)),
        previous_href: None,
        next_href: (from.saturating_add(PAGE) < shown.len()).then(|| at(from + PAGE)),
    };
    Ok(desk.page(&Why {
        shell: desk.shell(Some(Place::Matters)).await?,
        head: head(&desk, &matter).await?,
        facts: known(&matter),
        chips,
        rows: shown.iter().skip(from).take(PAGE).map(why_row).collect(),
        pager,
    }))
}
