//! One thing to approve.

use askama::Template;

use super::{Due, Matter};
use crate::web::view::{Badge, Errors, Shell, Tone};

/// `/p/{access}/approvals/{id}`.
#[derive(Debug, Clone, Template)]
#[template(path = "client/approval.html")]
pub struct ApprovalPage {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub matter: Matter,
    /// All approvals.
    pub approvals_href: String,
    /// What kind of thing it is: `Draft`.
    pub kind: String,
    /// The question.
    pub title: String,
    /// Where it stands.
    pub badge: Badge,
    /// When an answer is due.
    pub due: Option<Due>,
    /// `Asked by Sam Keller, Fri 20 Nov`.
    pub asked: String,
    /// Why it cannot be answered any more, or was not just now.
    pub said: Option<Said>,
    /// What it is about; paragraphs are separated by newlines; may be empty.
    pub description: String,
    /// What is shown of another record: label and value.
    pub lines: Vec<(String, String)>,
    /// The documents to look at.
    pub files: Vec<ShownFile>,
    /// The form to answer with; `None` when there is nothing to answer, or for a reader who may only look.
    pub form: Option<AnswerForm>,
    /// What the reader answered.
    pub given: Option<Given>,
}

impl ApprovalPage {
    fn paragraphs(&self) -> impl Iterator<Item = &str> {
        let lines = self.description.lines().map(str::trim);
        lines.filter(|line| !line.is_empty())
    }
}

/// Something the page says first.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// How bad it is.
    pub tone: Tone,
    /// What happened, in a few words.
    pub title: String,
    /// More about it; may be empty.
    pub text: String,
    /// The way on: its words and its page.
    pub way_on: Option<(String, String)>,
    /// Whether it answers what the reader just did.
    pub is_answer: bool,
}

/// A document that is shown.
#[derive(Debug, Clone, Default)]
pub struct ShownFile {
    /// Its name.
    pub name: String,
    /// Up to four letters for its type.
    pub kind: String,
    /// `1.2 MB · Version 2`.
    pub about: String,
    /// Where it opens in the browser.
    pub view_href: String,
    /// Where it is downloaded.
    pub download_href: String,
}

/// The way to answer.
#[derive(Debug, Clone, Default)]
pub struct AnswerForm {
    /// Where it posts to (`shown`, `comment`, `factor`, `decision`).
    pub action: String,
    /// The hash of what the page shows.
    pub shown: String,
    /// What the second factor is called that an answer needs; `None` when it needs none. What was sent is never shown again.
    pub factor: Option<String>,
    /// `comment` as sent.
    pub comment: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
}

/// What the reader answered.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// `You approved this on Fri 20 Nov, 09:12`.
    pub text: String,
    /// What they said with it; may be empty.
    pub comment: String,
    /// What is kept about it.
    pub evidence_href: String,
    /// Where its certificate is downloaded.
    pub certificate_href: String,
}
