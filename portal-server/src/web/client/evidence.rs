//! What is kept about an answer, for whoever gave it.

use askama::Template;

use crate::web::view::{Badge, Shell};

/// `/p/{access}/approvals/{id}/evidence`.
#[derive(Debug, Clone, Template)]
#[template(path = "client/evidence.html")]
pub struct EvidencePage {
    /// The frame.
    pub shell: Shell,
    /// The way back: the approval's title, and its page.
    pub back: (String, String),
    /// What is kept; `None` before they answered.
    pub kept: Option<Kept>,
}

/// The evidence of an answer, for whoever gave it.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// `You approved this today, 09:12.`
    pub text: String,
    /// What they answered.
    pub badge: Badge,
    /// What they said with it; may be empty.
    pub comment: String,
    /// Who, for whom, when, from where, how they had signed in: label and value.
    pub facts: Vec<(String, String)>,
    /// The documents that were shown: name and version, and the SHA-256 of the bytes.
    pub documents: Vec<(String, String)>,
    /// The SHA-256 of what was shown.
    pub sha256: String,
    /// What was shown, byte for byte.
    pub shown: String,
    /// The same as JSON.
    pub json_href: String,
    /// What that file is called.
    pub json_name: String,
}
