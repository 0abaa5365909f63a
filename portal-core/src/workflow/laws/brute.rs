//! What trying all cases says of a set of workflows, and whether analysis says the same.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Analysis, Automation, Case, Finding, FindingKind, Normalised, Standing, Workflow};
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

/// Of more workflows than this, analysis need not say whether they cover another one.
const MOST_COVERS: usize = 1_000;

/// What the plain definition says of each case.
struct Tried<'s> {
    matching: Vec<Vec<WorkflowId>>,
    /// The enabled workflows.
    by_id: BTreeMap<WorkflowId, &'s Workflow>,
    /// For each workflow that matches anything, the places of the cases that it matches.
    cases: BTreeMap<WorkflowId, Vec<usize>>,
    /// For each dimension and value with which a case matches anything, the place of such a case.
    covered: BTreeMap<(String, String), usize>,
}

impl Tried<'_> {
    /// The place of a case that shows that a finding about all cases is wrong.
    fn against(&self, finding: &Finding) -> Option<usize> {
        let cases = |id: &WorkflowId| self.cases.get(id).map_or(&[][..], Vec::as_slice);
        match finding {
            Finding::Unreachable { workflow, .. } => cases(workflow).first().copied(),
            Finding::Shadowed { workflow, .. } => {
                let own = self.by_id.get(workflow)?;
                let has_effect =
                    |at: &&usize| !has_no_effect(own, self.matching.get(**at).into_iter(), &self.by_id);
                // Where all cases are tried, brute force looks at the rest.
                let mut some = cases(workflow).iter().take(Subject::MOST_WORKFLOWS);
                some.find(has_effect).copied()
            }
            Finding::Duplicate { workflow, of, .. } => {
                let (own, other) = (cases(workflow), cases(of));
                let differs = |(one, two): (&usize, &usize)| (one != two).then_some(*one.min(two));
                let longer = own.get(other.len()).or(other.get(own.len()));
                own.iter().zip(other).find_map(differs).or(longer.copied())
            }
            Finding::Uncovered { dimension, value, .. } => {
                self.covered.get(&(dimension.clone(), value.clone())).copied()
            }
            Finding::SameMessage { .. } | Finding::RequirementDiffers { .. } | Finding::Stale { .. } => None,
        }
    }
}

impl<'s> Subject<'s> {
    pub(super) fn analysis<M: Matcher>(&self) -> Seen {
        let analysis = M::compile(self.taxonomy, self.workflows).analysis();
        let tried = self.try_all();
        let stale = self.stale();
        for finding in &analysis.findings {
            let is_stale = finding.kind() == FindingKind::Stale;
            let shown = self.is_shown(finding, &tried) && (!is_stale || stale.contains(&gist(finding)));
            if !shown {
                let what = format!("{finding:?}: its case does not show it");
                return Err((finding.case().clone(), what));
            }
            if let Some(at) = tried.against(finding) {
                let case = self.cases.get(at).cloned().unwrap_or_default();
                return Err((case, format!("Analysis says {finding:?}, which this case denies")));
            }
        }
        if !self.all {
            return Ok(());
        }
        let found: BTreeSet<Gist> = analysis.findings.iter().map(gist).collect();
        let wanted = self.brute_force(&tried, stale);
        if let Some(more) = found.difference(&wanted).next() {
            return Err((
                Case::new(),
                format!("Analysis says {more:?}, which no case shows"),
            ));
        }
        if analysis.incomplete && self.may_be_incomplete(&wanted) {
            return Ok(());
        }
        if let Some(less) = wanted.difference(&found).next() {
            return Err((
                Case::new(),
                format!("Analysis does not say {less:?}, which a case shows"),
            ));
        }
        if analysis.incomplete {
            let what = "Analysis says that it is incomplete, of so little".to_owned();
            return Err((Case::new(), what));
        }
        Ok(())
    }

