//! Evidence as bytes that anybody can make again, and what ties them to the audit trail.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Circumstances, Decision, Evidence, OnBehalfOf, SignedInAs};
use crate::audit::AuditEntry;
use crate::{Digest, Origin};

/// Why evidence and an entry of the audit trail do not belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotBound {
    /// The bytes are not of the form.
    #[error("this is not evidence in the form {}", Evidence::FORMAT)]
    Malformed,
    /// What is said to have been shown does not have the hash that stands beside it.
    #[error("what was shown does not have the hash that the evidence gives")]
    Shown,
    /// The entry tells of something else. The field of the entry that differs.
    #[error("the audit entry tells of another answer: `{0}` differs")]
    OtherEntry(&'static str),
    /// The entry was written before answers carried the hash of their evidence, or that was taken out of it.
    #[error("the audit entry has no hash of the evidence")]
    NoHash,
    /// The evidence is not the one that the entry was written with.
    #[error("the evidence was changed: the audit entry has another hash")]
    Changed,
}

impl Decision {
    /// What the audit entry of such an answer is called.
    #[must_use]
    pub const fn audit_action(self) -> &'static str {
        match self {
            Self::Approved => "approval.approved",
            Self::Declined => "approval.declined",
        }
    }
}

impl Evidence {
    /// The name of the format of [`Evidence::canonical`]; another layout has another name.
    pub const FORMAT: &'static str = "portal-evidence/1";

    /// All of it, as canonical bytes: JSON in the form of RFC 8785 (keys in order, no white space, UTF-8), of which
    /// `docs/approvals.md` lists every field. Nothing of the evidence is left out, so two that differ have different bytes.
    #[must_use]
    pub fn canonical(&self) -> Vec<u8> {
        // Taken apart by name, so that a field that is added is not forgotten here.
        let Self {
            id,
            practice_id,
            version: _,
            approval_id,
            matter_id,
            client_id,
            decision,
            comment,
            shown,
            shown_hash,
            circumstances,
            at,
        } = self;
        let Circumstances {
            name,
            on_behalf_of,
            signed_in,
            factor,
            from,
            clock,
            approval_version,
            audit_entry,
        } = circumstances;
        let mut value = json!({
            "answered_at": at,
            "approval": approval_id,
            "approval_version": approval_version,
            "audit_entry": audit_entry,
            "by": { "client": client_id, "name": name },
            "clock": clock,
            "comment": comment,
            "decision": decision.as_str(),
            "evidence": id,
            "format": Self::FORMAT,
            "from": origin(from),
            "matter": matter_id,
            "on_behalf_of": on_behalf(on_behalf_of),
            "practice": practice_id,
            "shown": String::from_utf8_lossy(shown),
            "shown_sha256": shown_hash,
            "signed_in": sign_in(signed_in),
        });
        // There only when there was one: the bytes of what was answered without are what they were before factors.
        if let (Some(method), Some(fields)) = (factor, value.as_object_mut()) {
            fields.insert("factor".to_owned(), json!({ "method": method }));
        }
        value.to_string().into_bytes()
    }

    /// The SHA-256 of [`Evidence::canonical`]: the answer's audit entry carries it as `detail.evidence`.
    #[must_use]
    pub fn hash(&self) -> Digest {
        Digest::of(&self.canonical())
    }

    /// Makes sure that `entry` is the one that was written with it, and that neither was changed since.
    ///
    /// # Errors
    /// What differs.
    pub fn belongs_to(&self, entry: &AuditEntry) -> Result<(), NotBound> {
        // Bytes that are no text have no place in the canonical form.
        if Digest::of(&self.shown) != self.shown_hash {
            return Err(NotBound::Shown);
        }
        check_binding(&self.canonical(), entry)
    }
}

/// Makes sure that `canonical`, as [`Evidence::canonical`] made it, belongs to `entry`. It needs no server and no database: whether
/// the entry is the one that was sealed, an [`AuditProof`](crate::audit::export::AuditProof) or an export tells.
///
/// # Errors
/// What differs.
pub fn check_binding(canonical: &[u8], entry: &AuditEntry) -> Result<(), NotBound> {
    let told: Told = serde_json::from_slice(canonical).map_err(|_| NotBound::Malformed)?;
    if told.format != Evidence::FORMAT {
        return Err(NotBound::Malformed);
    }
    if Digest::of(told.shown.as_bytes()).to_string() != told.shown_sha256 {
        return Err(NotBound::Shown);
    }
    let client = entry.client_id.map(|id| id.to_string());
    let matter = entry.matter_id.map(|id| id.to_string());
    let same = [
        ("id", entry.id.to_string() == told.audit_entry),
        ("practice_id", entry.practice_id.to_string() == told.practice),
        ("at", entry.at.to_string() == told.answered_at),
        (
            "actor_kind",
            entry.actor_kind == "client" && entry.staff_id.is_none(),
        ),
        ("client_id", client.as_ref() == Some(&told.by.client)),
        ("action", entry.action == told.decision.audit_action()),
        ("subject_kind", entry.subject_kind == "approval"),
        ("subject_id", entry.subject_id.to_string() == told.approval),
        ("matter_id", matter.as_ref() == Some(&told.matter)),
        (
            "detail.sha256",
            detail(entry, "sha256") == Some(&told.shown_sha256),
        ),
    ];
    if let Some((field, _)) = same.into_iter().find(|(_, same)| !same) {
        return Err(NotBound::OtherEntry(field));
    }
    let bound = detail(entry, "evidence").ok_or(NotBound::NoHash)?;
    if bound == Digest::of(canonical).to_string() {
        Ok(())
    } else {
        Err(NotBound::Changed)
    }
}

/// What an audit entry repeats of the evidence.
#[derive(Deserialize)]
struct Told {
    format: String,
    answered_at: String,
    approval: String,
    audit_entry: String,
    by: By,
    decision: Decision,
    matter: String,
    practice: String,
    shown: String,
    shown_sha256: String,
}

#[derive(Deserialize)]
struct By {
    client: String,
}

fn detail<'e>(entry: &'e AuditEntry, name: &str) -> Option<&'e str> {
    entry.detail.get(name).and_then(Value::as_str)
}

fn origin(origin: &Origin) -> Value {
    let Origin {
        ip,
        user_agent,
        request_id,
    } = origin;
    json!({ "ip": ip, "request_id": request_id, "user_agent": user_agent })
}

fn on_behalf(on_behalf_of: &OnBehalfOf) -> Value {
    let OnBehalfOf {
        client,
        name,
        part,
        access,
    } = on_behalf_of;
    json!({ "access": access, "client": client, "name": name, "part": part })
}

fn sign_in(signed_in: &SignedInAs) -> Value {
    let SignedInAs {
        session,
        method,
        assurance,
        since,
        from,
    } = signed_in;
    json!({
        "assurance": assurance,
        "from": origin(from),
        "method": method,
        "session": session,
        "since": since,
    })
}
