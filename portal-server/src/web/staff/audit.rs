//! The audit trail of the practice, and what an outsider needs to check it.

use askama::Template;

use super::{Chip, Fact};
use crate::web::view::{Errors, Pager, Shell};

/// `/staff/audit`: who did what, from where, and when.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/audit.html")]
pub struct Trail {
    /// The frame.
    pub shell: Shell,
    /// How many entries there are, worded.
    pub counted: String,
    /// The filters in force; each leads to the list without it.
    pub narrowed: Vec<Chip>,
    /// `since`, as a date.
    pub since: String,
    /// `until`, as a date.
    pub until: String,
    /// `action`, as it was typed.
    pub action: String,
    /// `ip`, as it was typed.
    pub ip: String,
    /// Filters that stay when the form is sent: name and value.
    pub kept: Vec<(&'static str, String)>,
    /// What is wrong with the filters.
    pub errors: Errors,
    /// The entries, the newest first.
    pub rows: Vec<Row>,
    /// Where one is.
    pub pager: Pager,
}

/// An entry of the trail.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// When.
    pub when: String,
    /// Who.
    pub who: String,
    /// The list of what they did; empty for the portal itself.
    pub who_href: String,
    /// What was done: `Document returned`.
    pub what: String,
    /// The list of what was done to the same record.
    pub what_href: String,
    /// The matter, in a few words.
    pub matter: String,
    /// The list of what concerns it; empty without one.
    pub matter_href: String,
    /// From which address.
    pub ip: String,
    /// The list of what came from there; empty without one.
    pub ip_href: String,
    /// Everything else that the entry says.
    pub facts: Vec<Fact>,
}

/// `/staff/audit/checkpoint`: the signed head of the trail, and how to check an export.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/audit_checkpoint.html")]
pub struct CheckpointPage {
    /// The frame.
    pub shell: Shell,
    /// The head; `None` before anything was sealed.
    pub head: Option<Head>,
    /// The public keys, the one that signs now last, each with since when it signs.
    pub keys: Vec<(String, String)>,
}

/// The head of the trail.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// How many entries are sealed, worded.
    pub size: String,
    /// When it was signed.
    pub when: String,
    /// The signed checkpoint.
    pub note: String,
}
