//! One request, and the review of what was provided for it.

use askama::Template;

use super::matter::{DocumentRow, Head};
use crate::web::client::Due;
use crate::web::view::{Badge, Choice, Errors, Pager, Shell};

/// `/staff/matters/{id}/requests/{request}`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/review.html")]
pub struct Review {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub head: Head,
    /// This page, to come back to.
    pub here: String,
    /// What is asked for.
    pub title: String,
    /// Of whom.
    pub person: String,
    /// Where it stands.
    pub badge: Badge,
    /// When it is due.
    pub due: Option<Due>,
    /// Why it was returned or waived; may be empty.
    pub reason: String,
    /// What the client reads about it; may be empty.
    pub help: String,
    /// An example in words; may be empty.
    pub example: String,
    /// How many files are wanted.
    pub wanted: u32,
    /// Where it is changed; `None` for who may not.
    pub edit_href: Option<String>,
    /// Where files that came by other ways are added; `None` for who may not.
    pub upload_action: Option<String>,
    /// The version that was read: deciding about another one is refused.
    pub version: String,
    /// What was provided, newest first: this page of it.
    pub files: Vec<DocumentRow>,
    /// How many files were provided in all.
    pub total: u64,
    /// Where in the files this page is; `None` when all are shown.
    pub pager: Option<Pager>,
    /// Pictures that can be looked at here: name and address, served in a sandbox.
    pub pictures: Vec<(String, String)>,
    /// Where accepting posts to.
    pub accept_action: Option<String>,
    /// Where returning posts to (`reason`).
    pub return_action: Option<String>,
    /// Reasons to choose from; the value is the text that the client will read.
    pub reasons: Vec<Choice>,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// What was sent as `reason`.
    pub sent_reason: String,
    /// Where waiving posts to (`reason`).
    pub waive_action: Option<String>,
    /// Where withdrawing posts to.
    pub withdraw_action: Option<String>,
    /// Where asking again posts to.
    pub reopen_action: Option<String>,
    /// The next one to review on this matter: its title and page.
    pub next: Option<(String, String)>,
}

/// Changing what is asked for.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/matter/request_form.html")]
pub struct RequestForm {
    /// The frame.
    pub shell: Shell,
    /// `Change Passport`.
    pub heading: String,
    /// Where the form posts to.
    pub action: String,
    /// Where leaving leads.
    pub cancel_href: String,
    /// The version that was read.
    pub version: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// `title`.
    pub title: String,
    /// `group`.
    pub group: String,
    /// `help`.
    pub help: String,
    /// `example`.
    pub example: String,
    /// `wanted`.
    pub wanted: String,
    /// `due_on`.
    pub due_on: String,
    /// `required`.
    pub required: bool,
}
