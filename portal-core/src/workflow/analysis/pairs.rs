//! Findings about two workflows that can match one case.

use std::collections::HashMap;
use std::hash::Hash;

use super::{Finding, Live};
use crate::workflow::{Automation, Workflows};

impl Workflows {
    /// Two workflows that send the same people a message over the same channel on the same entry.
    pub(super) fn same_messages(&self, live: &[Live<'_>]) -> impl Iterator<Item = Finding> {
        let reached = by(live, |live| {
            let automations = live.workflow.automations.iter();
            automations.filter_map(Automation::reaches).collect()
        });
        meeting(reached).map(|((channel, to), first, second)| Finding::SameMessage {
            workflow: second.workflow.id,
            other: first.workflow.id,
            channel,
            to,
            case: self.case(&first.scope.and(&second.scope)),
        })
    }

    /// Two workflows that ask for one thing in different ways.
    pub(super) fn requirements_that_differ(&self, live: &[Live<'_>]) -> impl Iterator<Item = Finding> {
        let asked = by(live, |live| {
            let requirements = live.workflow.requirements.iter();
            requirements.map(|requirement| requirement.key.clone()).collect()
        });
        let differ = meeting(asked).filter(|(key, first, second)| {
            let asks = |live: &Live<'_>| {
                let mut requirements = live.workflow.requirements.iter();
                requirements.find(|requirement| requirement.key == *key).cloned()
            };
            asks(first) != asks(second)
        });
        differ.map(|(key, first, second)| Finding::RequirementDiffers {
            workflow: second.workflow.id,
            other: first.workflow.id,
            key,
            case: self.case(&first.scope.and(&second.scope)),
        })
    }
}

/// The workflows by each thing that they have, as they stand.
fn by<'l, 'w, K: Eq + Hash + Ord>(
    live: &'l [Live<'w>],
    things: impl Fn(&Live<'w>) -> Vec<K>,
) -> Vec<(K, Vec<&'l Live<'w>>)> {
    let mut all: HashMap<K, Vec<&Live<'w>>> = HashMap::new();
    for live in live {
        for thing in things(live) {
            all.entry(thing).or_default().push(live);
        }
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Every two of them that can match one case; the first stands before the second.
fn meeting<'l, 'w: 'l, K: Clone + 'l>(
    all: Vec<(K, Vec<&'l Live<'w>>)>,
) -> impl Iterator<Item = (K, &'l Live<'w>, &'l Live<'w>)> {
    all.into_iter().flat_map(|(thing, live)| {
        let pairs = (0..live.len()).flat_map(move |second| (0..second).map(move |first| (first, second)));
        pairs.filter_map(move |(first, second)| {
            let (first, second) = (*live.get(first)?, *live.get(second)?);
            first
                .scope
                .meets(&second.scope)
                .then(|| (thing.clone(), first, second))
        })
    })
}
