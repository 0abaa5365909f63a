//! What is shown, as bytes that anybody can make again.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Approval;
use crate::document::{DocumentVersion, FileName};
use crate::{Digest, DocumentId, DocumentVersionId, Version};

/// One version of a document, as it is shown with an approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attached {
    /// The document.
    pub document: DocumentId,
    /// Its version.
    pub version: DocumentVersionId,
    /// The version's number within the document.
    pub number: u32,
    /// The file's name.
    pub name: FileName,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
}

impl Attached {
    /// This version.
    #[must_use]
    pub fn of(version: &DocumentVersion) -> Self {
        Self {
            document: version.document_id,
            version: version.id,
            number: version.number,
            name: version.file.name.clone(),
            media_type: version.file.media_type.clone(),
            size: version.file.size,
            sha256: version.file.sha256,
        }
    }
}

/// Another record that an approval is about: a time entry, an expense, an invoice, a deliverable. The capability that keeps it
/// says what is shown of it, line by line; when the record changes, that capability asks anew.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Which record; what it is follows from the [kind](super::ApprovalKind).
    pub id: Uuid,
    /// The version that is shown.
    pub version: Version,
    /// What is shown of it.
    pub lines: Vec<Line>,
}

/// A line of what is shown of a [`Subject`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// "Amount".
    pub label: String,
    /// "AUD 120.50".
    pub value: String,
}

impl Approval {
    /// The name of the format of [`Approval::shown`]; another layout has another name.
    pub const SHOWN_FORMAT: &'static str = "portal-approval/1";

    /// What is shown, as canonical bytes: JSON in the form of RFC 8785 (keys in order, no white space, UTF-8), of which
    /// `docs/approvals.md` lists every field. Two approvals that show anything different have different bytes: each has its own
    /// id in them, its practice and matter, its kind, its words, and each document in order with version, name and SHA-256.
    #[must_use]
    pub fn shown(&self) -> Vec<u8> {
        let documents: Vec<Value> = self.documents.iter().map(document).collect();
        let subject = self.terms.subject.as_ref().map(subject);
        let value = json!({
            "approval": self.id,
            "description": self.terms.description,
            "documents": documents,
            "format": Self::SHOWN_FORMAT,
            "kind": self.terms.kind.as_str(),
            "matter": self.matter_id,
            "practice": self.practice_id,
            "subject": subject,
            "title": self.terms.title,
        });
        value.to_string().into_bytes()
    }

    /// The SHA-256 of [`Approval::shown`]: an answer must carry it.
    #[must_use]
    pub fn shown_hash(&self) -> Digest {
        Digest::of(&self.shown())
    }
}

fn document(attached: &Attached) -> Value {
    json!({
        "document": attached.document,
        "media_type": attached.media_type,
        "name": attached.name,
        "number": attached.number,
        "sha256": attached.sha256,
        "size": attached.size,
        "version": attached.version,
    })
}

fn subject(subject: &Subject) -> Value {
    let line = |line: &Line| json!({ "label": line.label, "value": line.value });
    json!({
        "id": subject.id,
        "lines": subject.lines.iter().map(line).collect::<Vec<_>>(),
        "version": subject.version,
    })
}
