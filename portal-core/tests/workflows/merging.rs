//! Merging requirements, by example.

use portal_core::workflow::{Case, Criterion, Requirement, STAGE, Workflow, Workflows};

use super::{id, sample, workflow};

fn asking(number: u128, criterion: Criterion, requirements: &[(&str, u32)]) -> Workflow {
    let requirements = requirements.iter().map(|(key, wanted)| Requirement {
        key: (*key).to_owned(),
        wanted: *wanted,
        ..Requirement::new(*key)
    });
    Workflow {
        requirements: requirements.collect(),
        ..workflow(number, vec![criterion])
    }
}

#[test]
fn the_most_specific_has_its_way_and_the_others_are_named() {
    let taxonomy = sample();
    let workflows = Workflows::compile(
        &taxonomy,
        [
            asking(1, Criterion::any(STAGE), &[("photo", 1), ("passport", 1)]),
            asking(
                2,
                Criterion::one_of(STAGE, ["Filing"]),
                &[("passport", 2), ("lease", 1)],
            ),
            asking(
                3,
                Criterion::none_of(STAGE, ["Intake"]),
                &[("passport", 2), ("form", 1)],
            ),
        ],
    );
    let asked = workflows.requirements(&taxonomy.facts(&Case::new().with(STAGE, "filing")));
    let told: Vec<_> = asked
        .asked()
        .iter()
        .map(|own| (own.requirement.key.clone(), own.by, own.requirement.wanted))
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|(key, by, wanted)| (key.as_str(), *by, *wanted))
        .collect();
    assert_eq!(
        told,
        [
            ("passport", id(2), 2),
            ("lease", id(2), 1),
            ("form", id(3), 1),
            ("photo", id(1), 1)
        ]
    );
    let passport = asked.get("passport").unwrap();
    assert_eq!(passport.losers().collect::<Vec<_>>(), [id(3), id(1)]);
    assert_eq!(
        passport.overruled().collect::<Vec<_>>(),
        [id(1)],
        "the third asks for just the same"
    );
    assert_eq!((passport.by, passport.requirement.wanted), (id(2), 2));
    assert_eq!(asked.get("photo").unwrap().losers().count(), 0);
    assert!(asked.get("visa").is_none());
}

#[test]
fn nothing_is_asked_where_nothing_matches() {
    let taxonomy = sample();
    let workflows = Workflows::compile(
        &taxonomy,
        [asking(
            1,
            Criterion::one_of(STAGE, ["Filing"]),
            &[("passport", 1)],
        )],
    );
    assert!(
        workflows
            .requirements(&taxonomy.facts(&Case::new()))
            .asked()
            .is_empty()
    );
}
