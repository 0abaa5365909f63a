use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::{Taxonomy, Test, Workflow, count, fold};
use crate::WorkflowId;

/// How narrowly a workflow is drawn. Compared part by part, so that a single exact dimension outweighs any number of
/// parents. A criterion more never makes a workflow less specific.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Specificity {
    /// In how many dimensions it names its values.
    pub exact: u32,
    /// How deep the parents lie that it wants values below: 1 for the topmost, summed over its dimensions.
    pub depth: u32,
    /// In how many dimensions it excludes values.
    pub excluding: u32,
}

impl Specificity {
    /// The specificity of a workflow's criteria.
    #[must_use]
    pub fn of(workflow: &Workflow, taxonomy: &Taxonomy) -> Self {
        // A dimension that is gone counts by its name.
        let mut dimensions: Vec<(Result<usize, String>, Self)> = Vec::with_capacity(workflow.criteria.len());
        for criterion in &workflow.criteria {
            let known = criterion.find(taxonomy);
            let dimension = known.map(|(at, _)| at).ok_or_else(|| fold(&criterion.dimension));
            let mut own = Self::default();
            match &criterion.test {
                Test::Any => continue,
                Test::OneOf(_) => own.exact = 1,
                Test::Below(parent) => {
                    let above = known.and_then(|(_, dimension)| {
                        Some(dimension.ancestors(dimension.cell(parent)?).count())
                    });
                    own.depth = count(above.unwrap_or(0)) + 1;
                }
                Test::NoneOf(_) => own.excluding = 1,
            }
            match dimensions.iter_mut().find(|(other, _)| *other == dimension) {
                Some((_, all)) => *all = all.join(own),
                None => dimensions.push((dimension, own)),
            }
        }
        dimensions.iter().fold(Self::default(), |sum, (_, own)| Self {
            exact: sum.exact + own.exact,
            depth: sum.depth + own.depth,
            excluding: sum.excluding + own.excluding,
        })
    }

    /// Of two criteria of one dimension, the narrower counts.
    fn join(self, other: Self) -> Self {
        Self {
            exact: self.exact.max(other.exact),
            depth: self.depth.max(other.depth),
            excluding: self.excluding.max(other.excluding),
        }
    }
}

/// Where a workflow stands among those that match: the most specific first, then the highest priority, then the smallest
/// id. The smallest standing is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Standing {
    specificity: Reverse<Specificity>,
    priority: Reverse<i32>,
    id: WorkflowId,
}

impl Standing {
    /// Where this workflow stands.
    #[must_use]
    pub fn of(workflow: &Workflow, taxonomy: &Taxonomy) -> Self {
        Self::new(
            Specificity::of(workflow, taxonomy),
            workflow.priority,
            workflow.id,
        )
    }

    /// The standing of a workflow of this specificity and priority.
    #[must_use]
    pub const fn new(specificity: Specificity, priority: i32, id: WorkflowId) -> Self {
        Self {
            specificity: Reverse(specificity),
            priority: Reverse(priority),
            id,
        }
    }

    /// How specific it is.
    #[must_use]
    pub const fn specificity(&self) -> Specificity {
        self.specificity.0
    }

    /// Its priority.
    #[must_use]
    pub const fn priority(&self) -> i32 {
        self.priority.0
    }

    /// The workflow.
    #[must_use]
    pub const fn id(&self) -> WorkflowId {
        self.id
    }
}
