//! The frame around the client's pages.

use portal_core::checklist::RequestFilter;
use portal_core::document::DocumentFilter;
use portal_core::practice::Practice;
use portal_core::{Error, NoRule, Portal};

use super::visit::Visit;
use super::words;
use crate::error::Problem;
use crate::web::brand;
use crate::web::client::{self, Contact, Place};
use crate::web::view::{Direction, Live, NavItem, Person, Preview, Progress, Shell};

/// The frame of a page that needs no session.
pub(super) fn outside(practice: &Practice, home_href: String) -> Shell {
    // The pages' own words are English; the practice's locale says which.
    let lang = match practice.locale.split(['-', '_']).next() {
        Some("en") => practice.locale.replace('_', "-"),
        _ => "en".to_owned(),
    };
    Shell {
        dir: Direction::of(&lang),
        lang,
        practice_name: practice.name.clone(),
        home_href,
        brand_css: brand::href(practice),
        ..Shell::default()
    }
}

/// Whom to turn to: the practice, not a person of a matter.
pub(super) fn contact(practice: &Practice) -> Option<Contact> {
    (!practice.help_text.is_empty()).then(|| Contact {
        name: practice.name.clone(),
        note: practice.help_text.clone(),
        ..Contact::default()
    })
}

/// What is counted on every page of a workspace.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    /// Of what was asked, how much is done.
    pub(super) requests: Progress,
    /// How many approvals wait for them.
    pub(super) approvals: u64,
    /// How many documents the client may see.
    pub(super) documents: u64,
}

impl Counts {
    /// Counts afresh.
    pub(super) async fn of(portal: &Portal, visit: &Visit) -> Result<Self, Error<NoRule>> {
        let requests = portal.request_counts(&visit.ctx, &requests_of(visit)).await?;
        let matter = visit.workspace.matter.id;
        let approvals = portal.approvals_to_answer(&visit.ctx, matter).await?.len();
        let documents = portal.document_counts(&visit.ctx, &documents_of(visit)).await?;
        Ok(Self {
            requests: words::progress(&requests),
            approvals: u64::try_from(approvals).unwrap_or(u64::MAX),
            documents: documents.total(),
        })
    }
}

/// The requests of a workspace.
pub(super) fn requests_of(visit: &Visit) -> RequestFilter {
    RequestFilter {
        matter: Some(visit.workspace.matter.id),
        ..RequestFilter::default()
    }
}

/// The documents of a workspace.
pub(super) fn documents_of(visit: &Visit) -> DocumentFilter {
    DocumentFilter {
        visible_to_access: Some(visit.workspace.access.id),
        ..DocumentFilter::default()
    }
}

/// The frame of a page of a workspace.
pub(super) async fn inside(
    portal: &Portal,
    visit: &Visit,
    at: Place,
    counts: Counts,
) -> Result<Shell, Problem> {
    let several = portal.workspaces(&visit.ctx).await?.len() > 1;
    let base = &visit.door.base;
    Ok(Shell {
        live: Some(Live::new(format!("{base}/live"))),
        nav: client::nav(base, at, counts.requests, counts.approvals, counts.documents),
        person: (!visit.is_preview()).then(|| person(visit, several)),
        preview: preview(visit),
        ..visit.door.shell()
    })
}

fn person(visit: &Visit, several: bool) -> Person {
    let client = &visit.workspace.client;
    let root = &visit.door.root;
    let at = visit.door.locator;
    let all = NavItem {
        href: format!("{root}/p"),
        label: format!("All your {}", words::plural(&visit.door.practice.matter_word)),
        icon: "matter",
        ..NavItem::default()
    };
    Person {
        name: client.name(),
        detail: client.email.as_ref().map(ToString::to_string).unwrap_or_default(),
        links: several.then_some(all).into_iter().collect(),
        sign_out: format!("{root}/p/sign-out?from={at}"),
        sign_out_everywhere: Some(format!("{root}/p/sign-out-everywhere?from={at}")),
    }
}

/// The banner of a preview, while there is one.
pub(super) fn preview(visit: &Visit) -> Option<Preview> {
    visit.is_preview().then(|| Preview {
        client: visit.workspace.client.name(),
        end_action: format!("{}/p/preview/end", visit.door.root),
    })
}
