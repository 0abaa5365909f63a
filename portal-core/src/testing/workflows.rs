//! Random taxonomies, workflows and cases, and the laws of matching tried on them: on yours too.
//!
//! ```
//! use portal_core::testing::workflows::prove;
//! use portal_core::workflow::WorkflowFile;
//!
//! let file = WorkflowFile::read(r#"
//!     dimensions = [{ name = "Office", values = [{ name = "Sydney" }] }]
//!     workflows = [{ name = "Sydney", criteria = [{ dimension = "Office", one_of = ["Sydney"] }] }]
//! "#).unwrap();
//! prove(&file.taxonomy, &file.workflows).unwrap();
//! ```

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

use super::strategies::{line, part};
pub use crate::workflow::laws::{Broken, Law, Matcher, Subject, reference};
use crate::workflow::{
    Automation, Case, Channel, Criterion, DimensionDraft, Requirement, Taxonomy, TaxonomyDraft, Test,
    ValueDraft, Workflow, Workflows, fold,
};
use crate::{Version, WorkflowId};

/// Tries every law on these workflows: on the cases that tell most about them, and on random ones, written as badly as
/// systems of record write.
///
/// # Errors
/// What is broken, in a sentence with the case.
pub fn prove(taxonomy: &Taxonomy, workflows: &[Workflow]) -> Result<(), String> {
    let subject = Subject::new(taxonomy, workflows);
    subject
        .prove::<Workflows>()
        .map_err(|broken| broken.to_string())?;
    let config = Config {
        cases: 16,
        failure_persistence: None,
        ..Config::default()
    };
    let random = TestRunner::new(config).run(&vec(case(taxonomy), 32), |cases| {
        let subject = Subject::on(taxonomy, workflows, cases);
        let result = subject.prove::<Workflows>();
        result.map_err(|broken| TestCaseError::fail(broken.to_string()))
    });
    random.map_err(|error| error.to_string())
}

/// A taxonomy of at most three dimensions, small enough that all cases can be tried. Names are of any script, values lie
/// below each other at random, and some have aliases.
pub fn taxonomy() -> impl Strategy<Value = Taxonomy> {
    // One name is the text that a case has for what is unknown, of which no other taxonomy may make a value.
    let name = || {
        prop_oneof![
            6 => "[A-Z][a-z]{2,6}([ -][A-Z][a-z]{1,4})?",
            3 => line(12),
            1 => Just("Something else".to_owned()),
        ]
    };
    let value = (name(), option::of(any::<Index>()), vec(name(), 0..3));
    let dimension = (name(), vec(value, 0..6));
    vec(dimension, 1..4).prop_map(|dimensions| {
        let mut draft = TaxonomyDraft::default();
        let mut seen = HashSet::new();
        for (name, values) in dimensions {
            let mut kept = DimensionDraft::new(name.clone());
            let mut taken = HashSet::new();
            let mut is_new = |name: &String| !fold(name).is_empty() && taken.insert(fold(name));
            for (name, parent, aliases) in values {
                if is_new(&name) {
                    // Below one that is there already: no value is its own ancestor.
                    let parent = parent.filter(|_| !kept.values.is_empty());
                    let parent = parent.map(|parent| parent.get(&kept.values).name.clone());
                    let aliases = aliases.into_iter().filter(&mut is_new).collect();
                    kept.values.push(ValueDraft {
                        name,
                        parent,
                        aliases,
                    });
                }
            }
            if !fold(&name).is_empty() && seen.insert(fold(&name)) {
                draft.dimensions.push(kept);
            }
        }
        Taxonomy::new(&draft).unwrap_or_else(|_| Taxonomy::empty())
    })
}

/// At most `most` workflows over a taxonomy, some of which speak of what is not in it any more. They often overlap, ask for
/// the same things in other ways, send the same people messages, or can match nothing.
pub fn workflows(taxonomy: &Taxonomy, most: usize) -> impl Strategy<Value = Vec<Workflow>> + use<> {
    let parts = (
        vec(criterion(taxonomy), 1..4),
        vec(requirement(), 0..3),
        vec(automation(), 0..2),
    );
    let workflow = (parts, prop::bool::weighted(0.85), -1_i32..=1, any::<u128>());
    vec(workflow, 0..=most).prop_map(|all| {
        let workflow = |(number, (parts, enabled, priority, id))| {
            let (criteria, mut requirements, mut automations): (_, Vec<Requirement>, Vec<Automation>) = parts;
            let mut keys = HashSet::new();
            requirements.retain(|own| keys.insert(own.key.clone()));
            let mut reached = HashSet::new();
            automations.retain(|own| reached.insert((own.channel, own.to)));
            Workflow {
                id: WorkflowId(uuid::Uuid::from_u128(id)),
                version: Version::FIRST,
                name: format!("Workflow {number}"),
                enabled,
                priority,
                criteria,
                requirements,
                automations,
                editions: Vec::new(),
            }
        };
        all.into_iter().enumerate().map(workflow).collect()
    })
}

