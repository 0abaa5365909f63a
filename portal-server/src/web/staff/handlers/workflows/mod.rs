//! Workflows: which there are, what each matches today, and what is odd about them.

pub(super) mod builder;
pub(super) mod dry_run;
pub(super) mod show;
pub(super) mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::response::Response;
use portal_core::policy::Capability;
use portal_core::rulebook::{KeptWorkflow, Rules};
use portal_core::stage::MatchingLately;
use portal_core::workflow::{Analysis, Channel, Finding, WorkflowDraft};
use portal_core::{Error, PageRequest, StoreError, WorkflowId};

use super::asked::{Asked, counted, number};
use super::desk::Desk;
use super::rows::PAGE;
use super::sent::Sent;
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Place;
use crate::web::staff::workflows::{Switch, WorkflowRow, Workflows};

/// How many findings are shown beside a workflow.
const MOST_FINDINGS: usize = 4;
/// How many values that nothing covers are shown.
const MOST_UNCOVERED: usize = 20;

pub(super) fn href(id: WorkflowId) -> String {
    format!("/staff/workflows/{id}")
}

/// Where a new workflow begins as a copy of this one.
fn copy_href(id: WorkflowId) -> String {
    format!("/staff/workflows/new?from={id}")
}

/// Looks for what is odd beside the requests that wait, which may take some seconds where there are very many workflows.
async fn analysed(rules: &Arc<Rules>) -> Result<Analysis, Problem> {
    let rules = Arc::clone(rules);
    let analysis = tokio::task::spawn_blocking(move || rules.workflows().analyse()).await;
    analysis.map_err(Problem::internal)
}

/// What a workflow brings, in a few words each.
fn brings(draft: &WorkflowDraft) -> Vec<String> {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let (tasks, messages): (Vec<_>, Vec<_>) = draft
        .automations
        .iter()
        .filter(|automation| automation.enabled)
        .partition(|automation| automation.channel == Channel::Task);
    let parts = [
        (draft.requirements.len(), "document", "documents"),
        (messages.len(), "message", "messages"),
        (tasks.len(), "task", "tasks"),
    ];
    let some = parts.into_iter().filter(|(number, ..)| *number > 0);
    some.map(|(number, one, many)| counted(count(number), one, many))
        .collect()
}

/// The first of some sentences, and how many more there are in words.
fn first(mut sentences: Vec<String>, most: usize) -> (Vec<String>, String) {
    let more = sentences.len().saturating_sub(most);
    sentences.truncate(most);
    let more = match more {
        0 => String::new(),
        more => format!("and {} more", number(u64::try_from(more).unwrap_or(u64::MAX))),
    };
    (sentences, more)
}

/// The button that switches it, for who may.
fn switch_of(desk: &Desk, workflow: &KeptWorkflow) -> Option<Switch> {
    let enabled = workflow.draft.enabled;
    let (path, label, confirm) = if enabled {
        (
            "off",
            "Switch off",
            "It matches nothing any more. What it asked for and sent stays.",
        )
    } else {
        (
            "on",
            "Switch on",
            "Matters meet it when they enter a stage from now on. Look at its dry run first.",
        )
    };
    desk.may(Capability::EditWorkflows).then(|| Switch {
        action: format!("{}/{path}", href(workflow.id)),
        label: label.to_owned(),
        version: workflow.version.0.to_string(),
        confirm: confirm.to_owned(),
    })
}

struct Known<'a> {
    desk: &'a Desk,
    totals: Option<Arc<MatchingLately>>,
    findings: BTreeMap<WorkflowId, Vec<String>>,
}

