//! The laws that look at one case at a time.

use super::super::{
    Canonical, Case, Criterion, Normalised, Requirements, Standing, Taxonomy, Test, Workflow, fold,
};
use super::{Matcher, Seen, Subject, reference};
use crate::WorkflowId;

impl Subject<'_> {
    fn each_case<A: PartialEq + std::fmt::Debug>(
        &self,
        seen: impl Fn(&Case) -> A,
        wanted: impl Fn(&Case) -> A,
    ) -> Seen {
        self.cases.iter().try_for_each(|case| {
            let (seen, wanted) = (seen(case), wanted(case));
            if seen == wanted {
                Ok(())
            } else {
                Err((case.clone(), format!("It gives {seen:?} instead of {wanted:?}")))
            }
        })
    }

    /// The workflows that laws about single ones are tried on.
    fn some(&self) -> impl Iterator<Item = (usize, &Workflow)> {
        let every = self.workflows.len().div_ceil(Self::MOST_WORKFLOWS).max(1);
        self.workflows.iter().enumerate().step_by(every)
    }

    pub(super) fn reference<M: Matcher>(&self) -> Seen {
        let own = M::compile(self.taxonomy, self.workflows);
        self.each_case(
            |case| own.matching(case),
            |case| reference(self.taxonomy, self.workflows, case),
        )
    }

    pub(super) fn order<M: Matcher>(&self) -> Seen {
        let own = M::compile(self.taxonomy, self.workflows);
        let mut turned = self.workflows.to_vec();
        for turn in 0..3 {
            match turn {
                0 => turned.reverse(),
                1 => turned.rotate_left(self.workflows.len() / 2),
                _ => turned.sort_by(|a, b| a.name.cmp(&b.name)),
            }
            let other = M::compile(self.taxonomy, &turned);
            self.each_case(|case| other.matching(case), |case| own.matching(case))?;
        }
        Ok(())
    }

    pub(super) fn enabling<M: Matcher>(&self) -> Seen {
        let own = M::compile(self.taxonomy, self.workflows);
        for (at, workflow) in self.some() {
            let mut switched = self.workflows.to_vec();
            if let Some(workflow) = switched.get_mut(at) {
                workflow.enabled = !workflow.enabled;
            }
            let other = M::compile(self.taxonomy, &switched);
            let without = |mut ids: Vec<WorkflowId>| {
                ids.retain(|id| *id != workflow.id);
                ids
            };
            self.each_case(
                |case| without(other.matching(case)),
                |case| without(own.matching(case)),
            )?;
        }
        Ok(())
    }

    pub(super) fn narrower<M: Matcher>(&self) -> Seen {
        for (_, workflow) in self.some() {
            let workflow = Workflow {
                enabled: true,
                ..workflow.clone()
            };
            let own = M::compile(self.taxonomy, std::slice::from_ref(&workflow));
            for narrow in narrower(&workflow, self.taxonomy) {
                let other = M::compile(self.taxonomy, std::slice::from_ref(&narrow));
                let matches_more =
                    |case: &Case| !other.matching(case).is_empty() && own.matching(case).is_empty();
                if let Some(case) = self.cases.iter().find(|case| matches_more(case)) {
                    let criteria: Vec<String> = narrow.criteria.iter().map(ToString::to_string).collect();
                    let what = format!(
                        "\u{201c}{}\u{201d} matches more with {}",
                        workflow.name,
                        criteria.join("; ")
                    );
                    return Err((case.clone(), what));
                }
            }
        }
        Ok(())
    }

    pub(super) fn normalised<M: Matcher>(&self) -> Seen {
        let own = M::compile(self.taxonomy, self.workflows);
        for turn in 0..4 {
            self.each_case(
                |case| own.matching(&respelled(self.taxonomy, case, turn)),
                |case| own.matching(case),
            )?;
        }
        Ok(())
    }

    pub(super) fn explanation<M: Matcher>(&self) -> Seen {
        let own = M::compile(self.taxonomy, self.workflows);
        self.each_case(|case| own.explained(case), |case| own.matching(case))
    }

    pub(super) fn merging<M: Matcher>(&self) -> Seen {
        let own = M::compile(self.taxonomy, self.workflows);
        let parts = |case: &Case| -> Vec<Requirements> {
            let matching = reference(self.taxonomy, self.workflows, case);
            let found = matching
                .iter()
                .filter_map(|id| self.workflows.iter().find(|own| own.id == *id));
            found
                .map(|own| Requirements::of(own, Standing::of(own, self.taxonomy)))
                .collect()
        };
        let sum = |parts: &[Requirements]| {
            parts
                .iter()
                .cloned()
                .fold(Requirements::default(), Requirements::and)
        };
        self.each_case(|case| own.requirements(case), |case| sum(&parts(case)))?;
        self.each_case(
            |case| {
                // From the right, in another order, and the first half once more.
                let mut parts = parts(case);
                parts.reverse();
                let again = sum(parts.get(parts.len() / 2..).unwrap_or_default());
                parts.into_iter().rfold(again, |all, one| one.and(all))
            },
            |case| own.requirements(case),
        )?;
        self.each_case(
            |case| {
                let asked = own.requirements(case);
                let mut asked: Vec<_> = asked
                    .asked()
                    .iter()
                    .map(|asked| (asked.requirement.clone(), asked.by))
                    .collect();
                asked.sort_by(|a, b| a.0.key.cmp(&b.0.key));
                asked
            },
            |case| {
                // The first that stands and asks for it, found by going through all.
                let mut wanted = std::collections::BTreeMap::new();
                for id in reference(self.taxonomy, self.workflows, case) {
                    let own = self.workflows.iter().filter(|own| own.id == id);
                    for requirement in own.flat_map(|own| &own.requirements) {
                        wanted
                            .entry(requirement.key.clone())
                            .or_insert_with(|| (requirement.clone(), id));
                    }
                }
                wanted.into_values().collect()
            },
        )
    }
}

