use std::fmt;

use super::{Criterion, Facts, Normalised, Workflow, Workflows};
use crate::WorkflowId;

/// Why a workflow matches a case or does not.
#[derive(Debug, Clone)]
pub struct Explanation<'w> {
    /// The workflow.
    pub workflow: &'w Workflow,
    /// Whether it matches: it is enabled and every criterion holds.
    pub matches: bool,
    /// Each criterion, in the order of the workflow.
    pub criteria: Vec<Verdict<'w>>,
}

/// Whether a criterion holds of a case.
#[derive(Debug, Clone)]
pub struct Verdict<'w> {
    /// The criterion.
    pub criterion: &'w Criterion,
    /// What the case has in its dimension. `None` when the taxonomy has no such dimension any more.
    pub value: Option<Normalised>,
    /// Whether it holds.
    pub holds: bool,
}

impl Workflows {
    /// For each workflow, in order, which criteria held of the case and which failed.
    pub fn explain<'w>(&'w self, facts: &Facts) -> impl Iterator<Item = Explanation<'w>> {
        let facts = self.read(facts).into_owned();
        self.iter()
            .map(move |workflow| self.explain_one(workflow, &facts))
    }

    /// The same for one workflow.
    #[must_use]
    pub fn why<'w>(&'w self, id: WorkflowId, facts: &Facts) -> Option<Explanation<'w>> {
        let workflow = self.get(id)?;
        Some(self.explain_one(workflow, &self.read(facts)))
    }

    fn explain_one<'w>(&self, workflow: &'w Workflow, facts: &Facts) -> Explanation<'w> {
        let criteria: Vec<Verdict<'w>> = workflow
            .criteria
            .iter()
            .map(|criterion| match criterion.find(self.taxonomy()) {
                Some((at, dimension)) => Verdict {
                    criterion,
                    value: Some(match facts.value(&dimension.name) {
                        Some(value) => Normalised::Known(value),
                        None if facts.is_unknown(&dimension.name) => Normalised::Unknown,
                        None => Normalised::Absent,
                    }),
                    holds: criterion.cells(dimension).contains(facts.cell(at)),
                },
                None => Verdict {
                    criterion,
                    value: None,
                    holds: criterion.holds_of_nothing(),
                },
            })
            .collect();
        Explanation {
            workflow,
            matches: workflow.enabled && criteria.iter().all(|verdict| verdict.holds),
            criteria,
        }
    }
}

impl fmt::Display for Verdict<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}: ",
            if self.holds { "holds" } else { "fails" },
            self.criterion
        )?;
        match &self.value {
            Some(Normalised::Known(value)) => write!(f, "it is {value}"),
            Some(Normalised::Unknown) => f.write_str("it is something that the taxonomy does not know"),
            Some(Normalised::Absent) => f.write_str("there is nothing"),
            None => f.write_str("the taxonomy has no such dimension"),
        }
    }
}