    fn try_all(&self) -> Tried<'s> {
        let matching: Vec<Vec<WorkflowId>> = self
            .cases
            .iter()
            .map(|case| reference(self.taxonomy, self.workflows, case))
            .collect();
        let mut cases: BTreeMap<WorkflowId, Vec<usize>> = BTreeMap::new();
        for (at, ids) in matching.iter().enumerate() {
            for id in ids {
                cases.entry(*id).or_default().push(at);
            }
        }
        let mut covered = BTreeMap::new();
        for (at, case) in self.cases.iter().enumerate() {
            if matching.get(at).is_some_and(|ids| !ids.is_empty()) {
                for value in self.taxonomy.facts(case).values() {
                    covered.insert((value.dimension().to_owned(), value.name().to_owned()), at);
                }
            }
        }
        let enabled = self.workflows.iter().filter(|own| own.enabled);
        Tried {
            matching,
            by_id: enabled.map(|own| (own.id, own)).collect(),
            cases,
            covered,
        }
    }

    /// Whether so much is there that analysis may leave something out.
    fn may_be_incomplete(&self, wanted: &BTreeSet<Gist>) -> bool {
        let of_kind = |kind| wanted.iter().filter(|gist| gist.0 == kind).count();
        self.workflows.len() > MOST_COVERS
            || FindingKind::ALL
                .into_iter()
                .any(|kind| of_kind(kind) > Analysis::MOST_FINDINGS)
    }

    /// Whether the finding's own case shows it.
    fn is_shown(&self, finding: &Finding, tried: &Tried<'s>) -> bool {
        let matching = reference(self.taxonomy, self.workflows, finding.case());
        let matches = |id: &WorkflowId| matching.contains(id);
        // Both match, and the first of them stands before the second.
        let stand = |first: &WorkflowId, second: &WorkflowId| {
            let mut after = matching.iter().skip_while(|id| *id != first).skip(1);
            after.any(|id| id == second)
        };
        let both = |first: &WorkflowId, second: &WorkflowId| {
            let (first, second) = (tried.by_id.get(first)?, tried.by_id.get(second)?);
            stand(&first.id, &second.id).then_some((*first, *second))
        };
        match finding {
            Finding::Unreachable { workflow, .. } => tried.by_id.contains_key(workflow) && !matches(workflow),
            Finding::Shadowed { workflow, by, .. } => {
                by.iter().any(|other| stand(other, workflow))
                    && (tried.by_id.get(workflow))
                        .is_some_and(|own| has_no_effect(own, std::iter::once(&matching), &tried.by_id))
            }
            Finding::Duplicate { workflow, of, .. } => stand(of, workflow),
            Finding::SameMessage {
                workflow,
                other,
                channel,
                to,
                ..
            } => both(other, workflow).is_some_and(|both| {
                [both.0, both.1].iter().all(|own| {
                    let mut automations = own.automations.iter();
                    automations.any(|automation| automation.reaches() == Some((*channel, *to)))
                })
            }),
            Finding::RequirementDiffers {
                workflow, other, key, ..
            } => both(other, workflow).is_some_and(|both| {
                let asks = |own: &'s Workflow| own.requirements.iter().find(|one| one.key == *key);
                asks(both.0)
                    .zip(asks(both.1))
                    .is_some_and(|(one, two)| one != two)
            }),
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
        }
    }

    /// Everything that can be found, by going through all cases.
    fn brute_force(&self, tried: &Tried<'_>, stale: BTreeSet<Gist>) -> BTreeSet<Gist> {
        let mut gists = stale;
        let (all, by_id) = (&tried.matching, &tried.by_id);
        let mut enabled: Vec<&Workflow> = by_id.values().copied().collect();
        enabled.sort_by_cached_key(|own| Standing::of(own, self.taxonomy));
        let mut first: BTreeMap<&Vec<usize>, WorkflowId> = BTreeMap::new();
        for own in &enabled {
            let Some(cases) = tried.cases.get(&own.id) else {
                gists.insert((FindingKind::Unreachable, Some(own.id), None, String::new()));
                continue;
            };
            let matchings = cases.iter().filter_map(|at| all.get(*at));
            if has_no_effect(own, matchings, by_id) {
                gists.insert((FindingKind::Shadowed, Some(own.id), None, String::new()));
            }
            if let Some(of) = first.get(cases) {
                gists.insert((FindingKind::Duplicate, Some(own.id), Some(*of), String::new()));
            } else {
                first.insert(cases, own.id);
            }
        }
        for matching in all {
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
            let covered = tried
                .covered
                .contains_key(&(value.dimension().to_owned(), value.name().to_owned()));
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
