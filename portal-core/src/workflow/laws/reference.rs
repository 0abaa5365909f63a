//! The plain definition of matching: every criterion of every workflow, by names, with no index. Slow, and the judge.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::iter::successors;

use super::super::{Canonical, Case, Criterion, Facts, Normalised, Taxonomy, Test, Workflow, fold};
use crate::WorkflowId;

/// The enabled workflows of which every criterion holds, in order.
#[must_use]
pub fn reference(taxonomy: &Taxonomy, workflows: &[Workflow], case: &Case) -> Vec<WorkflowId> {
    let facts = taxonomy.facts(case);
    let mut matching: Vec<&Workflow> = workflows
        .iter()
        .filter(|workflow| workflow.enabled)
        .filter(|workflow| workflow.criteria.iter().all(|own| holds(own, taxonomy, &facts)))
        .collect();
    matching.sort_by_cached_key(|workflow| place(workflow, taxonomy));
    matching.into_iter().map(|workflow| workflow.id).collect()
}

/// Whether a criterion holds.
pub(super) fn holds(criterion: &Criterion, taxonomy: &Taxonomy, facts: &Facts) -> bool {
    let dimension = &criterion.dimension;
    let value = facts.value(dimension);
    let is_one_of = |names: &[String]| {
        value.is_some()
            && names
                .iter()
                .any(|name| canonical(taxonomy, dimension, name) == value)
    };
    match &criterion.test {
        Test::Any => true,
        Test::OneOf(names) => is_one_of(names),
        Test::NoneOf(names) => !facts.is_unknown(dimension) && !is_one_of(names),
        Test::Below(parent) => {
            let parent = canonical(taxonomy, dimension, parent);
            let mut above = successors(value.and_then(|value| value.parent()), Canonical::parent);
            parent.is_some_and(|parent| above.any(|value| value == parent))
        }
    }
}

fn canonical(taxonomy: &Taxonomy, dimension: &str, name: &str) -> Option<Canonical> {
    taxonomy.normalise(dimension, name).and_then(Normalised::known)
}

/// The order: dimensions named exactly, the depth of parents, dimensions with exclusions, priority, id.
type Place = (Reverse<(usize, usize, usize)>, Reverse<i32>, WorkflowId);

fn place(workflow: &Workflow, taxonomy: &Taxonomy) -> Place {
    let (mut exact, mut depth, mut excluding) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for criterion in &workflow.criteria {
        let dimension = fold(&criterion.dimension);
        match &criterion.test {
            Test::Any => {}
            Test::OneOf(_) => drop(exact.insert(dimension, 1)),
            Test::NoneOf(_) => drop(excluding.insert(dimension, 1)),
            Test::Below(parent) => {
                let parent = canonical(taxonomy, &criterion.dimension, parent);
                let deep = successors(parent, Canonical::parent).count().max(1);
                let own = depth.entry(dimension).or_insert(deep);
                *own = deep.max(*own);
            }
        }
    }
    let sum = |parts: BTreeMap<String, usize>| parts.values().sum();
    (
        Reverse((sum(exact), sum(depth), sum(excluding))),
        Reverse(workflow.priority),
        workflow.id,
    )
}
