//! What one workflow says.

use axum::response::Response;
use portal_core::WorkflowId;
use portal_core::policy::Capability;
use portal_core::workflow::{Again, Assignee, Automation, Channel, Requirement};

use super::super::asked::counted;
use super::super::desk::Desk;
use super::super::sent::Sent;
use super::super::words::part_word;
use super::{copy_href, href, switch_of, words};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::staff::Place;
use crate::web::staff::workflows::{Said, WorkflowPage};

pub(super) fn requirement(requirement: &Requirement) -> Said {
    let mut notes = vec![
        if requirement.required {
            "Required"
        } else {
            "Optional"
        }
        .to_owned(),
        format!("Of the {}", part_word(requirement.part).to_lowercase()),
    ];
    if requirement.wanted > 1 {
        notes.push(format!("At least {} files", requirement.wanted));
    }
    if let Some(days) = requirement.due_in_days {
        notes.push(format!("Due after {}", counted(days.into(), "day", "days")));
    }
    if !requirement.group.is_empty() {
        notes.push(format!("In {}", requirement.group));
    }
    let help = Some(requirement.help.clone()).filter(|help| !help.is_empty());
    Said {
        title: requirement.title.clone(),
        notes,
        texts: help.map(|help| (String::new(), help)).into_iter().collect(),
    }
}

pub(super) async fn automation(desk: &Desk, automation: &Automation) -> Result<Said, Problem> {
    let title = match automation.channel {
        Channel::Task => match automation.assignee {
            Assignee::Staff(staff) => format!("Task for {}", desk.staff_name(staff).await?),
            Assignee::Owner => "Task for the matter's owner".to_owned(),
            Assignee::Anyone => "Task for anyone".to_owned(),
        },
        Channel::Sms => format!("Text message to the {}", part_word(automation.to).to_lowercase()),
        Channel::Email => format!("Email to the {}", part_word(automation.to).to_lowercase()),
    };
    let mut notes = Vec::new();
    if !automation.enabled {
        notes.push("Off".to_owned());
    }
    if automation.delay_minutes > 0 {
        notes.push(format!(
            "After {}",
            counted(automation.delay_minutes.into(), "minute", "minutes")
        ));
    }
    if let Some(quiet) = automation.quiet_hours {
        notes.push(format!("Not from {:02}:00 to {:02}:00", quiet.from, quiet.until));
    }
    if let Some(days) = automation.due_in_days {
        notes.push(format!("Due after {}", counted(days.into(), "day", "days")));
    }
    notes.push(match automation.again {
        Again::Always => "Each time a matter enters".to_owned(),
        Again::Once => "Once for each matter".to_owned(),
        Again::AfterDays(days) => format!("Again after {}", counted(days.into(), "day", "days")),
    });
    let subjects = automation.subject.iter();
    let texts = subjects.chain(&automation.text);
    Ok(Said {
        title,
        notes,
        texts: texts
            .map(|(language, text)| (language.clone(), text.clone()))
            .collect(),
    })
}

pub(in super::super) async fn page(desk: Desk, Path(id): Path<WorkflowId>) -> Result<Response, Problem> {
    let kept = desk.portal().workflow(desk.ctx(), id).await?;
    let mut automations = Vec::new();
    for own in &kept.draft.automations {
        automations.push(automation(&desk, own).await?);
    }
    let own = href(id);
    let may = |path: &str| desk.if_may(Capability::EditWorkflows, format!("{own}{path}"));
    Ok(desk.page(&WorkflowPage {
        shell: desk.shell(Some(Place::Workflows)).await?,
        name: kept.draft.name.clone(),
        badge: words::on_badge(kept.draft.enabled),
        sentence: words::sentence(&kept.draft.criteria),
        requirements: kept.draft.requirements.iter().map(requirement).collect(),
        automations,
        edit_href: may("/edit"),
        copy_href: desk.if_may(Capability::EditWorkflows, copy_href(id)),
        dry_run_href: may("/dry-run"),
        switch: switch_of(&desk, &kept),
        remove_action: may("/remove"),
    }))
}

pub(in super::super) async fn remove(Path(id): Path<WorkflowId>, sent: Sent) -> Result<Response, Problem> {
    let Sent { desk, fields } = sent;
    desk.ctx().require(Capability::EditWorkflows)?;
    let name = desk.portal().workflow(desk.ctx(), id).await?.draft.name;
    let removed = desk
        .portal()
        .remove_workflow(desk.ctx(), id, fields.version())
        .await;
    desk.after(removed, "/staff/workflows", format!("{name} is removed."))
}