/// The same workflow with one criterion narrower, or one more.
fn narrower(workflow: &Workflow, taxonomy: &Taxonomy) -> Vec<Workflow> {
    let with = |change: &dyn Fn(&mut Vec<Criterion>)| {
        let mut narrow = workflow.clone();
        change(&mut narrow.criteria);
        narrow
    };
    let mut all = Vec::new();
    for (at, criterion) in workflow.criteria.iter().enumerate() {
        let dimension = &criterion.dimension;
        let values: Vec<Canonical> = taxonomy.values(dimension).take(64).collect();
        let replaced = |test: Test| {
            with(&|criteria| {
                if let Some(own) = criteria.get_mut(at) {
                    own.test = test.clone();
                }
            })
        };
        match &criterion.test {
            Test::Any => all.extend(
                values
                    .first()
                    .map(|value| replaced(Test::OneOf(vec![value.name().into()]))),
            ),
            Test::OneOf(names) => all.push(replaced(Test::OneOf(names.iter().skip(1).cloned().collect()))),
            Test::Below(parent) => {
                let parent = taxonomy.normalise(dimension, parent).and_then(Normalised::known);
                let children = values
                    .iter()
                    .filter(|value| parent.is_some() && value.parent() == parent);
                for child in children.take(2) {
                    all.push(replaced(Test::Below(child.name().into())));
                    all.push(replaced(Test::OneOf(vec![child.name().into()])));
                }
            }
            Test::NoneOf(names) => {
                let other = values
                    .iter()
                    .find(|value| !names.iter().any(|name| name == value.name()));
                let with =
                    |value: &Canonical| names.iter().cloned().chain([value.name().to_owned()]).collect();
                all.extend(other.map(|value| replaced(Test::NoneOf(with(value)))));
            }
        }
    }
    for dimension in taxonomy.dimensions() {
        for value in taxonomy.values(dimension).take(2) {
            let name = || [value.name().to_owned()];
            for more in [
                Criterion::none_of(dimension, name()),
                Criterion::below(dimension, value.name()),
                Criterion::one_of(dimension, name()),
            ] {
                all.push(with(&|criteria| criteria.push(more.clone())));
            }
        }
    }
    all
}

/// The same case as another system might write it.
fn respelled(taxonomy: &Taxonomy, case: &Case, turn: usize) -> Case {
    let respell = |dimension: &str, raw: &str| -> String {
        let known = taxonomy.normalise(dimension, raw).and_then(Normalised::known);
        let text = match &known {
            Some(value) => {
                let spellings: Vec<&str> = value.spellings().collect();
                spellings
                    .get(turn % spellings.len().max(1))
                    .copied()
                    .unwrap_or_default()
            }
            None if fold(raw).is_empty() => return "- ".repeat(turn),
            None => return stranger(taxonomy, dimension, turn),
        };
        let text = match turn % 3 {
            0 => text.to_uppercase(),
            1 => format!("  {} ", text.replace(' ', "\u{a0}\u{2014} ")),
            _ => fold(text),
        };
        // Outside of ASCII, capital letters can say less than small ones do; then the text stays as it is.
        let again = taxonomy.normalise(dimension, &text).and_then(Normalised::known);
        if again == known || text.is_ascii() {
            text
        } else {
            raw.to_owned()
        }
    };
    let texts = case.0.iter();
    Case(
        texts
            .map(|(dimension, raw)| (dimension.clone(), respell(dimension, raw)))
            .collect(),
    )
}

/// Text that names nothing, another one each turn.
fn stranger(taxonomy: &Taxonomy, dimension: &str, turn: usize) -> String {
    let known = |text: &str| {
        let normal = taxonomy.normalise(dimension, text);
        normal.and_then(Normalised::known).is_some()
    };
    let mut text = format!("nobody knows {turn}");
    while known(&text) {
        text.push('x');
    }
    text
}
