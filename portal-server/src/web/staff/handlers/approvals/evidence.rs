//! What proves the answers to an approval.

use axum::response::Response;
use portal_core::approval::{Assurance, Decision, Evidence, SignInMethod};
use portal_core::{ApprovalId, Origin};
use serde_json::Value;

use super::super::desk::Desk;
use super::approval_href;
use super::show::decision_badge;
use crate::error::Problem;
use crate::extract::Path;
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

fn origin(label: &str, origin: &Origin) -> [Fact; 2] {
    let ip = origin.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let browser = origin.user_agent.clone().unwrap_or_default();
    [
        Fact::new(format!("{label} from network address"), ip),
        Fact::new(format!("{label} with browser"), browser),
    ]
}

fn proof(evidence: &Evidence) -> Proof {
    let how = &evidence.circumstances;
    let did = match evidence.decision {
        Decision::Approved => "approved",
        Decision::Declined => "declined",
    };
    let SignInMethod::EmailLink = how.signed_in.method;
    let Assurance::SingleFactor = how.signed_in.assurance;
    let mut facts = vec![
        Fact::new("Answered by", how.name.clone()),
        Fact::new("For", how.on_behalf_of.name.clone()),
        Fact::new("At", format!("{} ({})", evidence.at, how.clock)),
        Fact::new(
            "Signed in",
            format!("By a link sent by email (one factor), at {}", how.signed_in.since),
        ),
        Fact::new("Session", how.signed_in.session.to_string()),
    ];
    facts.extend(origin("Answered", &how.from));
    facts.extend(origin("Signed in", &how.signed_in.from));
    facts.push(Fact::new(
        "Request",
        how.from.request_id.clone().unwrap_or_default(),
    ));
    facts.push(Fact::new("Entry of the audit trail", how.audit_entry.to_string()));
    let shown: Value = serde_json::from_slice(&evidence.shown).unwrap_or_default();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let documents = shown.get("documents").and_then(Value::as_array);
    let documents = documents.into_iter().flatten().map(|document| {
        let number = document.get("number").and_then(Value::as_u64).unwrap_or_default();
        let name = text(document.get("name"));
        Fact::new(format!("{name}, version {number}"), text(document.get("sha256")))
    });
    Proof {
        title: format!("{} {did}", how.name),
        badge: decision_badge(evidence.decision),
        comment: evidence.comment.clone(),
        facts,
        documents: documents.collect(),
        sha256: evidence.shown_hash.to_string(),
        shown: String::from_utf8_lossy(&evidence.shown).into_owned(),
    }
}
