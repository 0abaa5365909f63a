use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::WorkflowId;
use crate::matter::Part;
use crate::workflow::{Case, Channel, Workflows};

/// Something odd, with a case that shows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Finding {
    /// A criterion speaks of a dimension, or of a value of it, that is not in the taxonomy any more.
    Stale {
        /// The workflow.
        workflow: WorkflowId,
        /// The dimension as the criterion names it.
        dimension: String,
        /// The value that is gone; the whole dimension when none is named.
        value: Option<String>,
        /// What the criterion was about.
        case: Case,
    },
    /// No case matches the workflow.
    Unreachable {
        /// The workflow.
        workflow: WorkflowId,
        /// The first criterion that cannot hold together with those before it.
        criterion: String,
        /// A case in which those before it hold.
        case: Case,
    },
    /// The workflow sends nothing, and whenever it matches, others have all its requirements their way.
    Shadowed {
        /// The workflow.
        workflow: WorkflowId,
        /// The others, as they stand.
        by: Vec<WorkflowId>,
        /// A case that it matches.
        case: Case,
    },
    /// The workflow matches exactly the same cases as another one.
    Duplicate {
        /// The workflow.
        workflow: WorkflowId,
        /// The first of those that match the same cases.
        of: WorkflowId,
        /// A case that both match.
        case: Case,
    },
    /// Two workflows send the same people a message over the same channel on the same entry.
    SameMessage {
        /// The one that stands later.
        workflow: WorkflowId,
        /// The other.
        other: WorkflowId,
        /// The channel.
        channel: Channel,
        /// Who gets both.
        to: Part,
        /// A case that both match.
        case: Case,
    },
    /// Two workflows ask for one thing in different ways.
    RequirementDiffers {
        /// The one that stands later, and loses.
        workflow: WorkflowId,
        /// The other.
        other: WorkflowId,
        /// The requirement's key.
        key: String,
        /// A case that both match.
        case: Case,
    },
    /// No case with this value matches any workflow.
    Uncovered {
        /// The dimension.
        dimension: String,
        /// The value.
        value: String,
        /// A case with it.
        case: Case,
    },
}

/// The kinds of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the finding that it is named after")]
pub enum FindingKind {
    Stale,
    Unreachable,
    Shadowed,
    Duplicate,
    SameMessage,
    RequirementDiffers,
    Uncovered,
}

impl FindingKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Stale,
        Self::Unreachable,
        Self::Shadowed,
        Self::Duplicate,
        Self::SameMessage,
        Self::RequirementDiffers,
        Self::Uncovered,
    ];

    /// Its name on the command line and in data.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stale => "stale",
            Self::Unreachable => "unreachable",
            Self::Shadowed => "shadowed",
            Self::Duplicate => "duplicate",
            Self::SameMessage => "same-message",
            Self::RequirementDiffers => "requirement-differs",
            Self::Uncovered => "uncovered",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FindingKind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| format!("choose one of {}", Self::ALL.map(Self::as_str).join(", ")))
    }
}

impl Finding {
    /// What kind it is.
    #[must_use]
    pub const fn kind(&self) -> FindingKind {
        match self {
            Self::Stale { .. } => FindingKind::Stale,
            Self::Unreachable { .. } => FindingKind::Unreachable,
            Self::Shadowed { .. } => FindingKind::Shadowed,
            Self::Duplicate { .. } => FindingKind::Duplicate,
            Self::SameMessage { .. } => FindingKind::SameMessage,
            Self::RequirementDiffers { .. } => FindingKind::RequirementDiffers,
            Self::Uncovered { .. } => FindingKind::Uncovered,
        }
    }

    /// The case that shows it.
    #[must_use]
    pub const fn case(&self) -> &Case {
        match self {
            Self::Stale { case, .. }
            | Self::Unreachable { case, .. }
            | Self::Shadowed { case, .. }
            | Self::Duplicate { case, .. }
            | Self::SameMessage { case, .. }
            | Self::RequirementDiffers { case, .. }
            | Self::Uncovered { case, .. } => case,
        }
    }

    /// The workflow that it is about, where it is about one.
    #[must_use]
    pub const fn workflow(&self) -> Option<WorkflowId> {
        match self {
            Self::Stale { workflow, .. }
            | Self::Unreachable { workflow, .. }
            | Self::Shadowed { workflow, .. }
            | Self::Duplicate { workflow, .. }
            | Self::SameMessage { workflow, .. }
            | Self::RequirementDiffers { workflow, .. } => Some(*workflow),
            Self::Uncovered { .. } => None,
        }
    }

    /// Whether it names this workflow, as the one that it is about or as the other.
    #[must_use]
    pub fn names(&self, id: WorkflowId) -> bool {
        let beside = match self {
            Self::Shadowed { by, .. } => by.contains(&id),
            Self::Duplicate { of: other, .. }
            | Self::SameMessage { other, .. }
            | Self::RequirementDiffers { other, .. } => *other == id,
            Self::Stale { .. } | Self::Unreachable { .. } | Self::Uncovered { .. } => false,
        };
        beside || self.workflow() == Some(id)
    }

    /// A sentence for whoever wrote the workflows.
    #[must_use]
    pub fn sentence(&self, workflows: &Workflows) -> String {
        let name = |id: &WorkflowId| {
            let known = workflows.get(*id);
            known.map_or_else(
                || id.to_string(),
                |known| format!("\u{201c}{}\u{201d}", known.name),
            )
        };
        let case = self.case();
        match self {
            Self::Stale {
                workflow,
                dimension,
                value: Some(value),
                ..
            } => format!(
                "{} has a criterion on the value \u{201c}{value}\u{201d} of {dimension}, which the taxonomy does not have.",
                name(workflow)
            ),
            Self::Stale {
                workflow,
                dimension,
                value: None,
                ..
            } => format!(
                "{} has a criterion on the dimension \u{201c}{dimension}\u{201d}, which the taxonomy does not have.",
                name(workflow)
            ),
            Self::Unreachable {
                workflow, criterion, ..
            } => format!(
                "{} can match nothing: \u{201c}{criterion}\u{201d} cannot hold, not even of: {case}.",
                name(workflow)
            ),
            Self::Shadowed { workflow, by, .. } => format!(
                "{} has no effect: it sends nothing, and all that it asks for is asked in the way of {}. See: {case}.",
                name(workflow),
                by.iter().map(name).collect::<Vec<_>>().join(", ")
            ),
            Self::Duplicate { workflow, of, .. } => format!(
                "{} matches exactly the same as {}. See: {case}.",
                name(workflow),
                name(of)
            ),
            Self::SameMessage {
                workflow,
                other,
                channel,
                to,
                ..
            } => format!(
                "{} and {} both write to the {to} by {} on the same entry. See: {case}.",
                name(other),
                name(workflow),
                channel.word()
            ),
            Self::RequirementDiffers {
                workflow, other, key, ..
            } => format!(
                "{} and {} ask for \u{201c}{key}\u{201d} in different ways; that of {} counts. See: {case}.",
                name(other),
                name(workflow),
                name(other)
            ),
            Self::Uncovered { dimension, value, .. } => {
                format!("No workflow matches anything with {dimension}: {value}.")
            }
        }
    }
}
