//! What is kept about the reader's answer.

use axum::extract::State;
use axum::response::Response;
use portal_core::Portal;
use portal_core::approval::{Approval, Evidence};

use super::approval::find;
use super::approvals::badge;
use super::frame::{self, Counts};
use super::request::Named;
use super::visit::Visit;
use crate::error::Problem;
use crate::extract::Path;
use crate::state::AppState;
use crate::web::client::Place;
use crate::web::client::evidence::{EvidencePage, Kept};
use crate::web::proof;

/// Shows it: the reader's own answer, and nobody else's.
pub(super) async fn show(State(state): State<AppState>, visit: Visit, Path(named): Path<Named>) -> Response {
    let page = page(state.portal(), &visit, &named.id).await;
    visit.answer(&state, page)
}

async fn page(portal: &Portal, visit: &Visit, id: &str) -> Result<EvidencePage, Problem> {
    let approval = find(portal, visit, id).await?.approval;
    let (_, evidence) = portal.evidence(&visit.ctx, approval.id).await?;
    let counts = Counts::of(portal, visit).await?;
    let href = format!("{}/approvals/{}", visit.door.base, approval.id);
    Ok(EvidencePage {
        shell: frame::inside(portal, visit, Place::Approvals, counts).await?,
        back: (approval.terms.title.clone(), href),
        kept: evidence.first().map(|evidence| kept(visit, &approval, evidence)),
    })
}

fn kept(visit: &Visit, approval: &Approval, evidence: &Evidence) -> Kept {
    let did = proof::did(evidence.decision);
    Kept {
        text: format!("You {did} this {}.", visit.when.moment_within(evidence.at)),
        badge: badge(visit, approval),
        comment: evidence.comment.clone(),
        facts: proof::circumstances(evidence),
        documents: proof::documents(evidence),
        sha256: evidence.shown_hash.to_string(),
        shown: proof::shown(evidence),
        json_href: format!("{}/api/v1/approvals/{}/evidence", visit.door.root, approval.id),
        json_name: format!("evidence-{}.json", evidence.id),
    }
}
