use serde::{Deserialize, Serialize};

use super::problem::Told;
use super::{Automation, Criterion, Hints, Requirement, Taxonomy, check};
use crate::{Invalid, Version, WorkflowId};

/// What happens to matters of one kind: criteria over normalised values, the documents it asks for, and what it sends.
///
/// Its criteria hold the names of values, so it outlives changes of the taxonomy; [`Workflows::compile`] reads them through
/// the taxonomy of the day, aliases included.
///
/// [`Workflows::compile`]: super::Workflows::compile
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// Its id.
    pub id: WorkflowId,
    /// How often it was saved.
    pub version: Version,
    /// Its name.
    pub name: String,
    /// Whether it matches anything at all.
    pub enabled: bool,
    /// Of workflows that are as specific, the one with the higher priority stands first.
    pub priority: i32,
    /// What must hold of a matter: all of these. At least one; [`Test::Any`](super::Test::Any) is one that always holds.
    pub criteria: Vec<Criterion>,
    /// What it asks for. No two have the same key.
    pub requirements: Vec<Requirement>,
    /// What it sends, and the tasks it sets. No two reach the same people over the same channel.
    pub automations: Vec<Automation>,
    /// With which version each automation came to say what it says; see [`Workflow::edition`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub editions: Vec<Version>,
}

/// A workflow as someone fills it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkflowDraft {
    /// See [`Workflow::name`].
    pub name: String,
    /// See [`Workflow::enabled`].
    #[serde(default = "yes")]
    pub enabled: bool,
    /// See [`Workflow::priority`].
    #[serde(default)]
    pub priority: i32,
    /// See [`Workflow::criteria`].
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    /// See [`Workflow::requirements`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<Requirement>,
    /// See [`Workflow::automations`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub automations: Vec<Automation>,
}

pub(super) const fn yes() -> bool {
    true
}

impl Default for WorkflowDraft {
    fn default() -> Self {
        Self {
            name: String::new(),
            enabled: true,
            priority: 0,
            criteria: Vec::new(),
            requirements: Vec::new(),
            automations: Vec::new(),
        }
    }
}

impl Workflow {
    /// The most criteria.
    pub const MOST_CRITERIA: usize = 64;
    /// The most values that one criterion names.
    pub const MOST_VALUES: usize = 1_000;
    /// The most requirements.
    pub const MOST_REQUIREMENTS: usize = 200;
    /// The most automations.
    pub const MOST_AUTOMATIONS: usize = 50;

    /// A new workflow.
    ///
    /// # Errors
    /// What is wrong with the draft, at most a hundred problems and how many more there are, each with its place
    /// (`criteria.0.one_of.2`): names missing or too long, no criterion
    /// or an empty one, dimensions and values that the taxonomy does not know, a requirement's key twice, two automations
    /// to the same people over one channel, and limits that are passed.
    pub fn new(id: WorkflowId, draft: &WorkflowDraft, taxonomy: &Taxonomy) -> Result<Self, Invalid> {
        Ok(Self::first(id, draft, taxonomy, &mut Hints::default())?)
    }

    /// A new workflow, of several whose unknown names share these hints.
    pub(super) fn first(
        id: WorkflowId,
        draft: &WorkflowDraft,
        taxonomy: &Taxonomy,
        hints: &mut Hints,
    ) -> Result<Self, Told> {
        let blank = Self {
            id,
            version: Version(0),
            name: String::new(),
            enabled: false,
            priority: 0,
            criteria: Vec::new(),
            requirements: Vec::new(),
            automations: Vec::new(),
            editions: Vec::new(),
        };
        blank.checked(draft, taxonomy, hints)
    }

    /// The same workflow with everything as `draft` says.
    ///
    /// # Errors
    /// See [`Workflow::new`].
    pub fn revise(self, draft: &WorkflowDraft, taxonomy: &Taxonomy) -> Result<Self, Invalid> {
        Ok(self.checked(draft, taxonomy, &mut Hints::default())?)
    }

    fn checked(
        mut self,
        draft: &WorkflowDraft,
        taxonomy: &Taxonomy,
        hints: &mut Hints,
    ) -> Result<Self, Told> {
        let draft = check::check(draft, taxonomy, hints)?;
        let version = self.version.next();
        self.editions = editions(
            (&self.automations, &self.editions, self.version),
            &draft.automations,
            version,
        );
        self.version = version;
        self.name = draft.name;
        self.enabled = draft.enabled;
        self.priority = draft.priority;
        self.criteria = draft.criteria;
        self.requirements = draft.requirements;
        self.automations = draft.automations;
        Ok(self)
    }

    /// The version with which an automation (counted from 0) came to say what it says to whom it says it. It fires once for
    /// each edition and stage entry: whatever else of the workflow is changed, its name, say, sends nobody the same again.
    #[must_use]
    pub fn edition(&self, automation: usize) -> Version {
        self.editions.get(automation).copied().unwrap_or(self.version)
    }

    /// The workflow as a form or file shows it.
    #[must_use]
    pub fn draft(&self) -> WorkflowDraft {
        WorkflowDraft {
            name: self.name.clone(),
            enabled: self.enabled,
            priority: self.priority,
            criteria: self.criteria.clone(),
            requirements: self.requirements.clone(),
            automations: self.automations.clone(),
        }
    }
}

/// The editions of automations that take the place of others, with their editions and version: each keeps that of one which
/// said the same.
pub(crate) fn editions(
    (before, editions, version): (&[Automation], &[Version], Version),
    after: &[Automation],
    now: Version,
) -> Vec<Version> {
    let edition = |own: &Automation| {
        let place = before.iter().position(|other| other.says_what(own))?;
        Some(editions.get(place).copied().unwrap_or(version))
    };
    after.iter().map(|own| edition(own).unwrap_or(now)).collect()
}
