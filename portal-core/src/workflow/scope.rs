use super::cells::Cells;
use super::{Facts, Taxonomy, Test, Workflow};

/// The cases that a workflow matches: in each dimension that it speaks of, a set of cells. A dimension that it does not
/// speak of is free.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    /// Sorted by dimension. None of them is the whole dimension; when one is empty, there is no such case.
    pub(super) wanted: Vec<(usize, Cells)>,
    /// A criterion wants a value of a dimension that does not exist any more.
    lost: bool,
}

impl Scope {
    pub(super) fn of(workflow: &Workflow, taxonomy: &Taxonomy) -> Self {
        let mut scope = Self::everything();
        for criterion in &workflow.criteria {
            if criterion.test == Test::Any {
                continue;
            }
            match criterion.find(taxonomy) {
                Some((at, dimension)) => scope.narrow(at, criterion.cells(dimension)),
                None => scope.lost |= !criterion.holds_of_nothing(),
            }
        }
        scope
    }

    pub(super) const fn everything() -> Self {
        Self {
            wanted: Vec::new(),
            lost: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lost || self.wanted.iter().any(|(_, cells)| cells.is_empty())
    }

    /// What it wants of a dimension; `None` when that is free.
    pub(super) fn wants(&self, dimension: usize) -> Option<&Cells> {
        let at = self.wanted.binary_search_by_key(&dimension, |(at, _)| *at).ok()?;
        self.wanted.get(at).map(|(_, cells)| cells)
    }

    /// Also wants these cells.
    pub(super) fn narrow(&mut self, dimension: usize, cells: Cells) {
        match self.wanted.binary_search_by_key(&dimension, |(at, _)| *at) {
            Ok(at) => {
                if let Some((_, own)) = self.wanted.get_mut(at) {
                    *own = own.and(&cells);
                }
            }
            Err(at) => self.wanted.insert(at, (dimension, cells)),
        }
    }

    /// What both match.
    pub(super) fn and(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.lost |= other.lost;
        for (dimension, cells) in &other.wanted {
            both.narrow(*dimension, cells.clone());
        }
        both
    }

    /// Whether some case matches both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        !self.is_empty()
            && !other.is_empty()
            && other.wanted.iter().all(|(dimension, cells)| {
                self.wants(*dimension)
                    .is_none_or(|own| !own.and(cells).is_empty())
            })
    }

    /// A case that it matches. Known values come first, then nothing.
    pub(super) fn witness(&self, taxonomy: &Taxonomy) -> Option<Facts> {
        if self.is_empty() {
            return None;
        }
        let cells = taxonomy
            .all()
            .iter()
            .enumerate()
            .map(|(at, dimension)| self.wants(at).map_or(Some(dimension.unset()), Cells::first));
        Some(taxonomy.facts_at(cells.collect::<Option<_>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::{Criterion, DimensionDraft, TaxonomyDraft, WorkflowDraft, WorkflowId};

    #[test]
    fn nothing_is_in_both_where_one_wants_a_dimension_that_is_gone() {
        let taxonomy = Taxonomy::new(&TaxonomyDraft {
            dimensions: vec![DimensionDraft::new("Office").value("Sydney")],
        })
        .unwrap();
        let draft = WorkflowDraft {
            name: "Sydney".into(),
            criteria: vec![Criterion::one_of("Office", ["Sydney"])],
            ..WorkflowDraft::default()
        };
        let workflow = Workflow::new(WorkflowId(uuid::Uuid::from_u128(1)), &draft, &taxonomy).unwrap();
        let (all, lost) = (Scope::everything(), Scope::of(&workflow, &Taxonomy::empty()));
        assert!(!all.and(&Scope::of(&workflow, &taxonomy)).is_empty());
        assert!(all.and(&lost).is_empty() && lost.and(&all).is_empty());
    }
}