impl Known<'_> {
    fn row(&self, workflow: &KeptWorkflow) -> WorkflowRow {
        let id = workflow.id;
        let enabled = workflow.draft.enabled;
        let findings = self.findings.get(&id).cloned().unwrap_or_default();
        let (findings, more_findings) = first(findings, MOST_FINDINGS);
        let matches = self.totals.as_ref().map(|totals| {
            let matters = totals.totals.by_workflow.get(&id).copied().unwrap_or_default();
            let matters = counted(matters, "matter", "matters").to_lowercase();
            let verb = if enabled { "Matches" } else { "Would match" };
            let words = format!("{verb} {matters} today");
            (words, format!("{}/dry-run", href(id)))
        });
        WorkflowRow {
            href: href(id),
            name: workflow.draft.name.clone(),
            sentence: words::sentence(&workflow.draft.criteria),
            brings: brings(&workflow.draft),
            matches,
            badge: words::on_badge(enabled),
            findings,
            more_findings,
            copy_href: self.desk.if_may(Capability::EditWorkflows, copy_href(id)),
            switch: switch_of(self.desk, workflow),
        }
    }
}

pub(super) async fn list(desk: Desk, asked: Asked) -> Result<Response, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let page = portal.workflows(ctx, &asked.page(PAGE)).await?;
    let rules = portal.compiled_rules(ctx).await?;
    let analysis = analysed(&rules).await?;
    let mut findings: BTreeMap<WorkflowId, Vec<String>> = BTreeMap::new();
    let mut uncovered = Vec::new();
    for finding in &analysis.findings {
        if let Finding::Uncovered { dimension, value, .. } = finding {
            uncovered.push(format!("{dimension}: {value}"));
        } else if let Some(id) = finding.workflow() {
            let sentence = finding.sentence(rules.workflows());
            findings.entry(id).or_default().push(sentence);
        }
    }
    let may_edit = desk.may(Capability::EditWorkflows);
    let (totals, waiting) = if may_edit {
        let waiting = portal.unknown_values(ctx, &PageRequest::count()).await?;
        let waiting = waiting.total.unwrap_or_default();
        (Some(portal.matching_lately(ctx).await?), waiting)
    } else {
        (None, 0)
    };
    let mut words = counted(page.total.unwrap_or_default(), "workflow", "workflows");
    if let Some(totals) = &totals {
        words = format!(
            "{words} · {}, counted {}",
            counted(totals.totals.matters, "open matter", "open matters"),
            desk.when.moment(totals.at).to_lowercase()
        );
    }
    let known = Known {
        desk: &desk,
        totals,
        findings,
    };
    let (uncovered, more_uncovered) = first(uncovered, MOST_UNCOVERED);
    Ok(desk.page(&Workflows {
        shell: desk.shell(Some(Place::Workflows)).await?,
        counted: words,
        rows: page.items.iter().map(|workflow| known.row(workflow)).collect(),
        pager: asked.pager(&page),
        new_href: desk.if_may(Capability::EditWorkflows, "/staff/workflows/new"),
        waiting: super::taxonomy::waiting(waiting),
        uncovered,
        more_uncovered,
        incomplete: analysis.incomplete,
    }))
}

/// Switches it, unless somebody changed it since its page was read: then what it would do is not what was looked at.
async fn switch(desk: &Desk, id: WorkflowId, sent: &Sent, enabled: bool) -> Result<Response, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let kept = portal.workflow(ctx, id).await?;
    let name = kept.draft.name.clone();
    let apply = sent.fields.text("apply");
    let applied = matches!(apply.as_str(), "ask" | "send").then_some(apply == "send");
    let back = "/staff/workflows";
    let switched = portal
        .switch_workflow(ctx, id, sent.fields.version(), enabled, applied)
        .await;
    if matches!(switched, Err(Error::Store(StoreError::Stale))) {
        let text = format!(
            "Somebody changed {name} in the meantime, so it is as it was. Look at it again before you switch it."
        );
        return Ok(desk.failed(back, text));
    }
    let mut text = format!("{name} is {}.", if enabled { "on" } else { "off" });
    if enabled && applied.is_some() {
        text.push_str(" It is being applied to the open matters that it matches.");
    }
    desk.after(switched, back, text)
}

pub(super) async fn on(Path(id): Path<WorkflowId>, sent: Sent) -> Result<Response, Problem> {
    switch(&sent.desk, id, &sent, true).await
}

pub(super) async fn off(Path(id): Path<WorkflowId>, sent: Sent) -> Result<Response, Problem> {
    switch(&sent.desk, id, &sent, false).await
}
