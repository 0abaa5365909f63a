//! What proves an answer, in words: the same for staff and for whoever answered.

use portal_core::Origin;
use portal_core::approval::{Assurance, Decision, Evidence, SignInMethod};
use serde_json::Value;

/// A label and its value; the value may be empty.
pub(crate) type Told = (String, String);

/// `approved`, as somebody did.
pub(crate) const fn did(decision: Decision) -> &'static str {
    match decision {
        Decision::Approved => "approved",
        Decision::Declined => "declined",
    }
}

fn origin(label: &str, origin: &Origin) -> [Told; 2] {
    let ip = origin.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let browser = origin.user_agent.clone().unwrap_or_default();
    [
        (format!("{label} from network address"), ip),
        (format!("{label} with browser"), browser),
    ]
}

/// Who, for whom, when, from where, how they had signed in, and where the trail tells of it.
pub(crate) fn circumstances(evidence: &Evidence) -> Vec<Told> {
    let how = &evidence.circumstances;
    let SignInMethod::EmailLink = how.signed_in.method;
    let Assurance::SingleFactor = how.signed_in.assurance;
    let told = |label: &str, value: String| (label.to_owned(), value);
    let mut facts = vec![
        told("Answered by", how.name.clone()),
        told("For", how.on_behalf_of.name.clone()),
        told("At", format!("{} ({})", evidence.at, how.clock)),
        told(
            "Signed in",
            format!("By a link sent by email (one factor), at {}", how.signed_in.since),
        ),
        told("Session", how.signed_in.session.to_string()),
    ];
    if let Some(factor) = &how.factor {
        facts.push(told("Second factor with the answer", factor.as_str().to_owned()));
    }
    facts.extend(origin("Answered", &how.from));
    facts.extend(origin("Signed in", &how.signed_in.from));
    facts.push(told("Request", how.from.request_id.clone().unwrap_or_default()));
    facts.push(told("Entry of the audit trail", how.audit_entry.to_string()));
    facts.push(told(
        "SHA-256 of all this, which that entry has as “evidence”",
        evidence.hash().to_string(),
    ));
    facts
}

/// The documents that were shown: name and version, and the SHA-256 of the bytes.
pub(crate) fn documents(evidence: &Evidence) -> Vec<Told> {
    let shown: Value = serde_json::from_slice(&evidence.shown).unwrap_or_default();
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let documents = shown.get("documents").and_then(Value::as_array);
    let told = documents.into_iter().flatten().map(|document| {
        let number = document.get("number").and_then(Value::as_u64).unwrap_or_default();
        let name = text(document.get("name"));
        (format!("{name}, version {number}"), text(document.get("sha256")))
    });
    told.collect()
}

/// What was shown, byte for byte, as text.
pub(crate) fn shown(evidence: &Evidence) -> String {
    String::from_utf8_lossy(&evidence.shown).into_owned()
}
