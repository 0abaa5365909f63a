//! One matter, a file a tab.

pub(super) mod access;
pub(super) mod activity;
mod audit;
pub(super) mod checklist;
pub(super) mod documents;
pub(super) mod overview;
pub(super) mod request;
pub(super) mod stage;

use portal_core::approval::{ApprovalFilter, ApprovalState};
use portal_core::checklist::RequestFilter;
use portal_core::document::DocumentFilter;
use portal_core::matter::{Matter, Part};
use portal_core::policy::Capability;

use super::desk::Desk;
use super::rows::matter_href;
use super::words::matter_badge;
use crate::error::Problem;
use crate::web::staff::matter::Head;
use crate::web::view::Progress;

/// The requests of a matter.
fn requests_of(matter: &Matter) -> RequestFilter {
    RequestFilter {
        matter: Some(matter.id),
        ..RequestFilter::default()
    }
}

/// The documents of a matter.
pub(super) fn documents_of(matter: &Matter) -> DocumentFilter {
    DocumentFilter {
        matter: Some(matter.id),
        ..DocumentFilter::default()
    }
}

/// What stands above every tab.
pub(super) async fn head(desk: &Desk, matter: &Matter) -> Result<Head, Problem> {
    let (portal, ctx) = (desk.portal(), desk.ctx());
    let requests = portal.request_counts(ctx, &requests_of(matter)).await?;
    let documents = portal.document_counts(ctx, &documents_of(matter)).await?.total();
    let accesses = portal.accesses(ctx, matter.id).await?;
    let active = accesses.iter().filter(|(access, _)| access.is_active()).count();
    let open = ApprovalFilter {
        matter: Some(matter.id),
        state: Some(ApprovalState::Open),
        ..ApprovalFilter::default()
    };
    let approvals = portal.approval_count(ctx, &open).await?;
    let owner = desk.staff_name(matter.owner_id).await?;
    let people = portal.participants(ctx, matter.id).await?;
    let principal = people
        .iter()
        .find(|(participant, _)| participant.part == Part::Principal)
        .or(people.first())
        .map(|(_, client)| client.name());
    let line = [
        Some(matter.reference.clone()),
        principal,
        matter.practice_area.clone(),
        matter.stage.clone(),
        Some(owner),
    ];
    let href = matter_href(matter.id);
    Ok(Head {
        reference: matter.reference.clone(),
        title: matter.title.clone(),
        badge: matter_badge(matter.state),
        line: line.into_iter().flatten().collect(),
        progress: Progress {
            done: requests.done(),
            total: requests.asked(),
        },
        documents,
        approvals,
        accesses: u64::try_from(active).unwrap_or_default(),
        edit_href: desk.if_may(Capability::EditMatters, format!("{href}/edit")),
        base: href,
    })
}
