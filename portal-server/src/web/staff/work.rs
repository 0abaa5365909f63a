//! Work over several matters: what waits for review, what is overdue, what could not be delivered.

use askama::Template;

use super::Chip;
use crate::web::view::{Badge, Pager, Shell};

/// `/staff/review`, `/staff/overdue`, `/staff/mails`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/work.html")]
pub struct Work {
    /// The frame.
    pub shell: Shell,
    /// What is listed.
    pub heading: String,
    /// How many there are, worded.
    pub counted: String,
    /// Filters; may be none.
    pub chips: Vec<Chip>,
    /// What is said when there is none: a title and a sentence.
    pub nothing: (String, String),
    /// This page of it.
    pub rows: Vec<WorkRow>,
    /// Where this page is.
    pub pager: Pager,
}

/// One thing to look at.
#[derive(Debug, Clone, Default)]
pub struct WorkRow {
    /// Its page.
    pub href: String,
    /// Name of a symbol in `assets/icons.svg`.
    pub icon: &'static str,
    /// What it is.
    pub title: String,
    /// Whom it concerns.
    pub person: String,
    /// The matter: `HM-2041 Partner visa 820`.
    pub matter: String,
    /// When it came, or was due.
    pub when: String,
    /// Where it stands.
    pub badge: Badge,
}
