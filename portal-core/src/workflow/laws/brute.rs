//! What trying all cases says of a set of workflows, and whether analysis says the same.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Automation, Case, Finding, FindingKind, Normalised, Standing, Workflow};
use super::{Matcher, Seen, Subject, reference};
use crate::WorkflowId;

/// A finding without its case and without what words alone tell: its kind, whom it is about, the other one, and the thing.
type Gist = (FindingKind, Option<WorkflowId>, Option<WorkflowId>, String);

fn gist(finding: &Finding) -> Gist {
    let (other, thing) = match finding {
        Finding::Stale { dimension, value, .. } => (None, format!("{dimension}: {value:?}")),
        Finding::Unreachable { .. } | Finding::Shadowed { .. } => (None, String::new()),
        Finding::Duplicate { of, .. } => (Some(*of), String::new()),
        Finding::SameMessage {
            other, channel, to, ..
        } => (Some(*other), format!("{channel} {to}")),
        Finding::RequirementDiffers { other, key, .. } => (Some(*other), key.clone()),
        Finding::Uncovered { dimension, value, .. } => (None, format!("{dimension}: {value}")),
    };
    (finding.kind(), finding.workflow(), other, thing)
}

impl Subject<'_> {
    pub(super) fn analysis<M: Matcher>(&self) -> Seen {
        let analysis = M::compile(self.taxonomy, self.workflows).analysis();
        for finding in &analysis.findings {
            self.is_shown(finding)
                .map_err(|why| (finding.case().clone(), format!("{finding:?}: {why}")))?;
        }
        if !self.all || analysis.incomplete {
            return Ok(());
        }
        let found: BTreeSet<Gist> = analysis.findings.iter().map(gist).collect();
        let wanted = self.brute_force();
        if let Some(more) = found.difference(&wanted).next() {
            return Err((
                Case::new(),
                format!("Analysis says {more:?}, which no case shows"),
            ));
        }
        if let Some(less) = wanted.difference(&found).next() {
            return Err((
                Case::new(),
                format!("Analysis does not say {less:?}, which a case shows"),
            ));
        }
        Ok(())
    }

    /// Whether the finding's own case shows it.
    fn is_shown(&self, finding: &Finding) -> Result<(), &'static str> {
        let matching = reference(self.taxonomy, self.workflows, finding.case());
        let matches = |id: &WorkflowId| matching.contains(id);
        let shown = match finding {
            Finding::Unreachable { workflow, .. } => !matches(workflow),
            Finding::Shadowed { workflow, by, .. } => matches(workflow) && by.iter().any(matches),
            Finding::Duplicate { workflow, of, .. } => matches(workflow) && matches(of),
            Finding::SameMessage { workflow, other, .. }
            | Finding::RequirementDiffers { workflow, other, .. } => matches(workflow) && matches(other),
            Finding::Uncovered {
                dimension,
                value,
                case,
            } => {
                let read = self.taxonomy.facts(case).value(dimension);
                matching.is_empty() && read.is_some_and(|read| read.name() == value)
            }
            Finding::Stale { dimension, case, .. } => {
                let texts = case
                    .0
                    .values()
                    .map(|text| self.taxonomy.normalise(dimension, text));
                !texts
                    .into_iter()
                    .any(|read| matches!(read, Some(Normalised::Known(_))))
            }
        };
        if shown {
            Ok(())
        } else {
            Err("its case does not show it")
        }
    }

    /// Everything that can be found, by going through all cases.
    fn brute_force(&self) -> BTreeSet<Gist> {
        let all: Vec<Vec<WorkflowId>> = self
            .cases
            .iter()
            .map(|case| reference(self.taxonomy, self.workflows, case))
            .collect();
        let mut gists = self.stale();
        let mut enabled: Vec<&Workflow> = self.workflows.iter().filter(|own| own.enabled).collect();
        enabled.sort_by_cached_key(|own| Standing::of(own, self.taxonomy));
        let by_id: BTreeMap<WorkflowId, &Workflow> = enabled.iter().map(|own| (own.id, *own)).collect();
        let mut first: BTreeMap<Vec<usize>, WorkflowId> = BTreeMap::new();
        for own in &enabled {
            let cases = all
                .iter()
                .enumerate()
                .filter(|(_, matching)| matching.contains(&own.id));
            let cases: Vec<usize> = cases.map(|(at, _)| at).collect();
            if cases.is_empty() {
                gists.insert((FindingKind::Unreachable, Some(own.id), None, String::new()));
                continue;
            }
            let matchings = cases.iter().filter_map(|at| all.get(*at));
            if has_no_effect(own, matchings, &by_id) {
                gists.insert((FindingKind::Shadowed, Some(own.id), None, String::new()));
            }
            if let Some(of) = first.get(&cases) {
                gists.insert((FindingKind::Duplicate, Some(own.id), Some(*of), String::new()));
            } else {
                first.insert(cases, own.id);
            }
        }
        for matching in &all {
            let together: Vec<&Workflow> = matching.iter().filter_map(|id| by_id.get(id).copied()).collect();
            for (at, later) in together.iter().enumerate() {
                for earlier in together.iter().take(at) {
                    gists.extend(conflicts(later, earlier));
                }
            }
        }
        for value in self
            .taxonomy
            .dimensions()
            .flat_map(|dimension| self.taxonomy.values(dimension))
        {
            let has_it =
                |case: &Case| self.taxonomy.facts(case).value(value.dimension()).as_ref() == Some(&value);
            let covered = self
                .cases
                .iter()
                .zip(&all)
                .any(|(case, matching)| !matching.is_empty() && has_it(case));
            if !covered {
                gists.insert((
                    FindingKind::Uncovered,
                    None,
                    None,
                    format!("{}: {value}", value.dimension()),
                ));
            }
        }
        gists
    }

    fn stale(&self) -> BTreeSet<Gist> {
        let mut gists = BTreeSet::new();
        for own in self.workflows {
            for criterion in &own.criteria {
                let dimension = &criterion.dimension;
                let mut gone = |value: Option<&String>| {
                    gists.insert((
                        FindingKind::Stale,
                        Some(own.id),
                        None,
                        format!("{dimension}: {value:?}"),
                    ));
                };
                if self.taxonomy.normalise(dimension, "").is_none() {
                    gone(None);
                    continue;
                }
                for value in criterion.values() {
                    let read = self.taxonomy.normalise(dimension, value);
                    if !matches!(read, Some(Normalised::Known(_))) {
                        gone(Some(value));
                    }
                }
            }
        }
        gists
    }
}

