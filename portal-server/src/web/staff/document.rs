//! One document: look at it, decide about it, say who may see it.

use askama::Template;

use super::Fact;
use super::matter::Head;
use crate::web::view::{Badge, Choice, Errors, Shell};

/// `/staff/documents/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/document.html")]
pub struct DocumentPage {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// The file's name.
    pub name: String,
    /// Where it stands.
    pub badge: Badge,
    /// Why it was returned; may be empty.
    pub reason: String,
    /// The version that was read: deciding about another one is refused.
    pub version: String,
    /// A picture of it, served in a sandbox; empty when there is none.
    pub picture_href: String,
    /// Where the newest version is downloaded.
    pub download_href: String,
    /// What is known: request, client, size, hash, who sent it.
    pub facts: Vec<Fact>,
    /// Where another version is sent (`replaces`, `file`); `None` for what answers a request, and for who may not.
    pub version_action: Option<String>,
    /// The document's id, as `replaces`.
    pub id: String,
    /// All versions, the newest first.
    pub versions: Vec<VersionRow>,
    /// Where accepting posts to (`version`).
    pub accept_action: Option<String>,
    /// Where returning posts to (`version`, `reason`).
    pub return_action: Option<String>,
    /// Reasons to choose from.
    pub reasons: Vec<Choice>,
    /// `reason` as sent.
    pub sent_reason: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// Whether clients can be asked to approve it; `None` for who may not ask them.
    pub asking: Option<Asking>,
    /// Where category and confidentiality post to; `None` for who may not.
    pub patch_action: Option<String>,
    /// `category`.
    pub category: String,
    /// Choices of `confidentiality`.
    pub audiences: Vec<Choice>,
    /// With whom it is shared.
    pub shares: Vec<ShareRow>,
    /// Where sharing posts to (`access_id`); `None` for who may not, or when there is nobody to share it with.
    pub share_action: Option<String>,
    /// Choices of `access_id`: portal accesses of this matter and of related ones.
    pub accesses: Vec<Choice>,
    /// The next file to review on this matter: its name and page.
    pub next: Option<(String, String)>,
}

/// Whether clients can be asked to approve a document.
#[derive(Debug, Clone)]
pub enum Asking {
    /// They can.
    Possible {
        /// The form, with the document chosen.
        href: String,
        /// The version that they would be shown.
        version: u32,
    },
    /// They cannot: why, and the way on.
    Impossible(&'static str),
}

/// One version of a document.
#[derive(Debug, Clone, Default)]
pub struct VersionRow {
    /// `Version 2`.
    pub number: String,
    /// Its file's name.
    pub name: String,
    /// `1.2 MB`.
    pub size: String,
    /// Who sent it.
    pub from: String,
    /// `Fri 20 Nov, 09:12`.
    pub when: String,
    /// Where it is downloaded.
    pub href: String,
}

/// A portal access that a document is shared with.
#[derive(Debug, Clone, Default)]
pub struct ShareRow {
    /// The person's name.
    pub name: String,
    /// Their matter's reference.
    pub matter: String,
    /// Where taking it back posts to (`access_id`); `None` for who may not.
    pub action: Option<String>,
    /// The portal access.
    pub access_id: String,
}
