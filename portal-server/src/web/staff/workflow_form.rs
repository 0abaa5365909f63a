//! A workflow as a form.

use askama::Template;

use crate::web::view::{Choice, Errors, Shell};

/// `/staff/workflows/new` and `/staff/workflows/{id}/edit`.
#[derive(Debug, Clone, Template)]
#[template(path = "staff/workflow_form.html")]
pub struct WorkflowForm {
    /// The frame.
    pub shell: Shell,
    /// The heading.
    pub heading: String,
    /// What saving does, in a sentence.
    pub lead: String,
    /// Where the form posts to. `do` says what for: `save`, `check`, `preview`, or to add or take out a part.
    pub action: String,
    /// What the browser keeps what was typed under: of a copy not what was typed for another new one.
    pub keep: String,
    /// Where one goes without saving.
    pub cancel_href: String,
    /// The version that was read; empty for a new one.
    pub version: String,
    /// What that version said, for the next conflict; empty for a new one.
    pub base: String,
    /// What is wrong with what was sent.
    pub errors: Errors,
    /// What somebody else changed since the form was opened; empty unless there was a conflict.
    pub changed: Vec<Changed>,
    /// `name`.
    pub name: String,
    /// `priority`.
    pub priority: String,
    /// Choices of `state`, for one that is on; empty for a draft, which is switched on from its dry run.
    pub states: Vec<Choice>,
    /// A row or more for each dimension.
    pub criteria: Vec<CriterionFields>,
    /// The documents.
    pub requirements: Vec<RequirementFields>,
    /// The messages and tasks.
    pub automations: Vec<AutomationFields>,
    /// The kinds of message or task that can be added: the button's value, its words, and its icon.
    pub kinds: Vec<(String, String, &'static str)>,
    /// What templates can say.
    pub fields: Vec<FieldRow>,
    /// Languages that the field of a language offers, each with its name.
    pub languages: &'static [(&'static str, &'static str)],
    /// What it would be today.
    pub trial: TrialView,
    /// What is written on its main button.
    pub save: String,
    /// The field that the page begins at, after a part was added; empty otherwise.
    pub begin_at: String,
}

/// A part of the form: how the names of its fields begin, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// `c0`, `r4`, `a1`, `a1_l0`.
    pub id: String,
    /// What is wrong with the whole form.
    pub errors: Errors,
}

impl Part {
    /// The name of one of its fields.
    #[must_use]
    pub fn name(&self, field: &str) -> String {
        format!("{}_{field}", self.id)
    }

    /// What is wrong with that field; empty when nothing is.
    #[must_use]
    pub fn error(&self, field: &str) -> String {
        self.errors.of(&self.name(field)).to_owned()
    }

    /// Whether anything is wrong with one of these fields.
    #[must_use]
    pub fn has_error(&self, fields: &[&str]) -> bool {
        fields.iter().any(|field| !self.error(field).is_empty())
    }
}

/// What somebody else changed.
#[derive(Debug, Clone, Default)]
pub struct Changed {
    /// What it is about: `Name`, `Document Passport bio page`.
    pub what: String,
    /// What it said when the form was opened; empty when it was not there.
    pub before: String,
    /// What it says now; empty when it is not there any more.
    pub now: String,
    /// Whether the form changes it too, so that saving loses theirs.
    pub both: bool,
}

/// What is wanted of one dimension (`c0_dimension`, `c0_test`, `c0_value`.., `c0_below`).
#[derive(Debug, Clone, Default)]
pub struct CriterionFields {
    /// Where it stands.
    pub at: Part,
    /// The dimension.
    pub dimension: String,
    /// Choices of the test.
    pub tests: Vec<Choice>,
    /// Its values, for one or none of several.
    pub values: Vec<CriterionValue>,
    /// Its values that others lie below.
    pub parents: Vec<Choice>,
    /// Whether it is one more of a dimension, and can be taken out.
    pub is_more: bool,
    /// What the analysis finds.
    pub findings: Vec<String>,
}

/// A value to tick.
#[derive(Debug, Clone, Default)]
pub struct CriterionValue {
    /// The value.
    pub choice: Choice,
    /// How far it lies below others: 0 to 3.
    pub depth: usize,
}

