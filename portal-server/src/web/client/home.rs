//! The client's home: what to do next, first.

use askama::Template;

use super::{ApprovalRow, Contact, Due, Matter, RequestRow, Upload};
use crate::web::view::{Progress, Shell};

/// `/p/{access}` for someone who is signed in.
#[derive(Debug, Clone, Template)]
#[template(path = "client/home.html")]
pub struct Home {
    /// The frame.
    pub shell: Shell,
    /// `Good morning, Amina`.
    pub greeting: String,
    /// The matter.
    pub matter: Matter,
    /// Where the matter stands.
    pub stage: Option<Stage>,
    /// The one thing to do next; `None` when there is nothing to do.
    pub next: Option<Next>,
    /// What waits for an answer, the most urgent first: it comes before what is to be provided.
    pub approvals: Vec<ApprovalRow>,
    /// How much of what was asked is done; nothing was asked yet when the total is 0.
    pub progress: Progress,
    /// What else is to do, soonest first, without `next`; only the first few.
    pub then: Vec<RequestRow>,
    /// All requests.
    pub requests_href: String,
    /// Who works on the matter.
    pub people: Vec<Contact>,
}

/// Where the matter stands.
#[derive(Debug, Clone, Default)]
pub struct Stage {
    /// The stages in order.
    pub steps: Vec<Step>,
    /// The current stage, in plain words.
    pub now: String,
    /// What it means, and what comes next; may be empty.
    pub meaning: String,
}

/// One stage.
#[derive(Debug, Clone, Default)]
pub struct Step {
    /// Its name, in plain words.
    pub label: String,
    /// Whether it lies behind.
    pub done: bool,
    /// Whether it is the one the matter is in.
    pub current: bool,
}

/// The one thing to do next.
#[derive(Debug, Clone, Default)]
pub struct Next {
    /// Its page.
    pub href: String,
    /// What is asked for.
    pub title: String,
    /// Why, or what makes a good one; may be empty.
    pub why: String,
    /// When it is due.
    pub due: Option<Due>,
    /// Why what was sent came back; empty when it did not.
    pub returned: String,
    /// The way to provide it; `None` for a reader who may only look.
    pub upload: Option<Upload>,
}