/// Whether it sends nothing, and loses each of its requirements in each of these matchings.
fn has_no_effect<'a>(
    own: &Workflow,
    mut matchings: impl Iterator<Item = &'a Vec<WorkflowId>>,
    by_id: &BTreeMap<WorkflowId, &Workflow>,
) -> bool {
    let sends = own.automations.iter().any(|automation| automation.enabled);
    !sends
        && !own.requirements.is_empty()
        && matchings.all(|matching| {
            let before = || {
                let ids = matching.iter().take_while(|id| **id != own.id);
                ids.filter_map(|id| by_id.get(id))
                    .flat_map(|other| &other.requirements)
            };
            own.requirements
                .iter()
                .all(|own| before().any(|other| other.key == own.key))
        })
}

fn conflicts(later: &Workflow, earlier: &Workflow) -> Vec<Gist> {
    let gist = |kind, thing| (kind, Some(later.id), Some(earlier.id), thing);
    let mut gists = Vec::new();
    for one in later.automations.iter().filter_map(Automation::reaches) {
        if earlier
            .automations
            .iter()
            .any(|other| other.reaches() == Some(one))
        {
            gists.push(gist(FindingKind::SameMessage, format!("{} {}", one.0, one.1)));
        }
    }
    for one in &later.requirements {
        let other = earlier.requirements.iter().find(|other| other.key == one.key);
        if other.is_some_and(|other| other != one) {
            gists.push(gist(FindingKind::RequirementDiffers, one.key.clone()));
        }
    }
    gists
}
