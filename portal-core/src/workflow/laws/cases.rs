//! Cases to try: all there are where that is possible, otherwise those around which something changes.

use std::collections::BTreeSet;

use super::super::cells::Cells;
use super::super::scope::Scope;
use super::super::{Case, Dimension, Taxonomy, Workflow};

/// At most `most` cases, and whether these are all there are.
pub(super) fn cases(taxonomy: &Taxonomy, workflows: &[Workflow], most: usize) -> (Vec<Case>, bool) {
    let everything: Vec<Vec<u32>> = taxonomy
        .all()
        .iter()
        .map(|own| (0..=own.unknown()).collect())
        .collect();
    if product(&everything) <= most {
        return (combinations(taxonomy, &everything), true);
    }
    let scopes: Vec<Scope> = workflows
        .iter()
        .map(|workflow| Scope::of(workflow, taxonomy))
        .collect();
    let telling: Vec<Vec<u32>> = taxonomy
        .all()
        .iter()
        .enumerate()
        .map(|(at, dimension)| {
            telling(
                dimension,
                scopes
                    .iter()
                    .filter_map(|scope| scope.wants(at))
                    .flat_map(Cells::edges),
            )
        })
        .collect();
    if product(&telling) <= most {
        return (combinations(taxonomy, &telling), false);
    }
    (around(taxonomy, &scopes, most), false)
}

/// One cell of each stretch in which nothing changes, and nothing, and something unknown.
fn telling(dimension: &Dimension, edges: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut cells: BTreeSet<u32> = edges.filter(|cell| *cell <= dimension.unknown()).collect();
    cells.extend([0, dimension.unset(), dimension.unknown()]);
    cells.into_iter().collect()
}

fn product(choices: &[Vec<u32>]) -> usize {
    choices
        .iter()
        .fold(1, |product: usize, own| product.saturating_mul(own.len()))
}

fn combinations(taxonomy: &Taxonomy, choices: &[Vec<u32>]) -> Vec<Case> {
    let mut all = vec![Vec::new()];
    for own in choices {
        all = all
            .iter()
            .flat_map(|cells| own.iter().map(move |cell| [cells.as_slice(), &[*cell]].concat()))
            .collect();
    }
    let cases: BTreeSet<Case> = all
        .into_iter()
        .map(|cells| taxonomy.facts_at(cells.into()).case())
        .collect();
    cases.into_iter().collect()
}

/// For each workflow a case that it matches, and the same with one dimension at a time moved to where something changes.
fn around(taxonomy: &Taxonomy, scopes: &[Scope], most: usize) -> Vec<Case> {
    let mut cases = BTreeSet::new();
    let every = scopes.len().div_ceil(most / 8).max(1);
    for scope in scopes.iter().step_by(every) {
        let Some(facts) = scope.witness(taxonomy) else {
            continue;
        };
        cases.insert(facts.case());
        for (at, cells) in &scope.wanted {
            let Some(dimension) = taxonomy.all().get(*at) else {
                continue;
            };
            let fixed = [dimension.unset(), dimension.unknown()];
            for cell in fixed.into_iter().chain(cells.edges().take(4)) {
                let mut moved: Box<[u32]> = facts.cells().into();
                if let Some(own) = moved.get_mut(*at) {
                    *own = cell.min(dimension.unknown());
                }
                cases.insert(taxonomy.facts_at(moved).case());
            }
        }
        if cases.len() >= most {
            break;
        }
    }
    cases.into_iter().take(most).collect()
}
