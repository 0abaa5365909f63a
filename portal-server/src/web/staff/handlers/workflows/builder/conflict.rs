//! Two people who change one workflow: what the other did, for whoever saves second.

use portal_core::workflow::{Automation, Requirement, WorkflowDraft};

use super::super::super::desk::Desk;
use super::super::super::words::part_word;
use super::super::{show, words};
use super::kinds::Kind;
use crate::error::Problem;
use crate::web::staff::workflow_form::Changed;
use crate::web::staff::workflows::Said;

/// One comparable part of a workflow: what it is about, and what it says.
struct Line {
    /// What tells it from others: `requirement passport`.
    key: String,
    what: String,
    says: String,
}

fn said(said: &Said) -> String {
    let texts = said.texts.iter().map(|(language, text)| match language.as_str() {
        "" => format!("\u{201c}{text}\u{201d}"),
        language => format!("{language} \u{201c}{text}\u{201d}"),
    });
    said.notes
        .iter()
        .cloned()
        .chain(texts)
        .collect::<Vec<_>>()
        .join(", ")
}

fn requirement(requirement: &Requirement) -> Line {
    let own = show::requirement(requirement);
    Line {
        key: format!("requirement {}", requirement.key),
        what: "Document".to_owned(),
        says: format!("{}: {}", requirement.title, said(&own)),
    }
}

async fn automation(desk: &Desk, automation: &Automation) -> Result<Line, Problem> {
    let own = show::automation(desk, automation).await?;
    let whom = automation.assignee;
    Ok(Line {
        key: format!("{} {} {whom}", automation.channel, part_word(automation.to)),
        what: Kind::of(automation.channel).title.to_owned(),
        says: format!("{}: {}", own.title, said(&own)),
    })
}

async fn lines(desk: &Desk, draft: &WorkflowDraft) -> Result<Vec<Line>, Problem> {
    let line = |what: &str, says: String| Line {
        key: what.to_owned(),
        what: what.to_owned(),
        says,
    };
    let on = if draft.enabled { "on" } else { "off" };
    let criteria: Vec<String> = draft.criteria.iter().map(words::criterion).collect();
    let mut lines = vec![
        line("Name", draft.name.clone()),
        line("State", on.to_owned()),
        line("Priority", draft.priority.to_string()),
        line("When a matter", criteria.join("; ")),
    ];
    lines.extend(draft.requirements.iter().map(requirement));
    for own in &draft.automations {
        lines.push(automation(desk, own).await?);
    }
    Ok(lines)
}

fn says<'l>(lines: &'l [Line], key: &str) -> &'l str {
    let found = lines.iter().find(|line| line.key == key);
    found.map_or("", |line| &line.says)
}

/// What changed from `before`, which the form was opened with, to `now`; and where `mine` says something else than either.
/// Without a `before`, what is there now is set against the form itself.
pub(super) async fn changes(
    desk: &Desk,
    before: Option<&WorkflowDraft>,
    now: &WorkflowDraft,
    mine: &WorkflowDraft,
) -> Result<Vec<Changed>, Problem> {
    let mine = lines(desk, mine).await?;
    let now = lines(desk, now).await?;
    let before = match before {
        Some(before) => lines(desk, before).await?,
        None => Vec::new(),
    };
    let mut keys: Vec<(&str, &str)> = Vec::new();
    for line in before.iter().chain(&now) {
        if keys.iter().all(|(key, _)| *key != line.key) {
            keys.push((&line.key, &line.what));
        }
    }
    let changes = keys.into_iter().filter_map(|(key, what)| {
        let (before, now, mine) = (says(&before, key), says(&now, key), says(&mine, key));
        (before != now).then(|| Changed {
            what: what.to_owned(),
            before: before.to_owned(),
            now: now.to_owned(),
            both: mine != before && mine != now,
        })
    });
    Ok(changes.collect())
}