/// A document (`r0_title`, ..).
#[derive(Debug, Clone, Default)]
pub struct RequirementFields {
    /// Where it stands.
    pub at: Part,
    /// `title`.
    pub title: String,
    /// `help`.
    pub help: String,
    /// `group`.
    pub group: String,
    /// `key`.
    pub key: String,
    /// Choices of `part`.
    pub parts: Vec<Choice>,
    /// `wanted`.
    pub wanted: String,
    /// `due`.
    pub due: String,
    /// `required`.
    pub required: bool,
    /// What the analysis finds.
    pub findings: Vec<String>,
}

/// A message or task (`a0_channel`, ..).
#[derive(Debug, Clone, Default)]
pub struct AutomationFields {
    /// Where it stands.
    pub at: Part,
    /// `channel`.
    pub channel: String,
    /// What it is: `Text message`.
    pub title: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// `enabled`.
    pub enabled: bool,
    /// Choices of `to`; empty for what goes to staff.
    pub parts: Vec<Choice>,
    /// Choices of `assignee`; empty for what goes to clients.
    pub assignees: Vec<Choice>,
    /// `due`, in days.
    pub due: String,
    /// The label of its subjects; empty when it has none.
    pub subject: &'static str,
    /// The label of its texts.
    pub text: &'static str,
    /// Whether its text may be empty.
    pub text_optional: bool,
    /// What it says, by language.
    pub texts: Vec<TextFields>,
    /// When and how often, in words.
    pub timing: String,
    /// `delay`.
    pub delay: String,
    /// Choices of `delay_unit`.
    pub delay_units: Vec<Choice>,
    /// Choices of `from`, an hour.
    pub quiet_from: Vec<Choice>,
    /// Choices of `until`, an hour.
    pub quiet_until: Vec<Choice>,
    /// Choices of `again`.
    pub again: Vec<Choice>,
    /// `days`, for another time after so many.
    pub again_days: String,
    /// What the analysis finds.
    pub findings: Vec<String>,
}

impl AutomationFields {
    /// Whether the fields of when and how often are to be seen at once.
    #[must_use]
    pub fn timing_is_open(&self) -> bool {
        self.at
            .has_error(&["delay", "from", "until", "again", "days", "due"])
    }
}

/// What a message says in one language (`a0_l0_language`, ..).
#[derive(Debug, Clone, Default)]
pub struct TextFields {
    /// Where it stands.
    pub at: Part,
    /// `language`.
    pub language: String,
    /// `subject`.
    pub subject: String,
    /// `text`.
    pub text: String,
    /// How it looks, filled in; `None` while there is nothing to fill in.
    pub preview: Option<Preview>,
    /// Whether it can be taken out.
    pub is_more: bool,
}

/// A message filled in with a matter.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// Whether it is shown as on a phone.
    pub phone: bool,
    /// Its subject; may be empty.
    pub subject: String,
    /// Its text; may be empty.
    pub text: String,
    /// How long it is: `1 segment`, `138 of 160 characters`, `GSM-7`.
    pub notes: Vec<String>,
    /// What is to be known about that; may be empty.
    pub warning: String,
    /// Why it cannot be filled in; empty when it can.
    pub fault: String,
}

/// Something that templates can say.
#[derive(Debug, Clone, Default)]
pub struct FieldRow {
    /// As a template writes it.
    pub code: String,
    /// What it says, with the matter that messages are shown with.
    pub example: String,
}

/// What a draft would be today.
#[derive(Debug, Clone, Default)]
pub struct TrialView {
    /// Its criteria as a sentence; empty while they are wrong.
    pub sentence: String,
    /// How many matters it matches, or why nobody can say.
    pub count: String,
    /// What that number leaves out; may be empty.
    pub bound: String,
    /// The first of them: address, reference, and what is known of it.
    pub first: Vec<(String, String, String)>,
    /// How many more there are, and may be empty.
    pub more: String,
    /// Findings that belong to no single field.
    pub findings: Vec<String>,
    /// That there are others beside their fields, or none at all; may be empty.
    pub note: String,
    /// Choices of `with`: the matter that messages are shown with.
    pub matters: Vec<Choice>,
}
