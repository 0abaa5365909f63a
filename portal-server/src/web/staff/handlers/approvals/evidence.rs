//! What proves the answers to an approval.

use axum::extract::State;
use axum::response::Response;
use portal_core::approval::Evidence;
use portal_core::{ApprovalId, EvidenceId};

use super::super::desk::Desk;
use super::approval_href;
use super::show::decision_badge;
use crate::certificate;
use crate::error::Problem;
use crate::extract::Path;
use crate::state::AppState;
use crate::web::proof::{self, Told};
use crate::web::staff::approvals::{EvidencePage, Proof};
use crate::web::staff::{Fact, Place};

pub(in super::super) async fn show(desk: Desk, Path(id): Path<ApprovalId>) -> Result<Response, Problem> {
    let (item, evidence) = desk.portal().evidence(desk.ctx(), id).await?;
    Ok(desk.page(&EvidencePage {
        shell: desk.shell(Some(Place::Approvals)).await?,
        back: (item.approval.terms.title.clone(), approval_href(id)),
        json_href: desk.portal().url(&format!("/api/v1/approvals/{id}/evidence")),
        proofs: evidence.iter().map(proof).collect(),
    }))
}

/// The certificate of an answer, as a file.
pub(in super::super) async fn certificate(
    desk: Desk,
    State(state): State<AppState>,
    Path((id, answer)): Path<(ApprovalId, EvidenceId)>,
) -> Result<Response, Problem> {
    let certificate = certificate::awaited(desk.portal(), desk.ctx(), id, Some(answer)).await?;
    certificate::pdf(state.certificate_fonts(), certificate).await
}

fn proof(evidence: &Evidence) -> Proof {
    let name = &evidence.circumstances.name;
    let facts = |told: Vec<Told>| told.into_iter().map(|(label, value)| Fact::new(label, value));
    Proof {
        title: format!("{name} {}", proof::did(evidence.decision)),
        badge: decision_badge(evidence.decision),
        comment: evidence.comment.clone(),
        facts: facts(proof::circumstances(evidence)).collect(),
        documents: facts(proof::documents(evidence)).collect(),
        certificate_href: format!(
            "{}/evidence/{}/certificate",
            approval_href(evidence.approval_id),
            evidence.id
        ),
        sha256: evidence.shown_hash.to_string(),
        shown: proof::shown(evidence),
    }
}
