//! What is odd about a set of workflows, without any matter: each finding with a case that shows it.

mod cover;
mod finding;
mod pairs;

pub use finding::{Finding, FindingKind};

use std::collections::{BTreeMap, HashMap};

use super::cells::Cells;
use super::scope::Scope;
use super::{Case, Criterion, Dimension, Standing, Test, Workflow, Workflows};

/// What [`Workflows::analyse`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Analysis {
    /// The findings, kind by kind.
    pub findings: Vec<Finding>,
    /// Whether there was more than [`Analysis::MOST_FINDINGS`] of a kind, or a question that takes too long: then something
    /// may be missing. What was found is true all the same.
    pub incomplete: bool,
}

impl Analysis {
    /// The most findings of each kind that are told.
    pub const MOST_FINDINGS: usize = 10_000;

    fn add(&mut self, findings: impl IntoIterator<Item = Finding>) {
        let mut findings = findings.into_iter();
        self.findings.extend(findings.by_ref().take(Self::MOST_FINDINGS));
        self.incomplete |= findings.next().is_some();
    }
}

/// An enabled workflow with the cases it matches, of which there are some.
struct Live<'w> {
    workflow: &'w Workflow,
    standing: &'w Standing,
    scope: Scope,
}

impl Workflows {
    /// Reports enabled workflows that nothing can match, that another one shadows, that are there twice, or that are in
    /// conflict; values that no workflow covers; and, in all workflows, criteria on what is not in the taxonomy any more.
    ///
    /// Pairs of workflows are compared where they share a requirement or reach the same people, so a thousand workflows
    /// take well under a second and ten thousand that all send the principal a message some seconds.
    #[must_use]
    pub fn analyse(&self) -> Analysis {
        let mut analysis = Analysis::default();
        let scoped = self.with_standings().filter(|(_, workflow)| workflow.enabled);
        let (live, dead): (Vec<Live<'_>>, Vec<Live<'_>>) = scoped
            .map(|(standing, workflow)| Live {
                workflow,
                standing,
                scope: Scope::of(workflow, self.taxonomy()),
            })
            .partition(|live| !live.scope.is_empty());
        analysis.add(self.iter().flat_map(|workflow| self.stale(workflow)));
        analysis.add(dead.iter().map(|dead| self.unreachable(dead)));
        self.shadowed(&live, &mut analysis);
        analysis.add(self.duplicates(&live));
        analysis.add(self.same_messages(&live));
        analysis.add(self.requirements_that_differ(&live));
        analysis.add(self.uncovered(&live));
        analysis
    }

    /// Criteria on what is not in the taxonomy any more.
    fn stale(&self, workflow: &Workflow) -> Vec<Finding> {
        let finding = |criterion: &Criterion, value: Option<&String>| Finding::Stale {
            workflow: workflow.id,
            dimension: criterion.dimension.clone(),
            value: value.cloned(),
            case: Case::new().with(&criterion.dimension, value.map_or("anything", String::as_str)),
        };
        let mut findings = Vec::new();
        for criterion in &workflow.criteria {
            match criterion.find(self.taxonomy()) {
                None => findings.push(finding(criterion, None)),
                Some((_, dimension)) => {
                    let gone = criterion
                        .values()
                        .iter()
                        .filter(|value| dimension.cell(value).is_none());
                    findings.extend(gone.map(|value| finding(criterion, Some(value))));
                }
            }
        }
        findings
    }

    /// The first criterion that cannot hold together with those before it, and a case in which those do.
    fn unreachable(&self, dead: &Live<'_>) -> Finding {
        let mut so_far = Scope::everything();
        let mut fails = dead.workflow.criteria.first();
        for criterion in &dead.workflow.criteria {
            let next = match criterion.find(self.taxonomy()) {
                _ if criterion.test == Test::Any => continue,
                Some((at, dimension)) => {
                    let mut next = so_far.clone();
                    next.narrow(at, criterion.cells(dimension));
                    next
                }
                None if criterion.holds_of_nothing() => continue,
                None => {
                    fails = Some(criterion);
                    break;
                }
            };
            if next.is_empty() {
                fails = Some(criterion);
                break;
            }
            so_far = next;
        }
        Finding::Unreachable {
            workflow: dead.workflow.id,
            criterion: fails.map(ToString::to_string).unwrap_or_default(),
            case: self.case(&so_far),
        }
    }

    /// Workflows that send nothing and have each of their requirements asked in other words, whatever the case.
    fn shadowed(&self, live: &[Live<'_>], analysis: &mut Analysis) {
        let mut asking: HashMap<&str, Vec<&Live<'_>>> = HashMap::new();
        let mut findings = Vec::new();
        for own in live {
            let requirements = &own.workflow.requirements;
            let mut by = BTreeMap::new();
            let mut hidden = own
                .workflow
                .automations
                .iter()
                .all(|automation| !automation.enabled);
            hidden &= !requirements.is_empty();
            for requirement in requirements {
                let earlier = asking
                    .get(requirement.key.as_str())
                    .map_or(&[][..], Vec::as_slice);
                if hidden {
                    let over: Vec<&Live<'_>> = earlier
                        .iter()
                        .copied()
                        .filter(|other| other.scope.meets(&own.scope))
                        .collect();
                    let scopes: Vec<&Scope> = over.iter().map(|other| &other.scope).collect();
                    let covered = cover::covers(&own.scope, &scopes, self.taxonomy());
                    analysis.incomplete |= covered.is_none();
                    hidden = covered == Some(true);
                    by.extend(over.iter().map(|other| (*other.standing, other.workflow.id)));
                }
            }
            for requirement in requirements {
                asking.entry(&requirement.key).or_default().push(own);
            }
            if hidden {
                findings.push(Finding::Shadowed {
                    workflow: own.workflow.id,
                    by: by.into_values().collect(),
                    case: self.case(&own.scope),
                });
            }
        }
        analysis.add(findings);
    }

    /// Workflows that match exactly the same cases as one that stands before them.
    fn duplicates(&self, live: &[Live<'_>]) -> Vec<Finding> {
        let mut first: HashMap<&Scope, &Workflow> = HashMap::new();
        let mut findings = Vec::new();
        for own in live {
            if let Some(other) = first.get(&own.scope) {
                findings.push(Finding::Duplicate {
                    workflow: own.workflow.id,
                    of: other.id,
                    case: self.case(&own.scope),
                });
            } else {
                first.insert(&own.scope, own.workflow);
            }
        }
        findings
    }

    /// Values with which no case matches anything.
    fn uncovered(&self, live: &[Live<'_>]) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (at, dimension) in self.taxonomy().all().iter().enumerate() {
            if live.iter().any(|live| live.scope.wants(at).is_none()) {
                continue;
            }
            let covered = Cells::or(live.iter().filter_map(|live| live.scope.wants(at)));
            let values = Cells::range(0, dimension.unset());
            findings.extend(
                values
                    .minus(&covered)
                    .iter()
                    .filter_map(|cell| uncovered(dimension, cell)),
            );
        }
        findings
    }

    /// A case in this scope.
    fn case(&self, scope: &Scope) -> Case {
        scope
            .witness(self.taxonomy())
            .map(|facts| facts.case())
            .unwrap_or_default()
    }
}

fn uncovered(dimension: &Dimension, cell: u32) -> Option<Finding> {
    let value = dimension.value(cell)?;
    Some(Finding::Uncovered {
        dimension: dimension.name.clone(),
        value: value.name.clone(),
        case: Case::new().with(&dimension.name, &value.name),
    })
}
