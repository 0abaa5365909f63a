//! One approval: what is shown, who answered what, and taking it back.

use axum::response::Response;
use portal_core::ApprovalId;
use portal_core::approval::{ApprovalItem, ApprovalState, Asked, Attached, Decision};
use portal_core::policy::Capability;

use super::super::desk::{Desk, Outcome, tried};
use super::super::rows::{document_href, matter_href};
use super::super::sent::{Fields, Sent};
use super::{approval_href, badge};
use crate::error::Problem;
use crate::extract::Path;
use crate::web::client::approval::ShownFile;
use crate::web::staff::approvals::{ApprovalPage, PersonRow};
use crate::web::staff::{Fact, Place};
use crate::web::view::{Badge, Errors, Tone, file_size};

fn file(attached: &Attached) -> ShownFile {
    let kind = attached.name.extension().unwrap_or_default();
    ShownFile {
        name: attached.name.to_string(),
        kind: kind.chars().take(4).collect::<String>().to_uppercase(),
        about: format!("{} \u{b7} Version {}", file_size(attached.size), attached.number),
        view_href: document_href(attached.document),
        download_href: format!(
            "{}/file?version={}",
            document_href(attached.document),
            attached.number
        ),
    }
}

pub(super) fn decision_badge(decision: Decision) -> Badge {
    match decision {
        Decision::Approved => Badge::new(Tone::Success, "Approved"),
        Decision::Declined => Badge::new(Tone::Warning, "Declined").with_icon("x"),
    }
}

fn person(desk: &Desk, item: &ApprovalItem, asked: &Asked) -> PersonRow {
    let waits = item.approval.waits_for(asked.client, desk.ctx().at);
    PersonRow {
        name: item.name_of(asked.client).to_owned(),
        href: format!("/staff/clients/{}", asked.client),
        badge: match &asked.answered {
            Some(answer) => decision_badge(answer.decision),
            None if waits => Badge::new(Tone::Info, "Waiting").with_icon("clock"),
            None if item.approval.state_at(desk.ctx().at) == ApprovalState::Open => {
                Badge::new(Tone::Neutral, "Later").with_icon("clock")
            }
            None => Badge::new(Tone::Neutral, "Did not answer").with_icon("minus-circle"),
        },
        when: asked
            .answered
            .as_ref()
            .map(|answer| desk.when.moment(answer.at))
            .unwrap_or_default(),
        comment: asked
            .answered
            .as_ref()
            .map(|answer| answer.comment.clone())
            .unwrap_or_default(),
    }
}

fn facts(desk: &Desk, item: &ApprovalItem) -> Vec<Fact> {
    let approval = &item.approval;
    let terms = &approval.terms;
    let mut facts = vec![
        Fact {
            href: format!("{}/approvals", matter_href(approval.matter_id)),
            ..Fact::new(
                "Matter",
                format!("{} {}", item.matter_reference, item.matter_title),
            )
        },
        Fact::new("Kind", terms.kind.label()),
        Fact::new(
            "Asked",
            format!(
                "{}, {}",
                item.asked_by,
                desk.when.moment_within(approval.created_at)
            ),
        ),
    ];
    if approval.people.len() > 1 {
        let needed = match (terms.needed, terms.in_turn) {
            (portal_core::approval::Needed::All, true) => "Everybody, one after the other",
            (portal_core::approval::Needed::All, false) => "Everybody",
            (portal_core::approval::Needed::Any, _) => "One is enough",
        };
        facts.push(Fact::new("Who has to answer", needed));
    }
    if let Some(due) = terms.due_on {
        facts.push(Fact::new("Due", desk.when.date(due)));
    }
    if let Some(last) = terms.expires_on {
        facts.push(Fact::new("Can be answered until", desk.when.date(last)));
    }
    if let Some(days) = terms.remind_every_days {
        let every = match days {
            1 => "Every day".to_owned(),
            days => format!("Every {days} days"),
        };
        facts.push(Fact::new("Reminders", every));
    }
    if let Some(ended) = approval.ended_at {
        facts.push(Fact::new("Ended", desk.when.moment(ended)));
    }
    if let Some(before) = approval.replaces {
        facts.push(Fact {
            href: approval_href(before),
            ..Fact::new("Takes the place of", "The one before")
        });
    }
    facts.push(Fact::new(
        "SHA-256 of what is shown",
        approval.shown_hash().to_string(),
    ));
    facts
}

async fn page(
    desk: &Desk,
    item: &ApprovalItem,
    (fields, errors): (&Fields, Errors),
) -> Result<ApprovalPage, Problem> {
    let approval = &item.approval;
    let href = approval_href(approval.id);
    let is_open = approval.state_at(desk.ctx().at) == ApprovalState::Open;
    let has_answers = approval.people.iter().any(|asked| asked.answered.is_some());
    let matter = format!("{} \u{2013} approvals", item.matter_reference);
    let said = match (approval.state, approval.replaced_by) {
        (ApprovalState::Superseded, Some(next)) => Some((
            "A document got a new version, so this was replaced before it was answered.".to_owned(),
            "Go to the one that took its place".to_owned(),
            approval_href(next),
        )),
        (ApprovalState::Superseded, None) => Some((
            "A document got a new version that nobody is asked about: another client gave it, or it is for staff only. Look at it, \
             and ask again if you still need an answer."
                .to_owned(),
            String::new(),
            String::new(),
        )),
        (ApprovalState::Withdrawn, _) if !approval.reason.is_empty() => {
            Some((approval.reason.clone(), String::new(), String::new()))
        }
        _ => None,
    };
    Ok(ApprovalPage {
        shell: desk.shell(Some(Place::Approvals)).await?,
        back: (matter, format!("{}/approvals", matter_href(approval.matter_id))),
        title: approval.terms.title.clone(),
        badge: badge(desk, item),
        said,
        facts: facts(desk, item),
        description: approval.terms.description.clone(),
        files: approval.documents.iter().map(file).collect(),
        people: approval
            .people
            .iter()
            .map(|asked| person(desk, item, asked))
            .collect(),
        evidence_href: has_answers.then(|| format!("{href}/evidence")),
        withdraw_action: (desk.may(Capability::AskApprovals) && is_open).then(|| format!("{href}/withdraw")),
        version: approval.version.0.to_string(),
        reason: fields.text("reason"),
        errors,
    })
}

pub(in super::super) async fn show(desk: Desk, Path(id): Path<ApprovalId>) -> Result<Response, Problem> {
    let item = desk.portal().approval(desk.ctx(), id).await?;
    Ok(desk.page(&page(&desk, &item, (&Fields::default(), Errors::default())).await?))
}

pub(in super::super) async fn withdraw(
    Path(id): Path<ApprovalId>,
    Sent { desk, fields }: Sent,
) -> Result<Response, Problem> {
    let withdrawn = desk
        .portal()
        .withdraw_approval(desk.ctx(), id, fields.version(), &fields.text("reason"))
        .await;
    match tried(withdrawn)? {
        Outcome::Done(item) => {
            let text = format!("{} is withdrawn.", item.approval.terms.title);
            Ok(desk.done(&approval_href(id), text))
        }
        Outcome::Wrong(errors) => {
            let item = desk.portal().approval(desk.ctx(), id).await?;
            Ok(desk.mend(&page(&desk, &item, (&fields, errors)).await?))
        }
    }
}
