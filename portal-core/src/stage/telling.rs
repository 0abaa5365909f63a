//! The rule: of what a change of a matter brings, who is told and what fires.

use std::collections::{BTreeSet, HashSet};

use super::{MatchedWorkflow, Plan, Situation};
use crate::rulebook::Accepting;
use crate::workflow::{Case, fold};
use crate::{ClientId, WorkflowId};

/// What sets a decision over a matter off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// Somebody opened the matter or changed it.
    Change,
    /// This client joined it. Whoever was there before hears nothing again.
    Join(ClientId),
    /// Something of which nobody is told: a matter is opened again.
    Quiet,
    /// The taxonomy is another one. Nobody is told but of what somebody chose to be told of.
    Rereading,
    /// The workflows, or one of them, are applied to it as they are now.
    Applied {
        /// The one, or all.
        only: Option<WorkflowId>,
        /// Whether what that brings is told.
        send: bool,
    },
}

/// What follows for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Told {
    /// Workflows whose automations fire.
    pub(super) fires: Vec<MatchedWorkflow>,
    /// Workflows whose automations fire for who joined, and for nobody else.
    pub(super) fires_for_joiner: Vec<MatchedWorkflow>,
    /// Workflows of which what they ask is asked without a word.
    pub(super) quiet: HashSet<WorkflowId>,
}

/// Who is told of what, once the matter's new values and stage are known (`plan`).
///
/// * Entering a stage fires all that match.
/// * Else those fire that did not match before. Somebody who accepted a text as another word for a value chose whether what
///   that brings is told; their choice holds for whatever is gained by that text, whoever reads the matter first. What a whole
///   new taxonomy brings is told to nobody.
/// * What is applied fires although it matched before; beside it nothing else does.
pub(super) fn tell(it: &Situation<'_>, plan: &Plan, has_arrived: bool) -> Told {
    let is_in_a_stage = plan.current(it.entry).is_some();
    let fires = |own: Vec<MatchedWorkflow>| if is_in_a_stage { own } else { Vec::new() };
    if has_arrived && matches!(it.occasion, Occasion::Change | Occasion::Join(_)) {
        return Told {
            fires: fires(plan.matched.clone()),
            ..Told::default()
        };
    }
    let taxonomy = it.workflows.taxonomy();
    let before = it
        .workflows
        .matching(&taxonomy.kept(&it.matter.normalised, &it.matter.unknown));
    let is_gained = |own: &&MatchedWorkflow| !before.contains(&own.workflow);
    let gained: Vec<MatchedWorkflow> = plan.matched.iter().filter(is_gained).copied().collect();
    let mut told = gained.clone();
    if !told.is_empty() {
        let of_these = told_of(it, plan, &before);
        told.retain(|own| of_these.contains(&own.workflow));
    }
    let but = |all: &[MatchedWorkflow], some: &[MatchedWorkflow]| -> Vec<MatchedWorkflow> {
        all.iter().filter(|own| !some.contains(own)).copied().collect()
    };
    let ids = |all: Vec<MatchedWorkflow>| all.into_iter().map(|own| own.workflow).collect();
    match it.occasion {
        Occasion::Change => Told {
            quiet: ids(but(&gained, &told)),
            fires: fires(told),
            ..Told::default()
        },
        Occasion::Join(_) => Told {
            quiet: ids(but(&gained, &told)),
            fires_for_joiner: fires(but(&plan.matched, &told)),
            fires: fires(told),
        },
        Occasion::Quiet => Told {
            quiet: ids(plan.matched.clone()),
            ..Told::default()
        },
        Occasion::Rereading => Told {
            quiet: ids(but(&plan.matched, &told)),
            fires: fires(told),
            ..Told::default()
        },
        Occasion::Applied { only, send } => {
            let is_applied = |own: &MatchedWorkflow| send && only.is_none_or(|only| only == own.workflow);
            let applied = plan
                .matched
                .iter()
                .filter(|own| is_applied(own) || told.contains(own));
            let applied: Vec<MatchedWorkflow> = applied.copied().collect();
            Told {
                quiet: ids(but(&plan.matched, &applied)),
                fires: fires(applied),
                ..Told::default()
            }
        }
    }
}

/// The workflows that come to match by what people are to be told of: each acceptance takes its turn, in the order in which they
/// were made, as if all matters had been read before the next; what is left counts as the occasion does.
fn told_of(it: &Situation<'_>, plan: &Plan, before: &[WorkflowId]) -> HashSet<WorkflowId> {
    let (now, was) = (Case::of(it.matter), it.before.map(Case::of));
    let is_of = |own: &Accepting, dimension: &str| {
        let new = texts(&now, dimension);
        let old = was
            .as_ref()
            .map_or_else(|| new.clone(), |was| texts(was, dimension));
        // A text that is only written otherwise says nothing new.
        let read = |texts: &[String]| -> Option<Vec<String>> {
            let read = texts
                .iter()
                .map(|raw| it.workflows.taxonomy().canonical(dimension, raw));
            read.collect()
        };
        let is_new = old != new && (read(&old).is_none() || read(&old) != read(&new));
        let is_its = |own: &Accepting| {
            let is_written = |raw: &String| new.contains(raw) || old.contains(raw);
            let text = own.text.as_ref();
            text.is_some_and(|(name, raw)| fold(name) == fold(dimension) && is_written(&fold(raw)))
        };
        // The last word on a text goes before what holds for a whole taxonomy.
        !is_new && (is_its(own) || own.text.is_none() && !it.accepting.iter().any(is_its))
    };
    let maps = [
        &it.matter.normalised,
        &it.matter.unknown,
        &plan.normalised,
        &plan.unknown,
    ];
    let mut rest: BTreeSet<String> = maps
        .iter()
        .flat_map(|map| map.keys())
        .map(|name| fold(name))
        .collect();
    let (mut known, mut unknown) = (it.matter.normalised.clone(), it.matter.unknown.clone());
    let mut seen: HashSet<WorkflowId> = before.iter().copied().collect();
    let mut told = HashSet::new();
    let mut turn = |dimensions: &BTreeSet<String>, send: bool| {
        for (own, new) in [(&mut known, &plan.normalised), (&mut unknown, &plan.unknown)] {
            own.retain(|name, _| !dimensions.contains(&fold(name)));
            let new = new.iter().filter(|(name, _)| dimensions.contains(&fold(name)));
            own.extend(new.map(|(name, value)| (name.clone(), value.clone())));
        }
        for id in it
            .workflows
            .matching(&it.workflows.taxonomy().kept(&known, &unknown))
        {
            if seen.insert(id) && send {
                told.insert(id);
            }
        }
    };
    for own in it.accepting {
        let these: BTreeSet<String> = rest.iter().filter(|name| is_of(own, name)).cloned().collect();
        if !these.is_empty() {
            rest.retain(|name| !these.contains(name));
            turn(&these, own.send);
        }
    }
    turn(&rest, matches!(it.occasion, Occasion::Change | Occasion::Join(_)));
    told
}

/// What is written in a dimension, folded.
fn texts(case: &Case, dimension: &str) -> Vec<String> {
    let own = case.0.iter().filter(|(name, _)| fold(name) == fold(dimension));
    own.map(|(_, raw)| fold(raw))
        .filter(|raw| !raw.is_empty())
        .collect()
}
