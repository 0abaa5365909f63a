//! States in words: how staff read what the core knows.

use portal_core::access::{AccessState, PortalAccess};
use portal_core::checklist::{RequestCounts, RequestState};
use portal_core::document::{Confidentiality, DocumentStatus};
use portal_core::matter::{MatterState, MatterSummary, Part};
use portal_core::notify::DeliveryState;
use portal_core::policy::Role;

use crate::web::view::{Badge, Choice, Tone};
use crate::web::when::When;

/// The time zones there are, `chosen` among them whatever it is; none is chosen when it is empty.
pub(super) fn time_zones(chosen: &str) -> Vec<Choice> {
    let mut zones: Vec<Choice> = jiff::tz::db()
        .available()
        .map(|name| Choice::new(name.as_str(), zone_words(name.as_str()), chosen))
        .collect();
    if !chosen.is_empty() && !zones.iter().any(|choice| choice.selected) {
        zones.insert(0, Choice::new(chosen, chosen, chosen));
    }
    zones
}

/// A time zone as people read it.
pub(super) fn zone_words(zone: &str) -> String {
    zone.replace('_', " ")
}

pub(super) const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Manager => "Manager",
        Role::Member => "Member",
        Role::Auditor => "Auditor",
    }
}

/// What a role may do, in a line.
pub(super) const fn role_help(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner - everything",
        Role::Admin => "Admin - settings, staff, all matters",
        Role::Manager => "Manager - all matters and templates",
        Role::Member => "Member - their own matters",
        Role::Auditor => "Auditor - only reads",
    }
}

pub(super) const fn part_word(part: Part) -> &'static str {
    match part {
        Part::Principal => "Principal",
        Part::Partner => "Partner",
        Part::Dependant => "Dependant",
        Part::Contact => "Contact",
    }
}

pub(super) fn request_badge(state: RequestState, late: bool) -> Badge {
    match state {
        RequestState::Outstanding if late => Badge::new(Tone::Danger, "Overdue").with_icon("clock"),
        RequestState::Outstanding => Badge::new(Tone::Neutral, "Outstanding"),
        RequestState::Submitted => Badge::new(Tone::Info, "To review").with_icon("eye"),
        RequestState::Accepted => Badge::new(Tone::Success, "Accepted"),
        RequestState::Returned => Badge::new(Tone::Warning, "Returned").with_icon("return"),
        RequestState::Waived => Badge::new(Tone::Neutral, "Waived").with_icon("minus-circle"),
        RequestState::Withdrawn => Badge::new(Tone::Neutral, "Withdrawn").with_icon("x"),
    }
}

pub(super) fn document_badge(status: DocumentStatus) -> Badge {
    match status {
        DocumentStatus::PendingReview => Badge::new(Tone::Info, "Pending review").with_icon("eye"),
        DocumentStatus::Accepted => Badge::new(Tone::Success, "Accepted"),
        DocumentStatus::Returned => Badge::new(Tone::Warning, "Returned").with_icon("return"),
        DocumentStatus::Filed => Badge::new(Tone::Neutral, "Filed").with_icon("archive"),
    }
}

pub(super) fn matter_badge(state: MatterState) -> Badge {
    match state {
        MatterState::Open => Badge::new(Tone::Success, "Open").with_icon("circle"),
        MatterState::Closed => Badge::new(Tone::Neutral, "Closed").with_icon("lock"),
    }
}

/// What a matter in a list needs, the most urgent first.
pub(super) fn needs_badge(summary: &MatterSummary, when: &When) -> Badge {
    let RequestCounts { accepted, .. } = summary.requests;
    let late = summary.next_due_on.is_some_and(|due| due < when.today());
    if summary.matter.state == MatterState::Closed {
        Badge::new(Tone::Neutral, "Closed").with_icon("lock")
    } else if summary.to_review > 0 {
        Badge::new(Tone::Info, format!("{} to review", summary.to_review)).with_icon("eye")
    } else if late {
        Badge::new(Tone::Danger, "Overdue").with_icon("clock")
    } else if summary.requests.to_do() > 0 {
        Badge::new(Tone::Neutral, "With the client").with_icon("user")
    } else if accepted > 0 && accepted == summary.requests.asked() {
        Badge::new(Tone::Success, "All accepted")
    } else if summary.requests.submitted > 0 {
        Badge::new(Tone::Info, "To review").with_icon("eye")
    } else {
        Badge::new(Tone::Neutral, "Nothing asked")
    }
}

pub(super) fn access_badge(access: Option<&PortalAccess>) -> Badge {
    match access.map(|access| access.state) {
        None => Badge::new(Tone::Neutral, "No access").with_icon("minus-circle"),
        Some(AccessState::Active) => Badge::new(Tone::Success, "Active"),
        Some(AccessState::Revoked) => Badge::new(Tone::Danger, "Revoked").with_icon("lock"),
        Some(AccessState::Closed) => Badge::new(Tone::Neutral, "Closed with the matter").with_icon("lock"),
    }
}

pub(super) fn active_badge(active: bool) -> Badge {
    if active {
        Badge::new(Tone::Success, "Active")
    } else {
        Badge::new(Tone::Neutral, "Inactive").with_icon("minus-circle")
    }
}

pub(super) fn delivery_badge(state: DeliveryState) -> Badge {
    match state {
        DeliveryState::Queued => Badge::new(Tone::Info, "Waiting").with_icon("clock"),
        DeliveryState::Sending => Badge::new(Tone::Info, "Being sent").with_icon("clock"),
        DeliveryState::Sent => Badge::new(Tone::Success, "Sent"),
        DeliveryState::Delivered => Badge::new(Tone::Success, "Delivered"),
        DeliveryState::Failed => Badge::new(Tone::Danger, "Failed"),
        DeliveryState::Unknown => Badge::new(Tone::Warning, "Not known"),
        DeliveryState::Held => Badge::new(Tone::Warning, "Held back"),
    }
}

/// Who sees a document beside staff; `client` is whose it is.
pub(super) fn audience(confidentiality: Confidentiality, client: Option<&str>) -> String {
    match (confidentiality, client) {
        (Confidentiality::StaffOnly, _) => "Staff only".into(),
        (Confidentiality::Client, Some(name)) => name.to_owned(),
        (Confidentiality::Client, None) => "Whom it is shared with".into(),
        (Confidentiality::Participants, _) => "All participants".into(),
    }
}

/// Up to four letters for a file's type.
pub(super) fn file_kind(document: &portal_core::document::FileVersion) -> String {
    let extension = document.name.extension().unwrap_or_default();
    extension.chars().take(4).collect::<String>().to_uppercase()
}

/// Who may see a document, as a choice.
pub(super) const AUDIENCES: [(Confidentiality, &str); 3] = [
    (Confidentiality::StaffOnly, "Staff only"),
    (Confidentiality::Client, "The client it belongs to"),
    (
        Confidentiality::Participants,
        "Everybody with portal access to this matter",
    ),
];

/// Reasons for returning a file that come up again and again, as the client reads them.
pub(super) const REASONS: [&str; 5] = [
    "We couldn't read this. Please scan it again in good light, without shadows or reflections.",
    "Part of the page is cut off. Please send it again with all four corners visible.",
    "Some pages are missing. Please send the complete document as one file.",
    "This document is out of date. Please send the current one.",
    "This is not the document we asked for. Please look at the description and send it again.",
];
