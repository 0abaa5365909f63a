//! An error as a page with a way on.

use askama::Template;

use crate::web::view::Shell;

/// What went wrong, in plain words, and what to do next.
#[derive(Debug, Clone, Template)]
#[template(path = "shared/error.html")]
pub struct ErrorPage {
    /// The frame.
    pub shell: Shell,
    /// What happened, in a few words.
    pub title: String,
    /// What it means and what to do, without blame.
    pub text: String,
    /// The way on; empty when there is none.
    pub next_href: String,
    /// What the button of the way on says.
    pub next_label: String,
    /// The request's id for the log, where the fault is ours; empty otherwise.
    pub request_id: String,
}
