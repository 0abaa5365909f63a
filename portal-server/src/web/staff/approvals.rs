//! What clients are asked to approve: the queue, a matter's, one of them, and what proves its answers.

use askama::Template;

use super::matter::Head;
use super::{Chip, Fact};
use crate::web::client::Due;
use crate::web::client::approval::ShownFile;
use crate::web::view::{Badge, Choice, Errors, Pager, Shell};

/// An approval in a list.
#[derive(Debug, Clone, Default)]
pub struct ApprovalRow {
    /// Its page.
    pub href: String,
    /// The question.
    pub title: String,
    /// `Draft · 2 documents`.
    pub about: String,
    /// Its matter's name and page; shown in lists over several matters.
    pub matter: Option<(String, String)>,
    /// Who is asked: `Amina Haddad, Omar Haddad`.
    pub people: String,
    /// Where it stands.
    pub badge: Badge,
    /// When an answer is due.
    pub due: Option<Due>,
    /// When it was asked, and by whom.
    pub asked: String,
}

/// `/staff/approvals`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/approvals.html")]
pub struct Approvals {
    /// The frame.
    pub shell: Shell,
    /// `12 approvals`.
    pub counted: String,
    /// By state.
    pub chips: Vec<Chip>,
    /// What was searched for.
    pub q: String,
    /// The state that is shown; kept while searching.
    pub state: String,
    /// Choices of `kind`.
    pub kinds: Vec<Choice>,
    /// The first day, as filled in.
    pub since: String,
    /// The last day, as filled in.
    pub until: String,
    /// The client whose approvals are shown: their name, and the list of everybody's.
    pub person: Option<(String, String)>,
    /// The client's id; kept while searching.
    pub client: String,
    /// Whether anything narrows the list.
    pub filtered: bool,
    /// This page of the list.
    pub rows: Vec<ApprovalRow>,
    /// Where in the list it is.
    pub pager: Pager,
}

/// `/staff/matters/{id}/approvals`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/approvals.html")]
pub struct MatterApprovals {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// By state.
    pub chips: Vec<Chip>,
    /// This page of the list.
    pub rows: Vec<ApprovalRow>,
    /// Where in the list it is.
    pub pager: Pager,
    /// Where a new one is asked; `None` for who may not, and when the matter is closed.
    pub new_href: Option<String>,
}

/// Something that can be ticked.
#[derive(Debug, Clone, Default)]
pub struct Tick {
    /// What ticking it sends.
    pub value: String,
    /// Its name.
    pub label: String,
    /// More about it; may be empty.
    pub help: String,
    /// Whether it is ticked.
    pub checked: bool,
}

/// `/staff/matters/{id}/approvals/new`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/approval_form.html")]
pub struct ApprovalForm {
    /// The frame.
    pub shell: Shell,
    /// Where it posts to.
    pub action: String,
    /// The document whose page it was opened from (`from`); may be empty.
    pub from: String,
    /// The way back: words, and the page.
    pub back: (String, String),
    /// What is wrong.
    pub errors: Errors,
    /// Choices of `kind`.
    pub kinds: Vec<Choice>,
    /// `title`.
    pub title: String,
    /// `description`.
    pub description: String,
    /// Documents that can be attached (`document`).
    pub documents: Vec<Tick>,
    /// How many documents are for staff only and cannot be.
    pub hidden: String,
    /// People who can be asked (`person`).
    pub people: Vec<Tick>,
    /// The page on which people are let in, for when there is nobody.
    pub access_href: String,
    /// Choices of `needed`.
    pub needed: Vec<Choice>,
    /// `in_turn`.
    pub in_turn: bool,
    /// `due_on`.
    pub due_on: String,
    /// `expires_on`.
    pub expires_on: String,
    /// `remind_every_days`.
    pub remind_every_days: String,
}

/// Somebody who is asked.
#[derive(Debug, Clone, Default)]
pub struct PersonRow {
    /// Their name.
    pub name: String,
    /// Their page.
    pub href: String,
    /// What they answered, or that it waits for them.
    pub badge: Badge,
    /// When they answered; may be empty.
    pub when: String,
    /// What they said with it; may be empty.
    pub comment: String,
}

/// `/staff/approvals/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/approval.html")]
pub struct ApprovalPage {
    /// The frame.
    pub shell: Shell,
    /// The way back: the matter's approvals.
    pub back: (String, String),
    /// The question.
    pub title: String,
    /// Where it stands.
    pub badge: Badge,
    /// Why it was withdrawn, or what took its place: words, and a page that may be empty.
    pub said: Option<(String, String, String)>,
    /// What is known about it.
    pub facts: Vec<Fact>,
    /// What it is about; may be empty.
    pub description: String,
    /// The documents that are shown.
    pub files: Vec<ShownFile>,
    /// Who is asked.
    pub people: Vec<PersonRow>,
    /// What proves the answers; `None` while there are none.
    pub evidence_href: Option<String>,
    /// Where withdrawing posts to (`version`, `reason`); `None` for who may not, and when it is over.
    pub withdraw_action: Option<String>,
    /// The version that was read.
    pub version: String,
    /// `reason` as sent.
    pub reason: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
}

impl ApprovalPage {
    fn paragraphs(&self) -> impl Iterator<Item = &str> {
        let lines = self.description.lines().map(str::trim);
        lines.filter(|line| !line.is_empty())
    }
}

/// What proves one answer.
#[derive(Debug, Clone, Default)]
pub struct Proof {
    /// `Amina Haddad approved`.
    pub title: String,
    /// What they answered.
    pub badge: Badge,
    /// What they said with it; may be empty.
    pub comment: String,
    /// Who, for whom, when, from where, how they had signed in.
    pub facts: Vec<Fact>,
    /// The documents that were shown: name and version, and the SHA-256 of the bytes.
    pub documents: Vec<Fact>,
    /// Where its certificate is downloaded.
    pub certificate_href: String,
    /// The SHA-256 of what was shown.
    pub sha256: String,
    /// What was shown, byte for byte.
    pub shown: String,
}

/// `/staff/approvals/{id}/evidence`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/evidence.html")]
pub struct EvidencePage {
    /// The frame.
    pub shell: Shell,
    /// The way back: the approval.
    pub back: (String, String),
    /// The same as JSON.
    pub json_href: String,
    /// One for each answer, the oldest first.
    pub proofs: Vec<Proof>,
}
