use serde::{Deserialize, Serialize};

use super::model::yes;
use crate::matter::Part;

/// A document that a workflow asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Its name among all workflows: those that ask for the same thing give it the same key. Derived from the title when
    /// empty.
    #[serde(default)]
    pub key: String,
    /// What it is.
    pub title: String,
    /// What it is and why it is asked, in plain words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// The group of the checklist that it stands in: "Identity", "Employment", ..
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Whom it is asked of: everybody who takes this part in the matter.
    #[serde(default = "principal")]
    pub part: Part,
    /// How many files are wanted, at least 1.
    #[serde(default = "one")]
    pub wanted: u32,
    /// How many days after it is asked it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_in_days: Option<u32>,
    /// Whether the matter cannot go on without it.
    #[serde(default = "yes")]
    pub required: bool,
}

pub(super) const fn principal() -> Part {
    Part::Principal
}

const fn one() -> u32 {
    1
}

impl Requirement {
    /// One file that is required of the principal.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            key: String::new(),
            title: title.into(),
            help: String::new(),
            group: String::new(),
            part: Part::Principal,
            wanted: 1,
            due_in_days: None,
            required: true,
        }
    }
}
