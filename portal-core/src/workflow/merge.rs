use std::collections::BTreeMap;

use super::{Facts, Requirement, Standing, Workflow, Workflows};
use crate::WorkflowId;

/// What several workflows ask for together, by key. Merging is associative and order-free: the workflow that stands first
/// has its way, whoever was merged when.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requirements(BTreeMap<String, Vec<Claim>>);

/// A workflow's way of asking for something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where its workflow stands.
    pub by: Standing,
    /// Its place among that workflow's requirements.
    pub position: usize,
    /// What it asks for.
    pub requirement: Requirement,
}

/// One thing that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'r> {
    /// How it is asked for.
    pub requirement: &'r Requirement,
    /// Whose way that is.
    pub by: WorkflowId,
    claims: &'r [Claim],
}

impl<'r> Asked<'r> {
    /// The workflows that ask for the same and lost, as they stand.
    pub fn losers(&self) -> impl Iterator<Item = WorkflowId> + use<'r> {
        self.claims.iter().skip(1).map(|claim| claim.by.id())
    }

    /// Those of them that ask for it in another way.
    pub fn overruled(&self) -> impl Iterator<Item = WorkflowId> + use<'r> {
        let own = self.requirement;
        let others = self.claims.iter().skip(1);
        others
            .filter(move |claim| claim.requirement != *own)
            .map(|claim| claim.by.id())
    }
}

impl Requirements {
    /// What one workflow asks for.
    #[must_use]
    pub fn of(workflow: &Workflow, by: Standing) -> Self {
        let mut requirements = Self::default();
        for (position, requirement) in workflow.requirements.iter().enumerate() {
            let claim = Claim {
                by,
                position,
                requirement: requirement.clone(),
            };
            requirements.claim(claim);
        }
        requirements
    }

    /// What both ask for.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        other
            .0
            .into_values()
            .flatten()
            .for_each(|claim| self.claim(claim));
        self
    }

    fn claim(&mut self, claim: Claim) {
        let claims = self.0.entry(claim.requirement.key.clone()).or_default();
        if let Err(at) = claims.binary_search_by_key(&claim.by, |own| own.by) {
            claims.insert(at, claim);
        }
    }

    /// Each thing once, in the order of a checklist: as the workflows stand, and as each lists them.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked<'_>> {
        let mut winners: Vec<(&Claim, &[Claim])> = self
            .0
            .values()
            .filter_map(|claims| Some((claims.first()?, claims.as_slice())))
            .collect();
        winners.sort_unstable_by_key(|(winner, _)| (winner.by, winner.position));
        winners
            .into_iter()
            .map(|(winner, claims)| Asked {
                requirement: &winner.requirement,
                by: winner.by.id(),
                claims,
            })
            .collect()
    }

    /// What is asked for under this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Asked<'_>> {
        let claims = self.0.get(key)?;
        let winner = claims.first()?;
        Some(Asked {
            requirement: &winner.requirement,
            by: winner.by.id(),
            claims,
        })
    }
}

impl Workflows {
    /// What all workflows that match ask for, merged.
    #[must_use]
    pub fn requirements(&self, facts: &Facts) -> Requirements {
        self.matches(facts)
            .into_iter()
            .filter_map(|found| Some(Requirements::of(found.workflow(), *self.standing(found)?)))
            .fold(Requirements::default(), Requirements::and)
    }
}
