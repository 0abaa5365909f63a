//! What clients are asked to approve.

pub(super) mod asking;
pub(super) mod evidence;
pub(super) mod list;
pub(super) mod show;

use portal_core::ApprovalId;
use portal_core::approval::{ApprovalItem, ApprovalState};

use super::desk::Desk;
use super::rows::matter_href;
use crate::web::staff::approvals::ApprovalRow;
use crate::web::view::{Badge, Tone};

pub(super) fn approval_href(id: ApprovalId) -> String {
    format!("/staff/approvals/{id}")
}

/// A state in an icon and a word.
pub(super) fn state_badge(state: ApprovalState, is_late: bool) -> Badge {
    match state {
        ApprovalState::Open if is_late => Badge::new(Tone::Danger, "Overdue").with_icon("clock"),
        ApprovalState::Open => Badge::new(Tone::Info, "Waiting").with_icon("clock"),
        ApprovalState::Approved => Badge::new(Tone::Success, "Approved"),
        ApprovalState::Declined => Badge::new(Tone::Warning, "Declined").with_icon("x"),
        ApprovalState::Expired => Badge::new(Tone::Warning, "Expired").with_icon("clock"),
        ApprovalState::Withdrawn => Badge::new(Tone::Neutral, "Withdrawn").with_icon("minus-circle"),
        ApprovalState::Superseded => Badge::new(Tone::Neutral, "Replaced").with_icon("refresh"),
    }
}

fn badge(desk: &Desk, item: &ApprovalItem) -> Badge {
    let due = item.approval.terms.due_on;
    let is_late = due.is_some_and(|due| due < desk.when.today());
    state_badge(item.approval.state_at(desk.ctx().at), is_late)
}

fn row(desk: &Desk, item: &ApprovalItem, names_matter: bool) -> ApprovalRow {
    let approval = &item.approval;
    let documents = match approval.documents.len() {
        0 => String::new(),
        1 => " \u{b7} 1 document".to_owned(),
        many => format!(" \u{b7} {many} documents"),
    };
    let people: Vec<&str> = item.people.iter().map(|person| person.name.as_str()).collect();
    let is_open = approval.state_at(desk.ctx().at) == ApprovalState::Open;
    let matter = format!("{} {}", item.matter_reference, item.matter_title);
    ApprovalRow {
        href: approval_href(approval.id),
        title: approval.terms.title.clone(),
        about: format!("{}{documents}", approval.terms.kind.label()),
        matter: names_matter.then(|| (matter, format!("{}/approvals", matter_href(approval.matter_id)))),
        people: people.join(", "),
        badge: badge(desk, item),
        due: approval
            .terms
            .due_on
            .filter(|_| is_open)
            .map(|due| desk.when.due(due)),
        asked: desk.when.moment_within(approval.created_at),
    }
}
