//! The evidence of answers, as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use portal_core::approval::{ApprovalItem, Evidence};
use portal_core::{Digest, Origin, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// From where something came.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OriginBody {
    /// The network's address, as the server or its trusted proxy saw it.
    ip: Option<String>,
    /// What the browser called itself, cut to 300 characters.
    user_agent: Option<String>,
    /// The request's id, which the server's log carries too.
    request_id: Option<String>,
}

impl From<Origin> for OriginBody {
    fn from(origin: Origin) -> Self {
        Self {
            ip: origin.ip.map(|ip| ip.to_string()),
            user_agent: origin.user_agent,
            request_id: origin.request_id,
        }
    }
}

/// Who answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ByBody {
    client_id: Uuid,
    /// Their name at the time.
    name: String,
}

/// For whom somebody answered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ForWhomBody {
    client_id: Uuid,
    /// Their name at the time.
    name: String,
    /// The part they took in the matter at the time.
    part: Option<String>,
    /// The portal access that let them in.
    portal_access_id: Uuid,
}

/// How somebody had signed in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedInBody {
    session_id: Uuid,
    /// `email-link`: by a link sent to their address, used once, and confirmed by a press or by the code of the same mail.
    method: String,
    /// `single-factor`.
    assurance: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    from: OriginBody,
}

/// The second factor that was confirmed with an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FactorBody {
    /// What it is called: 1 to 40 characters of `a` to `z`, `0` to `9` and `-`, like `totp`.
    method: String,
}

/// What was shown.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShownBody {
    /// The canonical bytes in base64: their SHA-256 is `sha256`.
    bytes: String,
    /// In hexadecimal.
    sha256: String,
    /// The same bytes, read as JSON.
    content: serde_json::Value,
}

/// The entry of the audit trail that was written with an answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryBody {
    /// The entry, whose `detail.evidence` is the `sha256` of `canonical`, and `detail.sha256` that of `shown`.
    entry_id: Uuid,
}

/// All of the evidence as bytes that anybody can make again: JSON in the form of RFC 8785 (keys in order, no white space, UTF-8) of
/// what stands here, under the names that the documentation lists (`docs/approvals.md`).
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CanonicalBody {
    /// `portal-evidence/1`.
    format: &'static str,
    /// The canonical bytes in base64: their SHA-256 is `sha256`.
    bytes: String,
    /// In hexadecimal. The audit entry carries it as `detail.evidence`.
    sha256: String,
}

/// What proves one answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceBody {
    id: Uuid,
    approval_id: Uuid,
    /// The approval's version that was answered.
    approval_version: i64,
    matter_id: Uuid,
    /// `approved` or `declined`.
    decision: &'static str,
    comment: String,
    #[schema(value_type = String, format = DateTime)]
    answered_at: Timestamp,
    /// Which clock told the time.
    clock: String,
    by: ByBody,
    on_behalf_of: ForWhomBody,
    signed_in: SignedInBody,
    /// Null when none was asked for. The canonical bytes have `factor` only when there was one.
    factor: Option<FactorBody>,
    from: OriginBody,
    shown: ShownBody,
    audit: EntryBody,
    canonical: CanonicalBody,
}

/// The evidence of an approval's answers.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EvidenceListBody {
    approval_id: Uuid,
    matter_reference: String,
    items: Vec<EvidenceBody>,
}

fn word(value: &impl Serialize) -> Option<String> {
    let value = serde_json::to_value(value).ok()?;
    value.as_str().map(str::to_owned)
}

impl From<Evidence> for EvidenceBody {
    fn from(evidence: Evidence) -> Self {
        let canonical = evidence.canonical();
        let canonical = CanonicalBody {
            format: Evidence::FORMAT,
            sha256: Digest::of(&canonical).to_string(),
            bytes: STANDARD.encode(&canonical),
        };
        let how = evidence.circumstances;
        Self {
            id: evidence.id.0,
            approval_id: evidence.approval_id.0,
            approval_version: how.approval_version.0,
            matter_id: evidence.matter_id.0,
            decision: evidence.decision.as_str(),
            comment: evidence.comment,
            answered_at: evidence.at,
            clock: how.clock,
            by: ByBody {
                client_id: evidence.client_id.0,
                name: how.name,
            },
            on_behalf_of: ForWhomBody {
                client_id: how.on_behalf_of.client.0,
                name: how.on_behalf_of.name,
                part: how.on_behalf_of.part.as_ref().and_then(word),
                portal_access_id: how.on_behalf_of.access.0,
            },
            signed_in: SignedInBody {
                session_id: how.signed_in.session.0,
                method: word(&how.signed_in.method).unwrap_or_default(),
                assurance: word(&how.signed_in.assurance).unwrap_or_default(),
                since: how.signed_in.since,
                from: how.signed_in.from.into(),
            },
            factor: how.factor.map(|method| FactorBody {
                method: method.into(),
            }),
            from: how.from.into(),
            shown: ShownBody {
                bytes: STANDARD.encode(&evidence.shown),
                sha256: evidence.shown_hash.to_string(),
                content: serde_json::from_slice(&evidence.shown).unwrap_or_default(),
            },
            audit: EntryBody {
                entry_id: how.audit_entry.0,
            },
            canonical,
        }
    }
}

pub(super) fn evidence_list(item: &ApprovalItem, evidence: Vec<Evidence>) -> EvidenceListBody {
    EvidenceListBody {
        approval_id: item.approval.id.0,
        matter_reference: item.matter_reference.clone(),
        items: evidence.into_iter().map(EvidenceBody::from).collect(),
    }
}
