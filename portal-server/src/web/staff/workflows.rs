//! Workflows: the list, and what one would do.

use askama::Template;

use super::Fact;
use crate::web::view::{Badge, Choice, Pager, Shell};

/// `/staff/workflows`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/workflows.html")]
pub struct Workflows {
    /// The frame.
    pub shell: Shell,
    /// How many there are, and how many matters they look at.
    pub counted: String,
    /// This page of workflows, by name.
    pub rows: Vec<WorkflowRow>,
    /// Where this page is.
    pub pager: Pager,
    /// Where a workflow is added; `None` for who may not.
    pub new_href: Option<String>,
    /// What waits for a person because the taxonomy does not know it, and where; `None` when nothing does.
    pub waiting: Option<(String, String)>,
    /// Values that no workflow covers, as sentences.
    pub uncovered: Vec<String>,
    /// How many more of these there are; empty when these are all.
    pub more_uncovered: String,
    /// Whether there may be more findings than were found.
    pub incomplete: bool,
}

/// A workflow in the list.
#[derive(Debug, Clone, Default)]
pub struct WorkflowRow {
    /// Its page; empty while there is none.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its criteria as a sentence.
    pub sentence: String,
    /// What it asks for and sends: `2 documents`, `1 message`.
    pub brings: Vec<String>,
    /// How many open matters it matches today, and what it would do to them; `None` for who may not know.
    pub matches: Option<(String, String)>,
    /// On or off.
    pub badge: Badge,
    /// What is odd about it.
    pub findings: Vec<String>,
    /// How many more of these there are; empty when these are all.
    pub more_findings: String,
    /// Where a copy of it is begun; `None` for who may not.
    pub copy_href: Option<String>,
    /// The button that switches it; `None` for who may not.
    pub switch: Option<Switch>,
}

/// A button that switches a workflow.
#[derive(Debug, Clone, Default)]
pub struct Switch {
    /// Where it posts to (`version`).
    pub action: String,
    /// What it says.
    pub label: String,
    /// The version that was read.
    pub version: String,
    /// What happens, asked before it is done; empty when it needs no question.
    pub confirm: String,
}

/// `/staff/workflows/{id}/dry-run`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/dry_run.html")]
pub struct DryRun {
    /// The frame.
    pub shell: Shell,
    /// The workflow's name.
    pub name: String,
    /// Its criteria as a sentence.
    pub sentence: String,
    /// On or off.
    pub badge: Badge,
    /// Where it is changed; empty while it cannot be.
    pub href: String,
    /// Numbers over all matters; none after the first page.
    pub facts: Vec<Fact>,
    /// What would be sent over all matters, and how much not, by the reason; none after the first page.
    pub sends: Vec<Fact>,
    /// Whether that is reckoned from the first matters only.
    pub is_estimate: bool,
    /// The matters that match.
    pub rows: Vec<DryRunRow>,
    /// Where this page is.
    pub pager: Pager,
    /// The form that switches it on; `None` when it is on.
    pub enable: Option<Enable>,
}

/// What a workflow would do to a matter.
#[derive(Debug, Clone, Default)]
pub struct DryRunRow {
    /// The matter.
    pub href: String,
    /// Its reference.
    pub reference: String,
    /// What would be asked for: `Passport bio page, of Amina Haddad`.
    pub asked: Vec<String>,
    /// What would be asked for no longer.
    pub withdrawn: Vec<String>,
    /// What would be sent.
    pub sent: Vec<DryRunSend>,
    /// What would not, and why: `No text message to Omar Haddad: no telephone number`.
    pub held: Vec<String>,
}

impl DryRunRow {
    /// Whether nothing would happen.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.asked.is_empty() && self.withdrawn.is_empty() && self.sent.is_empty() && self.held.is_empty()
    }
}

/// A message or task that a workflow would bring about.
#[derive(Debug, Clone, Default)]
pub struct DryRunSend {
    /// What shows which of these it is.
    pub icon: &'static str,
    /// `A text message to Amina Haddad`.
    pub text: String,
}

/// The form that switches a workflow on.
#[derive(Debug, Clone, Default)]
pub struct Enable {
    /// Where it posts to (`version`, `apply`).
    pub action: String,
    /// The version that was read.
    pub version: String,
    /// Choices of `apply`.
    pub apply: Vec<Choice>,
}

/// `/staff/workflows/{id}`: what a workflow says.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/workflow.html")]
pub struct WorkflowPage {
    /// The frame.
    pub shell: Shell,
    /// Its name.
    pub name: String,
    /// On or off.
    pub badge: Badge,
    /// Its criteria as a sentence.
    pub sentence: String,
    /// What it asks for.
    pub requirements: Vec<Said>,
    /// What it sends, and the tasks it sets.
    pub automations: Vec<Said>,
    /// Where it is changed; `None` for who may not.
    pub edit_href: Option<String>,
    /// Where a copy of it is begun; `None` for who may not.
    pub copy_href: Option<String>,
    /// What it would do today; `None` for who may not know.
    pub dry_run_href: Option<String>,
    /// The button that switches it; `None` for who may not.
    pub switch: Option<Switch>,
    /// Where removing it posts to (`version`); `None` for who may not.
    pub remove_action: Option<String>,
}

/// One thing that a workflow asks for or does.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// What it is.
    pub title: String,
    /// `Required`, `Of the partner`; in order.
    pub notes: Vec<String>,
    /// What is read about it, each with its language; the language may be empty.
    pub texts: Vec<(String, String)>,
}