/// A taxonomy with workflows over it.
pub fn sets(most: usize) -> impl Strategy<Value = (Taxonomy, Vec<Workflow>)> {
    taxonomy().prop_flat_map(move |taxonomy| {
        let workflows = workflows(&taxonomy, most);
        (Just(taxonomy), workflows)
    })
}

/// What a system of record may say of a matter: values in any spelling, unknown text, or nothing, in some dimensions and in
/// one that no taxonomy has.
pub fn case(taxonomy: &Taxonomy) -> impl Strategy<Value = Case> + use<> {
    let dimensions: Vec<_> = taxonomy
        .dimensions()
        .map(|dimension| {
            let values = taxonomy.values(dimension);
            let spellings: Vec<String> = values
                .flat_map(|value| value.spellings().map(str::to_owned).collect::<Vec<_>>())
                .collect();
            let known = if spellings.is_empty() {
                Just(String::new()).boxed()
            } else {
                (select(spellings), 0_usize..5)
                    .prop_map(|(text, way)| respelled(&text, way))
                    .boxed()
            };
            let raw = prop_oneof![
                6 => known.prop_map(Some),
                1 => line(20).prop_map(Some),
                1 => select(vec!["", "   ", "-", "n/a"]).prop_map(|text| Some(text.to_owned())),
                1 => Just(None),
            ];
            (Just(dimension.to_owned()), raw)
        })
        .collect();
    (dimensions, any::<bool>()).prop_map(|(dimensions, more)| {
        let known = dimensions
            .into_iter()
            .filter_map(|(name, raw)| Some((name, raw?)));
        let more = more.then(|| ("No such dimension".to_owned(), "whatever".to_owned()));
        Case(known.chain(more).collect())
    })
}

/// The same text as people write it.
fn respelled(text: &str, way: usize) -> String {
    match way {
        0 => text.to_owned(),
        1 => format!("  {text}\t"),
        2 => text.to_ascii_uppercase(),
        3 => text.replace(' ', " - "),
        _ => fold(text),
    }
}

fn criterion(taxonomy: &Taxonomy) -> impl Strategy<Value = Criterion> + use<> {
    let mut dimensions: Vec<(String, Vec<String>)> = taxonomy
        .dimensions()
        .map(|dimension| {
            let values = taxonomy.values(dimension).map(|value| value.name().to_owned());
            (
                dimension.to_owned(),
                values.chain(["a value that is gone".to_owned()]).collect(),
            )
        })
        .collect();
    let gone = (
        "a dimension that is gone".to_owned(),
        vec!["its value".to_owned()],
    );
    let known = dimensions.len().max(1);
    dimensions.push(gone);
    let some = vec(any::<Index>(), 1..4);
    (any::<Index>(), prop::bool::weighted(0.03), some, 0_u8..10).prop_map(move |(at, gone, some, kind)| {
        let at = if gone { known } else { at.index(known) };
        let (dimension, values) = dimensions
            .get(at)
            .or(dimensions.first())
            .cloned()
            .unwrap_or_default();
        // The last is gone, and rarely meant.
        let pick = |index: Index| {
            let at = index.index(values.len() * 6);
            values
                .get(at % values.len().saturating_sub(1).max(1))
                .filter(|_| at > 0)
                .or(values.last())
                .cloned()
        };
        let mut names: Vec<String> = some.into_iter().filter_map(pick).collect();
        let test = match kind {
            0 => Test::Any,
            1..=5 => Test::OneOf(names),
            6 | 7 => Test::Below(names.pop().unwrap_or_default()),
            _ => Test::NoneOf(names),
        };
        Criterion::new(dimension, test)
    })
}

fn requirement() -> impl Strategy<Value = Requirement> {
    let key = select(vec!["passport", "payslip", "lease"]);
    (key, part(), 1_u32..=2).prop_map(|(key, part, wanted)| Requirement {
        key: key.to_owned(),
        part,
        wanted,
        ..Requirement::new(key)
    })
}

fn automation() -> impl Strategy<Value = Automation> {
    let channel = select(vec![Channel::Sms, Channel::Email, Channel::Task]);
    (channel, part(), any::<bool>()).prop_map(|(channel, to, enabled)| Automation {
        enabled,
        to,
        ..Automation::new(channel).saying("en", "Hello")
    })
}
