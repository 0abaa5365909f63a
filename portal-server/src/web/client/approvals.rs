//! Everything that the client is or was asked to approve.

use askama::Template;

use super::{ApprovalRow, Matter};
use crate::web::view::{Errors, Pager, Shell};

/// `/p/{access}/approvals`.
#[derive(Debug, Clone, Template)]
#[template(path = "client/approvals.html")]
pub struct Approvals {
    /// The frame.
    pub shell: Shell,
    /// The matter.
    pub matter: Matter,
    /// The list's own address.
    pub here: String,
    /// What waits for an answer, the most urgent first.
    pub waiting: Vec<ApprovalRow>,
    /// What the second factor is called that an answer needs; `None` when it needs none.
    pub factor: Option<String>,
    /// Where answers to several are sent (`item`, `comment`, `factor`, `decision`); `None` for a reader who may only look, and when fewer
    /// than two wait.
    pub answer_action: Option<String>,
    /// `comment` as sent.
    pub comment: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// What was asked before, the newest first: this page of it.
    pub history: Vec<ApprovalRow>,
    /// The words that the history was searched for.
    pub q: String,
    /// Where in the history this page is.
    pub pager: Pager,
}
